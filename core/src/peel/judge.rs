//! What bytes are worth as a plaintext: the judgement of the peeler for those who guess keys.

use super::bench::Bench;
use super::layer::{Context, Hint, Inner, Opened, Standing};
use super::{look::Look, media, search, text};
use crate::model::Limits;

/// Evidence of a structure that a layer has read to its end, in tenths of a bit, by what proves it: a check
/// sum as long as it is, a signature its bytes, a grammar what no noise of that length would keep to.
const WORTH: &[(&str, i64)] = &[
    ("gzip", 640),
    ("zstd", 400),
    ("lz4", 480),
    ("snappy", 480),
    ("bzip2", 600),
    ("xz", 800),
    ("zip", 600),
    ("zlib", 370),
    ("jwt", 600),
    ("multipart", 600),
    ("bplist", 480),
    ("protobuf", 250),
    ("deflate", 220),
    ("brotli", 220),
];
/// Any other layer that proved itself.
const OTHER: i64 = 220;
/// A layer that stopped at a limit: its first bytes, of which one in sixteen million begins so by chance.
const STOPPED: i64 = 240;
/// A JSON text to its end, besides what its characters say.
const JSON: i64 = 100;
/// A file whose first bytes are those of a known kind: at least six of them.
const MEDIA: i64 = 480;

/// Judges plaintexts; its buffers are used again.
pub struct Judge {
    bench: Bench,
}

impl Judge {
    /// A judge with these limits.
    pub fn new(limits: Limits) -> Self {
        Judge {
            bench: Bench::new(limits),
        }
    }

    /// How much better the bytes are explained as a plaintext than as noise, in tenths of a bit; `None` when
    /// nothing speaks for it.
    pub fn evidence(&mut self, bytes: &[u8]) -> Option<i64> {
        self.bench.begin();
        let context = Context {
            hint: Hint::None,
            standing: Standing::Encoded,
            depth_left: self.bench.limits.depth,
        };
        if let Some(opened) = search::open(bytes, context, &mut self.bench) {
            let worth = of_layer(&opened, bytes);
            self.bench.discard(opened);
            return Some(worth);
        }
        if media::known(bytes) {
            return Some(MEDIA);
        }
        text::readable(bytes, text::READABLE)
            .then(|| text::evidence(bytes))
            .flatten()
    }

    /// True for bytes that tell nothing as they are: no text, no structure, no known kind of file.
    pub fn is_closed(&mut self, bytes: &[u8]) -> bool {
        !Look::at(bytes).is_text() && self.evidence(bytes).is_none()
    }
}

fn of_layer(opened: &Opened, bytes: &[u8]) -> i64 {
    let layer = opened.layer();
    let known = WORTH
        .iter()
        .find(|(name, _)| *name == layer)
        .map_or(OTHER, |&(_, worth)| worth);
    match layer {
        _ if matches!(opened, Opened::Stopped { .. }) => known.min(STOPPED),
        "json" | "form" | "xml" => text::evidence(bytes).unwrap_or(0).max(0) + JSON,
        _ => known,
    }
}

/// What speaks for a reading, in tenths of a bit: the layer itself, or what is inside where that says more. An
/// encoding proves nothing by itself. No more than the bytes can say.
pub(super) fn reading(opened: &Opened, bytes: &[u8]) -> i64 {
    let most = bytes.len() as i64 * 80;
    let Opened::One {
        layer,
        bytes: child,
        inner,
        ..
    } = opened
    else {
        return of_layer(opened, bytes).min(most);
    };
    let inside = match inner {
        Inner::Known(inner) => reading(inner, child),
        Inner::Leaf if media::known(child) => MEDIA,
        _ => text::evidence(child).unwrap_or(0),
    };
    let own = WORTH.iter().find(|(name, _)| name == layer);
    own.map_or(0, |&(_, worth)| worth).max(inside).min(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn structure_and_text_are_worth_something_and_noise_nothing() {
        let mut judge = Judge::new(Limits::default());
        assert!(judge.evidence(br#"{"imei":"869836900602677"}"#).unwrap() > 300);
        assert!(judge.evidence(b"https://example.be/prive?q=test").unwrap() > 280);
        assert!(judge.evidence(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR").unwrap() > 300);
        let noise: Vec<u8> = (0..64u32)
            .map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8)
            .collect();
        assert_eq!(judge.evidence(&noise), None);
        assert!(judge.is_closed(&noise));
        // A frame of Zstandard that asks for more memory than is allowed: nothing of it was read.
        let frame = [&b"\x28\xb5\x2f\xfd\x00\xf8"[..], &noise].concat();
        assert_eq!(judge.evidence(&frame), Some(STOPPED));
        assert!(!judge.is_closed(b"plain text"));
    }
}
