//! DEFLATE (RFC 1951) with a limit on output, for the three layers that are made of it.

use flate2::{Decompress, FlushDecompress, Status};

/// How inflating ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// With the last block (and for zlib a right Adler-32).
    Done,
    /// The input ended before it.
    Truncated,
    /// Not DEFLATE at this place, or a wrong check value.
    Corrupt,
    /// More output than allowed.
    Full,
}

/// First guess of the output, in inputs.
const GROWTH: usize = 6;
/// Smallest and largest first reservation.
const FIRST: (usize, usize) = (512, 1 << 18);

/// Append what `input` inflates to; `zlib` says whether there is a zlib header (RFC 1950).
///
/// Returns the bytes of input consumed. At most `room` bytes are appended, and a few more on [`End::Full`].
pub(crate) fn inflate(
    inflater: &mut Option<Decompress>,
    zlib: bool,
    input: &[u8],
    out: &mut Vec<u8>,
    room: usize,
) -> (usize, End) {
    let inflater = inflater.get_or_insert_with(|| Decompress::new(zlib));
    inflater.reset(zlib);
    let before = out.len();
    let most = before.saturating_add(room);
    out.reserve(input.len().saturating_mul(GROWTH).clamp(FIRST.0, FIRST.1));
    loop {
        let (taken, given) = (inflater.total_in(), inflater.total_out());
        let rest = usize::try_from(taken)
            .ok()
            .and_then(|taken| input.get(taken..))
            .unwrap_or_default();
        let status = inflater.decompress_vec(rest, out, FlushDecompress::None);
        let consumed = usize::try_from(inflater.total_in()).unwrap_or(usize::MAX);
        if out.len() > most {
            return (consumed, End::Full);
        }
        match status {
            Ok(Status::StreamEnd) => return (consumed, End::Done),
            Err(_) => return (consumed, End::Corrupt),
            Ok(Status::Ok | Status::BufError) => {
                if out.len() == out.capacity() {
                    // Never more than the limit and one byte, which shows that it was passed.
                    let more = (out.len() - before).clamp(
                        FIRST.0,
                        most.saturating_sub(out.len())
                            .saturating_add(1)
                            .max(FIRST.0),
                    );
                    out.reserve_exact(more);
                } else if inflater.total_in() == taken && inflater.total_out() == given
                    || consumed >= input.len()
                {
                    return (consumed, End::Truncated);
                }
            }
        }
    }
}
