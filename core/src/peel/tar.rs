//! Layer `tar` (POSIX.1-2017 pax, "ustar Interchange Format", and GNU tar): the checksum of each header proves it.
//!
//! Selector: the name as it is written, which leads to no file: nothing is unpacked to a disk.

use super::bench::Bench;
use super::fields::{Fields, Place};
use super::layer::{Context, Flaw, Hint, Layer, Opened};
use super::look::Look;

/// The layer.
pub(crate) struct Tar;

/// Headers and contents are padded to this.
const BLOCK: usize = 512;
/// Where the checksum is in a header, and its bytes.
const CHECKSUM: std::ops::Range<usize> = 148..156;

impl Layer for Tar {
    fn name(&self) -> &'static str {
        "tar"
    }

    fn shortest(&self) -> usize {
        2 * BLOCK
    }

    fn begins_with(&self, first: u8) -> bool {
        first != 0
    }

    fn can(&self, look: &Look<'_>, _context: Context) -> bool {
        look.bytes.len().is_multiple_of(BLOCK)
            && look.bytes.get(257..262) == Some(b"ustar")
            && header(look.bytes).is_some()
    }

    fn open(&self, look: &Look<'_>, _context: Context, bench: &mut Bench) -> Option<Opened> {
        let fields = members(look.bytes, bench);
        if fields.list.is_empty() {
            bench.give_back_fields(fields);
            return None;
        }
        Some(Opened::Many {
            layer: self.name(),
            fields,
        })
    }

    fn follow(&self, bytes: &[u8], selector: &str, bench: &mut Bench) -> Option<Vec<u8>> {
        members(bytes, bench).select(selector, bytes)
    }
}

/// A number in octal digits, with spaces and zeros around them.
fn octal(field: &[u8]) -> Option<usize> {
    let digits = field
        .iter()
        .copied()
        .skip_while(|&byte| byte == b' ')
        .take_while(|byte| !matches!(byte, 0 | b' '));
    digits.into_iter().try_fold(0usize, |value, digit| {
        let digit = digit.checked_sub(b'0').filter(|&digit| digit < 8)?;
        value.checked_mul(8)?.checked_add(digit.into())
    })
}

/// Name, type and size of the member whose header this is, if its checksum is right.
fn header(bytes: &[u8]) -> Option<(&[u8], u8, usize)> {
    let header = bytes.get(..BLOCK)?;
    let sum: usize = header
        .iter()
        .enumerate()
        .map(|(at, &byte)| usize::from(if CHECKSUM.contains(&at) { b' ' } else { byte }))
        .sum();
    if octal(header.get(CHECKSUM)?)? != sum {
        return None;
    }
    let name = header.get(..100)?;
    let name = name.split(|&byte| byte == 0).next()?;
    Some((name, *header.get(156)?, octal(header.get(124..136)?)?))
}

fn members(bytes: &[u8], bench: &mut Bench) -> Fields {
    let mut fields = bench.fields();
    let mut at = 0;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        // Blocks of zeros end it.
        if rest.iter().take(BLOCK).all(|&byte| byte == 0) || fields.is_full(&bench.limits) {
            break;
        }
        let Some((name, kind, size)) = header(rest) else {
            fields.flaw = Some(Flaw::Malformed);
            break;
        };
        let start = at + BLOCK;
        let Some(end) = start.checked_add(size).filter(|&end| end <= bytes.len()) else {
            fields.flaw = Some(Flaw::Truncated);
            break;
        };
        // Files; links and folders have no content.
        if size > 0 && matches!(kind, 0 | b'0' | b'7') {
            fields.add(name, Place::Input(start..end), Hint::None);
        }
        at = end.next_multiple_of(BLOCK);
    }
    fields.number_repeated();
    fields
}
