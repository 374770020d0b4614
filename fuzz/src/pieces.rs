//! How one input of the fuzzer becomes a talk of two sides.

/// Stands between two pieces. A mark and no length: what is put in or taken out moves nothing else.
pub const MARK: [u8; 2] = [0xfe, 0xed];
/// The piece is from the server.
pub const DOWN: u8 = 1;
/// The piece is put into a protected record (TLS) or packet (QUIC).
pub const SEALED: u8 = 2;
/// The piece was sent, but is not in the capture.
pub const LOST: u8 = 4;
/// The piece comes after the one that follows it.
pub const LATE: u8 = 8;

/// Who says a piece, how, and what: flags of this module, bytes.
pub type Piece<'a> = (u8, &'a [u8]);

/// Cuts an input into pieces.
pub fn pieces(input: &[u8]) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut rest = input;
    while let Some((&flags, bytes)) = rest.split_first() {
        let end = bytes.windows(2).position(|pair| pair == MARK);
        let (piece, after) = match end {
            Some(at) => (&bytes[..at], &bytes[at + 2..]),
            None => (bytes, &[][..]),
        };
        found.push((flags, piece));
        rest = after;
    }
    found
}

/// The input that is cut into these pieces.
pub fn join(pieces: &[Piece<'_>]) -> Vec<u8> {
    let each: Vec<Vec<u8>> = pieces
        .iter()
        .map(|(flags, bytes)| [&[*flags][..], bytes].concat())
        .collect();
    each.join(&MARK[..])
}
