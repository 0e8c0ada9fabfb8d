//! The script of most tests: one reply per run, which names the message it answers.

use super::{Answer, Run, Script};

/// Answers `echo: ` and the text of the last user message.
#[derive(Debug, Clone, Copy, Default)]
pub struct Echo;

impl Script for Echo {
    fn answer(&self, run: &Run) -> Answer {
        Answer::Text(format!("echo: {}", run.last_user_text))
    }
}
