//! Writers of files for [`super::inverse`]: as small as their formats allow.

use super::inverse::{length, varint};

fn checksum(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

/// An xz stream whose one block is stored in LZMA2 as it is (The .xz File Format, 1.2.0).
pub(super) fn wrap_xz(value: &[u8]) -> Option<Vec<u8>> {
    let flags = [0u8, 1]; // CRC-32
    let mut out = b"\xfd7zXZ\0".to_vec();
    out.extend(flags);
    out.extend(checksum(&flags).to_le_bytes());
    // A header of twelve bytes: LZMA2 with a dictionary of 64 KiB.
    let header = [2u8, 0, 0x21, 1, 8, 0, 0, 0];
    let mut block = header.to_vec();
    block.extend(checksum(&header).to_le_bytes());
    for (place, chunk) in value.chunks(1 << 16).enumerate() {
        block.push(if place == 0 { 1 } else { 2 });
        block.extend(u16::try_from(chunk.len() - 1).ok()?.to_be_bytes());
        block.extend(chunk);
    }
    block.push(0);
    let unpadded = block.len() + 4;
    block.resize(block.len().next_multiple_of(4), 0);
    block.extend(checksum(value).to_le_bytes());
    out.extend(block);
    let mut index = vec![0, 1];
    index.extend(varint(unpadded));
    index.extend(varint(value.len()));
    index.resize(index.len().next_multiple_of(4), 0);
    let sum = checksum(&index);
    index.extend(sum.to_le_bytes());
    let mut footer = u32::try_from(index.len() / 4 - 1)
        .ok()?
        .to_le_bytes()
        .to_vec();
    footer.extend(flags);
    out.extend(&index);
    out.extend(checksum(&footer).to_le_bytes());
    out.extend(footer);
    out.extend(b"YZ");
    (!value.is_empty()).then_some(out)
}

/// An archive with one stored member.
pub(super) fn wrap_zip(value: &[u8]) -> Option<Vec<u8>> {
    const NAME: &[u8] = b"data.bin";
    let size = u32::try_from(value.len()).ok()?.to_le_bytes();
    let mut common = vec![20, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    common.extend(checksum(value).to_le_bytes());
    common.extend([size, size].concat());
    common.extend([8, 0, 0, 0]);
    let local = [b"PK\x03\x04", &common[..], NAME, value].concat();
    let entry = [b"PK\x01\x02\x14\0", &common[..], &[0; 14], NAME].concat();
    let end = [
        b"PK\x05\x06\0\0\0\0\x01\0\x01\0",
        &u32::try_from(entry.len()).ok()?.to_le_bytes()[..],
        &u32::try_from(local.len()).ok()?.to_le_bytes(),
        b"\0\0",
    ]
    .concat();
    (!value.is_empty()).then(|| [local, entry, end].concat())
}

/// An archive with one member.
pub(super) fn wrap_tar(value: &[u8]) -> Option<Vec<u8>> {
    let mut header = [0u8; 512];
    let mut put = |at: usize, bytes: &[u8]| {
        if let Some(place) = header.get_mut(at..at + bytes.len()) {
            place.copy_from_slice(bytes);
        }
    };
    put(0, b"data.bin");
    put(124, format!("{:011o}", value.len()).as_bytes());
    put(148, b"        0");
    put(257, b"ustar\x0000");
    let sum: u32 = header.iter().map(|&byte| u32::from(byte)).sum();
    header
        .get_mut(148..155)?
        .copy_from_slice(format!("{sum:06o}\0").as_bytes());
    let mut out = [&header[..], value].concat();
    out.resize(out.len().next_multiple_of(512) + 1024, 0);
    (!value.is_empty()).then_some(out)
}

/// A binary property list: a dictionary with a name and data.
pub(super) fn wrap_bplist(value: &[u8]) -> Option<Vec<u8>> {
    let data = |value: &[u8]| -> Option<Vec<u8>> {
        let head = match value.len() {
            0..=14 => vec![0x40 | value.len() as u8],
            _ => [&[0x4f, 0x12][..], &length(value)?].concat(),
        };
        Some([head, value.to_vec()].concat())
    };
    let objects = [
        b"\xd2\x01\x02\x03\x04".to_vec(),
        b"\x55event".to_vec(),
        b"\x57payload".to_vec(),
        b"\x59page_load".to_vec(),
        data(value)?,
    ];
    let mut out = b"bplist00".to_vec();
    let mut offsets = Vec::new();
    for object in objects {
        offsets.extend(u32::try_from(out.len()).ok()?.to_be_bytes());
        out.extend(object);
    }
    let table = out.len() as u64;
    out.extend(offsets);
    out.extend([0, 0, 0, 0, 0, 0, 4, 1]);
    for number in [5, 0, table] {
        out.extend(number.to_be_bytes());
    }
    (!value.is_empty()).then_some(out)
}
