//! The end of a turn, in one transaction.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{
    Alert, ChatId, FailReason, FoundContact, InboxId, Keyboard, LeadSource, OutgoingMessage, ThreadId, TurnId, UpdateId,
};

use super::conversations::pending;
use super::lanes::{NewDelivery, enqueue};
use super::lead_origins::kept_content;
use super::rows::{ASSISTANT, Addressee, dialog_kind, display_name, inbox_state as state};
use super::stored::StoredText;
use super::times::Stamped as _;
use crate::lead::LeadEvent;
use crate::schema::{customers, dialogs, inbox, successful_dialogs};
use crate::sqlite::last_write::has_written;
use crate::sqlite::prepared::{Keep as _, here};
use crate::sqlite::savepoint::whole;
use crate::{Access, Conn, Delivery, Lane, Payload, SharedLeadRules, Statement};

/// Ends a turn in one transaction: its inbox rows, the reply as a `dialogs` row and as outbox rows, the thread, the figures, an
/// unrecorded lead, the letters that waited for the end. Writes nothing if one of the rows is no longer `pending`.
#[derive(Debug, Clone)]
pub struct FinishTurn {
    /// The customer's chat.
    pub chat: ChatId,
    /// The rows it answers, oldest first; the first one is the turn's id.
    pub rows: Vec<InboxId>,
    /// Edits passed to the model in this turn.
    pub edits: Vec<InboxId>,
    /// How it ended.
    pub ending: Ending,
    /// The reply; `None` sends nothing (a further part of an album).
    pub reply: Option<FinishedReply>,
    /// The change of the thread.
    pub thread: ThreadUpdate,
    /// Runs and tokens.
    pub figures: TurnFigures,
    /// Contacts in the customer's text; those missing from their open lead are recorded.
    pub contacts: LeftContacts,
    /// Recipients and times of lead letters.
    pub rules: SharedLeadRules,
    /// Source of the lead that was announced to the model.
    pub lead_announced: Option<LeadSource>,
    /// The change of the form.
    pub form: FormUpdate,
    /// An alert for the operators, unless they got one recently.
    pub alert: Option<Alert>,
}

/// The outcome of [`FinishTurn`].
#[derive(Debug, Clone, Default)]
pub struct FinishedTurn {
    /// `false`: a row had already ended; the caller's state is stale.
    pub is_written: bool,
    /// Claimed deliveries: the first part of the reply if its lane was free, and letters.
    pub deliveries: Vec<Delivery>,
    /// The lead it made or changed.
    pub lead: Option<LeadEvent>,
    /// An operator gets an alert.
    pub is_alert_raised: bool,
}

/// How a turn ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Answered.
    Done,
    /// The model did not answer; the reply is an apology.
    Failed(FailReason),
}

/// A reply, whole and in parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FinishedReply {
    /// The model's own text, as the owner reads it.
    pub text: String,
    /// Its origin.
    pub kind: ReplyKind,
    /// The messages to send, in order; at least one.
    pub parts: Vec<OutgoingMessage>,
}

impl FinishedReply {
    /// The keyboard change sent with it.
    pub fn keyboard(&self) -> Option<&Keyboard> {
        self.parts.iter().find_map(|part| part.keyboard.as_ref())
    }
}

/// The origin of a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplyKind {
    /// The model; part of the history.
    Answer,
    /// A fixed text, for example help or a confirmation.
    Service,
    /// The greeting; marks the customer as greeted.
    Greeting,
    /// The hint about supported message types; its time is recorded.
    MediaHint,
    /// The apology when the model did not answer.
    Failure,
}

/// What a turn does to the customer's thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ThreadUpdate {
    /// Nothing: the model was not asked.
    Keep,
    /// The turn ran on it.
    Used {
        /// The thread.
        id: ThreadId,
        /// Input tokens of the last run.
        input_tokens: i64,
    },
    /// It may be broken: the next turn starts a new thread.
    Suspect,
    /// `/reset`: no thread. Earlier waiting rows are ignored, and no later history includes rows up to this turn's first row.
    Reset,
}

