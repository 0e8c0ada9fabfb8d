//! A model that misuses tools: broken arguments, unknown tools, endless calls. Nothing unintended is saved, and the customer
//! gets an answer.

use sandbox::{Answer, Run};
use serde_json::{Value, json};

use crate::harness::TestService;

const GAP: &str = "report_gap";

/// Calls the tool in the message, `tool arguments`, with the arguments as raw text; then replies with the result.
fn obedient(run: &Run) -> Answer {
    if let Some((_, output)) = run.tool_outputs.last() {
        return Answer::Text(format!("shown: {}", output["error"].as_str().unwrap_or("nothing")));
    }
    match run.last_user_text.split_once(' ') {
        Some((name, arguments)) => Answer::Call {
            name: name.into(),
            arguments: Value::String(arguments.into()),
        },
        None => Answer::Text("nothing to call".into()),
    }
}

#[actix_rt::test]
async fn invalid_tool_calls_get_an_error_and_save_nothing() {
    let service = TestService::builder().script(obedient).start().await;
    let broken = "shown: the arguments are not the JSON object the schema requires";
    let calls = [
        ("save_contact {\"phone\": ", broken),
        ("save_contact []", "shown: nothing was saved"),
        ("save_contact nothing", broken),
        ("save_contact {\"phone\": 7}", "shown: the phone number is not valid"),
        ("report_gap {\"question\": 5}", broken),
        ("report_gap {\"question\": \" \"}", "shown: the question is empty"),
        ("drop_tables {}", "shown: unknown tool"),
        ("SAVE_CONTACT {}", "shown: unknown tool"),
    ];
    for (chat, (call, answer)) in (1..).zip(calls) {
        let shown = service.ask(chat, call).await;
        assert!(shown.starts_with(answer), "{call}: {shown}");
    }
    service.settles().await;
    let saved = "SELECT (SELECT COUNT(*) FROM successful_dialogs) + (SELECT COUNT(*) FROM tool_effects)";
    assert_eq!(service.sql(saved), ["0"]);
    assert_eq!(service.sql("SELECT DISTINCT state FROM inbox"), ["done"]);
}

fn gap(run: &Run) -> Answer {
    Answer::Call {
        name: GAP.into(),
        arguments: json!({ "question": format!("{} ({})", run.last_user_text, run.tool_outputs.len()) }),
    }
}

#[actix_rt::test]
async fn a_model_that_calls_tools_without_end_must_answer_after_five_rounds() {
    let endless = |run: &Run| match run.may_call(GAP) {
        true => gap(run),
        false => Answer::Text("echo: enough".into()),
    };
    let service = TestService::builder().script(endless).start().await;
    assert_eq!(service.ask(1, "does it ever end?").await, "echo: enough");
    service.settles().await;
    let choices: Vec<Value> = service
        .openai()
        .requests()
        .iter()
        .map(|run| run.body["tool_choice"].clone())
        .collect();
    assert_eq!(choices.len(), 6);
    assert_eq!(choices.iter().filter(|choice| **choice == "none").count(), 1);
    assert_eq!(choices[5], "none");
}

#[actix_rt::test]
async fn a_model_that_still_calls_tools_ends_with_a_polite_reply() {
    let service = TestService::builder().script(gap).start().await;
    let polite = service.ask(1, "does it ever end?").await;
    assert!(polite.contains("номер телефона"), "{polite}");
    service.settles().await;
    assert_eq!(service.sql("SELECT state, reason FROM inbox"), ["failed|empty"]);
    assert_eq!(
        service.openai().requests().len(),
        12,
        "twice with room, then never again"
    );
}
