//! Corrupts every column once. Each customer but three has one corrupted cell. Whatever happens to them, every statement
//! works, nothing stays unfinished, and the other three are served normally.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use domain::{ChatId, FailReason, InboxId};

use super::bench::Bench;
use super::samples::{
    admission, batch, begin, claim, close, edited, facts, gap, reply, saved, text, turn, used, waiting,
};
use crate::statements::{delivery_records, lead_records};
use crate::{
    Conn, ConversationState, CountTokens, CountWork, DeliveryState, EndUnreadable, Ending, FindSpent, FindWaitingChats,
    FinishTurn, FormUpdate, LoadConversation, LoadHistory, LoadLetter, LoadReportLedger, LoadThreads, Payload,
    RecordLead, RecordVerdict, RemoveSpent, ReplyKind, SpentTable, Statement, StoreUpdates, TurnFigures, Verdict,
};

/// Customers without a corrupted cell.
const WHOLE: [i64; 3] = [1, 2, 3];
/// Where a chat's corrupted cell is: the table, and which of its rows.
const PLACES: [(&str, &str); 13] = [
    (
        "inbox",
        "id = (SELECT MAX(id) FROM inbox WHERE chat_id = CHAT AND state = 'pending')",
    ),
    (
        "inbox",
        "id = (SELECT MAX(id) FROM inbox WHERE chat_id = CHAT AND reason = 'edited')",
    ),
    ("inbox", "id = (SELECT MIN(id) FROM inbox WHERE chat_id = CHAT)"),
    ("dialogs", "id = (SELECT MIN(id) FROM dialogs WHERE user_id = CHAT)"),
    (
        "dialogs",
        "id = (SELECT MAX(id) FROM dialogs WHERE user_id = CHAT AND role = 'assistant')",
    ),
    (
        "outbox",
        "id = (SELECT MIN(id) FROM outbox WHERE chat_id = CHAT AND address IS NULL)",
    ),
    (
        "outbox",
        "id = (SELECT MAX(id) FROM outbox WHERE chat_id = CHAT AND address IS NULL)",
    ),
    (
        "outbox",
        "id = (SELECT MIN(id) FROM outbox WHERE chat_id = CHAT AND address IS NOT NULL)",
    ),
    ("customers", "chat_id = CHAT"),
    ("successful_dialogs", "user_id = CHAT"),
    ("threads", "chat_id = CHAT"),
    ("arrivals", "chat_id = CHAT"),
    ("tool_effects", "chat_id = CHAT"),
];
/// Tables with one row for all customers.
const SHARED: [&str; 3] = ["reports", "gaps", "meta"];
/// Values that SQLite stores in any column.
const VALUES: [&str; 6] = [
    "'garbage'",
    "x'ff00'",
    "''",
    "9223372036854775807",
    "1.5",
    "'2026-13-45 25:61:00'",
];

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    name: String,
}

/// All but the row id, which accepts only integers.
fn columns(bench: &Bench, table: &str) -> Vec<String> {
    let sql = format!("SELECT name FROM pragma_table_info('{table}')");
    let columns: Vec<Column> = diesel::sql_query(sql).load(&mut bench.conn()).unwrap();
    let names = columns.into_iter().map(|column| column.name);
    names.filter(|name| name != "id").collect()
}

/// A chat for each column of each place, and the intact chats.
fn chats(bench: &Bench) -> BTreeMap<i64, Option<(String, String)>> {
    let mut chats: BTreeMap<i64, Option<(String, String)>> = WHOLE.map(|chat| (chat, None)).into();
    for (table, row) in PLACES {
        for column in columns(bench, table) {
            let chat = 100 + i64::try_from(chats.len()).unwrap();
            let row = row.replace("CHAT", &chat.to_string());
            chats.insert(chat, Some((format!("{table} SET {column}"), row)));
        }
    }
    chats
}

fn contact(chat: i64, row: InboxId, n: i64) -> RecordLead {
    saved(chat, row, facts(&format!("79{n:09}")))
}

fn answer(chat: i64, row: InboxId, is_unreadable: bool) -> FinishTurn {
    let answered = FinishTurn {
        thread: used(&format!("conv_{chat}"), 10),
        figures: TurnFigures {
            runs: 1,
            input_tokens: 10,
            output_tokens: 5,
            ..TurnFigures::default()
        },
        reply: Some(reply(ReplyKind::Answer, &["one", "two"])),
        ..turn(chat, &[row], "")
    };
    match is_unreadable {
        false => answered,
        true => FinishTurn {
            ending: Ending::Failed(FailReason::Unreadable),
            form: FormUpdate::Ask,
            ..answered
        },
    }
}

