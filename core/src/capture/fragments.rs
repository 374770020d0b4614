//! IP fragments, put together within limits.

use std::collections::VecDeque;

use super::ip::{Address, Datagram, Fragment};
use crate::protocol::output::Arrival;

/// Datagrams under way at the same time; the oldest is given up beyond this.
const DATAGRAMS: usize = 256;
/// Bytes held for all of them.
const HELD_BYTES: usize = 4 << 20;
/// Fragments of one datagram.
const PIECES: usize = 256;
/// Microseconds after which a datagram is given up (RFC 791 and RFC 8200: up to 60 s).
const PATIENCE: i64 = 60_000_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Key {
    source: Address,
    destination: Address,
    protocol: u8,
    id: u32,
}

#[derive(Debug)]
struct Pending {
    key: Key,
    /// The protocol of the first fragment (IPv6 names it only there).
    protocol: u8,
    start: Arrival,
    end: u64,
    length: Option<usize>,
    pieces: Vec<(usize, Vec<u8>)>,
    held: usize,
}

/// A datagram put together.
#[derive(Debug)]
pub struct Whole {
    /// Protocol above.
    pub protocol: u8,
    /// The payload.
    pub payload: Vec<u8>,
    /// The first fragment's place and time, up to the end of the last one.
    pub arrival: Arrival,
}

/// The fragments that wait.
#[derive(Debug, Default)]
pub struct Fragments {
    pending: VecDeque<Pending>,
    held: usize,
    /// Datagrams that were given up.
    pub lost: u64,
}

impl Fragments {
    /// Adds a fragment; the datagram, if it is whole with it.
    pub fn add(
        &mut self,
        datagram: &Datagram<'_>,
        fragment: Fragment,
        at: &Arrival,
    ) -> Option<Whole> {
        if datagram.cut > 0 {
            self.lost = self.lost.saturating_add(1);
            return None;
        }
        let key = Key {
            source: datagram.source,
            destination: datagram.destination,
            // IPv6 fragments agree without it: it stands behind the fragment header.
            protocol: if datagram.source.is_v4() {
                datagram.protocol
            } else {
                0
            },
            id: fragment.id,
        };
        self.make_room(datagram.payload.len(), at.time);
        let index = match self.pending.iter().position(|p| p.key == key) {
            Some(index) => index,
            None => {
                self.pending.push_back(Pending {
                    key,
                    protocol: datagram.protocol,
                    start: *at,
                    end: at.end,
                    length: None,
                    pieces: Vec::new(),
                    held: 0,
                });
                self.pending.len() - 1
            }
        };
        let pending = self.pending.get_mut(index)?;
        let offset = fragment.offset as usize;
        if fragment.offset == 0 {
            pending.protocol = datagram.protocol;
        }
        if !fragment.more {
            pending.length = Some(offset + datagram.payload.len());
        }
        pending.end = pending.end.max(at.end);
        if pending.pieces.len() < PIECES && !datagram.payload.is_empty() {
            pending.pieces.push((offset, datagram.payload.to_vec()));
            pending.held += datagram.payload.len();
            self.held += datagram.payload.len();
        }
        let payload = put_together(pending)?;
        let done = self.pending.remove(index)?;
        self.held = self.held.saturating_sub(done.held);
        Some(Whole {
            protocol: done.protocol,
            payload,
            arrival: Arrival {
                end: done.end,
                ..done.start
            },
        })
    }

    fn make_room(&mut self, wanted: usize, now: i64) {
        while let Some(oldest) = self.pending.front() {
            let full = self.pending.len() >= DATAGRAMS || self.held + wanted > HELD_BYTES;
            if !full && now.saturating_sub(oldest.start.time) < PATIENCE {
                return;
            }
            if let Some(gone) = self.pending.pop_front() {
                self.held = self.held.saturating_sub(gone.held);
                self.lost = self.lost.saturating_add(1);
            }
        }
    }

    /// Datagrams that never became whole. Called at the end.
    pub fn unfinished(&self) -> u64 {
        self.lost.saturating_add(self.pending.len() as u64)
    }
}

/// The payload, if all of it is there. Where fragments overlap, the first to arrive counts.
fn put_together(pending: &mut Pending) -> Option<Vec<u8>> {
    let length = pending.length?;
    if pending.held < length {
        return None;
    }
    let mut order: Vec<usize> = (0..pending.pieces.len()).collect();
    order.sort_by_key(|&i| pending.pieces.get(i).map(|p| p.0));
    let mut payload = Vec::with_capacity(length);
    for index in order {
        let (offset, bytes) = pending.pieces.get(index)?;
        if *offset > payload.len() {
            return None;
        }
        let from = payload.len() - offset;
        payload.extend_from_slice(bytes.get(from..).unwrap_or_default());
    }
    if payload.len() < length {
        return None;
    }
    payload.truncate(length);
    Some(payload)
}
