//! A separate database for each test: a file in a temporary folder, a manual clock and a writer thread. Tests read rows
//! through a second connection, so they see only committed data.

use std::cell::{Cell, RefCell};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError, channel};
use std::time::Duration;

use base::{Clock, ClockHand, Event, Events, StepFault, Steps};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use domain::{ChatId, InboxId, IncomingUpdate, Occasion, Period, ReportNotice};
use pages::ReportPage;
use tempfile::TempDir;
use tokio::sync::broadcast;

use super::samples;
use crate::records::Records;
use crate::schema::{customers, dialogs, inbox, outbox, successful_dialogs, threads};
use crate::statements::recovery::Recovered;
use crate::writer::Writer;
use crate::{
    Access, Conn, ConversationState, Database, DbError, Delivery, FinishTurn, FinishedTurn, Host, LoadConversation,
    RecordVerdict, RecoverAfterStart, Statement, StoredUpdates, Verdict,
};

/// The database under test and what moves its time.
pub(super) struct Bench {
    pub hand: ClockHand,
    pub events: Events,
    /// Receives the reason when the service must stop.
    pub failed: Receiver<String>,
    database: Database,
    /// `None` once closed.
    writer: RefCell<Option<Writer>>,
    looking: RefCell<Conn>,
    starts: Cell<u32>,
    folder: TempDir,
}

impl Bench {
    pub(super) fn new() -> Self {
        Self::with_steps(Steps::default())
    }

