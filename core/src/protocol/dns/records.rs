//! The records of a whole answer, one by one, for those who want more than addresses.

use super::wire::{Fixed, read_name, read_question, read_record};

/// Record types (IANA).
pub const A: u16 = 1;
/// A pointer to a name.
pub const PTR: u16 = 12;
/// Strings.
pub const TXT: u16 = 16;
/// An IPv6 address.
pub const AAAA: u16 = 28;

/// Records of one message that are looked at.
const RECORDS: usize = 1024;

/// Call `take` with owner, type, data and, for PTR, target of every record of an answer: answers, authorities
/// and additional ones. What is no answer, or is broken, ends it.
pub fn each_of_answer(bytes: &[u8], mut take: impl FnMut(&str, u16, &[u8], Option<&str>)) {
    let Some(fixed) = Fixed::read(bytes).filter(|fixed| fixed.is_answer()) else {
        return;
    };
    let (mut owner, mut target) = (String::new(), String::new());
    let mut at = 12;
    for _ in 0..fixed.questions {
        match read_question(bytes, at, &mut owner) {
            Some((next, _)) => at = next,
            None => return,
        }
    }
    for _ in 0..RECORDS {
        let Some(record) = read_record(bytes, at, &mut owner) else {
            return;
        };
        at = record.end;
        let data = bytes.get(record.data..record.end).unwrap_or_default();
        let points = record.kind == PTR && read_name(bytes, record.data, &mut target).is_some();
        take(&owner, record.kind, data, points.then_some(target.as_str()));
    }
}
