//! How fast real messages are peeled: `message_speed FILE…` reads captures and HAR files, keeps what left the
//! phone, and peels all of it into the tables of an audit, several times. Prints one JSON line.

#[path = "cpu/clock.rs"]
mod clock;

use std::fs::File;

use waakzaam_core::capture::{blocks, read_capture};
use waakzaam_core::har::read_har;
use waakzaam_core::leaves::Leaves;
use waakzaam_core::model::{
    Connection, Direction, Header, LimitHit, Limits, Message, Name, Problem, Sink, Stopped,
    Transport,
};
use waakzaam_core::secure::secrets::Secrets;

/// Times that everything is peeled, each time by a peeler that remembers nothing.
const ROUNDS: usize = 5;

struct Kept {
    protocol: String,
    host: Option<String>,
    method: Option<String>,
    url: Option<String>,
    headers: Vec<(Vec<u8>, Vec<u8>)>,
    body: Vec<u8>,
}

#[derive(Default)]
struct Keep(Vec<Kept>);

impl Sink for Keep {
    fn message(&mut self, m: &Message<'_>) -> Result<(), Stopped> {
        if m.direction == Direction::Up && m.protocol != "local" {
            let owned = |(name, value): &Header<'_>| (name.to_vec(), value.to_vec());
            self.0.push(Kept {
                protocol: m.protocol.to_owned(),
                host: m.host.map(str::to_owned),
                method: m.method.map(str::to_owned),
                url: m.url.map(str::to_owned),
                headers: m.headers.iter().map(owned).collect(),
                body: m.body.to_vec(),
            });
        }
        Ok(())
    }
    fn connection(&mut self, _: &Connection) -> Result<(), Stopped> {
        Ok(())
    }
    fn name(&mut self, _: &Name<'_>) -> Result<(), Stopped> {
        Ok(())
    }
    fn problem(&mut self, _: Problem) -> Result<(), Stopped> {
        Ok(())
    }
    fn limit(&mut self, _: LimitHit) -> Result<(), Stopped> {
        Ok(())
    }
    fn progress(&mut self, _: u64) -> Result<(), Stopped> {
        Ok(())
    }
}

fn read(path: &str, keep: &mut Keep) -> std::io::Result<()> {
    let limits = Limits::default();
    if path.ends_with(".har") {
        // What cannot be read is left out; this measures what can.
        let _ = read_har(Box::new(File::open(path)?), &limits, keep);
        return Ok(());
    }
    let mut secrets = Secrets::default();
    blocks::find_secrets(Box::new(File::open(path)?), &mut secrets);
    let _ = read_capture(Box::new(File::open(path)?), &limits, secrets, keep);
    Ok(())
}

fn peel(kept: &[Kept]) -> usize {
    let mut leaves = Leaves::new(Limits::default());
    let mut bytes = 0;
    for (id, each) in (0i64..).zip(kept) {
        let headers: Vec<Header<'_>> = each
            .headers
            .iter()
            .map(|(name, value)| (name.into(), value.into()))
            .collect();
        leaves.push(&Message {
            id,
            connection: None,
            answers: None,
            protocol: &each.protocol,
            direction: Direction::Up,
            time: None,
            app: None,
            host: each.host.as_deref(),
            client: None,
            server: None,
            method: each.method.as_deref(),
            url: each.url.as_deref(),
            status: None,
            headers: &headers,
            body: &each.body,
            transport: Transport::Unknown,
            complete: true,
            missing: 0,
            frame: 0,
            offset: 0,
            length: 0,
        });
        if leaves.full() {
            bytes += size(leaves.take());
        }
    }
    bytes + size(leaves.take())
}

fn size<E>(frames: Result<waakzaam_core::leaves::Frames, E>) -> usize {
    frames.map_or(0, |frames| frames.iter().map(|(_, rows)| rows.len()).sum())
}

fn main() -> std::io::Result<()> {
    let mut keep = Keep::default();
    for path in std::env::args().skip(1) {
        read(&path, &mut keep)?;
    }
    let sent: usize = keep.0.iter().map(|each| each.body.len()).sum();
    let mut best = f64::INFINITY;
    let mut out = 0;
    for _ in 0..ROUNDS {
        let start = clock::seconds();
        out = peel(&keep.0);
        best = best.min(clock::seconds() - start);
    }
    let messages = keep.0.len() as f64;
    println!(
        "{{\"messages\":{messages},\"body_bytes\":{sent},\"table_bytes\":{out},\"cpu\":{best:.6},\
         \"per_second\":{:.0},\"microseconds\":{:.2}}}",
        messages / best,
        best * 1e6 / messages.max(1.0)
    );
    Ok(())
}
