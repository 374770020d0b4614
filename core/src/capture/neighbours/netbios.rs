//! NetBIOS names (RFC 1002 section 4.2): what a computer registers as its own.

const REGISTRATION: u8 = 5;
/// The name of a computer itself, not of a service or a group (the last of its 16 characters).
const WORKSTATION: u8 = 0;

/// The name that the sender registers.
pub(super) fn registered(bytes: &[u8]) -> Option<String> {
    let flags = *bytes.get(2)?;
    let asks = flags & 0x80 == 0;
    if !asks || flags >> 3 & 0xf != REGISTRATION || *bytes.get(12)? != 32 {
        return None;
    }
    let half: &[u8; 32] = bytes.get(13..45)?.try_into().ok()?;
    let mut name = Vec::with_capacity(16);
    for pair in half.chunks_exact(2) {
        let (high, low) = (pair[0].checked_sub(b'A')?, pair[1].checked_sub(b'A')?);
        if high > 15 || low > 15 {
            return None;
        }
        name.push(high << 4 | low);
    }
    let kind = name.pop()?;
    let group = bytes.get(bytes.len().checked_sub(6)?)? & 0x80 != 0;
    let name = String::from_utf8_lossy(&name).trim_end().to_owned();
    (kind == WORKSTATION && !group && !name.is_empty()).then_some(name)
}
