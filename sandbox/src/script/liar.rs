//! A model that claims actions it has not taken: a service that trusts its words loses the contact.

use super::{Answer, Run, Script};

/// Answers every message with `Спасибо, ваш номер записан, менеджер перезвонит.` and calls no tool.
#[derive(Debug, Clone, Copy, Default)]
pub struct Liar;

impl Script for Liar {
    fn answer(&self, _: &Run) -> Answer {
        Answer::Text("Спасибо, ваш номер записан, менеджер перезвонит.".to_owned())
    }
}
