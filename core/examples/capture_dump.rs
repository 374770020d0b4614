//! Prints what a capture holds, one JSON object per line: messages, connections, names, problems,
//! limits and a summary. For comparing with other readers; `--quiet` only reads and prints the summary.

use std::fmt::Write as _;
use std::io::Write as _;

use sha2::{Digest, Sha256};
use waakzaam_core::capture::blocks::find_secrets;
use waakzaam_core::capture::{CaptureError, read_capture};
use waakzaam_core::model::{Connection, LimitHit, Limits, Message, Name, Problem, Sink, Stopped};
use waakzaam_core::secure::secrets::Secrets;

/// A JSON string; bytes that are not UTF-8 are replaced.
fn text(value: &str) -> String {
    let mut out = String::with_capacity(value.len() + 2);
    out.push('"');
    for c in value.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c < ' ' || c == '\u{7f}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn maybe(value: Option<&str>) -> String {
    value.map_or_else(|| "null".to_owned(), text)
}

fn number(value: Option<i64>) -> String {
    value.map_or_else(|| "null".to_owned(), |n| n.to_string())
}

fn end(value: Option<(&str, u16)>) -> String {
    value.map_or_else(|| "null".to_owned(), |(a, p)| format!("[{},{p}]", text(a)))
}

struct Dump<W: std::io::Write> {
    out: W,
    quiet: bool,
    bodies: bool,
    bytes: u64,
}

impl<W: std::io::Write> Sink for Dump<W> {
    fn message(&mut self, m: &Message<'_>) -> Result<(), Stopped> {
        self.bytes += m.body.len() as u64;
        if self.quiet {
            return Ok(());
        }
        let digest: String = Sha256::digest(m.body)
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect();
        let headers: Vec<String> = m
            .headers
            .iter()
            .map(|(n, v)| {
                let (n, v) = (String::from_utf8_lossy(n), String::from_utf8_lossy(v));
                format!("[{},{}]", text(&n), text(&v))
            })
            .collect();
        write!(
            self.out,
            "{{\"kind\":\"message\",\"id\":{},\"connection\":{},\"answers\":{},\"protocol\":{},\
             \"direction\":{},\"time\":{},\"app\":{},\"host\":{},\"client\":{},\"server\":{},\"method\":{},\
             \"url\":{},\"status\":{},\"headers\":[{}],\"length\":{},\"sha256\":\"{digest}\",\
             \"complete\":{},\"missing\":{},\"frame\":{},\"offset\":{},\"span\":{}",
            m.id,
            number(m.connection),
            number(m.answers),
            text(m.protocol),
            text(m.direction.as_str()),
            number(m.time),
            maybe(m.app),
            maybe(m.host),
            end(m.client),
            end(m.server),
            maybe(m.method),
            maybe(m.url),
            number(m.status),
            headers.join(","),
            m.body.len(),
            m.complete,
            m.missing,
            m.frame,
            m.offset,
            m.length,
        )?;
        if self.bodies {
            let body: String = m.body.iter().map(|b| format!("{b:02x}")).collect();
            write!(self.out, ",\"body\":\"{body}\"")?;
        }
        writeln!(self.out, "}}")?;
        Ok(())
    }

