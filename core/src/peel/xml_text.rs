//! Texts, names and references of layer `xml`.

use std::ops::Range;

use quick_xml::events::BytesRef;

use super::layer::{Flaw, Reached};

/// Longest name of an element or attribute.
const LONGEST_NAME: usize = 256;

/// The text of an element: where it stands, as long as it stands there in one piece, for it may be long.
pub(super) enum Text {
    Input(Range<usize>),
    Own(String),
}

impl Text {
    /// Append what stands in the document; `most` bytes at most are copied.
    pub(super) fn push(&mut self, document: &str, piece: &str, most: u64) -> Result<(), Flaw> {
        match self {
            Text::Input(range) if range.start == range.end => {
                // The piece is a part of the document, where the reader has not made it anew.
                let at = (piece.as_ptr() as usize).wrapping_sub(document.as_ptr() as usize);
                let here = at..at.saturating_add(piece.len());
                if document
                    .get(here.clone())
                    .is_some_and(|same| std::ptr::eq(same, piece))
                {
                    *range = here;
                    return Ok(());
                }
            }
            _ => {}
        }
        self.own(document, piece.len(), most)?.push_str(piece);
        Ok(())
    }

    /// The text as a copy, to which so much is added.
    pub(super) fn own(
        &mut self,
        document: &str,
        more: usize,
        most: u64,
    ) -> Result<&mut String, Flaw> {
        if self.get(document).len() as u64 + more as u64 > most {
            return Err(Flaw::Limit(Reached {
                what: "output bytes",
                limit: most,
            }));
        }
        if let Text::Input(range) = self {
            let text = document.get(range.clone()).unwrap_or_default();
            *self = Text::Own(text.to_owned());
        }
        match self {
            Text::Own(text) => Ok(text),
            Text::Input(_) => Err(Flaw::Malformed),
        }
    }

    pub(super) fn get<'t>(&'t self, document: &'t str) -> &'t str {
        match self {
            Text::Input(range) => document.get(range.clone()).unwrap_or_default(),
            Text::Own(text) => text,
        }
    }
}

/// A plain name (XML 1.0 section 2.3, somewhat wider).
pub(super) fn is_name(name: &str) -> bool {
    name.len() <= LONGEST_NAME
        && name
            .bytes()
            .next()
            .is_some_and(|b| b.is_ascii_alphabetic() || b == b'_' || b >= 0x80)
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"_-.:".contains(&b) || b >= 0x80)
}

/// A reference in text; one that is not predefined stays as written.
pub(super) fn push_reference(out: &mut String, reference: &BytesRef<'_>) -> Result<(), Flaw> {
    match reference.resolve_char_ref() {
        Ok(Some(c)) => out.push(c),
        Ok(None) => push_entity(out, reference)?,
        Err(_) => return Err(Flaw::Malformed),
    }
    Ok(())
}

fn push_entity(out: &mut String, name: &str) -> Result<(), Flaw> {
    match quick_xml::escape::resolve_predefined_entity(name) {
        Some(text) => out.push_str(text),
        None if is_name(name) => {
            out.push('&');
            out.push_str(name);
            out.push(';');
        }
        None => return Err(Flaw::Malformed),
    }
    Ok(())
}

/// The value of an attribute without its references.
pub(super) fn unescape(raw: &str) -> Result<String, Flaw> {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((before, after)) = rest.split_once('&') {
        let (reference, next) = after.split_once(';').ok_or(Flaw::Malformed)?;
        out.push_str(before);
        push_reference(&mut out, &BytesRef::new(reference))?;
        rest = next;
    }
    out.push_str(rest);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::super::alone::shown;
    use super::*;

    #[test]
    fn texts_in_one_piece_and_in_several() {
        let document = "\u{feff}\n <?xml version='1.0'?><a><b> één stuk\n</b><c>x &amp; <!-- no -->y<![CDATA[<z>]]></c><d><e/> t</d><f><![CDATA[whole]]></f></a>";
        assert_eq!(
            shown("xml", document.as_bytes()),
            [
                "/a/b = één stuk",
                "/a/c = x & y<z>",
                "/a/d = t",
                "/a/f = whole"
            ]
        );
    }

    #[test]
    fn long_texts_are_not_copied_beyond_the_limit() {
        let document = "first second third";
        let mut text = Text::Input(0..0);
        text.push(document, &document[..5], 8).unwrap();
        assert!(matches!(text, Text::Input(_)));
        assert_eq!(text.get(document), "first");
        assert!(text.push(document, &document[6..12], 8).is_err());
        text.push(document, &document[5..8], 8).unwrap();
        assert!(matches!(text, Text::Own(_)));
        assert_eq!(text.get(document), "first se");
        let mut text = Text::Input(0..0);
        text.push(document, "not of the document", 8).unwrap_err();
    }
}
