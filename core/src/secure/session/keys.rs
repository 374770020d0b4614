//! From secrets to keys.

use super::super::hello::version_text;
use super::super::protection::{Agreed, Schedule};
use super::super::secrets::{Label, Secrets};
use super::super::suites::{self, Cipher};
use super::Session;
use super::side::Keys;
use crate::model::{Direction, Stopped};
use crate::protocol::output::Output;

/// Keys of TLS 1.3 come into use in this order.
pub(super) const EARLY: u32 = 0;
/// Of the handshake.
pub(super) const HANDSHAKE: u32 = 1;
/// Of application data; each update counts one more.
pub(super) const TRAFFIC: u32 = 2;
/// Keys up to TLS 1.2.
pub(super) const SESSION: u32 = u32::MAX;
/// Master secrets tried on one session.
const MASTERS: usize = 16;

impl Session {
    /// Sets up the keys of one direction, up to TLS 1.2, when it changes to them.
    pub(super) fn arm(
        &mut self,
        direction: Direction,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        let Some(agreed) = self.agreed(out) else {
            return Ok(());
        };
        let client = direction == Direction::Up;
        let masters = self.masters(&agreed, &out.secrets);
        // Both directions take their keys from the same block.
        let known = std::mem::take(&mut self.hand.blocks);
        let mut keys = Vec::with_capacity(masters.len());
        for secret in masters {
            let found = known.iter().find(|(master, _)| *master == secret);
            let block = found.map_or_else(|| agreed.block(&secret), |(_, block)| block.clone());
            let open = agreed.keys(&block, client);
            self.hand.blocks.push((secret.clone(), block));
            keys.extend(open.map(|open| Keys {
                open,
                epoch: SESSION,
                secret,
            }));
        }
        if keys.is_empty() && agreed.suite.cipher == Cipher::Null {
            keys.extend(agreed.unchecked().map(|open| Keys {
                open,
                epoch: SESSION,
                secret: Vec::new(),
            }));
        }
        if keys.is_empty() {
            let why = self.why_no_keys(&out.secrets);
            self.shut_keyless(direction, why, out);
            return Ok(());
        }
        let compressed = self.hand.compression == 1;
        let side = self.side_mut(direction);
        side.seal(keys);
        side.inflate = compressed.then(|| Box::new(flate2::Decompress::new(true)));
        Ok(())
    }

    /// What both sides agreed on, if it can be opened; otherwise the session is closed.
    fn agreed(&mut self, out: &mut Output<'_>) -> Option<Agreed> {
        let (Some(version), Some(id)) = (self.hand.version, self.hand.cipher) else {
            let why = if out.secrets.is_empty() {
                "no keys"
            } else {
                "gap"
            };
            self.shut_both(why);
            return None;
        };
        if out.secrets.is_empty() && suites::suite(id).is_none_or(|s| s.cipher != Cipher::Null) {
            self.shut_both_keyless("no keys", out);
            return None;
        }
        if !(0x0300..=0x0303).contains(&version) {
            out.count(
                "unsupported",
                "TLS connections have a version that is not opened.",
                || version_text(version).map_or_else(|| format!("{version:#06x}"), str::to_owned),
            );
            self.shut_both("version not supported");
            return None;
        }
        if self.hand.compression > 1 {
            out.count(
                "unsupported",
                "TLS connections compress their records in a way that is not read.",
                || format!("method {}", self.hand.compression),
            );
            self.shut_both("compression not supported");
            return None;
        }
        let Some(suite) = suites::suite(id) else {
            self.unknown_suite(id, out);
            return None;
        };
        Some(Agreed {
            suite,
            version,
            encrypt_then_mac: self.hand.encrypt_then_mac,
            client: self.hand.client_random,
            server: self.hand.server_random,
        })
    }

    fn unknown_suite(&mut self, id: u16, out: &mut Output<'_>) {
        let text = "TLS connections use cipher suites that are not opened.";
        out.count("unsupported", text, || {
            suites::name(id).unwrap_or_else(|| format!("{id:#06x}"))
        });
        self.shut_both("suite not supported");
    }

