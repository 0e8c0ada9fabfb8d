//! Leads: when facts are new, which customer they belong to, and which effects must not repeat.

use chrono::TimeDelta;
use domain::{InboxId, KnownPhone, LeadFacts, LeadSource, Origin, Phone};

use super::bench::Bench;
use super::samples::{self, history, own_card, phone, rules, saved, turn};
use crate::statements::leads::RecordedLead;
use crate::{FinishTurn, LeadOutcome, LeftContacts};

const A: &str = "+79123456789";
const B: &str = "+79990000000";
const OWNER: &str = "owner@example.org";

fn facts(number: &str) -> LeadFacts {
    LeadFacts {
        name: Some("Мария".into()),
        phones: vec![KnownPhone {
            number: Phone::international(number).unwrap(),
            origin: Origin::Typed,
        }],
        ..LeadFacts::default()
    }
}

fn tool(bench: &Bench, chat: i64, row: InboxId, facts: LeadFacts) -> RecordedLead {
    bench.tell(saved(chat, row, facts))
}

fn left(chat: i64, rows: &[InboxId], numbers: &[&str], source: LeadSource) -> FinishTurn {
    FinishTurn {
        contacts: LeftContacts {
            found: numbers.iter().map(|number| phone(number, Origin::Typed)).collect(),
            source,
        },
        ..turn(chat, rows, "answer")
    }
}

#[test]
fn saving_a_contact_stores_lead_emails_and_tool_result_together() {
    let bench = Bench::new();
    let row = bench.hears(1, 1, "перезвоните");
    let recorded = tool(&bench, 1, row, facts(A));
    assert_eq!(recorded.outcome, LeadOutcome::New);
    let [lead] = bench.leads().try_into().unwrap();
    assert_eq!((lead.user_id, lead.revision, lead.source.as_str()), (1, 1, "tool"));
    assert_eq!((lead.username.as_str(), lead.phone.as_deref()), ("anna", Some(A)));
    assert!(lead.messages.contains("перезвоните"));
    let letters = rules()
        .owners
        .clone()
        .into_iter()
        .flat_map(|to| bench.letters(to.as_str()));
    let states: Vec<String> = letters.map(|letter| letter.state).collect();
    assert_eq!(states, ["scheduled", "scheduled"], "one per owner");
    assert_eq!(bench.letters(OWNER)[0].key, "lead:1:1:owner@example.org");
}

#[test]
fn the_same_facts_change_nothing_in_any_turn() {
    let bench = Bench::new();
    let row = bench.hears(1, 1, "перезвоните");
    tool(&bench, 1, row, facts(A));
    // The same turn again after a kill, worded differently; then a later turn.
    let reworded = LeadFacts {
        name: Some("Маша".into()),
        ..facts(A)
    };
    assert_eq!(
        tool(&bench, 1, row, facts(A)).outcome,
        LeadOutcome::New,
        "its stored output"
    );
    assert_eq!(tool(&bench, 1, row, reworded).outcome, LeadOutcome::Known);
    bench.answers(1, &[row], "записал");
    let next = bench.hears(1, 2, "ещё раз мой номер");
    assert_eq!(tool(&bench, 1, next, facts(A)).outcome, LeadOutcome::Known);
    assert_eq!((bench.leads().len(), bench.leads()[0].revision), (1, 1));
    assert_eq!(bench.letters(OWNER).len(), 1);
}

#[test]
fn a_new_phone_is_a_revision_while_the_lead_is_open() {
    let bench = Bench::new();
    let row = bench.hears(1, 1, "перезвоните");
    tool(&bench, 1, row, facts(A));
    bench.answers(1, &[row], "записал");
    bench.hand.advance(TimeDelta::hours(71));
    let next = bench.hears(1, 2, "другой номер");
    assert_eq!(tool(&bench, 1, next, facts(B)).outcome, LeadOutcome::Updated);
    let [lead] = bench.leads().try_into().unwrap();
    assert_eq!((lead.revision, lead.phone.as_deref()), (2, Some(B)));
    let [first, second] = bench.letters(OWNER).try_into().unwrap();
    assert_eq!(
        (first.key.as_str(), second.key.as_str()),
        ("lead:1:1:owner@example.org", "lead:1:2:owner@example.org")
    );
    assert_eq!(
        first.lane, second.lane,
        "updates leave behind the letter they are about"
    );
}

