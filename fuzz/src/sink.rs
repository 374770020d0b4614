//! Sinks that take everything: one keeps nothing, one a fingerprint.

use std::hash::{DefaultHasher, Hash, Hasher};

use waakzaam_core::model::{Connection, LimitHit, Message, Name, Problem, Sink, Stopped};

/// Takes everything, keeps nothing.
pub struct Nothing;

impl Sink for Nothing {
    fn message(&mut self, message: &Message<'_>) -> Result<(), Stopped> {
        assert!(message.id >= 0, "a message has its number");
        Ok(())
    }

    fn connection(&mut self, _connection: &Connection) -> Result<(), Stopped> {
        Ok(())
    }

    fn name(&mut self, _name: &Name<'_>) -> Result<(), Stopped> {
        Ok(())
    }

    fn problem(&mut self, problem: Problem) -> Result<(), Stopped> {
        assert!(!problem.text.is_empty(), "a problem says what is wrong");
        Ok(())
    }

    fn limit(&mut self, _limit: LimitHit) -> Result<(), Stopped> {
        Ok(())
    }

    fn progress(&mut self, _bytes: u64) -> Result<(), Stopped> {
        Ok(())
    }
}

/// Keeps what tells two readings apart.
#[derive(Default)]
pub struct Fingerprint(DefaultHasher);

impl Fingerprint {
    /// The same for the same rows in the same order.
    pub fn value(&self) -> u64 {
        self.0.finish()
    }
}

impl Sink for Fingerprint {
    fn message(&mut self, message: &Message<'_>) -> Result<(), Stopped> {
        let place = (message.id, message.frame, message.offset, message.length);
        let state = (message.complete, message.missing, message.status);
        let names = (message.protocol, message.host, message.url);
        (place, state, names, message.body).hash(&mut self.0);
        Ok(())
    }

    fn connection(&mut self, connection: &Connection) -> Result<(), Stopped> {
        format!("{connection:?}").hash(&mut self.0);
        Ok(())
    }

    fn name(&mut self, name: &Name<'_>) -> Result<(), Stopped> {
        format!("{name:?}").hash(&mut self.0);
        Ok(())
    }

    fn problem(&mut self, problem: Problem) -> Result<(), Stopped> {
        format!("{problem:?}").hash(&mut self.0);
        Ok(())
    }

    fn limit(&mut self, limit: LimitHit) -> Result<(), Stopped> {
        format!("{limit:?}").hash(&mut self.0);
        Ok(())
    }

    fn progress(&mut self, _bytes: u64) -> Result<(), Stopped> {
        Ok(())
    }
}
