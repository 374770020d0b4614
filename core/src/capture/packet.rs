//! What a capture file yields, whatever its format.

/// One captured packet.
#[derive(Clone, Copy, Debug)]
pub struct Packet<'a> {
    /// Number from 1, as Wireshark counts.
    pub frame: u64,
    /// Microseconds since 1970-01-01 UTC.
    pub time: i64,
    /// Offset of the record (its header) in the decompressed file.
    pub offset: u64,
    /// Bytes of the record.
    pub length: u64,
    /// Bytes the packet had on the wire.
    pub original: u64,
    /// Link-layer type (tcpdump.org/linktypes).
    pub link: u32,
    /// The captured bytes.
    pub data: &'a [u8],
    /// User id of the app, if the file names it (PCAPdroid's comments).
    pub user: Option<i32>,
    /// The app, if the file names it.
    pub app: Option<&'a str>,
}

/// Where the file cannot be read any further.
#[derive(Clone, Debug)]
pub struct Damage {
    /// `file-truncated` or `file-malformed`.
    pub code: &'static str,
    /// What was found.
    pub text: String,
}

impl Damage {
    /// The file ends too early.
    pub fn truncated(text: impl Into<String>) -> Damage {
        Damage {
            code: "file-truncated",
            text: text.into(),
        }
    }

    /// The file says something impossible.
    pub fn malformed(text: impl Into<String>) -> Damage {
        Damage {
            code: "file-malformed",
            text: text.into(),
        }
    }
}

/// Largest packet record believed, in bytes. Network packets are far smaller; a larger number is damage.
pub const RECORD_BYTES: u32 = 4 << 20;
