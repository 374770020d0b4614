//! The pcapng format (draft-ietf-opsawg-pcapng): sections, interfaces, packets.

use super::apps::{self, APPS, Apps};
use super::packet::{Damage, Packet, RECORD_BYTES};
use super::window::Window;

const INTERFACE: u32 = 1;
const OLD_PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;
/// Type of Decryption Secrets Blocks.
pub const SECRETS: u32 = 10;
/// Custom blocks that may and may not be copied.
const CUSTOM: [u32; 2] = [0x0bad, 0x4000_0bad];
/// Blocks without a packet that Wireshark numbers like packets: journal entries and system events.
const NUMBERED: [u32; 6] = [9, 0x204, 0x208, 0x216, 0x221, 0x223];

/// Interfaces of one section; more is damage or an attack on memory.
const INTERFACES: usize = 65_536;
/// Largest block of another kind that is held in memory; larger ones are passed over.
const HELD_BLOCK: u32 = 16 << 20;

/// One interface of a section.
#[derive(Clone, Copy, Debug)]
struct Interface {
    link: u32,
    snap: u32,
    /// Ticks per second.
    ticks: u128,
    /// Seconds to add.
    offset: i64,
}

impl Interface {
    fn time(&self, ticks: u64) -> i64 {
        let micros = match self.ticks {
            1_000_000 => i64::try_from(ticks).unwrap_or(i64::MAX),
            per_second => {
                let whole = u128::from(ticks) / per_second;
                let rest = u128::from(ticks) % per_second;
                // rest * 10^6 only overflows for resolutions no clock has; they count as zero.
                let micros = rest.checked_mul(1_000_000).map_or(0, |r| r / per_second);
                i64::try_from(whole.saturating_mul(1_000_000).saturating_add(micros))
                    .unwrap_or(i64::MAX)
            }
        };
        micros.saturating_add(self.offset.saturating_mul(1_000_000))
    }
}

/// A block that is not a packet, for whoever wants to know what else a file carries.
#[derive(Clone, Copy, Debug)]
pub struct OtherBlock<'a> {
    /// Block type.
    pub kind: u32,
    /// True if the section is big-endian.
    pub big: bool,
    /// The body, options included.
    pub body: &'a [u8],
}

/// Is told of decryption secrets and custom blocks as they come, before the packets after them.
pub type OnBlock<'f> = &'f mut dyn FnMut(OtherBlock<'_>);

/// A reader of packet blocks.
#[derive(Debug, Default)]
pub struct Pcapng {
    big: bool,
    interfaces: Vec<Interface>,
    frame: u64,
    sections: u32,
    apps: Apps,
}

/// Where the packet stands in the block that was just taken.
struct Found {
    interface: Interface,
    time: i64,
    at: usize,
    captured: u32,
    original: u32,
}

impl Pcapng {
    /// Can a file that starts with these bytes be read?
    pub fn knows(bytes: &[u8]) -> bool {
        bytes.starts_with(&[0x0a, 0x0d, 0x0d, 0x0a])
            && match bytes.get(8..12) {
                Some(order) => byte_order(order).is_some(),
                None => true,
            }
    }

    /// The next packet, `None` at the end.
    pub fn next<'w>(
        &mut self,
        window: &'w mut Window,
        on_block: OnBlock<'_>,
    ) -> Result<Option<Packet<'w>>, Damage> {
        loop {
            if !window.need(12) {
                return match window.peek().len() {
                    0 if self.sections > 0 => Ok(None),
                    rest => Err(Damage::truncated(format!(
                        "the file ends after {rest} bytes of a block header"
                    ))),
                };
            }
            let offset = window.position();
            let header = window.peek();
            // The section header's own type reads the same in both byte orders.
            if header.starts_with(&[0x0a, 0x0d, 0x0d, 0x0a]) {
                self.big = header
                    .get(8..12)
                    .and_then(byte_order)
                    .ok_or_else(|| Damage::malformed("a section header without a byte order"))?;
                self.interfaces.clear();
                self.sections = self.sections.saturating_add(1);
            }
            let kind = word(header, 0, self.big);
            let announced = word(header, 4, self.big);
            if !(12..=u32::MAX - 3).contains(&announced) {
                return Err(Damage::malformed(format!(
                    "a block of {announced} bytes is announced, which cannot be"
                )));
            }
            // Some writers forget the padding in the length.
            let total = announced.next_multiple_of(4);
            let is_packet = matches!(kind, OLD_PACKET | SIMPLE_PACKET | ENHANCED_PACKET);
            if is_packet && total > RECORD_BYTES {
                return Err(Damage::malformed(format!(
                    "a packet block of {total} bytes is announced, more than any network carries"
                )));
            }
            let wanted = is_packet
                || kind == INTERFACE
                || (kind == SECRETS || CUSTOM.contains(&kind)) && total <= HELD_BLOCK;
            if !wanted || kind == INTERFACE && total > HELD_BLOCK {
                if CUSTOM.contains(&kind) || NUMBERED.contains(&kind) {
                    self.frame = self.frame.saturating_add(1);
                }
                if !window.skip(u64::from(total)) {
                    return Err(cut(total));
                }
                continue;
            }
            if !window.need(total as usize) {
                return Err(cut(total));
            }
            if is_packet {
                let block = window.peek();
                let found =
                    self.packet(kind, block.get(8..total as usize - 4).unwrap_or_default())?;
                self.frame = self.frame.saturating_add(1);
                let block = window.take(total as usize);
                let at = found.at + 8;
                return Ok(Some(Packet {
                    frame: self.frame,
                    time: found.time,
                    offset,
                    length: u64::from(total),
                    original: u64::from(found.original.max(found.captured)),
                    link: found.interface.link,
                    data: block
                        .get(at..at.saturating_add(found.captured as usize))
                        .unwrap_or_default(),
                    user: match kind {
                        ENHANCED_PACKET => apps::user(options(block, at, found.captured), self.big),
                        _ => None,
                    },
                    app: None,
                }));
            }
            let big = self.big;
            let block = window.take(total as usize);
            let body = block.get(8..total as usize - 4).unwrap_or_default();
            if kind == INTERFACE {
                if self.interfaces.len() >= INTERFACES {
                    return Err(Damage::malformed(format!(
                        "more than {INTERFACES} interfaces in one section"
                    )));
                }
                self.interfaces.push(interface(body, big));
            } else {
                if CUSTOM.contains(&kind) {
                    self.frame = self.frame.saturating_add(1);
                    if !self.apps.learn(body, big) {
                        return Err(Damage::malformed(format!(
                            "more than {APPS} apps are named"
                        )));
                    }
                }
                on_block(OtherBlock { kind, big, body });
            }
        }
    }

    /// The app with this user id, if the file named it before.
    pub fn app(&self, user: Option<i32>) -> Option<&str> {
        self.apps.get(user?)
    }

    /// Packets read, other numbered blocks included.
    pub fn frames(&self) -> u64 {
        self.frame
    }

    fn packet(&self, kind: u32, body: &[u8]) -> Result<Found, Damage> {
        let (number, at) = match kind {
            ENHANCED_PACKET => (word(body, 0, self.big), 20),
            OLD_PACKET => (u32::from(half(body, 0, self.big)), 20),
            _ => (0, 4),
        };
        let interface = self
            .interfaces
            .get(number as usize)
            .copied()
            .ok_or_else(|| {
                Damage::malformed(format!(
                    "a packet of interface {number}, which was not described"
                ))
            })?;
        let room = u32::try_from(body.len().saturating_sub(at)).unwrap_or(u32::MAX);
        if body.len() < at {
            return Err(Damage::malformed(
                "a packet block without room for a packet",
            ));
        }
        if kind == SIMPLE_PACKET {
            let original = word(body, 0, self.big);
            let snap = if interface.snap == 0 {
                u32::MAX
            } else {
                interface.snap
            };
            return Ok(Found {
                interface,
                time: 0,
                at,
                captured: original.min(snap).min(room),
                original,
            });
        }
        let ticks = u64::from(word(body, 4, self.big)) << 32 | u64::from(word(body, 8, self.big));
        let captured = word(body, 12, self.big);
        if captured > room {
            return Err(Damage::malformed(format!(
                "a packet of {captured} bytes in a block with room for {room}"
            )));
        }
        Ok(Found {
            interface,
            time: interface.time(ticks),
            at,
            captured,
            original: word(body, 16, self.big),
        })
    }
}