/// Contacts found in the text of a turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftContacts {
    /// In the order in which they were written.
    pub found: Vec<FoundContact>,
    /// The source of their lead.
    pub source: LeadSource,
}

impl LeftContacts {
    /// None at all.
    pub fn none() -> Self {
        Self {
            found: Vec::new(),
            source: LeadSource::Text,
        }
    }
}

/// What a turn does to the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormUpdate {
    /// Nothing.
    Keep,
    /// Ask the customer for their contact: opens the form.
    Ask,
    /// It is closed.
    Close,
}

/// The figures of a turn, kept on its first inbox row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TurnFigures {
    /// When the turn began; `None` for rows answered without the model.
    pub started_at: Option<DateTime<Utc>>,
    /// Runs made, failed ones included.
    pub runs: u32,
    /// Tool calls answered.
    pub tool_calls: u32,
    /// Input tokens of all runs.
    pub input_tokens: i64,
    /// Output tokens of all runs.
    pub output_tokens: i64,
}

impl Statement for FinishTurn {
    type Output = FinishedTurn;
    const ACCESS: Access = Access::Write;

    fn run(&self, conn: &mut Conn, now: DateTime<Utc>) -> QueryResult<FinishedTurn> {
        let Some(first) = self.rows.first().copied() else {
            return Ok(FinishedTurn::default());
        };
        // The reply answers all rows together. If one has already ended, it must not be sent.
        let ended = match self.rows[..] {
            // Nothing to undo.
            [_] => self.end_rows(conn, first, now)?,
            _ => whole(conn, |conn| self.end_rows(conn, first, now))?,
        };
        let Some(ended) = ended else {
            return Ok(FinishedTurn::default());
        };
        self.end_edits(conn, first)?;
        // In `turn_customer`.
        self.change_customer(conn, ended.thread.as_deref(), now)?;
        let customer = ended.customer.unwrap_or_default();
        let mut deliveries = match &self.reply {
            Some(reply) => self.write_reply(conn, customer, ended.update, reply, now)?,
            None => Vec::new(),
        };
        // In `turn_leads`.
        let notified = self.notify_owners(conn, first, ended.lead.is_some(), now)?;
        deliveries.extend(notified.letters);
        Ok(FinishedTurn {
            is_written: true,
            deliveries,
            lead: notified.lead,
            is_alert_raised: notified.is_alert_raised,
        })
    }
}

/// Read together with the end of a turn's first row.
#[derive(Queryable)]
struct Ended {
    update: i64,
    /// The customer's thread.
    thread: Option<StoredText>,
    /// Their newest lead.
    lead: Option<i64>,
    /// The recipient of the reply.
    customer: Option<Addressee>,
}

impl FinishTurn {
    /// `None` if one of them is no longer `pending`.
    fn end_rows(&self, conn: &mut Conn, first: InboxId, now: DateTime<Utc>) -> QueryResult<Option<Ended>> {
        let (state, reason) = match self.ending {
            Ending::Done => (state::DONE, None),
            Ending::Failed(reason) => (state::FAILED, Some(reason.word())),
        };
        let chat = self.chat.0;
        let of_others = TurnFigures::default();
        let mut ended = None;
        for row in &self.rows {
            let figures = if *row == first { &self.figures } else { &of_others };
            let leads = successful_dialogs::table.filter(successful_dialogs::user_id.eq(chat));
            let newest_lead = leads.select(diesel::dsl::max(successful_dialogs::id));
            diesel::update(pending(chat).filter(inbox::id.eq(row.0)))
                .set((
                    inbox::state.eq(state),
                    inbox::reason.eq(reason),
                    inbox::turn_id.eq(first.0),
                    inbox::finished_at.eq(now.stamp()),
                    inbox::content.eq(kept_content()),
                    inbox::started_at.eq(figures.started_at.map(|at| at.stamp())),
                    inbox::runs.eq(i32::try_from(figures.runs).unwrap_or(i32::MAX)),
                    inbox::tool_calls.eq(i32::try_from(figures.tool_calls).unwrap_or(i32::MAX)),
                    inbox::input_tokens.eq(figures.input_tokens),
                    inbox::output_tokens.eq(figures.output_tokens),
                ))
                .once(here!())
                .run(conn)?;
            let of_row: Option<Ended> = inbox::table
                .find(row.0)
                .filter(has_written())
                .left_join(customers::table.on(customers::chat_id.eq(chat)))
                .select((
                    inbox::update_id,
                    customers::thread_id.nullable(),
                    newest_lead.single_value(),
                    Option::<Addressee>::as_select(),
                ))
                .once(here!())
                .get_result(conn)
                .optional()?;
            let Some(of_row) = of_row else { return Ok(None) };
            ended.get_or_insert(of_row);
            self.mark_words(conn, *row, first)?;
        }
        Ok(ended)
    }

