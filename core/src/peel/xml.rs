//! Layer `xml` (XML 1.0): texts of elements and values of attributes.
//!
//! Selector: a location path as in XPath 1.0, abbreviated, names with their prefixes as written: `/a/b` the
//! text of element `b`, `/a/b[2]` of the second `b` in its parent (the first has no number), `/a/b[2]/@id` an
//! attribute. The text of an element is all that stands directly in it, CDATA sections included, without white
//! space at its ends. Comments, processing instructions, the document type and `xmlns` are no children. The five
//! predefined entities and numbers are undone; others stay as written, for nothing of a DTD is read.
//!
//! Name of a child: that of the attribute or element; for the text of an element with an attribute `name` or
//! `key` the value of it (Android preferences), after `<key>` the text of that (property lists).

use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use quick_xml::Reader;
use quick_xml::errors::IllFormedError;
use quick_xml::events::{BytesStart, Event};

use super::bench::Bench;
use super::fields::{Field, Fields, Place};
use super::layer::{Context, Flaw, Hint, Layer, Opened, Reached};
use super::look::{Look, kind};
use super::tree::{push_number, push_word};
use super::xml_text::{Text, is_name, push_reference, unescape};
use crate::model::Limits;

/// The layer.
pub(crate) struct Xml;

/// `<a>b</a>`
const SHORTEST: usize = 8;
/// Longest selector, in bytes.
const LONGEST_PATH: usize = 1024;
/// How rare it is (4 bits).
const PRIOR: i64 = 40;
/// Evidence asked.
const ASKED: i64 = 200;
/// The signs around a reference.
const SIGNS: usize = 2;
/// Byte order mark.
const BOM: &str = "\u{feff}";

/// What markup shows by itself: an end tag is predicted whole, 8 bits for each of its bytes.
fn evidence_end(name: usize) -> i64 {
    80 * (name as i64 + 3)
}
/// And `/>` of an empty element, the declaration, and the signs around the value of an attribute.
const EVIDENCE_EMPTY: i64 = 160;
const EVIDENCE_DECLARATION: i64 = 320;
const EVIDENCE_ATTRIBUTE: i64 = 240;

/// An element that has begun.
struct Element {
    /// Length of the path before it.
    path: usize,
    /// Number of the element in the document: siblings are counted in it.
    serial: u32,
    /// What stands directly in it.
    text: Text,
    /// The name of its text, where an attribute or property list gives one.
    label: Option<String>,
    /// True when this is `<key>` of a property list.
    is_key: bool,
}

/// What reading gave.
struct Parsed {
    fields: Fields,
    evidence: i64,
    declared: bool,
}

struct Parser<'t> {
    /// The document, and how many bytes of the input stand before it.
    document: &'t str,
    before: usize,
    fields: Fields,
    evidence: i64,
    declared: bool,
    /// Path of the innermost element.
    path: String,
    stack: Vec<Element>,
    /// Elements so far.
    serial: u32,
    /// How many of a name were in a parent, by the hash of both.
    siblings: HashMap<u64, u32, FixedState>,
    /// Text of the last `<key>`, for what follows at this depth.
    key: Option<(usize, String)>,
    roots: u32,
}

fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

