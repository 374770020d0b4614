//! The inverses of the binary layers.

/// Protocol Buffers.
pub(super) mod protobuf {
    pub(in crate::peel::tests) fn varint(mut value: u64) -> Vec<u8> {
        let mut out = Vec::new();
        while value >= 0x80 {
            out.push(value as u8 | 0x80);
            value >>= 7;
        }
        out.push(value as u8);
        out
    }

    fn tag(number: u32, wire: u32) -> Vec<u8> {
        varint(u64::from(number << 3 | wire))
    }

    pub(in crate::peel::tests) fn int(number: u32, value: u64) -> Vec<u8> {
        [tag(number, 0), varint(value)].concat()
    }

    pub(in crate::peel::tests) fn fixed64(number: u32, value: u64) -> Vec<u8> {
        [tag(number, 1), value.to_le_bytes().to_vec()].concat()
    }

    pub(in crate::peel::tests) fn fixed32(number: u32, value: u32) -> Vec<u8> {
        [tag(number, 5), value.to_le_bytes().to_vec()].concat()
    }

    pub(in crate::peel::tests) fn bytes(number: u32, value: &[u8]) -> Vec<u8> {
        [tag(number, 2), prefixed(value)].concat()
    }

    pub(in crate::peel::tests) fn group(number: u32, inner: &[u8]) -> Vec<u8> {
        [tag(number, 3), inner.to_vec(), tag(number, 4)].concat()
    }

    pub(in crate::peel::tests) fn prefixed(value: &[u8]) -> Vec<u8> {
        [varint(value.len() as u64), value.to_vec()].concat()
    }
}
