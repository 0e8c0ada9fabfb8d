//! A model that never calls a tool: what a service keeps must not depend on the model thinking of it.

use super::{Answer, Run, Script};

/// Answers `Хорошо, понял: ` and the text of the last user message, in whatever language, and calls no tool whatever
/// the message holds. Replies can thus be told apart, also by [`crate::play()`].
#[derive(Debug, Clone, Copy, Default)]
pub struct Forgetful;

impl Script for Forgetful {
    fn answer(&self, run: &Run) -> Answer {
        Answer::Text(format!("Хорошо, понял: {}", run.last_user_text))
    }
}
