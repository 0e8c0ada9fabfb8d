//! The statements of one message: how many its three commits run, and that SQLite parses none of them again after the first
//! few messages.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Text;
use domain::FailReason;

use super::bench::Bench;
use super::samples::{self, facts, reply, saved, used};
use crate::{Ending, FinishTurn, FormUpdate, ReplyKind, ThreadUpdate, Verdict};

/// Statements by database, because tests of other files share the process.
static SEEN: Mutex<BTreeMap<String, Seen>> = Mutex::new(BTreeMap::new());

fn seen() -> MutexGuard<'static, BTreeMap<String, Seen>> {
    SEEN.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Default)]
struct Seen {
    run: Vec<String>,
    prepared_for_good: BTreeSet<String>,
}

#[derive(Default)]
struct Watch {
    database: String,
}

impl Instrumentation for Watch {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if let InstrumentationEvent::StartEstablishConnection { url, .. } = event {
            url.clone_into(&mut self.database);
            return;
        }
        let mut seen = seen();
        let seen = seen.entry(self.database.clone()).or_default();
        match event {
            InstrumentationEvent::StartQuery { query, .. } => {
                let shown = query.to_string();
                let sql = shown.split(" -- binds").next().unwrap_or_default();
                seen.run.push(sql.to_owned());
            }
            InstrumentationEvent::CacheQuery { sql, .. } => {
                seen.prepared_for_good.insert(sql.to_owned());
            }
            _ => {}
        }
    }
}

/// The statements that `act` runs.
fn run_by(bench: &Bench, act: impl FnOnce()) -> Vec<String> {
    let of = bench.path().to_string_lossy().into_owned();
    seen().entry(of.clone()).or_default().run.clear();
    act();
    let mut seen = seen();
    let Seen { run, prepared_for_good } = seen.entry(of).or_default();
    let again: Vec<_> = run.iter().filter(|sql| !prepared_for_good.contains(*sql)).collect();
    assert!(again.is_empty(), "prepared again: {again:#?}");
    std::mem::take(run)
}

fn is_control(sql: &str) -> bool {
    ["BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"]
        .iter()
        .any(|word| sql.starts_with(word))
}

/// The number of statements of one message without transaction control, after a few others warmed the cache: storing its
/// rows, ending its turn, delivering the results. Also the number of deliveries.
fn cost(rows: i64, turn: impl Fn(&Bench, FinishTurn) -> FinishTurn) -> (usize, usize) {
    set_default_instrumentation(|| Some(Box::new(Watch::default()))).unwrap();
    let bench = Bench::new();
    let message = |n: i64| {
        let ids: Vec<_> = (0..rows)
            .map(|row| bench.hears(1, n * rows + row + 1, "how much?"))
            .collect();
        let answered = FinishTurn {
            thread: used("conv_a", 30),
            ..samples::turn(1, &ids, "500")
        };
        let mut hands = bench.finish(&turn(&bench, answered)).deliveries;
        let mut delivered = 0;
        while let Some(delivery) = hands.pop() {
            delivered += 1;
            hands.extend(bench.record(&delivery, Verdict::Sent { remote_id: Some(n) }));
        }
        delivered
    };
    for n in 0..4 {
        message(n);
    }
    let mut delivered = 0;
    let run = run_by(&bench, || delivered = message(4));
    // RETURNING costs more than a second statement that reads: `sqlite::last_write`.
    let returning: Vec<_> = run.iter().filter(|sql| sql.contains("RETURNING")).collect();
    assert!(delivered > 1 || returning.is_empty(), "{returning:#?}");
    (run.iter().filter(|sql| !is_control(sql)).count(), delivered)
}

#[test]
fn a_message_costs_seventeen_statements_none_returning_or_prepared_again() {
    assert_eq!(cost(1, |_, turn| turn), (17, 1));
    // Each further message adds five statements when stored and three when its turn ends.
    assert_eq!(cost(2, |_, turn| turn), (25, 1));
    let failed = |_: &Bench, turn| FinishTurn {
        ending: Ending::Failed(FailReason::Deadline),
        reply: Some(reply(ReplyKind::Failure, &["Leave your number, please."])),
        thread: ThreadUpdate::Suspect,
        form: FormUpdate::Ask,
        ..turn
    };
    assert_eq!(cost(1, failed), (17, 1));
    // An open lead gets another number; each recipient of the update adds one delivery.
    let lead = |bench: &Bench, turn: FinishTurn| {
        let number = format!("+7912345{:04}", turn.rows[0].0);
        bench.tell(saved(1, turn.rows[0], facts(&number)));
        turn
    };
    let (statements, deliveries) = cost(1, lead);
    assert!(
        deliveries > 2 && statements <= 17 + 24 * (deliveries - 1),
        "{statements} for {deliveries}"
    );
}

#[derive(QueryableByName)]
struct BuiltWith {
    #[diesel(sql_type = Text)]
    compile_options: String,
}

#[test]
fn sqlite_is_built_for_one_thread_per_connection_and_stable_plans() {
    let mut conn = Bench::new().conn();
    let options: Vec<BuiltWith> = sql_query("PRAGMA compile_options").load(&mut conn).unwrap();
    let has = |option: &str| options.iter().any(|built| built.compile_options == option);
    assert!(has("THREADSAFE=2") && has("DEFAULT_MEMSTATUS=0") && !has("ENABLE_MEMORY_MANAGEMENT"));
    assert!(
        has("ENABLE_QPSG"),
        "{:?}",
        options.iter().map(|built| &built.compile_options).collect::<Vec<_>>()
    );
}
