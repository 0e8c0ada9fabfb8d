//! The invariants hold for any order of events: random journeys of two chats with failing deliveries, duplicate updates,
//! restarts and a moving clock, checked after each step.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use domain::{FailReason, InboxId};
use proptest::prelude::*;
use proptest::test_runner::Config;

use super::bench::{Bench, InboxRow, OutboxRow};
use super::samples::{claim, reply, text, turn};
use crate::{ClaimDeliveries, Delivery, Ending, FinishTurn, FinishedReply, ReplyKind, ThreadUpdate, Verdict};

#[derive(Debug, Clone)]
enum Act {
    /// Messages of these chats; some are updates seen before.
    Store(Vec<(i64, i64)>),
    /// The oldest rows of the chat end together, with a reply in this many parts.
    Finish {
        chat: i64,
        rows: usize,
        parts: usize,
        kind: u8,
    },
    /// A turn that ended before ends again.
    FinishAgain { turn: usize },
    /// A delivery in flight gets its verdict; `late` gives it for the attempt before.
    Judge { delivery: usize, verdict: u8, late: bool },
    /// A verdict is given a second time.
    JudgeAgain { verdict: usize },
    /// The outbox claims due deliveries.
    Claim,
    /// The process is killed and starts again: no delivery is in flight.
    Restart,
    /// Time passes.
    Wait(i64),
}

fn act() -> impl Strategy<Value = Act> {
    let chat = 1..=2_i64;
    prop_oneof![
        4 => prop::collection::vec((chat.clone(), 1..40_i64), 1..5).prop_map(Act::Store),
        5 => (chat, 1..4_usize, 0..4_usize, 0..4_u8)
            .prop_map(|(chat, rows, parts, kind)| Act::Finish { chat, rows, parts, kind }),
        1 => any::<usize>().prop_map(|turn| Act::FinishAgain { turn }),
        6 => (any::<usize>(), 0..6_u8, prop::bool::weighted(0.2))
            .prop_map(|(delivery, verdict, late)| Act::Judge { delivery, verdict, late }),
        1 => any::<usize>().prop_map(|verdict| Act::JudgeAgain { verdict }),
        2 => Just(Act::Claim),
        1 => Just(Act::Restart),
        2 => (1..20_i64).prop_map(Act::Wait),
    ]
}

/// The database and what its callers hold in memory.
struct Journey {
    bench: Bench,
    in_hand: Vec<Delivery>,
    turns: Vec<FinishTurn>,
    verdicts: Vec<(Delivery, Verdict)>,
    sent: BTreeMap<String, Vec<i64>>,
    ended: BTreeMap<i64, InboxRow>,
}

impl Journey {
    fn act(&mut self, act: Act) {
        match act {
            Act::Store(messages) => {
                let updates = messages
                    .into_iter()
                    .map(|(chat, n)| text(chat, 100 * chat + n, "words"));
                self.bench.store(updates.collect());
            }
            Act::Finish {
                chat,
                rows,
                parts,
                kind,
            } => self.finish(chat, rows, parts, kind),
            Act::FinishAgain { turn } if !self.turns.is_empty() => {
                let turn = &self.turns[turn % self.turns.len()];
                assert!(!self.bench.finish(turn).is_written);
            }
            Act::Judge {
                delivery,
                verdict,
                late,
            } if !self.in_hand.is_empty() => {
                self.judge(delivery % self.in_hand.len(), verdict, late);
            }
            Act::JudgeAgain { verdict } if !self.verdicts.is_empty() => {
                let (delivery, verdict) = &self.verdicts[verdict % self.verdicts.len()];
                assert!(self.bench.record(delivery, verdict.clone()).is_none());
            }
            Act::Claim => {
                let held = self.in_hand.iter().map(|delivery| delivery.id).collect();
                let claimed = self.bench.tell(ClaimDeliveries { held, ..claim(10) });
                self.in_hand.extend(claimed.deliveries);
            }
            Act::Restart => {
                self.in_hand.clear();
                self.bench.restarts();
            }
            Act::Wait(seconds) => self.bench.hand.advance(TimeDelta::seconds(seconds)),
            Act::FinishAgain { .. } | Act::Judge { .. } | Act::JudgeAgain { .. } => {}
        }
    }

