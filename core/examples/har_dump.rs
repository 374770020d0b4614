//! Print what a HAR file holds, one JSON line per message: `har_dump FILE` or `har_dump --count FILE`.
//!
//! Messages go to standard output; problems, limits, connections and the summary go to standard error, as
//! JSON lines too. With `--count` nothing is printed but the summary and the time: a measure of the reader.

use std::error::Error;
use std::fmt::Write as _;
use std::io::{BufWriter, Write};

use sha2::{Digest, Sha256};
use waakzaam_core::har;
use waakzaam_core::model::{Connection, LimitHit, Limits, Message, Name, Problem, Sink, Stopped};

/// Writes JSON lines, or only counts.
struct Lines<W: Write> {
    out: W,
    quiet: bool,
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if u32::from(c) < 32 => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn or_null<T>(value: Option<T>, show: impl Fn(T) -> String) -> String {
    value.map_or("null".to_owned(), show)
}

impl<W: Write> Sink for Lines<W> {
    fn message(&mut self, m: &Message<'_>) -> Result<(), Stopped> {
        if self.quiet {
            return Ok(());
        }
        let sha256: String = Sha256::digest(m.body)
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect();
        let number = |n: i64| n.to_string();
        writeln!(
            self.out,
            "{{\"id\":{},\"direction\":\"{}\",\"protocol\":\"{}\",\"method\":{},\"url\":{},\"status\":{},\"host\":{},\
             \"time\":{},\"body_sha256\":\"{sha256}\",\"body_length\":{},\"headers\":{},\"answers\":{},\
             \"connection\":{},\"complete\":{},\"missing\":{},\"transport\":\"{}\",\"frame\":{},\"offset\":{},\"length\":{}}}",
            m.id,
            m.direction.as_str(),
            m.protocol,
            or_null(m.method, quoted),
            or_null(m.url, quoted),
            or_null(m.status, number),
            or_null(m.host, quoted),
            or_null(m.time, number),
            m.body.len(),
            m.headers.len(),
            or_null(m.answers, number),
            or_null(m.connection, number),
            m.complete,
            m.missing,
            m.transport.as_str(),
            m.frame,
            m.offset,
            m.length,
        )?;
        Ok(())
    }

    fn connection(&mut self, c: &Connection) -> Result<(), Stopped> {
        if !self.quiet {
            eprintln!(
                "{{\"connection\":{},\"server\":{},\"port\":{},\"transport\":\"{}\",\"up\":{},\"down\":{}}}",
                c.id,
                quoted(&c.server.0),
                c.server.1,
                c.transport,
                c.bytes_up,
                c.bytes_down
            );
        }
        Ok(())
    }

    fn name(&mut self, _: &Name<'_>) -> Result<(), Stopped> {
        Ok(())
    }

    fn problem(&mut self, p: Problem) -> Result<(), Stopped> {
        let (text, place) = (quoted(&p.text), quoted(&p.place));
        eprintln!(
            "{{\"problem\":\"{}\",\"text\":{text},\"place\":{place},\"count\":{}}}",
            p.code, p.count
        );
        Ok(())
    }

    fn limit(&mut self, l: LimitHit) -> Result<(), Stopped> {
        eprintln!(
            "{{\"limit\":\"{}\",\"value\":{},\"place\":{}}}",
            l.what,
            l.limit,
            quoted(&l.place)
        );
        Ok(())
    }

    fn progress(&mut self, _: u64) -> Result<(), Stopped> {
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let quiet = arguments.first().is_some_and(|a| a == "--count");
    if quiet {
        arguments.remove(0);
    }
    let path = arguments.first().ok_or("usage: har_dump [--count] FILE")?;
    let file = std::fs::File::open(path)?;
    let mut lines = Lines {
        out: BufWriter::new(std::io::stdout().lock()),
        quiet,
    };
    let start = std::time::Instant::now();
    let summary = har::read_har(Box::new(file), &Limits::default(), &mut lines)?;
    let seconds = start.elapsed().as_secs_f64();
    lines.out.flush()?;
    eprintln!(
        "{{\"entries\":{},\"skipped\":{},\"messages\":{},\"connections\":{},\"bytes\":{},\"complete\":{},\"creator\":{},\
         \"apps\":{},\"seconds\":{seconds:.4}}}",
        summary.entries,
        summary.skipped,
        summary.messages,
        summary.connections,
        summary.bytes,
        summary.complete,
        or_null(summary.creator.as_deref(), quoted),
        summary.apps.len(),
    );
    Ok(())
}
