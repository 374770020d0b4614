//! Frames of a packet's payload (RFC 9000 section 19, RFC 9221, and extensions seen in use).

use crate::protocol::varint::Reader;

/// What is needed of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame<'a> {
    /// CRYPTO: bytes of the handshake.
    Crypto {
        /// Place of the first one.
        offset: u64,
        /// The bytes.
        bytes: &'a [u8],
    },
    /// STREAM: bytes of a stream.
    Stream {
        /// Its number.
        id: u64,
        /// Place of the first byte.
        offset: u64,
        /// The bytes.
        bytes: &'a [u8],
        /// They are the last ones.
        end: bool,
    },
    /// RESET_STREAM: the sender gives up.
    Reset {
        /// The stream's number.
        id: u64,
    },
    /// NEW_CONNECTION_ID: an id by which the sender can be reached.
    NewId(&'a [u8]),
    /// DATAGRAM (RFC 9221).
    Datagram(&'a [u8]),
    /// CONNECTION_CLOSE.
    Close {
        /// The alert of TLS that it stands for (RFC 9001 section 4.8).
        alert: Option<u8>,
    },
    /// Anything else.
    Other,
}

/// The next frame. `None`: the end, or something unknown (then `bytes` is not empty).
#[inline]
pub fn next<'a>(bytes: &mut Reader<'a>) -> Option<Frame<'a>> {
    let start = *bytes;
    let frame = read(bytes);
    if frame.is_none() {
        *bytes = start;
    }
    frame
}

fn read<'a>(at: &mut Reader<'a>) -> Option<Frame<'a>> {
    let kind = at.varint()?;
    Some(match kind {
        // PADDING comes in long runs.
        0x00 => {
            let run = at.0.iter().take_while(|b| **b == 0).count();
            at.take(run)?;
            Frame::Other
        }
        // PING, HANDSHAKE_DONE, IMMEDIATE_ACK
        0x01 | 0x1e | 0x1f => Frame::Other,
        0x02 | 0x03 => {
            skip(at, 2)?;
            let ranges = at.varint()?;
            skip(at, 1)?;
            for _ in 0..ranges {
                skip(at, 2)?;
            }
            if kind == 0x03 {
                skip(at, 3)?;
            }
            Frame::Other
        }
        // RESET_STREAM, RESET_STREAM_AT (draft-ietf-quic-reliable-stream-reset)
        0x04 | 0x24 => {
            let id = at.varint()?;
            skip(at, if kind == 0x04 { 2 } else { 3 })?;
            Frame::Reset { id }
        }
        // STOP_SENDING, MAX_STREAM_DATA, STREAM_DATA_BLOCKED
        0x05 | 0x11 | 0x15 => {
            skip(at, 2)?;
            Frame::Other
        }
        0x06 => Frame::Crypto {
            offset: at.varint()?,
            bytes: at.vector()?,
        },
        // NEW_TOKEN
        0x07 => {
            at.vector()?;
            Frame::Other
        }
        0x08..=0x0f => {
            let id = at.varint()?;
            let offset = if kind & 4 != 0 { at.varint()? } else { 0 };
            let bytes = if kind & 2 != 0 {
                at.vector()?
            } else {
                at.take(at.0.len())?
            };
            Frame::Stream {
                id,
                offset,
                bytes,
                end: kind & 1 != 0,
            }
        }
        // MAX_DATA, MAX_STREAMS, DATA_BLOCKED, STREAMS_BLOCKED, RETIRE_CONNECTION_ID
        0x10 | 0x12..=0x14 | 0x16 | 0x17 | 0x19 => {
            skip(at, 1)?;
            Frame::Other
        }
        0x18 => {
            skip(at, 2)?;
            let length = usize::from(at.byte()?);
            let id = at.take(length)?;
            at.take(16)?;
            Frame::NewId(id)
        }
        // PATH_CHALLENGE, PATH_RESPONSE
        0x1a | 0x1b => {
            at.take(8)?;
            Frame::Other
        }
        0x1c | 0x1d => {
            let code = at.varint()?;
            skip(at, usize::from(kind == 0x1c))?;
            at.vector()?;
            let alert = code.checked_sub(0x100).filter(|_| kind == 0x1c);
            Frame::Close {
                alert: alert.and_then(|a| u8::try_from(a).ok()),
            }
        }
        0x30 => Frame::Datagram(at.take(at.0.len())?),
        0x31 => Frame::Datagram(at.vector()?),
        // ACK_FREQUENCY (draft-ietf-quic-ack-frequency)
        0xaf => {
            skip(at, 4)?;
            Frame::Other
        }
        // TIMESTAMP (draft-huitema-quic-ts)
        0x02f5 => {
            skip(at, 1)?;
            Frame::Other
        }
        _ => return None,
    })
}

fn skip(at: &mut Reader<'_>, count: usize) -> Option<()> {
    for _ in 0..count {
        at.varint()?;
    }
    Some(())
}
