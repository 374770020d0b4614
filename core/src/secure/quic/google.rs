//! Google's own handshake before TLS was used (versions Q0xx): the name in the client's hello.
//!
//! The hello is in clear, or in an Initial packet whose keys are public: `CHLO`, a count, then tags of four
//! bytes, each with the end of its value, then the values.

use memchr::memmem;

/// The server name of a hello found in these bytes, lower case.
pub fn server_name(bytes: &[u8]) -> Option<String> {
    let start = memmem::find(bytes, b"CHLO")?;
    let hello = bytes.get(start.checked_add(4)?..)?;
    let count = usize::from(u16::from_le_bytes([*hello.first()?, *hello.get(1)?]));
    let table = hello.get(4..4usize.checked_add(count.checked_mul(8)?)?)?;
    let values = hello.get(4 + table.len()..)?;
    let mut from = 0;
    for entry in table.chunks_exact(8) {
        let (tag, end) = entry.split_at_checked(4)?;
        let end = usize::try_from(u32::from_le_bytes(end.try_into().ok()?)).ok()?;
        if tag == b"SNI\0" {
            let name = std::str::from_utf8(values.get(from..end)?).ok()?;
            let plain = name.bytes().all(|b| b.is_ascii_graphic());
            return (plain && !name.is_empty()).then(|| name.to_ascii_lowercase());
        }
        from = end;
    }
    None
}

/// The version in a packet of versions before Q046: flags, connection id of eight bytes, version.
pub fn version(bytes: &[u8]) -> Option<u32> {
    let flags = bytes.first()?;
    if flags & 0x89 != 0x09 {
        return None;
    }
    let word: [u8; 4] = bytes.get(9..13)?.try_into().ok()?;
    let number = u32::from_be_bytes(word);
    super::version::is_google(number).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_in_a_hello() {
        let mut hello = b"some frame CHLO\x02\0\0\0".to_vec();
        hello.extend(b"PAD\0\x03\0\0\0SNI\0\x12\0\0\0...Www.example.org");
        assert_eq!(server_name(&hello).as_deref(), Some("www.example.org"));
        for cut in 0..hello.len() {
            assert_eq!(server_name(&hello[..cut]), None);
        }
    }
}