/// The options of a packet block, after the packet and its padding.
fn options(block: &[u8], at: usize, captured: u32) -> &[u8] {
    let from = at.saturating_add((captured as usize).next_multiple_of(4));
    let end = block.len().saturating_sub(4);
    block.get(from..end).unwrap_or_default()
}

fn cut(total: u32) -> Damage {
    Damage::truncated(format!("the file ends within a block of {total} bytes"))
}

fn byte_order(bytes: &[u8]) -> Option<bool> {
    match bytes {
        [0x1a, 0x2b, 0x3c, 0x4d] => Some(true),
        [0x4d, 0x3c, 0x2b, 0x1a] => Some(false),
        _ => None,
    }
}

fn interface(body: &[u8], big: bool) -> Interface {
    let mut interface = Interface {
        link: u32::from(half(body, 0, big)),
        snap: word(body, 4, big),
        ticks: 1_000_000,
        offset: 0,
    };
    let mut rest = body.get(8..).unwrap_or_default();
    while let Some(header) = rest.get(..4) {
        let (code, length) = (half(header, 0, big), usize::from(half(header, 2, big)));
        let value = rest.get(4..4 + length).unwrap_or_default();
        match (code, value) {
            (0, _) => break,
            // if_tsresol: a power of ten, or of two if the first bit is set.
            (9, [power, ..]) => {
                let base: u128 = if power & 0x80 == 0 { 10 } else { 2 };
                let ticks = base.checked_pow(u32::from(power & 0x7f));
                interface.ticks = ticks.unwrap_or(u128::MAX).max(1);
            }
            // if_tsoffset
            (14, value) => {
                if let Ok(bytes) = <[u8; 8]>::try_from(value) {
                    interface.offset = if big {
                        i64::from_be_bytes(bytes)
                    } else {
                        i64::from_le_bytes(bytes)
                    };
                }
            }
            _ => {}
        }
        rest = rest
            .get(4 + length.next_multiple_of(4)..)
            .unwrap_or_default();
    }
    interface
}

#[inline]
fn word(bytes: &[u8], at: usize, big: bool) -> u32 {
    let Some(Ok(bytes)) = bytes.get(at..at + 4).map(<[u8; 4]>::try_from) else {
        return 0;
    };
    if big {
        u32::from_be_bytes(bytes)
    } else {
        u32::from_le_bytes(bytes)
    }
}

#[inline]
fn half(bytes: &[u8], at: usize, big: bool) -> u16 {
    match bytes.get(at..at + 2) {
        Some([a, b]) if big => u16::from_be_bytes([*a, *b]),
        Some([a, b]) => u16::from_le_bytes([*a, *b]),
        _ => 0,
    }
}
