//! Layers `content-encoding(…)`: codings that the message itself declares (RFC 9110 section 8.4).
//!
//! A declared coding that is not there is passed over, since proxies and recorders remove codings and leave
//! the header. One that breaks off is kept as far as it goes, with its flaw.

use super::bench::Bench;
use super::layer::Flaw;
use super::look::Look;
use super::{brotli, deflate, gzip, zlib, zstd};

/// A content coding that can be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

/// What came of removing a coding.
pub(crate) enum Removed {
    /// The content, whole or up to the flaw.
    Content(Vec<u8>, Option<Flaw>),
    /// The coding is declared but not there.
    Absent,
    /// It seems to be there, but nothing could be read.
    Unreadable(Flaw),
}

impl Coding {
    /// By its registered name, of any case (IANA HTTP Content Coding Registry).
    pub(crate) fn by_name(name: &str) -> Option<Self> {
        [
            ("gzip", Coding::Gzip),
            ("x-gzip", Coding::Gzip),
            ("deflate", Coding::Deflate),
            ("br", Coding::Brotli),
            ("zstd", Coding::Zstd),
        ]
        .into_iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, coding)| coding)
    }

    /// By the name of its layer.
    pub(crate) fn by_layer(layer: &str) -> Option<Self> {
        [Coding::Gzip, Coding::Deflate, Coding::Brotli, Coding::Zstd]
            .into_iter()
            .find(|coding| coding.layer() == layer)
    }

    /// The name in chains.
    pub(crate) fn layer(self) -> &'static str {
        match self {
            Coding::Gzip => "content-encoding(gzip)",
            Coding::Deflate => "content-encoding(deflate)",
            Coding::Brotli => "content-encoding(br)",
            Coding::Zstd => "content-encoding(zstd)",
        }
    }

    /// Remove it.
    pub(crate) fn remove(self, bytes: &[u8], bench: &mut Bench) -> Removed {
        let mut out = Vec::new();
        let (result, visible) = match self {
            Coding::Gzip => (
                gzip::decode(bytes, &mut out, bench),
                bytes.starts_with(b"\x1f\x8b"),
            ),
            Coding::Zstd => (
                zstd::decode(bytes, &mut out, bench),
                bytes.starts_with(b"\x28\xb5\x2f\xfd"),
            ),
            Coding::Brotli => (
                brotli::decode(bytes, &mut out, bench),
                !Look::at(bytes).is_text(),
            ),
            Coding::Deflate => {
                let header = zlib::is_header(bytes);
                let mut result = if header {
                    zlib::decode(bytes, &mut out, bench).map(|_| ())
                } else {
                    Err(Flaw::Malformed)
                };
                // Some senders leave the zlib wrapper out (RFC 9110 section 8.4.1.2).
                if matches!(result, Err(Flaw::Malformed)) && out.is_empty() {
                    result = deflate::decode(bytes, &mut out, bench);
                }
                (result, header || !Look::at(bytes).is_text())
            }
        };
        match result {
            Ok(()) => Removed::Content(out, None),
            Err(Flaw::Limit(reached)) => Removed::Unreadable(Flaw::Limit(reached)),
            Err(_) if !visible => Removed::Absent,
            Err(flaw) if !out.is_empty() => Removed::Content(out, Some(flaw)),
            Err(flaw) => Removed::Unreadable(flaw),
        }
    }
}

/// The codings of a header value in the order in which they must be removed; names that are not known as text.
pub(crate) fn listed(value: &str) -> impl Iterator<Item = Result<Coding, &str>> {
    value
        .rsplit(',')
        .map(str::trim)
        .filter(|name| !name.is_empty() && !name.eq_ignore_ascii_case("identity"))
        .map(|name| Coding::by_name(name).ok_or(name))
}
