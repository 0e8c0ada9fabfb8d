//! For any order of contacts and any delivery results, each owner gets each revision of a lead once, in a separate or a
//! gathered letter, and the newest letter matches the lead's row.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::TimeDelta;
use domain::{InboxId, LeadFacts, LeadNotice, LeadSource, Letter, Origin, Phone};
use proptest::prelude::*;
use proptest::test_runner::Config;

use super::bench::{Bench, LeadRow};
use super::samples::{batch, claim, edited, facts, own_card, phone, rules, saved, text, turn};
use crate::{
    ClaimDeliveries, Delivery, FinishTurn, LeadRules, LeftContacts, Payload, RecordLead, SharedLeadRules, Verdict,
};

const NUMBERS: [&str; 3] = ["79123456789", "79990000000", "74951234567"];

#[derive(Debug, Clone, Copy)]
enum Act {
    /// A customer writes.
    Hear(i64),
    /// They share their own number.
    Share(i64, usize),
    /// They edit their first message into a number.
    Edit(i64, usize),
    /// A tool saves a number in the turn of their oldest row, worded differently each time.
    Save { chat: i64, number: usize, words: u8 },
    /// The turn of their oldest row ends; their text contained a number.
    Finish(i64, Option<usize>),
    /// Due deliveries are claimed, and each letter gets this verdict.
    Deliver(u8),
    /// The process is killed and starts again.
    Restart,
    /// Minutes pass.
    Wait(i64),
}

fn act() -> impl Strategy<Value = Act> {
    let chat = 1..=3_i64;
    let number = 0..NUMBERS.len();
    prop_oneof![
        4 => chat.clone().prop_map(Act::Hear),
        2 => (chat.clone(), number.clone()).prop_map(|(chat, number)| Act::Share(chat, number)),
        1 => (chat.clone(), number.clone()).prop_map(|(chat, number)| Act::Edit(chat, number)),
        4 => (chat.clone(), number.clone(), 0..3_u8)
            .prop_map(|(chat, number, words)| Act::Save { chat, number, words }),
        5 => (chat, prop::option::of(number)).prop_map(|(chat, number)| Act::Finish(chat, number)),
        4 => (0..4_u8).prop_map(Act::Deliver),
        1 => Just(Act::Restart),
        2 => (0..50_i64).prop_map(Act::Wait),
        1 => (4_000..5_000_i64).prop_map(Act::Wait),
    ]
}

struct Journey {
    bench: Bench,
    rules: SharedLeadRules,
    updates: i64,
    held: Vec<Delivery>,
    /// Delivered payloads by row, because the row does not keep them.
    left: BTreeMap<i64, Payload>,
}

impl Journey {
    fn new() -> Self {
        Self {
            bench: Bench::new(),
            // A low limit, so that letters are gathered often.
            rules: Arc::new(LeadRules {
                letters_per_hour: 2,
                ..LeadRules::clone(&rules())
            }),
            updates: 0,
            held: Vec::new(),
            left: BTreeMap::new(),
        }
    }

    fn act(&mut self, act: Act) {
        self.updates += 1;
        let n = self.updates;
        match act {
            Act::Hear(chat) => {
                self.bench.hears(chat, n, "words");
            }
            Act::Share(chat, number) => {
                let mut shared = batch(vec![own_card(chat, n, NUMBERS[number])]);
                shared.rules = self.rules.clone();
                shared.admissions[0].contacts = vec![phone(NUMBERS[number], Origin::Verified)];
                self.bench.tell(shared);
            }
            Act::Edit(chat, number) => {
                let mut edit = batch(vec![text(chat, n, "x"), edited(chat, n + 1, n, NUMBERS[number])]);
                self.updates += 1;
                edit.rules = self.rules.clone();
                edit.admissions[1].contacts = vec![phone(NUMBERS[number], Origin::Typed)];
                self.bench.tell(edit);
            }
            Act::Save { chat, number, words } => self.save(chat, number, words),
            Act::Finish(chat, number) => self.finish(chat, number),
            Act::Deliver(verdict) => self.deliver(verdict),
            Act::Restart => {
                self.held.clear();
                self.bench.restarts();
            }
            Act::Wait(minutes) => self.bench.hand.advance(TimeDelta::minutes(minutes)),
        }
    }

    fn oldest(&self, chat: i64) -> Option<InboxId> {
        let state = self.bench.conversation(chat);
        state.waiting.first().map(|row| row.id)
    }

