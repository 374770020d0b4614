//! One value, all keys: what was tried, what was found, and what it is worth.

use super::budget::Budget;
use super::cipher::CIPHERS;
use super::derive::{self, rank};
use super::evidence::{ACCEPT, hypotheses};
use super::fernet;
use super::keys::{Key, Keys};
use super::salted;
use super::selector::Selector;
use super::trial;

/// What is known besides the prepared keys.
#[derive(Clone, Copy, Debug, Default)]
pub struct Extra<'a> {
    /// Initialisation vectors that were proposed: label and bytes, or their hexadecimal or base64 text.
    pub ivs: &'a [(&'a str, &'a [u8])],
    /// Values beside this one (fields of the same message, headers): label and bytes. Each is tried as a key
    /// and as a vector, before and more thoroughly than the prepared keys.
    pub siblings: &'a [(&'a str, &'a [u8])],
}

/// A value that was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cracked {
    /// Name of the layer, for the chain and for [`super::follow`].
    pub layer: &'static str,
    /// Its selector: all that is needed to take it off again.
    pub selector: String,
    /// The plaintext.
    pub plain: Vec<u8>,
    /// What is left of the evidence, in tenths of a bit; at least [`ACCEPT`].
    pub evidence: i64,
    /// Hypotheses tried until then.
    pub tried: u64,
    /// Label of the candidate that the key was made of.
    pub key_label: String,
    /// How it was made of it, for people.
    pub derivation: String,
    /// Label of the vector, where it was one of several that were proposed.
    pub iv_label: Option<String>,
}

/// A possible plaintext.
pub(crate) struct Find<'k> {
    pub(crate) layer: &'static str,
    pub(crate) selector: Selector,
    pub(crate) plain: Vec<u8>,
    /// What padding or a tag prove, in tenths of a bit.
    pub(crate) proof: i64,
    /// How much rarer than AES-128 the cipher is, in tenths of a bit.
    pub(crate) prior: i64,
    pub(crate) key: Key<'k>,
    pub(crate) iv: Option<&'k str>,
    /// Equal bytes stay equal: that the input repeats itself then says nothing.
    pub(crate) bytewise: bool,
}

/// A proposed vector.
#[derive(Clone, Debug)]
pub(crate) struct NearIv {
    pub(crate) label: String,
    pub(crate) bytes: Vec<u8>,
}

/// Vectors that are tried with every key.
const NEAR_IVS: usize = 48;
/// Siblings that are tried.
const SIBLINGS: usize = 256;
/// Tenths of a bit in a byte.
const BYTE: i64 = 80;
/// Work of asking the judge: once, and per byte.
const JUDGE: (u64, u64) = (15_000, 20);

/// The state of the search over one value.
pub(crate) struct Hunt<'a> {
    /// The value.
    pub(crate) bytes: &'a [u8],
    /// The keys that are due.
    pub(crate) keys: &'a Keys,
    /// True while siblings are tried: few keys, so everything is.
    pub(crate) near: bool,
    /// Vectors that were proposed; the first is zeros.
    pub(crate) ivs: &'a [NearIv],
    /// More vectors, for modes that can tell without trying keys again.
    pub(crate) constants: &'a Keys,
    budget: &'a mut Budget,
    judge: &'a mut dyn FnMut(&[u8]) -> Option<i64>,
    tried: u64,
    /// What the value is worth as it is, and what its repetitions are; made when something is offered.
    as_it_is: Option<i64>,
    repeats: Option<i64>,
    best: Option<Cracked>,
}

impl<'a> Hunt<'a> {
    /// A search of a value with many keys.
    pub(crate) fn new(
        bytes: &'a [u8],
        keys: &'a Keys,
        ivs: &'a [NearIv],
        judge: &'a mut dyn FnMut(&[u8]) -> Option<i64>,
        budget: &'a mut Budget,
    ) -> Self {
        Hunt {
            bytes,
            keys,
            near: false,
            ivs,
            constants: keys,
            budget,
            judge,
            tried: 0,
            as_it_is: None,
            repeats: None,
            best: None,
        }
    }

    /// The highest rank that is due when `bulk` is the highest for many keys.
    pub(crate) fn most(&self, bulk: u8) -> u8 {
        if self.near { rank::ODD } else { bulk }
    }

    /// Hypotheses tried so far.
    #[cfg(test)]
    pub(crate) fn tried(&self) -> u64 {
        self.tried
    }

    /// Count hypotheses.
    pub(crate) fn tries(&mut self, count: u64) {
        self.tried = self.tried.saturating_add(count);
    }

    /// Spend work; false when there is none left.
    pub(crate) fn spend(&mut self, nanoseconds: u64, what: &'static str) -> bool {
        self.budget.spend(nanoseconds, what)
    }

