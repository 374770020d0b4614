//! Layer `zip` (APPNOTE.TXT 6.3.10): members by the central directory, stored or deflated; CRC-32 proves each.
//!
//! Selector: the name as it is written, which leads to no file: nothing is unpacked to a disk. Members that are
//! encrypted or compressed otherwise are children as they stand. Members that overlap are refused, since a small
//! archive may name one member any number of times.

use std::ops::Range;

use flate2::Crc;

use super::bench::Bench;
use super::deflate;
use super::fields::{Fields, Place};
use super::layer::{Context, Flaw, Hint, Layer, Opened};
use super::look::Look;

/// The layer.
pub(crate) struct Zip;

/// A member without a name or content, its entry, and the end record.
const SHORTEST: usize = 30 + 46 + END;
/// Bytes of the end record without its comment.
const END: usize = 22;
/// Longest comment.
const COMMENT: usize = 0xffff;
const LOCAL: &[u8] = b"PK\x03\x04";
const ENTRY: &[u8] = b"PK\x01\x02";
const END_RECORD: &[u8] = b"PK\x05\x06";
/// Methods.
const STORED: u16 = 0;
const DEFLATED: u16 = 8;

impl Layer for Zip {
    fn name(&self) -> &'static str {
        "zip"
    }

    fn shortest(&self) -> usize {
        SHORTEST
    }

    fn begins_with(&self, first: u8) -> bool {
        first == b'P'
    }

    fn needs(&self) -> u32 {
        crate::peel::look::kind::BINARY
    }

    fn can(&self, look: &Look<'_>, _context: Context) -> bool {
        look.bytes.starts_with(LOCAL)
    }

    fn open(&self, look: &Look<'_>, _context: Context, bench: &mut Bench) -> Option<Opened> {
        let fields = members(look.bytes, bench)?;
        if fields.list.is_empty() && fields.flaw.is_none() {
            bench.give_back_fields(fields);
            return None;
        }
        Some(Opened::Many {
            layer: self.name(),
            fields,
        })
    }

    fn follow(&self, bytes: &[u8], selector: &str, bench: &mut Bench) -> Option<Vec<u8>> {
        members(bytes, bench)?.select(selector, bytes)
    }
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn long(bytes: &[u8], at: usize) -> Option<usize> {
    let value = u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?);
    usize::try_from(value).ok()
}

/// Where the central directory begins and how many entries it has.
fn directory(bytes: &[u8]) -> Option<(usize, usize)> {
    let last = bytes.len().checked_sub(END)?;
    let tail = bytes.get(last.saturating_sub(COMMENT)..)?;
    let start = bytes.len() - tail.len();
    memchr::memmem::rfind_iter(tail, END_RECORD).find_map(|at| {
        let at = start + at;
        let comment = usize::from(short(bytes, at + 20)?);
        let (size, from) = (long(bytes, at + 12)?, long(bytes, at + 16)?);
        let whole = at + END + comment == bytes.len() && from.checked_add(size)? <= at;
        whole.then_some((from, usize::from(short(bytes, at + 10)?)))
    })
}

/// A member as its entry describes it.
struct Member<'a> {
    name: &'a [u8],
    method: u16,
    encrypted: bool,
    crc: u32,
    size: usize,
    data: Range<usize>,
}

/// The entry at `at`, and where the next one begins.
fn entry(bytes: &[u8], at: usize) -> Option<(Member<'_>, usize)> {
    let head = bytes.get(at..)?;
    if !head.starts_with(ENTRY) {
        return None;
    }
    let name = at + 46;
    let end = name.checked_add(short(head, 28)?.into())?;
    let next = end + usize::from(short(head, 30)?) + usize::from(short(head, 32)?);
    let local = long(head, 42)?;
    let start = bytes.get(local..)?;
    if !start.starts_with(LOCAL) {
        return None;
    }
    let from = local + 30 + usize::from(short(start, 26)?) + usize::from(short(start, 28)?);
    let data = from..from.checked_add(long(head, 20)?)?;
    bytes.get(data.clone())?;
    let member = Member {
        name: bytes.get(name..end)?,
        method: short(head, 10)?,
        encrypted: short(head, 8)? & 1 != 0,
        crc: u32::try_from(long(head, 16)?).ok()?,
        size: long(head, 24)?,
        data,
    };
    Some((member, next))
}

fn members(bytes: &[u8], bench: &mut Bench) -> Option<Fields> {
    let (mut at, count) = directory(bytes)?;
    let mut fields = bench.fields();
    let mut taken: Vec<Range<usize>> = Vec::new();
    for _ in 0..count {
        if fields.is_full(&bench.limits) {
            break;
        }
        let Some((member, next)) = entry(bytes, at) else {
            fields.flaw = Some(Flaw::Malformed);
            break;
        };
        at = next;
        taken.push(member.data.clone());
        let place = match content(bytes, &member, &mut fields, bench) {
            Ok(place) => place,
            Err(flaw) => {
                fields.flaw = Some(flaw);
                break;
            }
        };
        // A folder.
        if !member.data.is_empty() || !member.name.ends_with(b"/") {
            fields.add(member.name, place, Hint::None);
        }
    }
    taken.sort_unstable_by_key(|range| range.start);
    let apart = taken.windows(2).all(|pair| match pair {
        [a, b] => a.end <= b.start,
        _ => true,
    });
    if !apart {
        bench.give_back_fields(fields);
        return None;
    }
    fields.number_repeated();
    Some(fields)
}

/// The content of a member.
fn content(
    bytes: &[u8],
    member: &Member<'_>,
    fields: &mut Fields,
    bench: &mut Bench,
) -> Result<Place, Flaw> {
    let data = bytes.get(member.data.clone()).unwrap_or_default();
    let raw = Place::Input(member.data.clone());
    if member.encrypted || !matches!(member.method, STORED | DEFLATED) {
        return Ok(raw);
    }
    let mut out = bench.buffer();
    let place = if member.method == STORED {
        check(member, data).map(|()| raw)
    } else {
        deflate::decode(data, &mut out, bench)
            .and_then(|()| check(member, &out))
            .map(|()| fields.store(&out))
    };
    bench.give_back(out);
    place
}

fn check(member: &Member<'_>, content: &[u8]) -> Result<(), Flaw> {
    let mut crc = Crc::new();
    crc.update(content);
    if crc.sum() == member.crc && content.len() == member.size {
        Ok(())
    } else {
        Err(Flaw::Malformed)
    }
}
