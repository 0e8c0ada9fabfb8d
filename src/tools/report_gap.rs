//! `report_gap`: a question the owner's facts do not answer is kept for him.

use domain::words;
use futures_util::future::LocalBoxFuture;
use serde::Deserialize;
use serde_json::json;
use store::RecordGap;

use super::tool::{Refusal, Scope, Tool, arguments as read, fingerprint, strict_object};
use crate::assistant::messages::ToolDefinition;
use crate::db::messages::persist;
use crate::runtime::Port;

/// Characters of a question that are kept.
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
                      owner can add the answer. Call it once for each such question, then tell the customer \
                      honestly that you do not know and offer a call back.",
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
        // The same question with other punctuation or case is the same question.
        fingerprint: fingerprint(&words(&question)),
        output: json!({ "saved": true, "note": "the owner will see the question" }).to_string(),
        question,
    };
    persist(port, &record).await.map_err(|_logged_by_db| Refusal::NOT_SAVED)
}

/// The question in the arguments, as long as it is kept.
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
    fn punctuation_and_case_do_not_make_another_question() {
        let of = |question| fingerprint(&words(question));
        assert_eq!(of("Есть ли парковка?"), of("есть ли  парковка"));
        assert_ne!(of("Есть ли парковка?"), of("Есть ли доставка?"));
    }

    #[test]
    fn the_schema_is_strict_as_openai_wants_it() {
        let schema = definition().parameters;
        assert_eq!(schema["additionalProperties"], false);
        assert_eq!(schema["required"], json!(["question"]));
    }
}