#[test]
fn a_contact_three_days_after_the_last_change_is_a_new_lead() {
    let bench = Bench::new();
    let row = bench.hears(1, 1, "перезвоните");
    tool(&bench, 1, row, facts(A));
    bench.answers(1, &[row], "записал");
    bench.hand.advance(TimeDelta::hours(72));
    let next = bench.hears(1, 2, "снова я");
    assert_eq!(tool(&bench, 1, next, facts(A)).outcome, LeadOutcome::New);
    assert_eq!(bench.leads().len(), 2);
    let letters = bench.letters(OWNER);
    assert!(
        letters[1].payload.contains("\"earlier\":[{\"lead\":1"),
        "{}",
        letters[1].payload
    );
}

#[test]
fn the_end_of_the_turn_saves_a_contact_the_model_did_not_save() {
    let bench = Bench::new();
    let row = bench.hears(1, 1, "8 912 345-67-89");
    let finished = bench.finish(&left(1, &[row], &[A], LeadSource::Text));
    assert_eq!(finished.lead.map(|lead| lead.outcome), Some(LeadOutcome::New));
    assert_eq!(bench.leads()[0].source, "text");
    assert_eq!(bench.customer(1).untold_lead.as_deref(), Some("text"));
}

#[test]
fn a_contact_saved_by_the_model_is_not_found_again_in_the_text() {
    let bench = Bench::new();
    let row = bench.hears(1, 1, "8 912 345-67-89");
    tool(&bench, 1, row, facts(A));
    let finished = bench.finish(&left(1, &[row], &[A], LeadSource::Text));
    assert_eq!(finished.lead, None);
    assert_eq!((bench.leads().len(), bench.letters(OWNER).len()), (1, 1));
    assert_eq!(bench.customer(1).untold_lead, None);
}

#[test]
fn a_shared_contact_is_stored_as_one_lead_in_the_commit_of_its_update() {
    let bench = Bench::new();
    let mut batch = samples::batch(vec![own_card(1, 1, "79123456789")]);
    batch.admissions[0].contacts = vec![phone(A, Origin::Verified)];
    let stored = bench.tell(batch.clone());
    assert_eq!(
        stored.updates[0].lead.map(|lead| lead.source),
        Some(LeadSource::Contact)
    );
    let again = bench.tell(batch);
    assert!(samples::is_duplicate(&again.updates[0]) && again.updates[0].lead.is_none());
    let [lead] = bench.leads().try_into().unwrap();
    assert!(lead.contact_info.contains("verified"), "{}", lead.contact_info);
    assert_eq!(bench.letters(OWNER).len(), 1);
}

#[test]
fn a_number_in_an_edit_or_a_rate_limited_message_becomes_a_lead_immediately() {
    let bench = Bench::new();
    bench.talks(1, 1, "мой номер 8 912", "?");
    let mut edit = samples::batch(vec![samples::edited(1, 2, 1, "мой номер 8 912 345-67-89")]);
    edit.admissions[0].contacts = vec![phone(A, Origin::Typed)];
    assert!(bench.tell(edit).updates[0].lead.is_some());
    let mut flood = samples::batch(vec![samples::text(2, 3, "8 999 000-00-00")]);
    flood.admissions[0].contacts = vec![phone(B, Origin::Typed)];
    flood.max_per_minute = Some(0);
    assert!(bench.tell(flood).updates[0].lead.is_some());
    let phones: Vec<_> = bench.leads().into_iter().map(|lead| lead.phone.unwrap()).collect();
    assert_eq!(phones, [A, B]);
}

#[test]
fn a_number_from_a_card_keeps_its_mark_when_the_model_saves_it() {
    let bench = Bench::new();
    bench.store(vec![samples::card(1, 1, "+7 (912) 345-67-89", false)]);
    let row = bench.hears(1, 2, "позвоните ей");
    tool(&bench, 1, row, facts(A));
    assert!(bench.leads()[0].contact_info.contains("\"origin\":\"card\""));
}

