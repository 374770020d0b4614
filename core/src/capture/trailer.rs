//! The trailer that PCAPdroid puts behind each packet: which app it belongs to.

/// Its first four bytes.
const MAGIC: [u8; 4] = [0x01, 0x07, 0x20, 0x21];
/// Bytes of the app's name after magic and user id, filled up with zeros.
const NAME: std::ops::Range<usize> = 8..28;

/// The app's name, if these bytes after an IP packet are such a trailer.
pub fn app(trailer: &[u8]) -> Option<&str> {
    // Ethernet padding of short packets may stand before it.
    let at = memchr::memmem::find(trailer, &MAGIC)?;
    let name = trailer.get(at..)?.get(NAME)?;
    let length = memchr::memchr(0, name).unwrap_or(name.len());
    let name = std::str::from_utf8(name.get(..length)?).ok()?;
    (!name.is_empty()).then_some(name)
}
