//! What one whole DNS answer says, for logs that hold answers but no packets.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::wire::{Fixed, read_name, read_question, read_record};

/// Addresses of one answer that are kept.
const ADDRESSES: usize = 256;

/// An answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// Response code (RFC 1035 section 4.1.1).
    pub code: Option<i64>,
    /// Addresses of A and AAAA records.
    pub addresses: Vec<String>,
    /// Where the chain of CNAME records ends, if there is one.
    pub canonical: Option<String>,
}

/// Read an answer; `None` when it is none.
pub fn answer(bytes: &[u8]) -> Option<Answer> {
    let fixed = Fixed::read(bytes).filter(|f| f.is_answer())?;
    let mut found = Answer {
        code: Some(fixed.code()),
        ..Answer::default()
    };
    let (mut owner, mut target) = (String::new(), String::new());
    let mut at = 12;
    for _ in 0..fixed.questions {
        at = read_question(bytes, at, &mut owner)?.0;
    }
    for _ in 0..fixed.answers {
        let Some(record) = read_record(bytes, at, &mut owner) else {
            break;
        };
        at = record.end;
        let data = bytes.get(record.data..record.end).unwrap_or_default();
        match record.kind {
            5 if read_name(bytes, record.data, &mut target).is_some() => {
                found.canonical = Some(target.clone());
            }
            1 | 28 if found.addresses.len() < ADDRESSES => {
                let four = <[u8; 4]>::try_from(data).map(|a| Ipv4Addr::from(a).to_string());
                let sixteen = <[u8; 16]>::try_from(data).map(|a| Ipv6Addr::from(a).to_string());
                found.addresses.extend(four.or(sixteen));
            }
            _ => {}
        }
    }
    Some(found)
}
