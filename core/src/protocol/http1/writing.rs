//! From what was read of a message to the row, and what its end means for the connection.

use super::exchange::Exchange;
use super::head;
use super::requests::Method;
use super::side::State;
use super::upgrade::Upgrade;
use crate::model::{Direction, Message, Stopped};
use crate::protocol::output::Output;

impl Exchange {
    /// Writes the message of a direction. `head_bytes` and `body` are given where they were not kept.
    pub(super) fn finish(
        &mut self,
        direction: Direction,
        head_bytes: Option<&[u8]>,
        body: Option<&[u8]>,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        let side = self.side(direction);
        side.state = State::Start;
        let serial = side.request;
        let own_head = std::mem::take(&mut side.head_bytes);
        let mut own_body = std::mem::take(&mut side.body);
        let parsed = std::mem::take(&mut side.head);
        let mut id = None;
        let mut answers = None;
        if let Some(request) = self.requests.get_mut(serial) {
            match direction {
                Direction::Up => id = request.id,
                Direction::Down => answers = Some(*request.id.get_or_insert_with(|| out.reserve())),
            }
        }
        let id = id.unwrap_or_else(|| out.reserve());
        let asked = self.requests.get(serial);
        let side = match direction {
            Direction::Up => &self.up,
            Direction::Down => &self.down,
        };
        let head_bytes = head_bytes.unwrap_or(&own_head);
        let headers = parsed.headers(head_bytes);
        let up = direction == Direction::Up;
        let method = String::from_utf8_lossy(parsed.method.of(head_bytes));
        let message = Message {
            id,
            connection: Some(self.peers.connection),
            answers,
            protocol: parsed.protocol(),
            direction,
            time: Some(side.start.time),
            app: self.peers.app.as_deref(),
            host: asked.and_then(|r| r.host.as_deref()),
            client: Some((&self.peers.client.0, self.peers.client.1)),
            server: Some((&self.peers.server.0, self.peers.server.1)),
            method: up.then_some(method.as_ref()),
            url: asked.map(|r| r.url.as_str()),
            status: (!up).then_some(i64::from(parsed.status)),
            headers: &headers,
            body: body.unwrap_or(&own_body),
            transport: self.transport,
            complete: side.whole && side.missing == 0 && side.cut == 0,
            missing: i64::try_from(side.missing).unwrap_or(i64::MAX),
            frame: side.start.frame,
            offset: i64::try_from(side.start.offset).unwrap_or(i64::MAX),
            length: i64::try_from(side.end.saturating_sub(side.start.offset)).unwrap_or(i64::MAX),
        };
        out.message(&message)?;
        if message.status == Some(101) {
            let upgrade = Upgrade::from_response(&headers, answers, message.url, message.host);
            self.upgrade = Some(upgrade);
        }
        out.release(&mut own_body);
        let connection = self.peers.connection;
        let side = self.side(direction);
        side.report_cut(connection, out)?;
        side.head = parsed;
        side.head_bytes = own_head;
        match direction {
            Direction::Up => self.after_request(id, serial),
            Direction::Down => self.after_response(serial),
        }
        Ok(())
    }

    fn after_request(&mut self, id: i64, serial: Option<u64>) {
        let mut connect = false;
        if let Some(request) = self.requests.get_mut(serial) {
            request.id = Some(id);
            request.sent = true;
            connect = request.method == Method::Connect && !request.answered;
        }
        if connect {
            self.up.state = State::Held;
        }
        self.requests.forget();
    }

    fn after_response(&mut self, serial: Option<u64>) {
        let status = self.down.head.status;
        if (100..200).contains(&status) && status != 101 {
            return;
        }
        let mut connect = false;
        if let Some(request) = self.requests.get_mut(serial) {
            request.answered = true;
            connect = request.method == Method::Connect;
        }
        if status == 101 {
            self.up.state = State::Over;
            self.down.state = State::Over;
        } else if connect && (200..300).contains(&status) {
            self.tunnel = true;
        } else if connect && self.up.state == State::Held {
            // No tunnel: what was sent ahead for it is no HTTP either.
            self.up.skipped = self.up.skipped.saturating_add(self.held.len() as u64);
            self.held.clear();
            self.up.state = State::Start;
        }
        self.requests.forget();
    }

    /// Writes a message of which only a part of the head is there.
    pub(super) fn partial_head(
        &mut self,
        direction: Direction,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        let side = self.side(direction);
        let head_bytes = std::mem::take(&mut side.head_bytes);
        side.whole = false;
        side.state = State::Start;
        let Some(parsed) = head::parse(&head_bytes, Vec::new()) else {
            side.skipped = side.skipped.saturating_add(head_bytes.len() as u64);
            return Ok(());
        };
        match direction {
            Direction::Up => {
                self.asked(&parsed, &head_bytes, 0, out)?;
            }
            Direction::Down => {
                self.answering(&parsed, &head_bytes, u64::MAX);
            }
        }
        self.side(direction).head = parsed;
        self.finish(direction, Some(&head_bytes), Some(&[]), out)?;
        // What follows a head that is not whole has no known place.
        self.upgrade = None;
        Ok(())
    }
}
