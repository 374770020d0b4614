//! Known wire formats: recognised by host, path, headers and fields, and opened where everything needed is
//! public or in the message.
//!
//! One file per format that is opened; formats that only have to be known stand in the two lists of
//! `listed.rs`. Every format names its entry in the knowledge base (its id) and where the fact comes from. A
//! format that does not fit is not recognised: nothing is opened half, and nothing is claimed of a format
//! whose description is not confirmed.

mod applog;
mod around;
mod heytap;
mod hianalytics;
mod listed;
#[cfg(test)]
mod listed_tests;
mod mistat2;
mod mistat3;
mod mmtls;
mod mta;
mod open;
mod sensors;
mod sources;
#[cfg(test)]
mod tests;
mod umeng;
mod umeng_push;
mod xf_ime;

pub use around::Surroundings;
pub use sources::{Basis, basis};

/// One step of what was taken off, in the words of chains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// Name of the layer: one of [`super::layers`], or `hex`, `base64`, `base64url`.
    pub layer: &'static str,
    /// Its selector; empty for encodings.
    pub selector: String,
}

/// What became of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was opened, and proved itself.
    Opened {
        /// What was taken off, outermost first.
        layers: Vec<Layer>,
        /// What was inside.
        plain: Vec<u8>,
    },
    /// The format uses no key: the peeler reads it.
    Plain,
    /// Only the recipient can recover the key; the sentence says why.
    ToRecipient(&'static str),
    /// The format is known, but not how to read it, or it did not open; the sentence says so.
    NotKnown(&'static str),
}

/// A format that was recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recognised {
    /// Id of the format, as in the knowledge base.
    pub id: &'static str,
    /// Name of the channel or library, for people.
    pub name: &'static str,
    /// Who made it.
    pub vendor: &'static str,
    /// What became of the value.
    pub outcome: Outcome,
}

/// A known wire format.
pub(crate) trait WireFormat: Sync {
    /// Its id.
    fn id(&self) -> &'static str;
    /// Name of the channel or library.
    fn name(&self) -> &'static str;
    /// Who made it.
    fn vendor(&self) -> &'static str;
    /// What the value is in this format; `None` when it is none of it. `field` is the name of the field that
    /// holds the value, empty for a whole body.
    fn outcome(&self, around: &Surroundings<'_>, field: &str, value: &[u8]) -> Option<Outcome>;
    /// Whether a whole body sent to this host may be of this format and would not be found later: torn apart by
    /// layers that come off by themselves, or too short to look closed. Asked for every body: a look at the
    /// host and the first bytes.
    fn is_whole(&self, _host: &str, _body: &[u8]) -> bool {
        false
    }
}

/// Whether a body must be looked at as a whole before it is peeled.
pub fn is_whole(host: &str, body: &[u8]) -> bool {
    FORMATS.iter().any(|format| format.is_whole(host, body))
}

/// All formats with code of their own, before those that are only listed.
static FORMATS: &[&dyn WireFormat] = &[
    &sensors::Sensors,
    &sensors::Encrypted,
    &mistat2::MiStat2,
    &mistat3::MiStat3,
    &applog::AppLog,
    &umeng::Envelope,
    &umeng_push::Push,
    &mta::Mta,
    &xf_ime::Pinyin,
    &hianalytics::HiAnalytics,
    &heytap::Statistics,
    &mmtls::MmTls,
];

/// The format of a value, if one is recognised. `field` is the name of the field that holds it, as sent,
/// empty for a whole body.
pub fn recognise(around: &Surroundings<'_>, field: &str, value: &[u8]) -> Option<Recognised> {
    let listed = listed::LISTED
        .iter()
        .map(|format| format as &dyn WireFormat);
    FORMATS.iter().copied().chain(listed).find_map(|format| {
        Some(Recognised {
            outcome: format.outcome(around, field, value)?,
            id: format.id(),
            name: format.name(),
            vendor: format.vendor(),
        })
    })
}

/// The ids of all formats, in the order in which they are asked.
pub fn ids() -> impl Iterator<Item = &'static str> {
    let own = FORMATS.iter().map(|format| format.id());
    own.chain(listed::LISTED.iter().map(|format| format.id()))
}
