//! Inflating messages (RFC 7692 section 7.2.2).

use flate2::{Decompress, FlushDecompress, Status};

use crate::model::Limits;

/// What the sender leaves out at the end of each message.
const TAIL: [u8; 4] = [0, 0, 0xff, 0xff];
/// Bytes made room for at a time.
const STEP: usize = 16 << 10;
/// Growth is not looked at below this size: short repeated texts shrink a lot.
const RATIO_FREE: u64 = 1 << 20;

/// How inflating a message ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// It is whole.
    Whole,
    /// A limit ended it.
    Limit(&'static str, u64),
    /// It breaks off: not valid, or it refers to what was before a gap.
    Broken,
}

/// The decompressor of one direction.
#[derive(Debug, Default)]
pub(super) struct Inflater {
    state: Option<Box<Decompress>>,
}

impl Inflater {
    /// Inflates one message into `out`. `forgets`: messages do not share a window.
    pub fn message(
        &mut self,
        bytes: &[u8],
        forgets: bool,
        limits: &Limits,
        out: &mut Vec<u8>,
    ) -> End {
        let ratio = RATIO_FREE.max(limits.ratio.saturating_mul(bytes.len() as u64));
        let (most, limit) = if limits.body_bytes <= ratio {
            (
                limits.body_bytes,
                End::Limit("body bytes", limits.body_bytes),
            )
        } else {
            (ratio, End::Limit("ratio", limits.ratio))
        };
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let state = self
            .state
            .get_or_insert_with(|| Box::new(Decompress::new(false)));
        for part in [bytes, &TAIL] {
            let end = feed(state, part, most, limit, out);
            if end != End::Whole {
                // What follows would refer to bytes that are not known.
                self.state = None;
                return end;
            }
        }
        if forgets {
            self.state = None;
        }
        End::Whole
    }

    /// Forgets the window: a part was missed. What refers to it will not inflate, so nothing is guessed.
    pub fn lose(&mut self) {
        self.state = None;
    }
}

fn feed(state: &mut Decompress, bytes: &[u8], most: usize, limit: End, out: &mut Vec<u8>) -> End {
    let mut rest = bytes;
    loop {
        if out.len() >= most {
            return if rest.is_empty() { End::Whole } else { limit };
        }
        let room = most.saturating_sub(out.len()).min(STEP.max(out.len()));
        if out.capacity().saturating_sub(out.len()) < room.min(STEP) {
            out.reserve(room);
        }
        let (before_in, before_out) = (state.total_in(), state.total_out());
        let result = state.decompress_vec(rest, out, FlushDecompress::Sync);
        let used = usize::try_from(state.total_in().saturating_sub(before_in)).unwrap_or(0);
        let made = state.total_out().saturating_sub(before_out);
        rest = rest.get(used..).unwrap_or_default();
        match result {
            Ok(Status::StreamEnd) => {
                // A block marked as the last one (section 7.2.3.4): the next begins anew.
                state.reset(false);
                if rest.is_empty() {
                    return End::Whole;
                }
            }
            Ok(_) if out.len() > most => {
                out.truncate(most);
                return limit;
            }
            Ok(_) if rest.is_empty() && out.len() < out.capacity() => return End::Whole,
            Ok(_) if used == 0 && made == 0 && out.len() < out.capacity() => return End::Broken,
            Ok(_) => {}
            Err(_) => return End::Broken,
        }
    }
}
