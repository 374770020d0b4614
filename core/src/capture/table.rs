//! The flows that are open, found by their ends; the ones idle for longest are let go first.

use std::collections::VecDeque;

use foldhash::fast::RandomState;
use hashbrown::HashMap;

use super::application::{Application, Carried};
use super::flow::{Carrier, Flow, FlowKey, Talk};
use super::half::Half;

/// Microseconds after which a finished TCP connection is let go: late repeats still find it.
const LINGER: i64 = 60_000_000;
/// An open TCP connection that is silent for this long in microseconds is let go: 2 h 4 min, what RFC 5382
/// section 5 makes routers wait at least. What comes later is a connection of its own.
const ESTABLISHED: i64 = 7_440_000_000;
/// Microseconds of silence after which a UDP flow, or a TCP connection that never carried a byte, is over.
const SILENCE: i64 = 300_000_000;
/// Flows looked at for each new one.
const LOOKS: usize = 4;

/// Flows, each in a numbered place.
#[derive(Debug, Default)]
pub struct Table {
    index: HashMap<FlowKey, u32, RandomState>,
    places: Vec<Option<Box<Flow>>>,
    free: Vec<u32>,
    /// Places in the order in which they were opened or last looked at, with the flow's id and its last
    /// packet then.
    queue: VecDeque<(u32, i64, i64)>,
    latest: Option<(FlowKey, u32)>,
    next_id: i64,
    hand: usize,
}

impl Table {
    /// The place of a flow.
    #[inline]
    pub fn find(&mut self, key: &FlowKey) -> Option<u32> {
        if let Some((latest, place)) = &self.latest
            && latest == key
        {
            return Some(*place);
        }
        let place = *self.index.get(key)?;
        self.latest = Some((*key, place));
        Some(place)
    }

    /// The flow in a place.
    #[inline]
    pub fn get(&mut self, place: u32) -> Option<&mut Flow> {
        self.places.get_mut(place as usize)?.as_deref_mut()
    }

    /// Flows now open.
    pub fn open_flows(&self) -> usize {
        self.index.len()
    }

    /// Opens a flow whose first packet `sender` sent.
    pub fn open(&mut self, key: FlowKey, sender: usize, frame: i64, time: i64) -> u32 {
        let id = self.next_id;
        self.next_id = id.saturating_add(1);
        let flow = Box::new(Flow {
            talk: Talk {
                id,
                key,
                client: sender,
                certain: false,
                app: None,
            },
            first: time,
            last: time,
            frame,
            last_frame: frame,
            halves: [Half::default(), Half::default()],
            application: match key.carrier {
                Carrier::Tcp => Application::undecided(false, Carried::Bare),
                Carrier::Udp => Application::Unknown,
            },
            reset: false,
            ended: None,
            gap_frame: 0,
        });
        let place = match self.free.pop() {
            Some(place) => place,
            None => {
                self.places.push(None);
                u32::try_from(self.places.len() - 1).unwrap_or(u32::MAX)
            }
        };
        if let Some(slot) = self.places.get_mut(place as usize) {
            *slot = Some(flow);
        }
        self.index.insert(key, place);
        self.queue.push_back((place, id, frame));
        self.latest = Some((key, place));
        place
    }

    /// Takes a flow out.
    pub fn close(&mut self, place: u32) -> Option<Box<Flow>> {
        let flow = self.places.get_mut(place as usize)?.take()?;
        self.index.remove(&flow.talk.key);
        self.free.push(place);
        self.latest = None;
        Some(flow)
    }

    /// Looks at some flows and takes out those that are over; to be asked with each new flow.
    pub fn sweep(&mut self, now: i64) -> [Option<Box<Flow>>; LOOKS] {
        let mut over = [const { None }; LOOKS];
        for slot in &mut over {
            self.hand = if self.hand + 1 < self.places.len() {
                self.hand + 1
            } else {
                0
            };
            let Some(Some(flow)) = self.places.get(self.hand) else {
                continue;
            };
            let silent = now.saturating_sub(flow.last);
            let empty = flow.halves.iter().all(|h| h.position == 0);
            let patience = match flow.talk.key.carrier {
                Carrier::Tcp if flow.is_over() => LINGER,
                Carrier::Tcp if !empty => ESTABLISHED,
                _ => SILENCE,
            };
            if silent > patience {
                *slot = u32::try_from(self.hand)
                    .ok()
                    .and_then(|place| self.close(place));
            }
        }
        // Places of closed flows stay in the queue until they are the larger part of it.
        if self.queue.len() > 2 * self.index.len() + 1024 {
            let places = &self.places;
            self.queue.retain(|(place, id, _)| {
                let flow = places.get(*place as usize).and_then(Option::as_ref);
                flow.is_some_and(|flow| flow.talk.id == *id)
            });
        }
        over
    }

    /// Takes out the flow that was idle for longest.
    pub fn evict(&mut self) -> Option<Box<Flow>> {
        // Each round either takes one out or brings its last packet up to date.
        for _ in 0..=self.queue.len() {
            let (place, id, seen) = self.queue.pop_front()?;
            let Some(flow) = self.flow_of(place, id) else {
                continue;
            };
            let last_frame = flow.last_frame;
            if last_frame == seen || flow.is_over() {
                return self.close(place);
            }
            self.queue.push_back((place, id, last_frame));
        }
        let (place, _, _) = self.queue.pop_front()?;
        self.close(place)
    }

    fn flow_of(&mut self, place: u32, id: i64) -> Option<&mut Flow> {
        self.get(place).filter(|flow| flow.talk.id == id)
    }

    /// Takes out all flows, in the order in which they began.
    pub fn drain(&mut self) -> Vec<Box<Flow>> {
        let mut flows: Vec<Box<Flow>> = self.places.iter_mut().filter_map(Option::take).collect();
        flows.sort_unstable_by_key(|flow| flow.talk.id);
        self.index.clear();
        self.queue.clear();
        self.free.clear();
        self.places.clear();
        self.latest = None;
        flows
    }
}