    /// A database whose commits call these hooks.
    pub(super) fn with_steps(steps: Steps) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let noon = DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::hours(12);
        let (clock, hand) = Clock::by_hand(noon);
        let (events, (fail, failed)) = (Events::default(), channel());
        let mut host = Host::new(clock, events.clone(), move |reason| fail.send(reason).is_ok());
        host.steps = steps;
        let path = folder.path().join("frontdesk.db");
        let database = Database::open(&path, host).unwrap();
        let writer = database.writer().unwrap();
        Self {
            hand,
            events,
            failed,
            database,
            writer: RefCell::new(Some(writer)),
            looking: RefCell::new(Conn::establish(&path.to_string_lossy()).unwrap()),
            starts: Cell::default(),
            folder,
        }
    }

    pub(super) fn path(&self) -> PathBuf {
        self.folder.path().join("frontdesk.db")
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        self.hand.now()
    }

    /// Queued when this returns.
    pub(super) fn send<S: Statement>(&self, statement: S) -> Asked<S::Output> {
        let (meanwhile, (answer, asked)) = (self.events.listen(), channel());
        // The test may drop the answer.
        let answer = move |outcome| drop(answer.send(outcome));
        match (S::ACCESS, &*self.writer.borrow()) {
            (Access::Write, Some(writer)) => assert!(writer.write(statement, answer), "the writer still runs"),
            (Access::Write, None) => answer(Err(DbError::Stopped)),
            (Access::Read | Access::LongRead, _) => {
                let database = self.database.clone();
                std::thread::spawn(move || answer(database.read(&statement)));
            }
        }
        Asked { asked, meanwhile }
    }

    /// Closes the database after everything already sent.
    pub(super) fn close(&self) {
        drop(self.writer.take());
        self.database.close();
    }

    /// Runs the statement and expects success.
    pub(super) fn tell<S: Statement>(&self, statement: S) -> S::Output {
        let outcome = match S::ACCESS {
            Access::Write => self.send(statement).answer(),
            Access::Read | Access::LongRead => self.database.read(&statement),
        };
        outcome.unwrap()
    }

    /// Shared, as the inbox sends it.
    pub(super) fn store(&self, updates: Vec<IncomingUpdate>) -> StoredUpdates {
        self.tell(Arc::new(samples::batch(updates)))
    }

    pub(super) fn start_named(&self, start: &str) -> RecoverAfterStart {
        RecoverAfterStart {
            start: start.to_owned(),
            quick_death: TimeDelta::minutes(10),
        }
    }

    /// The process died and another one started.
    pub(super) fn restarts(&self) -> Recovered {
        let start = self.starts.replace(self.starts.get() + 1);
        self.tell(self.start_named(&start.to_string()))
    }

    /// Stores one text and returns its row.
    pub(super) fn hears(&self, chat: i64, n: i64, text: &str) -> InboxId {
        let stored = self.store(vec![samples::text(chat, n, text)]);
        samples::waiting(&stored.updates[0]).id
    }

    /// Finishes the turn of these rows with the model's answer.
    pub(super) fn answers(&self, chat: i64, rows: &[InboxId], text: &str) -> FinishedTurn {
        self.tell(samples::turn(chat, rows, text))
    }

    /// Stores one text and its answer; returns the text's row.
    pub(super) fn talks(&self, chat: i64, n: i64, text: &str, answer: &str) -> InboxId {
        let row = self.hears(chat, n, text);
        self.answers(chat, &[row], answer);
        row
    }

    pub(super) fn finish(&self, turn: &FinishTurn) -> FinishedTurn {
        self.tell(turn.clone())
    }

    pub(super) fn conversation(&self, chat: i64) -> ConversationState {
        self.tell(LoadConversation {
            chat: ChatId(chat),
            day_start: self.now() - TimeDelta::hours(12),
        })
    }

    pub(super) fn record(&self, delivery: &Delivery, verdict: Verdict) -> Option<Delivery> {
        self.tell(RecordVerdict {
            id: delivery.id,
            attempt: delivery.attempt,
            verdict,
        })
    }

    pub(super) fn page(&self, period: Period) -> ReportPage {
        let occasion = Occasion::Due;
        let notice = ReportNotice { period, occasion };
        let mut records = Records::open(&self.path()).unwrap();
        records.report(notice, self.now()).unwrap()
    }

    pub(super) fn conn(&self) -> Conn {
        Conn::establish(&self.path().to_string_lossy()).unwrap()
    }

    /// Changes rows by hand, as from an SQLite shell.
    pub(super) fn write(&self, sql: &str) {
        self.looking.borrow_mut().batch_execute(sql).unwrap();
    }

    /// The columns of one outbox row that always parse: state, reason, and whether it has finished.
    pub(super) fn end_of(&self, id: i64) -> (String, Option<String>, bool) {
        let row = outbox::table
            .find(id)
            .select((outbox::state, outbox::reason, outbox::finished_at.is_not_null()));
        row.first(&mut *self.looking.borrow_mut()).unwrap()
    }

    pub(super) fn inbox(&self) -> Vec<InboxRow> {
        let rows = inbox::table.order(inbox::id.asc()).select(InboxRow::as_select());
        rows.load(&mut *self.looking.borrow_mut()).unwrap()
    }

    pub(super) fn outbox(&self) -> Vec<OutboxRow> {
        let rows = outbox::table.order(outbox::id.asc()).select(OutboxRow::as_select());
        rows.load(&mut *self.looking.borrow_mut()).unwrap()
    }

    pub(super) fn dialogs(&self) -> Vec<DialogRow> {
        let rows = dialogs::table.order(dialogs::id.asc()).select(DialogRow::as_select());
        rows.load(&mut *self.looking.borrow_mut()).unwrap()
    }

    pub(super) fn customer(&self, chat: i64) -> CustomerMarks {
        let row = customers::table.find(chat).select(CustomerMarks::as_select());
        row.first(&mut *self.looking.borrow_mut()).unwrap()
    }

    /// Every thread of a chat, with its end and the reason.
    pub(super) fn threads(&self, chat: i64) -> Vec<(String, Option<NaiveDateTime>, Option<String>)> {
        threads::table
            .filter(threads::chat_id.eq(chat))
            .order(threads::id.asc())
            .select((threads::thread_id, threads::ended_at, threads::end_reason))
            .load(&mut *self.looking.borrow_mut())
            .unwrap()
    }

    /// Every lead, oldest first.
    pub(super) fn leads(&self) -> Vec<LeadRow> {
        let rows = successful_dialogs::table
            .order(successful_dialogs::id.asc())
            .select(LeadRow::as_select());
        rows.load(&mut *self.looking.borrow_mut()).unwrap()
    }

    /// Letters to one address, oldest first.
    pub(super) fn letters(&self, to: &str) -> Vec<OutboxRow> {
        let rows = outbox::table
            .filter(outbox::address.eq(to))
            .order(outbox::id.asc())
            .select(OutboxRow::as_select());
        rows.load(&mut *self.looking.borrow_mut()).unwrap()
    }

    /// State and reason of each inbox row, oldest first.
    pub(super) fn inbox_states(&self) -> Vec<(String, Option<String>)> {
        let rows = inbox::table
            .order(inbox::id.asc())
            .select((inbox::state, inbox::reason));
        rows.load(&mut *self.looking.borrow_mut()).unwrap()
    }

    /// State of each outbox row, oldest first.
    pub(super) fn outbox_states(&self) -> Vec<String> {
        let rows = outbox::table.order(outbox::id.asc()).select(outbox::state);
        rows.load(&mut *self.looking.borrow_mut()).unwrap()
    }
}

