//! The operator's commands while the service runs: list leads, find undelivered messages, requeue them.

use std::process::Command;

use sandbox::{Consultant, Edge, Fault, Profile, Rule};
use serde_json::Value;

use crate::harness::{OWNER, PATIENCE, TestService, frontdesk, printed};

fn json(service: &TestService, args: &[&str]) -> Value {
    serde_json::from_str(&printed(service, args)).unwrap()
}

/// A customer with a saved number and a finished turn.
async fn with_lead(service: &TestService) {
    leaves_contact(service).await;
    service.settles().await;
}

async fn leaves_contact(service: &TestService) {
    let maria = Profile {
        first_name: "Мария".into(),
        last_name: None,
        username: Some("maria_k".into()),
        language: Some("ru".into()),
    };
    service.telegram().customer(7, maria);
    service.say(7, "меня зовут Мария, 8 912 345-67-89");
    service.replies(7, 1).await;
}

#[actix_rt::test]
async fn a_refused_letter_requeued_by_hand_is_sent_at_once_and_arrives_once() {
    let service = TestService::builder().script(Consultant).start().await;
    let refused = Fault::smtp(550, "no such user");
    let rule = service.fault(Rule::on(Edge::Smtp, "rcpt").with(refused).containing(OWNER));
    leaves_contact(&service).await;
    let states = "SELECT state FROM outbox WHERE address IS NOT NULL ORDER BY id";
    service.sql_becomes(states, &["retryable", "completed"]).await;
    let waiting = json(&service, &["outbox", "list", "--state", "waiting", "--json"]);
    assert_eq!(waiting.as_array().unwrap().len(), 1, "{waiting}");
    assert_eq!(waiting[0]["kind"], "letter of lead 1");
    assert_eq!(waiting[0]["to"], OWNER);
    let id = waiting[0]["id"].to_string();
    let listed = printed(&service, &["outbox", "list"]);
    assert!(listed.contains("no such user") && listed.contains(OWNER), "{listed}");
    let page = printed(&service, &["outbox", "show", &id]);
    assert!(page.contains("Мария") && page.contains("+7 912 345-67-89"), "{page}");

    service.release(rule);
    let shown = printed(&service, &["outbox", "requeue", &id]);
    assert_eq!(shown, format!("{id}: requeued, due now\n"));
    let letters = service.sandbox().smtp().await_letters_to(OWNER, 1, PATIENCE).await;
    assert!(letters.unwrap()[0].text.as_ref().unwrap().contains("Мария"));
    service.settles().await;
    let again = frontdesk(&service, &["outbox", "requeue", &id, "999"]);
    assert_eq!(again.status.code(), Some(1));
    let shown = String::from_utf8(again.stdout).unwrap();
    assert!(
        shown.contains("completed and not dead") && shown.contains("999: does not exist"),
        "{shown}"
    );
    assert_eq!(
        printed(&service, &["outbox", "requeue", "--all-dead"]),
        "no dead deliveries\n"
    );
    assert_eq!(
        printed(&service, &["outbox", "list"]),
        "no waiting or dead deliveries\n"
    );
    assert_eq!(service.sandbox().smtp().letters_to(OWNER).len(), 1);
}

#[actix_rt::test]
async fn leads_can_be_listed_in_every_format_while_the_service_runs() {
    let service = TestService::builder().script(Consultant).start().await;
    assert_eq!(printed(&service, &["leads", "list"]), "no leads\n");
    with_lead(&service).await;
    let listed = printed(&service, &["leads", "list"]);
    for word in ["Мария", "+7 912 345-67-89", "@maria_k", "tool"] {
        assert!(listed.contains(word), "{word} in {listed}");
    }
    let page = printed(&service, &["leads", "show", "1"]);
    for word in [
        "+7 912 345-67-89 (typed by the customer)",
        "completed",
        OWNER,
        "customer  меня зовут Мария, 8 912 345-67-89",
        "bot       Спасибо, номер записан",
    ] {
        assert!(page.contains(word), "{word} in {page}");
    }
    let story = json(&service, &["leads", "show", "1", "--json"]);
    assert_eq!(story["letters"][0]["state"], "completed");
    assert_eq!(story["dialog"].as_array().unwrap().len(), 2);
    let leads = json(&service, &["leads", "export", "--json"]);
    assert_eq!(leads[0]["phones"][0]["number"], "+79123456789");
    let unknown = frontdesk(&service, &["leads", "show", "99"]);
    assert_eq!(unknown.status.code(), Some(1));
    assert!(
        String::from_utf8(unknown.stderr)
            .unwrap()
            .contains("lead 99 does not exist")
    );
    assert_eq!(
        printed(&service, &["leads", "list", "--since", "2999-01-01"]),
        "no leads\n"
    );
}

#[actix_rt::test]
async fn an_export_for_a_spreadsheet_is_a_private_file() {
    let service = TestService::builder().script(Consultant).start().await;
    with_lead(&service).await;
    let shown = printed(&service, &["leads", "export", "--out", "leads.csv"]);
    assert_eq!(shown, "1 lead written to leads.csv\n");
    let file = service.folder().join("leads.csv");
    let mode = std::os::unix::fs::PermissionsExt::mode(&file.metadata().unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    let text = std::fs::read_to_string(file).unwrap();
    let mut lines = text.lines();
    assert!(
        lines
            .next()
            .unwrap()
            .starts_with("\u{FEFF}id;created;changed;name;phone;")
    );
    let row = lines.next().unwrap();
    assert!(row.contains(";Мария;+7 912 345 67 89;typed;"), "{row}");
    let missing = Command::new(env!("CARGO_BIN_EXE_frontdesk"))
        .args(["leads", "list"])
        .current_dir(service.folder())
        .env_clear()
        .env("DATABASE_URL", "sqlite://none.db")
        .output()
        .unwrap();
    assert_eq!(missing.status.code(), Some(1));
    assert!(String::from_utf8(missing.stderr).unwrap().contains("none.db"));
    assert!(!service.folder().join("none.db").exists());
}