impl Parser<'_> {
    /// A copy of a value.
    fn leaf(&mut self, name: &str, value: &str, limits: &Limits) -> Result<(), Flaw> {
        if value.is_empty() {
            return Ok(());
        }
        let value = self.fields.store(value.as_bytes());
        self.place(name, value, limits)
    }

    /// A value where it is.
    fn place(&mut self, name: &str, value: Place, limits: &Limits) -> Result<(), Flaw> {
        if self.path.len() > LONGEST_PATH {
            return Err(Flaw::Limit(Reached {
                what: "path bytes",
                limit: LONGEST_PATH as u64,
            }));
        }
        if self.fields.is_full(limits) {
            return Err(self.fields.flaw.unwrap_or(Flaw::Malformed));
        }
        let start = self.fields.words.len();
        self.fields.words.push_str(&self.path);
        let selector = start..self.fields.words.len();
        push_word(&mut self.fields.words, name);
        let name = selector.end..self.fields.words.len();
        self.fields.list.push(Field {
            selector,
            name: (!name.is_empty()).then_some(name),
            value,
            hint: Hint::None,
            only_if_opened: false,
            scalar: false,
        });
        Ok(())
    }

    fn start(&mut self, tag: &BytesStart<'_>, empty: bool, limits: &Limits) -> Result<(), Flaw> {
        let name = tag.name().0;
        if !is_name(name) {
            return Err(Flaw::Malformed);
        }
        let parent = self.stack.last().map_or(0, |element| element.serial);
        if self.stack.is_empty() {
            self.roots += 1;
            if self.roots > 1 {
                return Err(Flaw::Malformed);
            }
        }
        if self.stack.len() >= limits.json_depth as usize {
            return Err(Flaw::Limit(Reached {
                what: "depth",
                limit: u64::from(limits.json_depth),
            }));
        }
        self.serial = self.serial.saturating_add(1);
        let hash = self.siblings.hasher().hash_one((parent, name));
        let count = self.siblings.entry(hash).or_insert(0);
        *count += 1;
        let count = *count;
        let before = self.path.len();
        self.path.push('/');
        self.path.push_str(name);
        if count > 1 {
            self.path.push('[');
            push_number(&mut self.path, u64::from(count));
            self.path.push(']');
        }
        let depth = self.stack.len();
        let mut label = match self.key.take() {
            Some((at, key)) if at == depth => Some(key),
            _ => None,
        };
        let path = self.path.len();
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(|_| Flaw::Malformed)?;
            let key = attribute.key.0;
            if !is_name(key) || attribute.value.contains('<') {
                return Err(Flaw::Malformed);
            }
            self.evidence += EVIDENCE_ATTRIBUTE;
            let value = unescape(&attribute.value)?;
            if matches!(key, "name" | "key") {
                label = Some(value.clone());
            }
            if key != "xmlns" && !key.starts_with("xmlns:") {
                self.path.push_str("/@");
                self.path.push_str(key);
                self.leaf(local(key), &value, limits)?;
                self.path.truncate(path);
            }
        }
        if empty {
            self.evidence += EVIDENCE_EMPTY;
            self.path.truncate(before);
        } else {
            self.stack.push(Element {
                path: before,
                serial: self.serial,
                text: Text::Input(0..0),
                label,
                is_key: name == "key",
            });
        }
        Ok(())
    }

    fn end(&mut self, name: &str, limits: &Limits) -> Result<(), Flaw> {
        let element = self.stack.pop().ok_or(Flaw::Malformed)?;
        self.evidence += evidence_end(name.len());
        let whole = element.text.get(self.document);
        let text = whole.trim();
        let label = element.label.as_deref().unwrap_or(local(name));
        match &element.text {
            Text::Input(range) if !text.is_empty() => {
                let start = self.before + range.start + whole.len() - whole.trim_start().len();
                let value = Place::Input(start..start + text.len());
                self.place(label, value, limits)?;
            }
            Text::Input(_) => {}
            Text::Own(_) => self.leaf(label, text, limits)?,
        }
        if element.is_key {
            self.key = Some((self.stack.len(), text.to_owned()));
        }
        self.path.truncate(element.path);
        Ok(())
    }

    fn text(&mut self, text: &str, limits: &Limits) -> Result<(), Flaw> {
        match self.stack.last_mut() {
            Some(element) => {
                element
                    .text
                    .push(self.document, text, limits.output_bytes)?;
            }
            None if text.trim().is_empty() => {}
            None => return Err(Flaw::Malformed),
        }
        Ok(())
    }

    fn run(&mut self, limits: &Limits) -> Result<(), Flaw> {
        let mut reader = Reader::from_str(self.document);
        loop {
            match reader.read_event() {
                Ok(Event::Start(tag)) => self.start(&tag, false, limits)?,
                Ok(Event::Empty(tag)) => self.start(&tag, true, limits)?,
                Ok(Event::End(tag)) => self.end(tag.name().0, limits)?,
                Ok(Event::Text(text)) => self.text(&text, limits)?,
                Ok(Event::CData(text)) => self.text(&text, limits)?,
                Ok(Event::GeneralRef(reference)) => {
                    let element = self.stack.last_mut().ok_or(Flaw::Malformed)?;
                    let text = &mut element.text;
                    let more = reference.len() + SIGNS;
                    push_reference(
                        text.own(self.document, more, limits.output_bytes)?,
                        &reference,
                    )?;
                }
                Ok(Event::Decl(_)) if self.serial == 0 && !self.declared => {
                    self.declared = true;
                    self.evidence += EVIDENCE_DECLARATION;
                }
                Ok(Event::Decl(_)) => return Err(Flaw::Malformed),
                Ok(Event::Comment(_) | Event::PI(_) | Event::DocType(_)) => {}
                Ok(Event::Eof) if self.stack.is_empty() && self.roots == 1 => return Ok(()),
                Ok(Event::Eof) => return Err(Flaw::Truncated),
                Err(quick_xml::Error::Syntax(_)) => return Err(Flaw::Truncated),
                Err(quick_xml::Error::IllFormed(IllFormedError::MissingEndTag(_))) => {
                    return Err(Flaw::Truncated);
                }
                Err(_) => return Err(Flaw::Malformed),
            }
        }
    }
}

