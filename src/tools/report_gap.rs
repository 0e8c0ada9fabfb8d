//! `report_gap`: stores a question that the business facts do not answer, for the owner's report.

use domain::words;
use futures_util::future::LocalBoxFuture;
use serde::Deserialize;
use serde_json::json;
use store::RecordGap;

use super::tool::{Refusal, Scope, Tool, arguments as read, fingerprint, strict_object};
use crate::assistant::messages::ToolDefinition;
use crate::db::messages::persist;
use crate::runtime::Port;

/// Longer questions are cut to this many characters.
const LONGEST: usize = 500;
pub(super) const EMPTY: Refusal = Refusal("the question is empty");

pub(super) struct ReportGap {
    pub(super) record: Port<RecordGap>,
}

impl Tool for ReportGap {
    fn definition(&self) -> ToolDefinition {
        definition()
    }

    fn call<'a>(&'a self, scope: Scope, arguments: &'a str) -> LocalBoxFuture<'a, Result<String, Refusal>> {
        Box::pin(report(&self.record, scope, arguments))
    }

    fn history(&self) -> Option<&'static str> {
        Some("Done in this conversation so far: questions without an answer were reported to the owner.")
    }
}

fn definition() -> ToolDefinition {
    ToolDefinition {
        name: "report_gap",
        description: "Report a question of the customer that the facts of the business do not answer, so that the \
                      owner can add the answer. Call it once for each such question, then say openly that \
                      you do not know and offer a call back from the manager.",
        parameters: strict_object(&json!({
            "question": {
                "type": "string",
                "description": "The question in one sentence, in the customer's language, without personal data.",
            },
        })),
    }
}

#[derive(Deserialize)]
struct Arguments {
    question: String,
}

async fn report(port: &Port<RecordGap>, scope: Scope, arguments: &str) -> Result<String, Refusal> {
    let question = question(arguments)?;
    let record = RecordGap {
        chat: scope.chat,
        turn: scope.turn,
        // Punctuation and case do not matter.
        fingerprint: fingerprint(&words(&question)),
        output: json!({ "saved": true, "note": "the owner will see the question" }).to_string(),
        question,
    };
    persist(port, &record).await.map_err(|_logged_by_db| Refusal::NOT_SAVED)
}

/// The question in the arguments, trimmed and cut.
pub(super) fn question(arguments: &str) -> Result<String, Refusal> {
    let Arguments { question } = read(arguments)?;
    let question: String = question.trim().chars().take(LONGEST).collect();
    if question.is_empty() {
        return Err(EMPTY);
    }
    Ok(question)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_recognised_despite_punctuation_and_case() {
        let of = |question| fingerprint(&words(question));
        assert_eq!(of("Есть ли парковка?"), of("есть ли  парковка"));
        assert_ne!(of("Есть ли парковка?"), of("Есть ли доставка?"));
    }

    #[test]
    fn the_schema_is_strict() {
        let schema = definition().parameters;
        assert_eq!(schema["additionalProperties"], false);
        assert_eq!(schema["required"], json!(["question"]));
    }
}
