//! Generated HTTP/2 connections: in any pieces, in any order, with holes, and noise.

use proptest::prelude::*;

use super::build::Talk;
use super::collect::{Collect, Got, read};
use super::http2::{CONTINUATION, DATA, END_HEADERS, END_STREAM, HEADERS, PADDED, frame, settings};
use crate::protocol::http2::PREFACE;
use crate::protocol::http2::hpack::tests::{Encoder, Way};

/// One exchange of a generated connection.
#[derive(Clone, Debug)]
struct Plan {
    fields: Vec<(String, String)>,
    body: Vec<u8>,
    answer: Vec<u8>,
    piece: usize,
    padding: u8,
}

fn plans() -> impl Strategy<Value = Vec<Plan>> {
    let field = ("[a-d]{1,3}", "[a-z0-9]{0,9}");
    let plan = (
        proptest::collection::vec(field, 0..5),
        proptest::collection::vec(any::<u8>(), 0..300),
        proptest::collection::vec(any::<u8>(), 0..300),
        1..90usize,
        0..20u8,
    );
    let plan = plan.prop_map(|(fields, body, answer, piece, padding)| Plan {
        fields,
        body,
        answer,
        piece,
        padding,
    });
    proptest::collection::vec(plan, 1..8)
}

/// The frames of one message.
fn message(
    encoder: &mut Encoder,
    id: u32,
    start: &[(&str, &str)],
    plan: &Plan,
    body: &[u8],
) -> Vec<Vec<u8>> {
    let mut block = encoder.block(start);
    for (name, value) in &plan.fields {
        encoder.field(name.as_bytes(), value.as_bytes(), Way::Insert, &mut block);
    }
    let mut frames = Vec::new();
    let mut parts = block.chunks(plan.piece).peekable();
    let mut head = Vec::new();
    let mut kind = HEADERS;
    while let Some(part) = parts.next() {
        let mut flags = if parts.peek().is_none() {
            END_HEADERS
        } else {
            0
        };
        flags |= if kind == HEADERS && body.is_empty() {
            END_STREAM
        } else {
            0
        };
        let payload = if kind == HEADERS && plan.padding > 0 {
            flags |= PADDED;
            [
                &[plan.padding][..],
                part,
                &vec![0; usize::from(plan.padding)],
            ]
            .concat()
        } else {
            part.to_vec()
        };
        head.extend(frame(kind, flags, id, &payload));
        kind = CONTINUATION;
    }
    frames.push(head);
    let mut parts = body.chunks(plan.piece).peekable();
    while let Some(part) = parts.next() {
        let flags = if parts.peek().is_none() {
            END_STREAM
        } else {
            0
        };
        let payload = [
            &[plan.padding][..],
            part,
            &vec![0; usize::from(plan.padding)],
        ]
        .concat();
        frames.push(frame(DATA, flags | PADDED, id, &payload));
    }
    frames
}

/// Frames of all streams in turn, as a server that is fair sends them.
fn interleave(mut streams: Vec<Vec<Vec<u8>>>) -> Vec<u8> {
    // Header blocks stay in the order in which they were encoded.
    let mut out: Vec<u8> = streams.iter_mut().flat_map(|s| s.remove(0)).collect();
    while streams.iter().any(|s| !s.is_empty()) {
        for stream in streams.iter_mut().filter(|s| !s.is_empty()) {
            out.extend(stream.remove(0));
        }
    }
    out
}

fn conversation(plans: &[Plan]) -> (Vec<u8>, Vec<u8>) {
    let (mut up, mut down) = (Encoder::new(), Encoder::new());
    let (mut asked, mut answered) = (Vec::new(), Vec::new());
    for (index, plan) in plans.iter().enumerate() {
        let id = 2 * index as u32 + 1;
        let path = format!("/{index}");
        let start = [
            (":method", "POST"),
            (":scheme", "https"),
            (":authority", "h"),
            (":path", path.as_str()),
        ];
        asked.push(message(&mut up, id, &start, plan, &plan.body));
        answered.push(message(
            &mut down,
            id,
            &[(":status", "200")],
            plan,
            &plan.answer,
        ));
    }
    let asked = [PREFACE, &settings()[..], &interleave(asked)].concat();
    (asked, [settings(), interleave(answered)].concat())
}