fn parse(bytes: &[u8], bench: &mut Bench) -> Option<Parsed> {
    let text = std::str::from_utf8(bytes).ok()?;
    let document = text.strip_prefix(BOM).unwrap_or(text).trim_ascii_start();
    let mut parser = Parser {
        document,
        before: text.len() - document.len(),
        fields: bench.fields(),
        evidence: 0,
        declared: false,
        path: String::new(),
        stack: Vec::new(),
        serial: 0,
        siblings: HashMap::default(),
        key: None,
        roots: 0,
    };
    let result = parser.run(&bench.limits);
    parser.fields.flaw = result.err();
    // Different names make different paths; only cut-off or colliding ones could repeat.
    parser.fields.number_repeated();
    Some(Parsed {
        fields: parser.fields,
        evidence: parser.evidence,
        declared: parser.declared,
    })
}

impl Layer for Xml {
    fn name(&self) -> &'static str {
        "xml"
    }

    fn shortest(&self) -> usize {
        SHORTEST
    }

    fn begins_with(&self, first: u8) -> bool {
        first == b'<' || first == 0xef || first.is_ascii_whitespace()
    }

    fn never(&self) -> u32 {
        kind::CONTROL
    }

    fn needs(&self) -> u32 {
        kind::NOT_URI
    }

    fn can(&self, look: &Look<'_>, _context: Context) -> bool {
        let bytes = look
            .bytes
            .strip_prefix(BOM.as_bytes())
            .unwrap_or(look.bytes);
        let mut first = bytes.iter().skip_while(|b| b.is_ascii_whitespace());
        first.next() == Some(&b'<')
            && first
                .next()
                .is_some_and(|b| b.is_ascii_alphabetic() || b"?!_".contains(b) || *b >= 0x80)
            && !look.has(kind::CONTROL)
    }

    fn open(&self, look: &Look<'_>, context: Context, bench: &mut Bench) -> Option<Opened> {
        let Parsed {
            fields,
            evidence,
            declared,
        } = parse(look.bytes, bench)?;
        let accepted = !fields.list.is_empty()
            && evidence - PRIOR >= ASKED
            && match fields.flaw {
                None | Some(Flaw::Limit(_)) => true,
                // A document that breaks off tells less: it must stand in the message and say what it is.
                Some(Flaw::Truncated) => context.given() && declared,
                Some(Flaw::Malformed | Flaw::Unread) => false,
            };
        if let Some(Flaw::Limit(reached)) = fields.flaw
            && !accepted
            && context.given()
        {
            bench.give_back_fields(fields);
            return Some(Opened::Stopped {
                layer: self.name(),
                reached,
            });
        }
        if !accepted {
            bench.give_back_fields(fields);
            return None;
        }
        bench.spend(fields.arena.len());
        Some(Opened::Many {
            layer: self.name(),
            fields,
        })
    }

    fn follow(&self, bytes: &[u8], selector: &str, bench: &mut Bench) -> Option<Vec<u8>> {
        parse(bytes, bench)?.fields.select(selector, bytes)
    }
}