#[test]
fn facts_without_a_way_to_reach_the_customer_make_no_lead() {
    let bench = Bench::new();
    let row = bench.hears(1, 1, "меня зовут Мария");
    let name_only = LeadFacts {
        name: Some("Мария".into()),
        ..LeadFacts::default()
    };
    assert_eq!(tool(&bench, 1, row, name_only.clone()).outcome, LeadOutcome::NoContact);
    assert_eq!(bench.leads().len(), 0);
    // A call without an effect is not stored: with a way to reach the customer it creates a lead.
    let by_telegram = LeadFacts {
        wants_telegram: true,
        ..name_only
    };
    assert_eq!(tool(&bench, 1, row, by_telegram).outcome, LeadOutcome::New);
}

#[test]
fn a_lead_is_announced_to_the_model_once() {
    let bench = Bench::new();
    let row = bench.hears(1, 1, "8 912 345-67-89");
    bench.finish(&left(1, &[row], &[A], LeadSource::Text));
    let next = bench.hears(1, 2, "спасибо");
    let announced = FinishTurn {
        lead_announced: Some(LeadSource::Text),
        ..turn(1, &[next], "пожалуйста")
    };
    bench.finish(&announced);
    assert_eq!(bench.customer(1).untold_lead, None);
}

#[test]
fn the_history_of_a_new_thread_says_that_the_contact_is_saved() {
    let bench = Bench::new();
    let load = history(1, bench.now());
    let row = bench.hears(1, 1, "8 912 345-67-89");
    assert!(!bench.tell(load).is_contact_saved);
    tool(&bench, 1, row, facts(A));
    let history = bench.tell(load);
    assert!(
        history.is_contact_saved && history.lines.is_empty(),
        "its own turn is not over"
    );
}

#[test]
fn a_returning_customers_new_request_keeps_the_known_contact() {
    let bench = Bench::new();
    let mut batch = samples::batch(vec![own_card(1, 1, "79123456789")]);
    batch.admissions[0].contacts = vec![phone(A, Origin::Verified)];
    bench.tell(batch);
    bench.hand.advance(TimeDelta::hours(80));
    let row = bench.hears(1, 2, "перезвоните ещё раз");
    let wish = LeadFacts {
        request: Some("ещё одна уборка".into()),
        ..LeadFacts::default()
    };
    assert_eq!(tool(&bench, 1, row, wish).outcome, LeadOutcome::New);
    let leads = bench.leads();
    assert_eq!((leads.len(), leads[1].phone.as_deref()), (2, Some(A)));
    assert!(leads[1].contact_info.contains("verified"), "{}", leads[1].contact_info);
}

#[test]
fn a_number_found_in_the_text_never_precedes_a_saved_one() {
    let bench = Bench::new();
    let row = bench.hears(1, 1, "заказ 89990000000, мой номер 8 912 345-67-89");
    tool(&bench, 1, row, facts(A));
    let finished = bench.finish(&left(1, &[row], &[B, A], LeadSource::Text));
    assert_eq!(finished.lead.map(|lead| lead.outcome), Some(LeadOutcome::Updated));
    let lead = bench.leads().remove(0);
    assert_eq!((lead.phone.as_deref(), lead.revision), (Some(A), 1));
    assert!(lead.contact_info.contains("\"found\""), "marked: {}", lead.contact_info);
    assert_eq!(bench.letters(OWNER).len(), 1, "one turn, one letter");
}

#[test]
fn an_old_number_given_again_after_another_is_an_update() {
    let bench = Bench::new();
    let row = bench.hears(1, 1, "перезвоните");
    for (number, outcome) in [
        (A, LeadOutcome::New),
        (B, LeadOutcome::Updated),
        (A, LeadOutcome::Updated),
    ] {
        assert_eq!(tool(&bench, 1, row, facts(number)).outcome, outcome);
        assert_eq!(bench.leads()[0].phone.as_deref(), Some(number));
    }
}

#[test]
fn sharing_a_typed_number_marks_it_as_verified_in_the_waiting_letter() {
    let bench = Bench::new();
    let row = bench.hears(1, 1, "8 912 345-67-89");
    tool(&bench, 1, row, facts(A));
    let mut shared = samples::batch(vec![own_card(1, 2, "79123456789")]);
    shared.admissions[0].contacts = vec![phone(A, Origin::Verified)];
    assert_eq!(bench.tell(shared).updates[0].lead, None, "no news");
    let [letter] = bench.letters(OWNER).try_into().unwrap();
    assert!(letter.payload.contains("\"verified\""), "{}", letter.payload);
    assert_eq!(
        bench.customer(1).untold_lead.as_deref(),
        Some("contact"),
        "the model will be informed"
    );
}
