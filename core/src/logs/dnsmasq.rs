//! The text log of dnsmasq (`log-queries`), which is also Pi-hole's `pihole.log`.
//!
//! `Nov 22 12:00:01 dnsmasq[7]: query[A] example.com from 192.168.1.2`, then `forwarded … to …`,
//! `reply … is …`, `cached … is …`, or a list that refused the name. With `log-queries=extra` a serial
//! number and the client stand before the verb. The log does not write the year, so times stay unknown.

use std::collections::VecDeque;

use super::lines::{Found, Place};
use super::lookup::{Lookup, address, code, emit, refused};
use super::output::{Output, Told, host};
use super::record::text;
use super::{Input, LogError, Reading, Summary, Taken};
use crate::model::{Limits, Name, Sink, Stopped, Transport};

/// Questions remembered for their answers; the answer follows within a few lines.
const REMEMBERED: usize = 256;

/// A question that was asked, and its message.
struct Asked {
    name: String,
    client: String,
    message: Option<i64>,
}

/// An answer whose lines are being read.
#[derive(Default)]
struct Reply {
    /// The name that was asked for (where the chain of aliases began).
    asked: String,
    /// The name of the last line.
    owner: String,
    /// True while the last line was an alias.
    alias: bool,
    message: i64,
}

#[derive(Default)]
struct Log {
    asked: VecDeque<Asked>,
    reply: Option<Reply>,
}

/// Read a log.
///
/// # Errors
/// [`LogError`] when no line is of such a log.
pub fn read_dnsmasq(
    input: Input,
    limits: &Limits,
    sink: &mut dyn Sink,
) -> Result<Summary, LogError> {
    let mut reading = Reading::open(input, limits, sink)?;
    let mut log = Log::default();
    loop {
        match reading.lines.advance() {
            Found::End => return reading.finish("a log of dnsmasq or Pi-hole"),
            Found::TooLong => reading.too_long(),
            Found::Line => {
                let line = text(reading.lines.text()).into_owned();
                if line.trim().is_empty() {
                    continue;
                }
                let place = reading.lines.place();
                let taken = log.line(&line, place, &mut reading.out)?;
                reading.count(taken)?;
            }
        }
    }
}

impl Log {
    fn line(&mut self, line: &str, place: Place, out: &mut Output<'_>) -> Result<Taken, Stopped> {
        let Some((_, said)) = after_tag(line) else {
            return Ok(Taken::Damaged(
                "a line that is not dnsmasq's; it is left out",
            ));
        };
        let mut words = said.split_whitespace().peekable();
        // log-queries=extra: serial number, client/port.
        if words
            .peek()
            .is_some_and(|w| w.bytes().all(|b| b.is_ascii_digit()))
        {
            words.next();
            words.next_if(|w| w.contains('/') && !w.starts_with('/'));
        }
        let words: Vec<&str> = words.take(16).collect();
        match words.as_slice() {
            [verb, name, "from", client, ..] if verb.starts_with("query[") => {
                self.query(verb, name, client, place, out)
            }
            ["reply" | "cached" | "cached-stale", name, "is", rest @ ..] => {
                self.answer(name, rest, place, out)
            }
            // `gravity blocked x is 0.0.0.0`, `exactly denied x is …`, `regex blacklisted x is …`
            [_, how, name, "is", ..]
                if how.contains("block") || how.contains("black") || how.contains("denied") =>
            {
                self.refused(name, place, out)
            }
            [list, name, "is", ..]
                if list.ends_with("gravity.list") || list.ends_with("black.list") =>
            {
                self.refused(name, place, out)
            }
            _ => Ok(Taken::Other),
        }
    }

    fn query(
        &mut self,
        verb: &str,
        name: &str,
        client: &str,
        place: Place,
        out: &mut Output<'_>,
    ) -> Result<Taken, Stopped> {
        self.reply = None;
        let kind = verb
            .strip_prefix("query[")
            .and_then(|k| k.strip_suffix(']'));
        let message = out.counts().0;
        let lookup = Lookup {
            client: Some(client),
            name,
            kind,
            transport: Some(Transport::Clear),
            ..Lookup::default()
        };
        if !emit(&lookup, place, out)? {
            return Ok(Taken::Other);
        }
        if self.asked.len() >= REMEMBERED {
            self.asked.pop_front();
        }
        self.asked.push_back(Asked {
            name: host(name).unwrap_or_default().into_owned(),
            client: client.to_owned(),
            message: Some(message),
        });
        Ok(Taken::Yes)
    }

    fn answer(
        &mut self,
        name: &str,
        rest: &[&str],
        place: Place,
        out: &mut Output<'_>,
    ) -> Result<Taken, Stopped> {
        let Some(owner) = host(name).map(|n| n.into_owned()) else {
            return Ok(Taken::Other);
        };
        let said = rest.first().copied().unwrap_or_default();
        // Aliases come before what they stand for, and all lines of one answer follow each other.
        let mut reply = match self.reply.take().filter(|r| r.alias || r.owner == owner) {
            Some(reply) => reply,
            None => {
                let status = match said.split('-').next() {
                    Some("NODATA") => Some(0),
                    _ => code(said).filter(|_| !said.bytes().all(|b| b.is_ascii_digit())),
                };
                let message = self.message(&owner, status.unwrap_or(0), place, out)?;
                Reply {
                    asked: owner.clone(),
                    message,
                    ..Reply::default()
                }
            }
        };
        reply.alias = said == "<CNAME>";
        reply.owner = owner;
        if let Some(address) = address(said) {
            out.name(&Name {
                name: &reply.asked,
                canonical: (reply.owner != reply.asked).then_some(reply.owner.as_str()),
                address: &address,
                message: reply.message,
            })?;
        }
        self.reply = Some(reply);
        Ok(Taken::Yes)
    }

    fn refused(
        &mut self,
        name: &str,
        place: Place,
        out: &mut Output<'_>,
    ) -> Result<Taken, Stopped> {
        self.reply = None;
        if let Some(name) = host(name) {
            if let Some(asked) = self.asked.iter().rev().find(|a| a.name == name) {
                refused(&asked.client, &name, out);
            }
            self.message(&name, 0, place, out)?;
        }
        Ok(Taken::Yes)
    }

    /// A message down that answers the last question for this name.
    fn message(
        &mut self,
        name: &str,
        status: i64,
        place: Place,
        out: &mut Output<'_>,
    ) -> Result<i64, Stopped> {
        let asked = self.asked.iter_mut().rev().find(|a| a.name == name);
        let url = format!("dns:{name}");
        out.answer(
            &Told {
                protocol: "dns",
                url: Some(&url),
                transport: Some(Transport::Clear),
                ..Told::default()
            },
            asked.and_then(|a| a.message.take()),
            Some(status),
            place,
        )
    }
}

/// What comes before and after `dnsmasq[123]: `.
fn after_tag(line: &str) -> Option<(&str, &str)> {
    let at = line.find("dnsmasq")?;
    let (before, tagged) = line.split_at_checked(at)?;
    let (tag, said) = tagged.split_once(": ")?;
    let number = tag.strip_prefix("dnsmasq")?;
    let number = number.strip_prefix('[').and_then(|n| n.strip_suffix(']'));
    (tag == "dnsmasq" || number.is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit())))
        .then_some((before, said.trim()))
}