    /// Why a session with no fitting secret stays closed.
    fn why_no_keys(&self, secrets: &Secrets) -> &'static str {
        if secrets.is_empty() {
            "no keys"
        } else if self.hand.gap {
            "gap"
        } else if self.facts.client.as_ref().is_some_and(|c| c.has_ech()) {
            "ech"
        } else {
            "no keys"
        }
    }

    /// Master secrets that may fit, the best known first.
    fn masters(&self, agreed: &Agreed, secrets: &Secrets) -> Vec<Vec<u8>> {
        if let Some(master) = &self.hand.master {
            return vec![master.clone()];
        }
        let random = &self.hand.client_random;
        let mut masters: Vec<Vec<u8>> = secrets
            .get(Label::Master, random)
            .map(<[u8]>::to_vec)
            .collect();
        let transcript = self.hand.transcript();
        let extended = self.hand.extended_master.then_some(&transcript[..]);
        let mut of = |premaster: &[u8]| masters.push(agreed.master(premaster, extended));
        secrets.get(Label::PreMaster, random).for_each(&mut of);
        if masters.is_empty()
            && let Some(encrypted) = &self.hand.encrypted_premaster
            && let Some(premaster) = secrets.premaster(encrypted)
        {
            masters.push(agreed.master(&premaster, extended));
        }
        if self.hand.is_resumed() {
            masters.extend(secrets.session(&self.hand.session_id).map(<[u8]>::to_vec));
        }
        if let Some(ticket) = &self.hand.ticket {
            masters.extend(secrets.session(ticket).map(<[u8]>::to_vec));
        }
        masters.truncate(MASTERS);
        masters
    }

    /// Keys of one direction opened a record.
    pub(super) fn settled(&mut self, direction: Direction, out: &mut Output<'_>) {
        let side = self.side_mut(direction);
        if std::mem::replace(&mut side.proven, true) || side.epoch != Some(SESSION) {
            return;
        }
        let Some(secret) = side.keys.first().map(|keys| keys.secret.clone()) else {
            return;
        };
        if secret.is_empty() {
            return;
        }
        out.secrets.remember(&self.hand.session_id, &secret);
        if let Some(ticket) = &self.hand.new_ticket {
            out.secrets.remember(ticket, &secret);
        }
        self.hand.master = Some(secret);
    }

    /// Sets up the keys of TLS 1.3, when the server has answered.
    pub(super) fn arm_modern(&mut self, out: &mut Output<'_>) {
        let (Some(version), Some(id)) = (self.hand.version, self.hand.cipher) else {
            return;
        };
        let random = self.hand.client_random;
        if !out.secrets.knows(&random) {
            let why = self.why_no_keys(&out.secrets);
            self.shut_both_keyless(why, out);
            return;
        }
        let Some(schedule) = suites::suite(id).and_then(|suite| Schedule::new(version, suite))
        else {
            self.unknown_suite(id, out);
            return;
        };
        self.hand.schedule = Some(schedule);
        let of = |labels: [(Label, u32); 2]| -> Vec<Keys> {
            labels
                .into_iter()
                .flat_map(|(label, epoch)| {
                    out.secrets.get(label, &random).filter_map(move |secret| {
                        Some(Keys {
                            open: schedule.keys(secret)?,
                            epoch,
                            secret: secret.to_vec(),
                        })
                    })
                })
                .collect()
        };
        let mut up = of([
            (Label::ClientHandshake, HANDSHAKE),
            (Label::ClientTraffic, TRAFFIC),
        ]);
        let down = of([
            (Label::ServerHandshake, HANDSHAKE),
            (Label::ServerTraffic, TRAFFIC),
        ]);
        if down.is_empty() {
            self.shut(Direction::Down, "no keys");
        } else {
            self.side_mut(Direction::Down).seal(down);
        }
        let side = self.side_mut(Direction::Up);
        if side.is_sealed() {
            side.keys.append(&mut up);
        } else if up.is_empty() {
            self.shut(Direction::Up, "no keys");
        } else {
            side.seal(up);
        }
    }

    /// Sets up the keys of early data, whose suite is not known before the server answers.
    pub(super) fn arm_early(&mut self, secrets: &Secrets) {
        let random = self.hand.client_random;
        let keys: Vec<Keys> = secrets
            .get(Label::ClientEarly, &random)
            .flat_map(|secret| {
                [0x1301, 0x1302, 0x1303, 0x1304, 0x1305]
                    .into_iter()
                    .filter_map(move |id| {
                        let schedule = Schedule::new(0x0304, suites::suite(id)?)?;
                        Some(Keys {
                            open: schedule.keys(secret)?,
                            epoch: EARLY,
                            secret: secret.to_vec(),
                        })
                    })
            })
            .collect();
        if !keys.is_empty() {
            self.side_mut(Direction::Up).seal(keys);
        }
    }

    /// Keys up to this epoch are done with.
    pub(super) fn leave(&mut self, direction: Direction, epoch: u32) {
        let side = self.side_mut(direction);
        side.keys.retain(|keys| keys.epoch > epoch);
        if side.keys.is_empty() {
            self.shut(direction, "no keys");
        }
    }

    /// The next generation of keys (KeyUpdate).
    pub(super) fn update(&mut self, direction: Direction) {
        let Some(schedule) = self.hand.schedule else {
            return;
        };
        let side = self.side_mut(direction);
        let Some(next) = side
            .keys
            .first()
            .and_then(|keys| next_keys(&schedule, keys))
        else {
            return;
        };
        side.keys = vec![next];
    }

    /// What may have come into use during a gap.
    pub(super) fn expect_update(&mut self, direction: Direction) {
        let Some(schedule) = self.hand.schedule else {
            return;
        };
        let side = self.side_mut(direction);
        if let [keys] = side.keys.as_slice()
            && keys.epoch >= TRAFFIC
            && let Some(next) = next_keys(&schedule, keys)
        {
            side.keys.push(next);
        }
    }
}

fn next_keys(schedule: &Schedule, keys: &Keys) -> Option<Keys> {
    let secret = schedule.update(&keys.secret);
    Some(Keys {
        open: schedule.keys(&secret)?,
        epoch: keys.epoch.checked_add(1).filter(|e| *e < SESSION)?,
        secret,
    })
}
