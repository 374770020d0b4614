//! The requests of one connection that wait for an answer, and which answer is whose.

use std::collections::VecDeque;

/// Requests of one connection that wait for their answer; the oldest is given up beyond this.
pub(super) const WAITING_REQUESTS: usize = 1024;

/// What a request's method means for the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    /// Its answer has no body.
    Head,
    /// Its answer may turn the connection into a tunnel.
    Connect,
    /// Any other.
    Other,
}

/// A request whose answer has not been written, or that is not written itself.
#[derive(Debug)]
pub(super) struct Request {
    /// Message number, once written or once its answer is.
    pub id: Option<i64>,
    /// Absolute URL.
    pub url: String,
    /// Host asked for.
    pub host: Option<String>,
    /// What kind.
    pub method: Method,
    /// Bytes of the server the client had acknowledged when it asked.
    pub acknowledged: u64,
    /// Where it begins in the client's stream.
    pub begin: u64,
    /// Where it ends, as far as read.
    pub end: u64,
    /// Its final answer is written.
    pub answered: bool,
    /// It is written.
    pub sent: bool,
}

/// What tells whose answer a response is.
pub(super) struct Response {
    /// Where it begins in the server's stream.
    pub position: u64,
    /// Bytes of the client the server had acknowledged when it answered.
    pub acknowledged: u64,
}

/// The queue. Requests are known by a serial number that never changes.
#[derive(Debug, Default)]
pub(super) struct Requests {
    waiting: VecDeque<Request>,
    first: u64,
}

impl Requests {
    /// Adds a request: its serial number, and whether an old one had to be given up for it.
    pub fn push(&mut self, request: Request) -> (u64, bool) {
        let full = self.waiting.len() >= WAITING_REQUESTS;
        if full {
            self.waiting.pop_front();
            self.first = self.first.saturating_add(1);
        }
        self.waiting.push_back(request);
        (
            self.first.saturating_add(self.waiting.len() as u64 - 1),
            full,
        )
    }

    fn index(&self, serial: Option<u64>) -> Option<usize> {
        usize::try_from(serial?.checked_sub(self.first)?).ok()
    }

    /// The request with this serial number, if still known.
    pub fn get(&self, serial: Option<u64>) -> Option<&Request> {
        self.waiting.get(self.index(serial)?)
    }

    /// The same, to change it.
    pub fn get_mut(&mut self, serial: Option<u64>) -> Option<&mut Request> {
        let index = self.index(serial)?;
        self.waiting.get_mut(index)
    }

    /// Are there two or more without an answer?
    pub fn more_waiting(&self) -> bool {
        self.waiting.iter().filter(|r| !r.answered).nth(1).is_some()
    }

    /// Notes how far a request reaches.
    pub fn reached(&mut self, serial: Option<u64>, end: u64) {
        if let Some(request) = self.get_mut(serial) {
            request.end = request.end.max(end);
        }
    }

    /// The request that a response answers. `uncertain`: responses may have been lost before it.
    /// `last`: it is the final one, so that requests before the one found are given up.
    pub fn answered_by(&mut self, response: &Response, uncertain: bool, last: bool) -> Option<u64> {
        // No answer can begin before its request was sent.
        let waits = |r: &Request| !r.answered && r.acknowledged <= response.position;
        let found = if uncertain {
            // A client that waits for each answer had acknowledged all earlier ones when it asked:
            // the first of the requests that were sent last.
            let latest = self
                .waiting
                .iter()
                .filter(|r| waits(r))
                .map(|r| r.acknowledged)
                .max();
            let found = self
                .waiting
                .iter()
                .position(|r| waits(r) && Some(r.acknowledged) == latest);
            found.filter(|&found| self.is_known_up_to(found, response.acknowledged))
        } else {
            let first = self.waiting.iter().position(|r| !r.answered);
            first.filter(|&i| self.waiting.get(i).is_some_and(waits))
        };
        if let (Some(found), true) = (found, last) {
            for request in self.waiting.iter_mut().take(found) {
                request.answered = true;
            }
        }
        found.map(|i| self.first.saturating_add(i as u64))
    }

    /// Is everything that the server had received known, from this request on? If not, another request
    /// was lost, and the answer may be to that.
    fn is_known_up_to(&self, index: usize, received: u64) -> bool {
        let mut requests = self.waiting.iter().skip(index);
        let mut known = requests.next().map_or(0, |r| r.end);
        for request in requests {
            if request.begin > known {
                break;
            }
            known = known.max(request.end);
        }
        received <= known
    }

    /// Drops requests that are written and answered.
    pub fn forget(&mut self) {
        while self.waiting.front().is_some_and(|r| r.answered && r.sent) {
            self.waiting.pop_front();
            self.first = self.first.saturating_add(1);
        }
    }
}
