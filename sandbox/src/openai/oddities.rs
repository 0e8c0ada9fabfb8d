//! Complete answers that differ from the API reference, as real models and servers send them.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::parts::{arguments_text, item, message, output_text};
use crate::ids::Ids;
use crate::script::Answer;

/// Takes the place of half a surrogate until the answer is written: no JSON value can hold one.
const HALF: char = '\u{f8ff}';

/// The form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Oddity {
    /// Four messages: the first half of the text, all of it, its end, and all of it with different white space.
    RepeatedItems,
    /// A message next to the call, and an empty answer to its output.
    TextBesideCall,
    /// `{…}{…}` as arguments.
    ArgumentsTwice,
    /// Arguments that are a JSON string of JSON.
    ArgumentsEncoded,
    /// Arguments in a code fence.
    ArgumentsFenced,
    /// Arguments followed by text.
    ArgumentsFollowed,
    /// Arguments as an object instead of its text.
    ArgumentsObject,
    /// The escape of half a surrogate pair in the JSON of the text, or in that of the arguments.
    HalfSurrogate,
    /// `incomplete` (`max_output_tokens`) with the first two thirds of the text.
    IncompleteText,
    /// Text in the top-level `output_text` only; `output` is null.
    TextOnTop,
    /// Status 200 with an `error` object and nothing else.
    ErrorInside,
    /// Status `in_progress`, as if the run were not finished.
    InProgress,
}

impl Oddity {
    /// The text of [`Oddity::TextBesideCall`].
    pub const BESIDE: &str = "Thank you, one moment.";

    /// The output items of such an answer.
    pub(super) fn output(self, ids: &Ids, answer: &Answer, has_tool_outputs: bool) -> Vec<Value> {
        match (self, answer) {
            (Self::RepeatedItems, Answer::Text(text)) => {
                let half = first(text, 1, 2);
                let end = &text[text.rfind(". ").map_or(0, |at| at + 2)..];
                let spaced = format!(" {text}\n");
                [&half, text.as_str(), end, &spaced]
                    .map(|text| message(ids, &output_text(text)))
                    .to_vec()
            }
            (Self::TextBesideCall, Answer::Call { .. }) => {
                vec![message(ids, &output_text(Self::BESIDE)), item(ids, answer)]
            }
            (Self::TextBesideCall, _) if has_tool_outputs => Vec::new(),
            (Self::HalfSurrogate, Answer::Text(text)) => vec![message(ids, &output_text(&format!("{text} {HALF}")))],
            (Self::IncompleteText, Answer::Text(text)) => vec![message(ids, &output_text(&first(text, 2, 3)))],
            (_, Answer::Call { name, arguments }) => {
                let arguments = self.wrapped(&arguments_text(arguments));
                let mut call = item(
                    ids,
                    &Answer::Call {
                        name: name.clone(),
                        arguments: json!(arguments),
                    },
                );
                if self == Self::ArgumentsObject {
                    call["arguments"] = serde_json::from_str(&arguments).unwrap_or_default();
                }
                vec![call]
            }
            _ => vec![item(ids, answer)],
        }
    }

    fn wrapped(self, arguments: &str) -> String {
        match self {
            Self::ArgumentsTwice => format!("{arguments}{arguments}"),
            Self::ArgumentsEncoded => json!(arguments).to_string(),
            Self::ArgumentsFenced => format!("```json\n{arguments}\n```"),
            Self::ArgumentsFollowed => format!("{arguments}\n\nI have saved this."),
            Self::HalfSurrogate => arguments.replacen(":\"", ":\"\\ud83d", 1),
            _ => arguments.to_owned(),
        }
    }

    /// The response object as this server sends it.
    pub(super) fn response(self, mut response: Value) -> Value {
        match self {
            Self::IncompleteText => {
                response["status"] = json!("incomplete");
                response["completed_at"] = Value::Null;
                response["incomplete_details"] = json!({"reason": "max_output_tokens"});
            }
            Self::TextOnTop => {
                let text = response.pointer_mut("/output/0/content/0/text").map(Value::take);
                if let Some(text) = text.filter(Value::is_string) {
                    response["output"] = Value::Null;
                    response["output_text"] = text;
                }
            }
            Self::ErrorInside => return json!({"error": {"message": "Provider returned error", "code": 502}}),
            Self::InProgress => response["status"] = json!("in_progress"),
            _ => {}
        }
        response
    }
}

/// The body as it is sent.
pub(super) fn written(body: &[u8]) -> Vec<u8> {
    String::from_utf8_lossy(body).replace(HALF, "\\ud83d").into_bytes()
}

fn first(text: &str, parts: usize, of: usize) -> String {
    text.chars().take(text.chars().count() * parts / of).collect()
}
