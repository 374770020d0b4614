//! Closed values of one audit out of an input of the fuzzer.

use waakzaam_core::unlock::stage::{Input, Message, Target};

use crate::pieces::pieces;

/// Values of one case.
const MOST: usize = 12;
/// Names of fields.
const NAMES: [&str; 4] = ["data", "body", "k", ""];

/// The lowest two bits of a piece say what it is, the next two the field of a value, the fifth begins a message.
pub fn case(input: &[u8]) -> Input {
    let mut case = Input {
        messages: vec![Message::default()],
        ..Input::default()
    };
    for (flags, bytes) in pieces(input) {
        if flags & 0x10 != 0 {
            case.messages.push(Message::default());
        }
        let group = usize::from(flags >> 2 & 3);
        let label = NAMES[group].to_owned();
        match flags & 3 {
            0 if case.targets.len() < MOST => case.targets.push(Target {
                id: case.targets.len() as i64,
                group: group as i64,
                message: case.messages.len() - 1,
                name: label,
                bytes: bytes.to_vec(),
            }),
            1 => {
                let message = case.messages.last_mut().expect("there is one");
                message.fields.push((label, bytes.to_vec()));
            }
            2 => case.keys.push((label, bytes.to_vec())),
            _ => case.known.push((label, bytes.to_vec())),
        }
    }
    case.targets.sort_by_key(|target| target.group);
    case
}
