//! WebSocket messages inside HAR entries: Chrome's `_webSocketMessages` and what others made of it.

use std::borrow::Cow;

use super::body::base64;
use super::emit::{Emitter, Shared};
use super::entry::Frame;
use super::time;
use crate::model::{Direction, Message, Stopped};

impl Emitter<'_> {
    /// One message per recorded frame. Binary frames (RFC 6455 section 5.2, opcode 2) are written as base64.
    pub(super) fn websocket(
        &mut self,
        frames: &[Frame<'_>],
        shared: &Shared<'_>,
    ) -> Result<(), Stopped> {
        for frame in frames {
            let kind = frame.kind.map(|k| k.bytes()).unwrap_or_default();
            let direction = match kind.to_ascii_lowercase().as_slice() {
                b"send" | b"sent" | b"outgoing" | b"out" | b"client" | b"up" => Direction::Up,
                b"receive" | b"received" | b"incoming" | b"in" | b"server" | b"down" => {
                    Direction::Down
                }
                // Chrome lists failures of the connection here, too.
                b"error" => continue,
                // RFC 6455 section 5.1: what a client sends is masked.
                _ if frame.masked == Some(true) => Direction::Up,
                _ if frame.masked == Some(false) => Direction::Down,
                _ => {
                    let text =
                        "a WebSocket message does not say which way it went; taken as received";
                    self.notes.problem("malformed", text, shared.place);
                    Direction::Down
                }
            };
            let text = frame.data.bytes();
            let binary = frame
                .opcode
                .is_some_and(|o| o.0 == b"2" || o.0.eq_ignore_ascii_case(b"binary"));
            let data = if binary {
                base64(&text).map_or(text, Cow::Owned)
            } else {
                text
            };
            let moment = frame
                .time
                .and_then(|t| time::epoch(t.number()?).or_else(|| time::iso8601(&t.bytes())));
            let id = self.take_id();
            let (body, cut) = self.cut(&data, shared.place);
            self.sink.message(&Message {
                protocol: "websocket",
                time: moment,
                body,
                complete: cut == 0,
                missing: cut,
                ..shared.message(id, direction)
            })?;
        }
        Ok(())
    }
}