    fn connection(&mut self, c: &Connection) -> Result<(), Stopped> {
        if self.quiet {
            return Ok(());
        }
        let alpn: Vec<String> = c.alpn.iter().map(|p| text(p)).collect();
        writeln!(
            self.out,
            "{{\"kind\":\"connection\",\"id\":{},\"protocol\":{},\"application\":{},\"client\":{},\
             \"server\":{},\"first\":{},\"last\":{},\"sni\":{},\"alpn\":[{}],\"ja4\":{},\"tls_version\":{},\"alpn_chosen\":{},\"cipher\":{},\"ja4s\":{},\
             \"certificate_subject\":{},\"certificate_issuer\":{},\"certificate_names\":{},\
             \"certificate_from\":{},\"certificate_until\":{},\"client_certificate\":{},\"ech\":{},\
             \"bytes_up\":{},\"bytes_down\":{},\"packets_up\":{},\"packets_down\":{},\"missing\":{},\
             \"transport\":{},\"opened\":{},\"not_opened\":{},\"frame\":{},\"app\":{}}}",
            c.id,
            text(c.protocol),
            maybe(c.application),
            end(Some((&c.client.0, c.client.1))),
            end(Some((&c.server.0, c.server.1))),
            c.first,
            c.last,
            maybe(c.sni.as_deref()),
            alpn.join(","),
            maybe(c.ja4.as_deref()),
            maybe(c.tls_version),
            maybe(c.alpn_chosen.as_deref()),
            maybe(c.cipher.as_deref()),
            maybe(c.ja4s.as_deref()),
            maybe(c.certificate_subject.as_deref()),
            maybe(c.certificate_issuer.as_deref()),
            c.certificate_names.len(),
            number(c.certificate_from),
            number(c.certificate_until),
            c.client_certificate,
            c.ech,
            c.bytes_up,
            c.bytes_down,
            c.packets_up,
            c.packets_down,
            c.missing,
            text(c.transport),
            c.opened,
            maybe(c.not_opened),
            c.frame,
            maybe(c.app.as_deref()),
        )?;
        Ok(())
    }

    fn name(&mut self, n: &Name<'_>) -> Result<(), Stopped> {
        if self.quiet {
            return Ok(());
        }
        writeln!(
            self.out,
            "{{\"kind\":\"name\",\"name\":{},\"canonical\":{},\"address\":{},\"message\":{}}}",
            text(n.name),
            maybe(n.canonical),
            text(n.address),
            n.message
        )?;
        Ok(())
    }

    fn problem(&mut self, p: Problem) -> Result<(), Stopped> {
        writeln!(
            self.out,
            "{{\"kind\":\"problem\",\"code\":{},\"text\":{},\"place\":{},\"count\":{}}}",
            text(p.code),
            text(&p.text),
            text(&p.place),
            p.count
        )?;
        Ok(())
    }

    fn limit(&mut self, l: LimitHit) -> Result<(), Stopped> {
        writeln!(
            self.out,
            "{{\"kind\":\"limit\",\"what\":{},\"limit\":{},\"place\":{}}}",
            text(l.what),
            l.limit,
            text(&l.place)
        )?;
        Ok(())
    }

    fn progress(&mut self, _bytes: u64) -> Result<(), Stopped> {
        Ok(())
    }
}

fn main() -> std::process::ExitCode {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut flag = |name: &str| {
        let before = arguments.len();
        arguments.retain(|a| a != name);
        arguments.len() < before
    };
    let (quiet, bodies) = (flag("--quiet"), flag("--bodies"));
    let mut secrets = Secrets::default();
    while let Some(at) = arguments.iter().position(|a| a == "--keys") {
        let Some(file) = arguments.get(at + 1).cloned() else {
            break;
        };
        arguments.drain(at..at + 2);
        match std::fs::read(&file) {
            Ok(bytes) => eprintln!("{file}: {:?}", secrets.add_key_file(&bytes)),
            Err(error) => {
                eprintln!("{file}: {error}");
                return 2.into();
            }
        }
    }
    let [path] = arguments.as_slice() else {
        eprintln!("usage: capture_dump [--quiet] [--bodies] [--keys FILE]... FILE");
        return 2.into();
    };
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) => {
            eprintln!("{path}: {error}");
            return 2.into();
        }
    };
    let mut dump = Dump {
        out: std::io::BufWriter::new(std::io::stdout().lock()),
        quiet,
        bodies,
        bytes: 0,
    };
    if let Ok(first) = std::fs::File::open(path) {
        find_secrets(Box::new(first), &mut secrets);
    }
    match read_capture(Box::new(file), &Limits::default(), secrets, &mut dump) {
        Ok(summary) => {
            let body_bytes = dump.bytes;
            let done = writeln!(
                dump.out,
                "{{\"kind\":\"summary\",\"text\":{},\"body_bytes\":{body_bytes}}}",
                text(&format!("{summary:?}"))
            );
            u8::from(done.is_err()).into()
        }
        Err(CaptureError::Stopped(_)) => 0.into(),
        Err(error) => {
            eprintln!("{path}: {error}");
            2.into()
        }
    }
}