/// The database and its clock. Statements run in one transaction, which is never committed.
struct Shop {
    conn: Conn,
    now: DateTime<Utc>,
}

impl Shop {
    fn new(bench: &Bench) -> Self {
        let mut conn = bench.conn();
        conn.begin_test_transaction().unwrap();
        let mut shop = Self { conn, now: bench.now() };
        shop.run(begin());
        shop.run(bench.start_named("first"));
        shop
    }

    #[expect(clippy::needless_pass_by_value, reason = "as it is given to the actor")]
    fn run<M: Statement>(&mut self, statement: M) -> M::Output {
        statement.run(&mut self.conn, self.now).unwrap()
    }

    fn conversation(&mut self, chat: i64) -> ConversationState {
        self.run(LoadConversation {
            chat: ChatId(chat),
            day_start: self.now - TimeDelta::hours(12),
        })
    }

    /// `false` if SQLite rejects the value.
    fn corrupt(&mut self, sql: &str) -> bool {
        self.conn.batch_execute(sql).is_ok()
    }

    fn read(&mut self, sql: &str) -> Vec<String> {
        let rows: Vec<Column> = diesel::sql_query(sql).load(&mut self.conn).unwrap();
        rows.into_iter().map(|row| row.name).collect()
    }
}

/// A history for every chat: an answered question, a lead with pending letters, an edit and a pending question.
fn past(shop: &mut Shop, chats: &[i64]) {
    let all = |n: i64| chats.iter().map(move |chat| text(*chat, chat * 100 + n, "question"));
    let store = |updates: Vec<_>| StoreUpdates {
        admissions: updates.into_iter().map(admission).collect(),
        ..batch(Vec::new())
    };
    shop.run(store(all(1).collect()));
    for chat in chats {
        let row = shop.conversation(*chat).waiting[0].id;
        shop.run(contact(*chat, row, *chat));
        shop.run(gap(*chat, row, "parking?"));
        shop.run(answer(*chat, row, false));
    }
    let edits = chats
        .iter()
        .map(|chat| edited(*chat, chat * 100 + 2, chat * 100 + 1, "better"));
    shop.run(store(edits.collect()));
    shop.run(store(all(3).collect()));
}

/// Answers every pending chat, as its conversation would.
fn answer_all(shop: &mut Shop) {
    for _round in 0..4 {
        let found = shop.run(FindWaitingChats { limit: 1_000 });
        if !found.unreadable.is_empty() {
            shop.run(EndUnreadable { rows: found.unreadable });
        }
        for waiting in found.chats {
            let state = shop.conversation(waiting.chat.0);
            if !state.unreadable_edits.is_empty() {
                shop.run(EndUnreadable {
                    rows: state.unreadable_edits,
                });
            }
            for row in &state.waiting {
                let end = answer(waiting.chat.0, row.id, row.is_unreadable);
                assert!(shop.run(end).is_written, "{row:?}");
            }
        }
    }
}

/// Delivers everything due within two hours.
fn deliver_all(shop: &mut Shop) {
    for _round in 0..8 {
        shop.now += TimeDelta::minutes(15);
        let mut due = shop.run(claim(1_000)).deliveries;
        while let Some(delivery) = due.pop() {
            if let Some(load) = LoadLetter::of(&delivery, 100, 20) {
                shop.run(load);
            }
            assert_ne!(delivery.payload, Payload::LeaveChat);
            let sent = RecordVerdict {
                id: delivery.id,
                attempt: delivery.attempt,
                verdict: Verdict::Sent { remote_id: Some(1) },
            };
            due.extend(shop.run(sent));
        }
    }
}

/// Runs all other statements.
fn ask_all(shop: &mut Shop, chats: &[i64]) {
    shop.run(CountWork);
    shop.run(LoadThreads {
        after: domain::ChatId(i64::MIN),
        rows: 100,
    });
    shop.run(LoadReportLedger);
    let since = shop.now - TimeDelta::days(1);
    shop.run(CountTokens { since });
    delivery_records::list(&mut shop.conn, &DeliveryState::ALL, 10_000).unwrap();
    for lead in lead_records::list(&mut shop.conn, None, None).unwrap() {
        lead_records::find(&mut shop.conn, lead.id).unwrap();
    }
    for chat in chats {
        let load = LoadHistory {
            chat: ChatId(*chat),
            lines: 10,
            chars: 1_000,
            text_chars: 100,
            leads_since: since,
        };
        shop.run(load);
    }
}