    /// The turn passed them to the model.
    fn end_edits(&self, conn: &mut Conn, first: InboxId) -> QueryResult<()> {
        for edit in &self.edits {
            let own = inbox::table.find(edit.0).filter(inbox::chat_id.eq(self.chat.0));
            let changes = (inbox::turn_id.eq(first.0), inbox::content.eq(kept_content()));
            diesel::update(own).set(changes).once(here!()).run(conn)?;
            self.mark_words(conn, *edit, first)?;
        }
        Ok(())
    }

    fn mark_words(&self, conn: &mut Conn, row: InboxId, first: InboxId) -> QueryResult<()> {
        let words = dialogs::table.filter(dialogs::inbox_id.eq(row.0));
        // `+ 0` prevents the use of the customer's index: SQLite would scan everything they ever wrote.
        let of_customer = (dialogs::user_id + 0).eq(self.chat.0);
        diesel::update(words.filter(of_customer))
            .set(dialogs::turn_id.eq(first.0))
            .once(here!())
            .run(conn)?;
        Ok(())
    }

    fn write_reply(
        &self,
        conn: &mut Conn,
        customer: Addressee,
        update: i64,
        reply: &FinishedReply,
        now: DateTime<Utc>,
    ) -> QueryResult<Vec<Delivery>> {
        let is_blocked = customer.is_blocked;
        let turn = TurnId(self.rows.first().map_or(0, |first| first.0));
        diesel::insert_into(dialogs::table)
            .values((
                dialogs::user_id.eq(self.chat.0),
                dialogs::username.eq(display_name(&customer.profile())),
                dialogs::message.eq(&reply.text),
                dialogs::role.eq(ASSISTANT),
                dialogs::timestamp.eq(now.stamp()),
                dialogs::kind.eq(self.kind_of(reply.kind)),
                dialogs::turn_id.eq(turn.0),
            ))
            .once(here!())
            .run(conn)?;
        let mut deliveries = Vec::new();
        for (n, part) in (1..).zip(&reply.parts) {
            let (key, payload) = (format!("reply:{turn}:{n}"), Payload::Message(part.clone()));
            let new = NewDelivery {
                has_newest_line: true,
                update: Some(UpdateId(update)),
                is_blocked,
                ..NewDelivery::new(key, Lane::chat(self.chat), self.chat, payload, now)
            };
            deliveries.extend(enqueue(conn, now, new)?);
        }
        Ok(deliveries)
    }

    fn kind_of(&self, kind: ReplyKind) -> &'static str {
        match kind {
            ReplyKind::Answer => dialog_kind::ANSWER,
            ReplyKind::Service | ReplyKind::Greeting | ReplyKind::MediaHint => dialog_kind::SERVICE,
            ReplyKind::Failure if self.form == FormUpdate::Ask => dialog_kind::FORM,
            ReplyKind::Failure => dialog_kind::FAILURE,
        }
    }
}
