//! Scripts answer in place of a model. They get exactly the input a model would get.

mod consultant;
mod contact;
mod echo;
mod facts;
mod forgetful;
mod liar;

use serde_json::Value;

pub use consultant::Consultant;
pub use echo::Echo;
pub use forgetful::Forgetful;
pub use liar::Liar;

use crate::items::{calls_in, last_user_text, open_user_texts, text_of};

/// Answers runs. It is called on the sandbox's only thread, so it must not block.
pub trait Script: Send + Sync {
    /// The answer to one run.
    fn answer(&self, run: &Run) -> Answer;
}

impl<F: Fn(&Run) -> Answer + Send + Sync> Script for F {
    fn answer(&self, run: &Run) -> Answer {
        self(run)
    }
}

/// The input of a script.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// The conversation the run belongs to.
    pub conversation: Option<String>,
    /// The items before this run, oldest first.
    pub history: Vec<Value>,
    /// The items of this run.
    pub input: Vec<Value>,
    /// The text of the last user message, of the input or else of the history.
    pub last_user_text: String,
    /// For each tool output in the input: the function's name and the output, parsed if it is JSON.
    pub tool_outputs: Vec<(String, Value)>,
    /// The names of the offered functions.
    pub tools: Vec<String>,
    /// The standing instructions.
    pub instructions: String,
    /// `tool_choice` is `none`: functions are offered, but must not be called.
    pub tool_choice_none: bool,
}

impl Run {
    /// Whether a function may be called now.
    #[must_use]
    pub fn may_call(&self, name: &str) -> bool {
        !self.tool_choice_none && self.tools.iter().any(|tool| tool == name)
    }

    /// The texts of the customer's earlier messages, oldest first.
    #[must_use]
    pub fn earlier_user_texts(&self) -> Vec<String> {
        let items = self.history.iter().filter(|item| item["role"] == "user");
        items.map(text_of).collect()
    }

    /// The customer's unanswered texts, oldest first.
    #[must_use]
    pub fn open_user_texts(&self) -> Vec<String> {
        open_user_texts(self.history.iter().chain(&self.input))
    }

    pub(crate) fn of_request(
        conversation: Option<String>,
        history: Vec<Value>,
        input: Vec<Value>,
        body: &serde_json::Map<String, Value>,
        tools: Vec<String>,
    ) -> Self {
        Self {
            conversation,
            last_user_text: last_user_text(&history, &input),
            tool_outputs: calls_in(&history, &input),
            history,
            input,
            tools,
            instructions: body
                .get("instructions")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned(),
            tool_choice_none: body.get("tool_choice").and_then(Value::as_str) == Some("none"),
        }
    }
}

/// A script's answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// A text, with or without Markdown.
    Text(String),
    /// A call of a function.
    Call {
        /// Its name; it need not be offered.
        name: String,
        /// A string is sent as the raw text of the arguments, anything else is written as JSON.
        arguments: Value,
    },
    /// A refusal in place of a text.
    Refusal(String),
}

/// Whether a word begins with one of the stems. Short Latin ones must be the whole word: "hi"
/// is not "his".
fn says(lower: &str, stems: &[&str]) -> bool {
    let mut words = lower
        .split(|c: char| !c.is_alphanumeric() && c != '/')
        .filter(|word| !word.is_empty());
    words.any(|word| {
        stems.iter().any(|stem| {
            if stem.is_ascii() && stem.len() < 4 {
                word == *stem
            } else {
                word.starts_with(stem)
            }
        })
    })
}

/// Whether a text contains a Russian letter: the scripts answer in the language of the message.
fn is_russian(text: &str) -> bool {
    text.chars().any(|c| ('\u{400}'..='\u{4ff}').contains(&c))
}