    /// True once something was accepted.
    pub(crate) fn found(&self) -> bool {
        self.best.is_some()
    }

    /// What speaks against any plaintext of the value, in tenths of a bit.
    fn against(&mut self, bytewise: bool) -> i64 {
        let bytes = self.bytes;
        let as_it_is = *self.as_it_is.get_or_insert_with(|| trial::as_it_is(bytes));
        if bytewise {
            return as_it_is;
        }
        as_it_is.max(*self.repeats.get_or_insert_with(|| trial::repetition(bytes)))
    }

    /// Weigh a possible plaintext and keep it when it is accepted and better than what was found before.
    pub(crate) fn offer(&mut self, find: Find<'_>) {
        self.tries(1);
        let alone = find.proof - find.prior - hypotheses(self.tried);
        // No byte says more than eight bits: what padding leaves of a block may be too short for any evidence.
        let most = (find.plain.len() as i64).saturating_mul(BYTE);
        if alone < ACCEPT && (alone.saturating_add(most) < ACCEPT || !trial::promising(&find.plain))
        {
            return;
        }
        let against = self.against(find.bytewise);
        let proven = alone - against >= ACCEPT;
        if !proven && !trial::promising(&find.plain) {
            return;
        }
        let (once, per_byte) = JUDGE;
        let price = once.saturating_add(per_byte.saturating_mul(find.plain.len() as u64));
        if !self.budget.spend(price, "plaintexts weighed") {
            return;
        }
        let judged = (self.judge)(&find.plain);
        let evidence = judged
            .unwrap_or(0)
            .saturating_add(find.proof)
            .saturating_sub(find.prior)
            .saturating_sub(hypotheses(self.tried))
            .saturating_sub(against);
        let enough = evidence >= ACCEPT && (judged.is_some() || proven);
        if !enough
            || self
                .best
                .as_ref()
                .is_some_and(|best| best.evidence >= evidence)
        {
            return;
        }
        self.best = Some(Cracked {
            layer: find.layer,
            selector: find.selector.text(),
            plain: find.plain,
            evidence,
            tried: self.tried,
            key_label: self.keys.label(find.key.candidate).to_owned(),
            derivation: find.key.derivation.to_string(),
            iv_label: find.iv.map(str::to_owned),
        });
    }
}

/// Vectors of 8, 12 or 16 bytes that a proposed value can stand for.
fn vectors(label: &str, bytes: &[u8], to: &mut Vec<NearIv>) {
    let forms = [
        Some(bytes.to_vec()),
        derive::from_hex(bytes),
        derive::from_base64(bytes),
    ];
    for form in forms.into_iter().flatten() {
        let known = to.iter().any(|near| near.bytes == form);
        if matches!(form.len(), 8 | 12 | 16) && !known && to.len() < NEAR_IVS {
            to.push(NearIv {
                label: label.to_owned(),
                bytes: form,
            });
        }
    }
}

/// Open a value with the keys beside it and the prepared ones, if one of them proves itself.
///
/// `judge` says what a plaintext is worth in tenths of a bit, or `None` when nothing speaks for it; it is
/// asked only about what passed the cheap tests. The answer depends on the arguments alone. Limits that were
/// met stand in [`Budget::met`] afterwards.
pub fn open(
    ciphertext: &[u8],
    keys: &Keys,
    extra: &Extra<'_>,
    judge: &mut dyn FnMut(&[u8]) -> Option<i64>,
    budget: &mut Budget,
) -> Option<Cracked> {
    if keys.left_out() > 0 {
        budget.meet("candidates");
    }
    if extra.siblings.len() > SIBLINGS {
        budget.meet("values beside");
    }
    let near = Keys::new(extra.siblings.iter().take(SIBLINGS).copied());
    let ivs = proposed(extra);
    let mut hunt = Hunt::new(ciphertext, keys, &ivs, judge, budget);
    for (set, is_near) in [(&near, true), (keys, false)] {
        hunt.keys = set;
        hunt.near = is_near;
        if set.is_empty() && is_near {
            continue;
        }
        salted::search(&mut hunt);
        fernet::search(&mut hunt);
        for family in CIPHERS {
            if hunt.found() {
                return hunt.best;
            }
            family.search(&mut hunt);
        }
    }
    hunt.best
}

/// The vectors that are tried with every key: zeros, and what was proposed.
pub(crate) fn proposed(extra: &Extra<'_>) -> Vec<NearIv> {
    let mut ivs = Vec::new();
    for zeros in [&[0; 16][..], &[0; 8], &[0; 12]] {
        ivs.push(NearIv {
            label: "zeros".to_owned(),
            bytes: zeros.to_vec(),
        });
    }
    for (label, bytes) in extra.ivs.iter().chain(extra.siblings.iter().take(SIBLINGS)) {
        vectors(label, bytes, &mut ivs);
    }
    ivs
}
