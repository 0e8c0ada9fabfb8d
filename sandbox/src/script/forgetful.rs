//! A model that never calls a tool: the service must save contacts without it.

use super::{Answer, Run, Script};

/// Answers `Хорошо, понял: ` and the text of the last user message, in any language, and never calls a tool. Replies can be
/// distinguished, also by [`crate::play()`].
#[derive(Debug, Clone, Copy, Default)]
pub struct Forgetful;

impl Script for Forgetful {
    fn answer(&self, run: &Run) -> Answer {
        Answer::Text(format!("Хорошо, понял: {}", run.last_user_text))
    }
}
