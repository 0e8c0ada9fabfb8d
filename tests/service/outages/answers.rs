//! Model answers that differ from the API reference: the customer gets the intended text once, and nothing else.

use chrono::TimeDelta;
use sandbox::{Answer, Edge, Fault, Oddity, Rule, RuleId, Run};
use serde_json::json;

use crate::harness::{OWNER, TestService};

fn odd(service: &TestService, oddity: Oddity) -> RuleId {
    let rule = Rule::on(Edge::OpenAi, "responses").with(Fault::Answer(oddity));
    service.fault(rule)
}

#[actix_rt::test]
async fn an_answer_of_any_shape_reaches_the_customer_once() {
    let service = TestService::start().await;
    let question = "does it cost 500? Yes. It does";
    let whole = "echo: does it cost 500? Yes. It does";
    for (chat, (oddity, text)) in (1..).zip([
        (Oddity::RepeatedItems, whole),
        (Oddity::HalfSurrogate, "echo: does it cost 500? Yes. It does \u{fffd}"),
        (Oddity::TextOnTop, whole),
        (Oddity::TextBesideCall, whole),
    ]) {
        let rule = odd(&service, oddity);
        assert_eq!(service.ask(chat, question).await, text, "{oddity:?}");
        service.settles().await;
        assert_eq!(service.sandbox().faults().hits(rule), 1, "asked once: {oddity:?}");
        service.release(rule);
    }
    assert_eq!(service.sandbox().violations(), [""; 0]);
}

#[actix_rt::test]
async fn an_answer_that_is_always_too_long_ends_with_a_whole_sentence() {
    let long = |_: &Run| Answer::Text("We wash windows. It costs 500 for each of them, doors included".into());
    let service = TestService::builder().script(long).start().await;
    odd(&service, Oddity::IncompleteText);
    assert_eq!(service.ask(1, "what do you do?").await, "We wash windows.");
    service.settles().await;
    let rooms: Vec<_> = service
        .openai()
        .requests()
        .iter()
        .map(|run| run.body["max_output_tokens"].clone())
        .collect();
    assert_eq!(rooms, [2000, 4000]);
    assert_eq!(service.sql("SELECT state FROM inbox"), ["done"]);
}

/// Saves the contact, then replies with the result.
fn saving(run: &Run) -> Answer {
    match run.tool_outputs.last() {
        Some((_, output)) if output["saved"] == true => Answer::Text("it is saved".into()),
        Some((_, output)) => Answer::Text(format!("shown: {output}")),
        None => Answer::Call {
            name: "save_contact".into(),
            arguments: json!({"name": "Anna", "phone": "+7 912 345-67-89", "email": null, "telegram": false,
                "request": "windows", "preferred_time": "after six", "note": null}),
        },
    }
}

#[actix_rt::test]
async fn the_whole_contact_is_saved_however_the_arguments_are_wrapped() {
    for (oddity, name) in [
        (Oddity::ArgumentsTwice, "Anna"),
        (Oddity::ArgumentsEncoded, "Anna"),
        (Oddity::ArgumentsFenced, "Anna"),
        (Oddity::ArgumentsFollowed, "Anna"),
        (Oddity::ArgumentsObject, "Anna"),
        (Oddity::HalfSurrogate, "\u{fffd}Anna"),
    ] {
        let service = TestService::builder().script(saving).start().await;
        odd(&service, oddity);
        let shown = service.ask(1, "+7 912 345-67-89, Anna").await;
        assert!(shown.starts_with("it is saved"), "{oddity:?}: {shown}");
        service.settles().await;
        let letters = service.sandbox().smtp().letters_to(OWNER);
        assert_eq!(letters.len(), 1, "{oddity:?}");
        let text = letters[0].text.as_deref().unwrap_or_default();
        for part in [name, "+7 912 345-67-89", "windows", "after six"] {
            assert!(text.contains(part), "{oddity:?}, {part}: {text}");
        }
    }
}

#[actix_rt::test]
async fn text_beside_a_tool_call_is_sent_if_no_more_follows() {
    let service = TestService::builder().script(saving).start().await;
    odd(&service, Oddity::TextBesideCall);
    assert_eq!(service.ask(1, "+7 912 345-67-89, Anna").await, "Thank you, one moment.");
    service.settles().await;
    assert_eq!(service.openai().requests().len(), 2, "no further run is paid for it");
    assert_eq!(service.sql("SELECT state FROM inbox"), ["done"]);
    let thread = "SELECT thread_suspect FROM customers";
    assert_eq!(service.sql(thread), ["0"]);
}

#[actix_rt::test]
async fn the_history_is_sent_in_a_form_openai_accepts() {
    let service = TestService::builder().running_clock().start().await;
    service.ask(1, "the first question").await;
    service.settles().await;
    service.openai().delete_conversations();
    let step = TimeDelta::seconds(1);
    service.advancing(step, service.ask(1, "the second question")).await;
    service.settles().await;
    let runs = service.openai().requests();
    let input = &runs.last().expect("a run").input;
    let earlier = json!({"type": "message", "role": "assistant", "content": "echo: the first question"});
    assert!(
        input.as_array().is_some_and(|items| items.contains(&earlier)),
        "{input}"
    );
    assert_eq!(service.sandbox().violations(), [""; 0]);
}
