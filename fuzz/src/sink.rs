//! A sink that takes everything and keeps nothing.

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
