//! Leads and deliveries are listed and shown as their rows contain them.

use chrono::TimeDelta;
use domain::{DeliveryId, Email, LeadFacts, LeadId, LeadSource, Origin};
use pages::PageBody;

use super::bench::Bench;
use super::samples::{claim, facts, own_card, rules, saved};
use super::verdicts::reply_in_parts;
use crate::records::Records;
use crate::sqlite::read_only::QueryError;
use crate::{Delivery, DeliveryState, Payload, Verdict};

fn lead(bench: &Bench, chat: i64, n: i64, number: &str, name: &str) -> LeadId {
    let row = bench.hears(chat, n, "call me");
    let facts = LeadFacts {
        name: Some(name.into()),
        ..facts(number)
    };
    bench.tell(saved(chat, row, facts)).lead.unwrap()
}

#[test]
fn leads_are_listed_with_the_last_changed_first() {
    let bench = Bench::new();
    let first = lead(&bench, 7, 1, "+79123456789", "Мария");
    bench.hand.advance(TimeDelta::hours(1));
    let second = lead(&bench, 8, 2, "+79990000000", "Anna");
    bench.hand.advance(TimeDelta::hours(1));
    lead(&bench, 7, 3, "+79123456780", "Мария");
    let mut records = Records::open(&bench.path()).unwrap();
    let all = records.leads(None, None).unwrap();
    assert_eq!(all.iter().map(|lead| lead.id).collect::<Vec<_>>(), [first, second]);
    assert_eq!(all[0].source, LeadSource::Tool);
    assert_eq!(all[0].facts.phones.len(), 2);
    assert_eq!(records.leads(None, Some(1)).unwrap().len(), 1);
    let since = bench.now() - TimeDelta::minutes(30);
    assert_eq!(records.leads(Some(since), None).unwrap().len(), 1);
}

#[test]
fn a_lead_is_shown_with_letters_dialog_and_earlier_leads() {
    let bench = Bench::new();
    let first = lead(&bench, 7, 1, "+79123456789", "Мария");
    bench.hand.advance(TimeDelta::hours(100));
    let second = lead(&bench, 7, 2, "+79990000000", "Мария");
    let mut records = Records::open(&bench.path()).unwrap();
    let story = records.lead(second).unwrap().unwrap();
    assert_eq!(story.earlier[0].lead, first);
    assert_eq!(story.letters.len(), rules().owners.len());
    assert!(story.letters.iter().all(|letter| letter.lead == Some(second)));
    assert_eq!(story.dialog.len(), 2);
    assert!(story.dialog[0].is_customers);
    assert!(records.lead(LeadId(99)).unwrap().is_none());
}

#[test]
fn a_letter_of_several_leads_belongs_to_each_of_them() {
    let bench = Bench::new();
    let mut leads = Vec::new();
    for n in 0..22 {
        leads.push(lead(&bench, 100 + n, n, &format!("+791234567{n:02}"), "Anna"));
    }
    let mut records = Records::open(&bench.path()).unwrap();
    for late in &leads[20..] {
        let story = records.lead(*late).unwrap().unwrap();
        assert_eq!(story.letters.len(), rules().owners.len());
    }
    let story = records.lead(leads[0]).unwrap().unwrap();
    assert!(story.letters.iter().all(|letter| letter.lead == Some(leads[0])));
    // After delivery they have no payload and still belong to the same leads.
    for claimed in claim_all(&bench) {
        bench.record(&claimed, Verdict::Sent { remote_id: None });
    }
    let mut records = Records::open(&bench.path()).unwrap();
    for lead in [leads[0], leads[20], leads[21]] {
        let story = records.lead(lead).unwrap().unwrap();
        assert_eq!(story.letters.len(), rules().owners.len());
        assert!(story.letters.iter().all(|letter| letter.payload.is_none()));
    }
}

#[test]
fn a_sent_letter_can_still_be_shown() {
    let bench = Bench::new();
    let lead = lead(&bench, 7, 1, "+79123456789", "Мария");
    for claimed in claim_all(&bench) {
        bench.record(&claimed, Verdict::Sent { remote_id: None });
    }
    let other = Email::normalised("other@example.org");
    let shown = Records::open(&bench.path()).unwrap();
    let page = { shown }.lead_letter(lead, &other, 10, bench.now()).unwrap().unwrap();
    assert_eq!(page.to, rules().owners[1], "its own reader, and not another");
    let PageBody::Lead(page) = page.body else {
        panic!("a lead")
    };
    assert_eq!(page.notice.facts.name.as_deref(), Some("Мария"));
    assert_eq!(page.lines.len(), 1);
}

fn claim_all(bench: &Bench) -> Vec<Delivery> {
    bench.hand.advance(TimeDelta::hours(2));
    bench.tell(claim(100)).deliveries
}

#[test]
fn deliveries_are_listed_by_state_with_the_newest_last() {
    let bench = Bench::new();
    reply_in_parts(&bench, 7, 1, &["two", "parts"]);
    bench.talks(8, 2, "a question", "an answer");
    let mut records = Records::open(&bench.path()).unwrap();
    let states = |records: &mut Records, states: &[DeliveryState], limit| {
        let found = records.deliveries(states, limit).unwrap();
        found.iter().map(|record| record.state).collect::<Vec<_>>()
    };
    use DeliveryState::{Dead, Executing, Scheduled};
    assert_eq!(
        states(&mut records, &DeliveryState::ALL, 9),
        [Executing, Scheduled, Executing]
    );
    assert_eq!(states(&mut records, &DeliveryState::ALL, 1), [Executing]);
    assert_eq!(states(&mut records, &[Dead], 9), []);
    let one = records.delivery(DeliveryId(3)).unwrap().unwrap();
    assert!(matches!(one.payload, Some(Payload::Message(_))) && one.key.starts_with("reply:"));
    assert_eq!(records.delivery(DeliveryId(99)).unwrap(), None);
}

#[test]
fn a_shared_number_is_shown_as_verified() {
    let bench = Bench::new();
    let mut batch = super::samples::batch(vec![own_card(7, 1, "79123456789")]);
    for admission in &mut batch.admissions {
        admission.contacts = vec![super::samples::phone("79123456789", Origin::Verified)];
    }
    bench.tell(batch);
    let leads = Records::open(&bench.path()).unwrap().leads(None, None).unwrap();
    assert_eq!(leads[0].facts.phone().unwrap().origin, Origin::Verified);
}

#[test]
fn reading_a_missing_or_empty_file_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("frontdesk.db");
    let open = || Records::open(&path).err().unwrap();
    assert!(matches!(open(), QueryError::Missing(_)) && !path.exists());
    std::fs::write(&path, "").unwrap();
    assert!(matches!(open(), QueryError::Foreign(_)));
}
