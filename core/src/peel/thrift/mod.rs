//! Layers `thrift` (Apache Thrift compact protocol) and `thrift-binary` (binary protocol): a struct that fills the
//! input, or a message with its envelope (thrift-compact-protocol.md, thrift-binary-protocol.md of the project).
//!
//! Selector: field ids with dots between them, `7.2`; `[n]` for elements of lists and sets, and `[n].key`,
//! `[n].value` for those of maps. The name of a message is `method`.

mod reader;

use super::bench::Bench;
use super::layer::{Context, Layer, Opened};
use super::look::{Look, kind};
use super::media;
use super::values::Values;
use reader::{BINARY_MESSAGE, COMPACT_MESSAGE, Reader};

/// The layer, in either protocol.
pub(crate) struct Thrift {
    compact: bool,
}

/// The compact protocol.
pub(crate) static COMPACT: Thrift = Thrift { compact: true };
/// The binary protocol.
pub(crate) static BINARY: Thrift = Thrift { compact: false };

/// A field that proves anything, and the end of the struct.
const SHORTEST: usize = 12;
/// Layers are seldom Thrift: one in 2⁸ values that are no text.
const PRIOR: i64 = 80;

impl Layer for Thrift {
    fn name(&self) -> &'static str {
        if self.compact {
            "thrift"
        } else {
            "thrift-binary"
        }
    }

    fn shortest(&self) -> usize {
        SHORTEST
    }

    fn begins_with(&self, first: u8) -> bool {
        if self.compact {
            // A step to the field and its type.
            first == COMPACT_MESSAGE || (first >> 4 != 0 && matches!(first & 15, 1..=12))
        } else {
            first == BINARY_MESSAGE[0] || matches!(first, 2..=4 | 6 | 8 | 10..=15)
        }
    }

    fn needs(&self) -> u32 {
        crate::peel::look::kind::BINARY
    }

    fn can(&self, look: &Look<'_>, _context: Context) -> bool {
        // A struct ends with 0, which is never in text.
        look.has(kind::CONTROL)
            && look.bytes.ends_with(b"\0")
            && (self.compact
                || look.bytes.starts_with(BINARY_MESSAGE)
                || look.bytes.get(1) == Some(&0))
            && !media::known(look.bytes)
    }

    fn open(&self, look: &Look<'_>, context: Context, bench: &mut Bench) -> Option<Opened> {
        self.read(look.bytes, bench)?
            .prove(self.name(), PRIOR, context, bench)
    }

    fn follow(&self, bytes: &[u8], selector: &str, bench: &mut Bench) -> Option<Vec<u8>> {
        let values = self.read(bytes, bench)?;
        values.finish(bench).select(selector, bytes)
    }
}

impl Thrift {
    fn read(&self, bytes: &[u8], bench: &mut Bench) -> Option<Values> {
        let mut values = Values::new("", bytes.len(), bench);
        let mut reader = Reader::of(bytes, self.compact);
        if reader.message(&mut values).is_none() {
            bench.give_back_fields(values.fields);
            return None;
        }
        Some(values)
    }
}