fn report(shop: &mut Shop) {
    shop.now += TimeDelta::minutes(1);
    let closed = shop.run(close(shop.now)).expect("a period ends");
    for letter in &closed.deliveries {
        shop.run(LoadLetter::of(letter, 100, 20).expect("a report"));
    }
    deliver_all(shop);
}

/// Removes rows reported long ago. Rows with an unreadable end stay and do not block the removal of later rows.
fn clear(shop: &mut Shop) {
    shop.now += TimeDelta::days(50);
    report(shop);
    shop.now += TimeDelta::days(10);
    for table in SpentTable::ALL {
        let mut next = Some(i64::MIN);
        while let Some(after) = next {
            let find = FindSpent {
                table,
                after,
                rows: 5,
                age: TimeDelta::days(30),
                long_age: TimeDelta::days(40),
            };
            let spent = shop.run(find);
            next = spent.next;
            let (rows, most) = (spent.rows, 10_000);
            shop.run(RemoveSpent { table, rows, most });
        }
    }
}

fn lives_on(shop: &mut Shop, bench: &Bench, chats: &[i64]) {
    shop.run(bench.start_named("next"));
    answer_all(shop);
    // New messages and new leads.
    for chat in chats {
        let stored = shop.run(batch(vec![text(*chat, chat * 100 + 4, "and now?")]));
        let row = waiting(&stored.updates[0]).id;
        shop.run(contact(*chat, row, 500_000 + chat));
        shop.run(answer(*chat, row, false));
    }
    answer_all(shop);
    deliver_all(shop);
    ask_all(shop, chats);
    report(shop);
}

#[test]
fn a_corrupted_cell_of_one_customer_does_not_affect_the_others() {
    let bench = Bench::new();
    let mut shop = Shop::new(&bench);
    let cells = chats(&bench);
    let chats: Vec<i64> = cells.keys().copied().collect();
    past(&mut shop, &chats);
    let mut corrupted = 0;
    for (n, cell) in cells.values().flatten().enumerate() {
        let value = VALUES[n % VALUES.len()];
        // An integer key rejects text, and a unique column rejects a second equal value.
        corrupted += usize::from(shop.corrupt(&format!("UPDATE {} = {value} WHERE {}", cell.0, cell.1)));
    }
    assert!(
        corrupted * 10 > (cells.len() - WHOLE.len()) * 8,
        "{corrupted} of {}",
        cells.len()
    );
    lives_on(&mut shop, &bench, &chats);
    let unfinished = "SELECT COUNT(*) || ' rows' AS name FROM inbox WHERE state NOT IN ('done', 'failed', 'ignored') \
             UNION ALL SELECT COUNT(*) || ' deliveries' FROM outbox WHERE state NOT IN ('completed', 'dead', 'cancelled')";
    assert_eq!(shop.read(unfinished), ["0 rows", "0 deliveries"]);
    let whole = "SELECT state || ' ' || COUNT(*) AS name FROM inbox WHERE chat_id IN (1, 2, 3) GROUP BY state \
             UNION ALL SELECT state || ' ' || COUNT(*) FROM outbox WHERE chat_id IN (1, 2, 3) \
             AND (lane LIKE 'tg:%' OR lane LIKE 'mail:%') GROUP BY state";
    let expected = ["done 9", "ignored 3", "completed 24"];
    assert_eq!(shop.read(whole), expected);
    clear(&mut shop);
    assert_eq!(shop.read(whole), [""; 0]);
}

#[test]
fn a_corrupted_shared_cell_affects_no_customer() {
    for table in SHARED {
        for value in VALUES {
            let bench = Bench::new();
            let mut shop = Shop::new(&bench);
            past(&mut shop, &WHOLE);
            for column in columns(&bench, table) {
                let at = format!("rowid = (SELECT MAX(rowid) FROM {table})");
                shop.corrupt(&format!("UPDATE {table} SET {column} = {value} WHERE {at}"));
            }
            lives_on(&mut shop, &bench, &WHOLE);
            let whole = "SELECT state || ' ' || COUNT(*) AS name FROM inbox GROUP BY state";
            assert_eq!(shop.read(whole), ["done 9", "ignored 3"], "{table} {value}");
            clear(&mut shop);
            assert_eq!(shop.read(whole), [""; 0], "{table} {value}");
        }
    }
}