fn fields_of(plan: &Plan) -> Vec<(Vec<u8>, Vec<u8>)> {
    let bytes = |text: &String| text.clone().into_bytes();
    plan.fields
        .iter()
        .map(|(n, v)| (bytes(n), bytes(v)))
        .collect()
}

fn number(message: &Got) -> Option<usize> {
    message
        .url
        .as_deref()?
        .strip_prefix("https://h/")?
        .parse()
        .ok()
}

fn check_all(got: &Collect, plans: &[Plan]) -> Result<(), TestCaseError> {
    prop_assert_eq!(got.messages.len(), 2 * plans.len());
    for message in &got.messages {
        let index = number(message).unwrap();
        let plan = &plans[index];
        prop_assert!(message.complete);
        prop_assert_eq!(
            &message.body,
            if message.up { &plan.body } else { &plan.answer }
        );
        prop_assert_eq!(&message.headers, &fields_of(plan));
        if !message.up {
            let request = got
                .up()
                .into_iter()
                .find(|m| number(m) == Some(index))
                .unwrap();
            prop_assert_eq!(message.answers, Some(request.id));
        }
    }
    prop_assert!(got.problems.is_empty());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_pieces(plans in plans(), segment in 1usize..200) {
        let (asked, answered) = conversation(&plans);
        let mut talk = Talk::open();
        for part in asked.chunks(segment) {
            talk.up(part);
        }
        for part in answered.chunks(segment) {
            talk.down(part);
        }
        talk.fin();
        check_all(&read(&talk.pcap()), &plans)?;
    }

    #[test]
    fn answers_captured_before_their_requests(plans in plans()) {
        let (asked, answered) = conversation(&plans);
        let mut talk = Talk::open();
        talk.up(&asked[..40]).down(&answered).up(&asked[40..]).fin();
        check_all(&read(&talk.pcap()), &plans)?;
    }

    #[test]
    fn holes_never_lead_to_wrong_values(
        plans in plans(),
        segment in 20usize..200,
        holes in proptest::collection::vec(any::<prop::sample::Index>(), 1..4),
    ) {
        let (asked, answered) = conversation(&plans);
        let parts: Vec<(bool, &[u8])> = asked.chunks(segment).map(|p| (true, p))
            .chain(answered.chunks(segment).map(|p| (false, p))).collect();
        let holes: Vec<usize> = holes.iter().map(|h| h.index(parts.len())).collect();
        let mut talk = Talk::open();
        for (index, (up, part)) in parts.iter().enumerate() {
            match (holes.contains(&index), *up) {
                (true, true) => { talk.lose_up(part.len() as u32); }
                (true, false) => { talk.lose_down(part.len() as u32); }
                (false, true) => { talk.up(part); }
                (false, false) => { talk.down(part); }
            }
        }
        talk.ack().fin();
        let got = read(&talk.pcap());
        for message in got.messages.iter().filter(|m| m.protocol == "http/2") {
            let sent = |field: &(Vec<u8>, Vec<u8>)| {
                field.0.first() == Some(&b':') || plans.iter().any(|p| {
                    fields_of(p).iter().any(|(n, v)| *v == field.1 && (*n == field.0 || field.0.is_empty()))
                }) || field.0.is_empty()
            };
            prop_assert!(message.headers.iter().all(sent), "{:?}", message.headers);
            if let Some(index) = number(message).filter(|_| message.complete) {
                let plan = &plans[index];
                prop_assert_eq!(&message.body, if message.up { &plan.body } else { &plan.answer });
                prop_assert_eq!(&message.headers, &fields_of(plan));
            }
        }
    }

    #[test]
    fn noise_in_frames(noise in proptest::collection::vec((any::<u8>(), any::<u8>(), 0u32..9, proptest::collection::vec(any::<u8>(), 0..60)), 1..40)) {
        let mut talk = Talk::open();
        talk.up(PREFACE);
        for (kind, flags, stream, payload) in noise {
            talk.up(&frame(kind % 11, flags, stream, &payload));
            talk.down(&frame(kind % 11, flags, stream, &payload));
        }
        talk.fin();
        read(&talk.pcap());
    }
}