    fn finish(&mut self, chat: i64, rows: usize, parts: usize, kind: u8) {
        let waiting = self.bench.conversation(chat).waiting;
        // A reset takes only the newest of its rows, so that earlier rows exist that it ignores.
        let rows: Vec<InboxId> = waiting.iter().take(rows).map(|row| row.id).collect();
        let rows = if kind == 3 {
            rows[rows.len().saturating_sub(1)..].to_vec()
        } else {
            rows
        };
        if rows.is_empty() {
            return;
        }
        let words = ["a", "b", "c"];
        let end = FinishTurn {
            ending: if kind == 1 {
                Ending::Failed(FailReason::Empty)
            } else {
                Ending::Done
            },
            thread: if kind == 3 {
                ThreadUpdate::Reset
            } else {
                ThreadUpdate::Suspect
            },
            reply: (parts > 0).then(|| -> FinishedReply { reply(ReplyKind::Answer, &words[..parts]) }),
            ..turn(chat, &rows, "")
        };
        let finished = self.bench.finish(&end);
        assert!(finished.is_written);
        self.in_hand.extend(finished.deliveries);
        self.turns.push(end);
    }

    fn judge(&mut self, n: usize, verdict: u8, late: bool) {
        let mut delivery = self.in_hand[n].clone();
        let retry = |seconds, maybe_sent| Verdict::RetryAt {
            due: self.bench.now() + TimeDelta::seconds(seconds),
            reason: "transient".into(),
            maybe_sent,
        };
        let verdict = match verdict {
            0..=2 => Verdict::Sent {
                remote_id: Some(delivery.id.0),
            },
            3 => retry(10, delivery.id.0 % 2 == 0),
            4 => Verdict::Dead { reason: "gone".into() },
            _ if delivery.attempt > 2 => Verdict::Blocked,
            _ => retry(0, false),
        };
        if late {
            delivery.attempt -= 1;
            assert!(self.bench.record(&delivery, verdict).is_none());
            return;
        }
        self.in_hand.remove(n);
        if matches!(verdict, Verdict::Sent { .. }) {
            self.sent
                .entry(delivery.lane.0.clone())
                .or_default()
                .push(delivery.id.0);
        }
        let next = self.bench.record(&delivery, verdict.clone());
        self.in_hand.extend(next);
        self.verdicts.push((delivery, verdict));
    }

    fn check(&mut self) {
        let outbox = self.bench.outbox();
        self.check_inbox(&outbox);
        let lanes: BTreeSet<&str> = outbox.iter().map(|row| row.lane.as_str()).collect();
        for lane in lanes {
            check_lane(&outbox, lane);
            let sent = self.sent.get(lane).map(Vec::as_slice).unwrap_or_default();
            assert!(sent.is_sorted_by(|a, b| a < b), "{lane} was delivered as {sent:?}");
        }
        for delivery in &self.in_hand {
            let row = outbox.iter().find(|row| row.id == delivery.id.0).unwrap();
            assert_eq!(
                (row.state.as_str(), row.attempts.unsigned_abs()),
                ("executing", delivery.attempt)
            );
        }
    }

    /// Each row ends once and then does not change; each turn with a reply has its first part once.
    fn check_inbox(&mut self, outbox: &[OutboxRow]) {
        for row in self.bench.inbox() {
            match row.state.as_str() {
                "pending" => assert!(row.finished_at.is_none() && row.turn_id.is_none()),
                "done" | "failed" | "ignored" => assert!(row.finished_at.is_some()),
                unknown => panic!("inbox state {unknown}"),
            }
            if row.state != "pending" {
                assert_eq!(self.ended.entry(row.id).or_insert_with(|| row.clone()), &row);
            }
        }
        for turn in &self.turns {
            let parts = turn.reply.as_ref().map_or(0, |reply| reply.parts.len());
            let key = format!("reply:{}:", turn.rows[0]);
            assert_eq!(outbox.iter().filter(|row| row.key.starts_with(&key)).count(), parts);
        }
    }
}

/// At most one row is being sent, and it is the oldest unfinished one.
fn check_lane(outbox: &[OutboxRow], lane: &str) {
    let mut unfinished = Vec::new();
    for row in outbox.iter().filter(|row| row.lane == lane) {
        match row.state.as_str() {
            "scheduled" | "executing" | "retryable" => {
                assert!(row.finished_at.is_none());
                unfinished.push(row);
            }
            "completed" | "dead" | "cancelled" => assert!(row.finished_at.is_some()),
            unknown => panic!("outbox state {unknown}"),
        }
    }
    let behind = unfinished.iter().skip(1);
    assert!(
        behind.clone().all(|row| row.state == "scheduled"),
        "{lane}: {unfinished:?}"
    );
}

proptest! {
    #![proptest_config(Config { cases: Config::default().cases / 10, failure_persistence: None, ..Config::default() })]

    #[test]
    fn no_order_of_events_breaks_an_invariant(acts in prop::collection::vec(act(), 1..45)) {
        let mut journey = Journey {
            bench: Bench::new(),
            in_hand: Vec::new(),
            turns: Vec::new(),
            verdicts: Vec::new(),
            sent: BTreeMap::new(),
            ended: BTreeMap::new(),
        };
        for act in acts {
            journey.act(act);
            journey.check();
        }
    }
}