    fn save(&self, chat: i64, number: usize, words: u8) {
        let Some(row) = self.oldest(chat) else { return };
        let facts = LeadFacts {
            request: (words > 0).then(|| format!("words {words}")),
            ..facts(NUMBERS[number])
        };
        let record = RecordLead {
            rules: self.rules.clone(),
            ..saved(chat, row, facts)
        };
        // A repeated turn saves the same facts again.
        let first = self.bench.tell(record.clone());
        let before = self.bench.leads();
        assert_eq!(self.bench.tell(record).outcome, first.outcome, "its stored output");
        assert_eq!(self.bench.leads(), before);
    }

    fn finish(&mut self, chat: i64, number: Option<usize>) {
        let Some(row) = self.oldest(chat) else { return };
        let found = number.map(|number| phone(NUMBERS[number], Origin::Typed));
        let end = FinishTurn {
            contacts: LeftContacts {
                found: found.into_iter().collect(),
                source: LeadSource::Text,
            },
            rules: self.rules.clone(),
            ..turn(chat, &[row], "answer")
        };
        self.held.extend(self.bench.finish(&end).deliveries);
    }

    fn deliver(&mut self, verdict: u8) {
        let claim = ClaimDeliveries {
            held: self.held.iter().map(|delivery| delivery.id).collect(),
            ..claim(100)
        };
        self.held.extend(self.bench.tell(claim).deliveries);
        for delivery in std::mem::take(&mut self.held) {
            let verdict = match verdict {
                0 | 1 => {
                    if matches!(delivery.payload, Payload::Letter { .. }) {
                        self.left.insert(delivery.id.0, delivery.payload.clone());
                    }
                    Verdict::Sent { remote_id: None }
                }
                2 => Verdict::Dead { reason: "no".into() },
                _ => Verdict::RetryAt {
                    due: self.bench.now() + TimeDelta::minutes(1),
                    reason: "connect".into(),
                    maybe_sent: delivery.id.0 % 2 == 0,
                },
            };
            self.held.extend(self.bench.record(&delivery, verdict));
        }
    }

    fn check(&self) {
        let leads = self.bench.leads();
        for to in &self.rules.owners {
            let notices = self.notices_to(to.as_str());
            for lead in &leads {
                check_lead(lead, &notices, to.as_str());
            }
        }
    }

    fn notices_to(&self, to: &str) -> Vec<LeadNotice> {
        let letters = self.bench.letters(to).into_iter();
        letters
            .flat_map(|row| match row.payload.as_str() {
                "" => notices(&self.left[&row.id]),
                waiting => notices(&serde_json::from_str(waiting).unwrap()),
            })
            .collect()
    }
}

fn notices(letter: &Payload) -> Vec<LeadNotice> {
    match letter {
        Payload::Letter {
            letter: Letter::Lead(notice),
            ..
        } => vec![*notice.clone()],
        Payload::Letter {
            letter: Letter::Leads(notices),
            ..
        } => notices.clone(),
        other => panic!("not a lead letter: {other:?}"),
    }
}

/// An address may be ahead by a letter that was still pending when the other address had got theirs.
fn check_lead(lead: &LeadRow, notices: &[LeadNotice], to: &str) {
    let mut revisions: BTreeMap<u32, usize> = BTreeMap::new();
    let own: Vec<&LeadNotice> = notices.iter().filter(|notice| notice.lead.0 == lead.id).collect();
    for notice in &own {
        *revisions.entry(notice.revision).or_default() += 1;
    }
    assert!(
        revisions.values().all(|times| *times == 1),
        "{to}: {lead:?} is reported as {revisions:?}"
    );
    assert!(
        revisions.contains_key(&1),
        "{to}: {lead:?} is reported as {revisions:?}"
    );
    let newest = own.iter().max_by_key(|notice| notice.revision).unwrap();
    assert!(newest.revision <= lead.revision.unsigned_abs());
    let facts: LeadFacts = serde_json::from_str(&lead.contact_info).unwrap();
    let numbers = |facts: &LeadFacts| -> Vec<Phone> { facts.phones.iter().map(|phone| phone.number.clone()).collect() };
    assert_eq!(
        numbers(&newest.facts),
        numbers(&facts),
        "{to}: the newest letter has the numbers of the row"
    );
    assert_eq!(newest.facts.request, facts.request);
    assert_eq!(lead.phone.as_deref(), facts.phone().map(|known| known.number.as_str()));
    let is_update = |notice: &&&LeadNotice| notice.revision > 1;
    assert!(own.iter().filter(is_update).all(|notice| !notice.changes.is_empty()));
}

proptest! {
    #![proptest_config(Config { cases: Config::default().cases / 8, failure_persistence: None, ..Config::default() })]

    #[test]
    fn no_order_of_contacts_loses_or_duplicates_a_letter(acts in prop::collection::vec(act(), 1..50)) {
        let mut journey = Journey::new();
        for act in acts {
            journey.act(act);
            journey.check();
        }
    }
}
