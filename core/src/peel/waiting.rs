//! Messages that wait for others of their endpoint: see [`super::endpoint`].

use super::endpoint;
use super::fields::Fields;
use super::peeler::Peeler;
use super::protobuf;
use super::sink::LeafSink;

impl Peeler {
    /// The parts to come are those of a message to or from this endpoint (which way, host, path). What all
    /// messages of it say together decides how each is read, so leaves of some come later: see
    /// [`Peeler::settle`].
    pub fn set_endpoint(&mut self, words: Option<&[&str]>) {
        self.endpoints.endpoint = words.map(endpoint::endpoint);
    }

    /// True when so much waits that [`Peeler::settle`] should be called until nothing does.
    pub fn is_over(&self) -> bool {
        self.endpoints.is_over()
    }

    /// Give the leaves of the message that waits longest; false when none does.
    pub fn settle(&mut self, sink: &mut dyn LeafSink) -> bool {
        let Some((held, spent)) = self.endpoints.next() else {
            return false;
        };
        sink.resume(held.ticket);
        self.leaves = spent.leaves;
        self.bench.begin();
        self.bench.go_on(spent.bytes);
        let retyped = self
            .endpoints
            .typing(&held)
            .and_then(|typing| protobuf::retyped(&held.bytes, typing, &mut self.bench));
        self.chain = held.chain;
        // What is inside may wait in its turn.
        let endpoint = self.endpoints.endpoint.replace(held.endpoint);
        let fields = match retyped {
            Some(fields) => {
                self.bench.give_back_fields(held.fields);
                fields
            }
            None => held.fields,
        };
        self.emit_fields(protobuf::NAME, fields, &held.bytes, sink);
        self.endpoints.endpoint = endpoint;
        self.endpoints.end(self.leaves, self.bench.spent());
        true
    }

    /// Let a message wait for the others of its endpoint; the fields where it cannot.
    pub(super) fn wait(
        &mut self,
        layer: &str,
        fields: Fields,
        bytes: &[u8],
        sink: &mut dyn LeafSink,
    ) -> Option<Fields> {
        if self.endpoints.endpoint.is_none() || !endpoint::can_wait(layer, &fields) {
            return Some(fields);
        }
        let Some(ticket) = sink.hold() else {
            return Some(fields);
        };
        let was_full = self.endpoints.full;
        self.endpoints.hold(ticket, &self.chain, fields, bytes);
        self.waiting = self.waiting.wrapping_add(1);
        if self.endpoints.full && !was_full {
            sink.limit(self.chain.limit("typed fields", endpoint::REMEMBERED));
        }
        None
    }
}