/// A pending answer, and the events logged meanwhile.
pub(super) struct Asked<T> {
    asked: Receiver<Result<T, DbError>>,
    meanwhile: broadcast::Receiver<Event>,
}

impl<T> Asked<T> {
    /// Waits for the answer. The writer retries disk errors forever, so an error that the test did not inject panics at once.
    pub(super) fn answer(mut self) -> Result<T, DbError> {
        loop {
            match self.asked.recv_timeout(Duration::from_millis(20)) {
                Ok(answer) => return answer,
                Err(RecvTimeoutError::Disconnected) => panic!("either connection answers"),
                Err(RecvTimeoutError::Timeout) => self.look_for_refusals(),
            }
        }
    }

    fn look_for_refusals(&mut self) {
        while let Ok(event) = self.meanwhile.try_recv() {
            let reason = event.field("reason").unwrap_or_default();
            let is_refusal = event.name == "commit_failed" && reason != StepFault.to_string();
            assert!(!is_refusal, "the database refuses: {reason}");
        }
    }

    /// No answer has arrived yet.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.asked.try_recv(), Err(TryRecvError::Empty))
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = inbox)]
pub(super) struct InboxRow {
    pub id: i64,
    pub key: String,
    pub chat_id: i64,
    pub state: String,
    pub reason: Option<String>,
    pub raw: String,
    pub attempts: i32,
    pub panics: i32,
    pub turn_id: Option<i64>,
    pub started_at: Option<NaiveDateTime>,
    pub finished_at: Option<NaiveDateTime>,
    pub runs: i32,
    pub tool_calls: i32,
    pub input_tokens: i64,
    pub output_tokens: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = outbox)]
pub(super) struct OutboxRow {
    pub id: i64,
    pub key: String,
    pub lane: String,
    pub payload: String,
    pub state: String,
    pub reason: Option<String>,
    pub attempts: i32,
    pub maybe_sent: i32,
    pub due_at: NaiveDateTime,
    pub finished_at: Option<NaiveDateTime>,
    pub remote_id: Option<i64>,
    pub dialog_id: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = successful_dialogs)]
pub(super) struct LeadRow {
    pub id: i64,
    pub user_id: i64,
    pub username: String,
    pub contact_info: String,
    pub messages: String,
    pub revision: i32,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub source: String,
    pub turn_id: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = dialogs)]
pub(super) struct DialogRow {
    pub id: i64,
    pub user_id: i64,
    pub username: String,
    pub message: String,
    pub role: String,
    pub kind: String,
    pub inbox_id: Option<i64>,
    pub turn_id: Option<i64>,
    pub delivered_at: Option<NaiveDateTime>,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = customers)]
pub(super) struct CustomerMarks {
    pub source: Option<String>,
    pub greeted_at: Option<NaiveDateTime>,
    pub blocked_at: Option<NaiveDateTime>,
    pub media_hint_at: Option<NaiveDateTime>,
    pub thread_id: Option<String>,
    pub thread_suspect: bool,
    pub thread_since: Option<i64>,
    pub thread_input_tokens: i64,
    pub thread_used_at: Option<NaiveDateTime>,
    pub form_since: Option<NaiveDateTime>,
    pub form_asked_at: Option<NaiveDateTime>,
    pub untold_lead: Option<String>,
}
