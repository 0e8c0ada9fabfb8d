//! Leads and deliveries for a person to read: typed records over a read-only connection, beside a running service.

use std::path::Path;

use chrono::{DateTime, Utc};
use domain::{
    ChatId, DeliveryId, DeliveryState, DialogId, EarlierLead, Email, Lane, LeadFacts, LeadId, LeadSource, Payload,
    Period, Profile, ReportNotice,
};
use pages::{LetterPage, ReportPage};

use super::Conn;
use super::existing::{Mode, open_known};
use super::queries::report_page::report_page;
use super::queries::{delivery_records, lead_records, letters, reports};
use super::read_only::QueryError;

/// A lead and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeadRecord {
    /// Which.
    pub id: LeadId,
    /// Whose: his chat.
    pub chat: ChatId,
    /// How Telegram names him now.
    pub profile: Profile,
    /// The deep-link payload he came with.
    pub came_from: Option<String>,
    /// When it was recorded.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub changed_at: DateTime<Utc>,
    /// Counted from 1: how often its owner was told.
    pub revision: u32,
    /// How it was recorded.
    pub source: LeadSource,
    /// What is known.
    pub facts: LeadFacts,
}

/// A lead with everything around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeadStory {
    /// The lead.
    pub lead: LeadRecord,
    /// The customer's leads before it, newest first.
    pub earlier: Vec<EarlierLead>,
    /// Its letters, also those that tell of several leads; oldest first.
    pub letters: Vec<DeliveryRecord>,
    /// The dialog that is kept with it, oldest first.
    pub dialog: Vec<SaidLine>,
}

/// One line of the dialog that is kept with a lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaidLine {
    /// When.
    pub at: DateTime<Utc>,
    /// Whether the customer said it; else we did.
    pub is_customers: bool,
    /// What.
    pub text: String,
}

/// A row of `outbox`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryRecord {
    /// Its row.
    pub id: DeliveryId,
    /// What keeps it from being written twice.
    pub key: String,
    /// The order it belongs to.
    pub lane: Lane,
    /// The chat it goes to or is about; 0 for none.
    pub chat: ChatId,
    /// What goes there; `None` once it has been delivered or given up for good: a finished row keeps none.
    pub payload: Option<Payload>,
    /// Where it stands.
    pub state: DeliveryState,
    /// Why it did not work the last time.
    pub reason: Option<String>,
    /// How often it was tried.
    pub attempts: u32,
    /// How often the far side may have got it without our knowing.
    pub maybe_sent: u32,
    /// Not before.
    pub due_at: DateTime<Utc>,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When it was last taken in hand.
    pub claimed_at: Option<DateTime<Utc>>,
    /// When it came to its end.
    pub finished_at: Option<DateTime<Utc>>,
    /// When it was last put back by hand.
    pub requeued_at: Option<DateTime<Utc>>,
    /// Telegram's id of what was sent.
    pub remote_id: Option<i64>,
    /// The dialog row whose words it carries.
    pub dialog: Option<DialogId>,
    /// The update whose answer it is.
    pub update: Option<i64>,
    /// The lead that a letter is about.
    pub lead: Option<LeadId>,
    /// The address of a letter.
    pub address: Option<Email>,
    /// The leads in a letter that gathers several.
    pub gathered: Vec<LeadId>,
}

/// One snapshot of the database.
pub struct Records {
    conn: Conn,
}

impl Records {
    /// Opens the file for reading.
    ///
    /// # Errors
    /// It is missing, is not ours, or is of another version.
    pub fn open(database: &Path) -> Result<Self, QueryError> {
        let conn = open_known(database, Mode::ReadOnly)?;
        Ok(Self { conn })
    }

    /// Leads that changed since then, the last changed first, at most so many.
    ///
    /// # Errors
    /// A row that cannot be read.
    pub fn leads(&mut self, since: Option<DateTime<Utc>>, limit: Option<u32>) -> Result<Vec<LeadRecord>, QueryError> {
        lead_records::list(&mut self.conn, since, limit).map_err(refused)
    }

    /// One lead with everything around it.
    ///
    /// # Errors
    /// A row that cannot be read.
    pub fn lead(&mut self, id: LeadId) -> Result<Option<LeadStory>, QueryError> {
        lead_records::find(&mut self.conn, id).map_err(refused)
    }

    /// The newest letter about a lead as it was or would be sent, with at most so many lines of its dialog. Where no letter
    /// was written, because no owner was named, the one that would tell of the lead now, to that address.
    ///
    /// # Errors
    /// A row that cannot be read.
    pub fn lead_letter(
        &mut self,
        id: LeadId,
        otherwise: &Email,
        lines: usize,
        now: DateTime<Utc>,
    ) -> Result<Option<LetterPage>, QueryError> {
        letters::newest(&mut self.conn, id, otherwise, lines, now).map_err(refused)
    }

    /// The newest deliveries in one of these states, oldest first, at most so many.
    ///
    /// # Errors
    /// A row that cannot be read.
    pub fn deliveries(&mut self, states: &[DeliveryState], limit: u32) -> Result<Vec<DeliveryRecord>, QueryError> {
        delivery_records::list(&mut self.conn, states, limit).map_err(refused)
    }

    /// One delivery.
    ///
    /// # Errors
    /// A row that cannot be read.
    pub fn delivery(&mut self, id: DeliveryId) -> Result<Option<DeliveryRecord>, QueryError> {
        delivery_records::find(&mut self.conn, id).map_err(refused)
    }

    /// The report that is not due yet: what there is since the last one. `None` before the first start of a service that
    /// reports.
    ///
    /// # Errors
    /// A row that cannot be read.
    pub fn open_period(&mut self, now: DateTime<Utc>) -> Result<Option<Period>, QueryError> {
        reports::open_period(&mut self.conn, now).map_err(refused)
    }

    /// The last report that was due from one time up to another, that one not included.
    ///
    /// # Errors
    /// A row that cannot be read.
    pub fn period_due(&mut self, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Option<Period>, QueryError> {
        reports::period_due(&mut self.conn, from, to).map_err(refused)
    }

    /// All that a report tells.
    ///
    /// # Errors
    /// A row that cannot be read.
    pub fn report(&mut self, notice: ReportNotice, now: DateTime<Utc>) -> Result<ReportPage, QueryError> {
        report_page(&mut self.conn, notice, now).map_err(refused)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it stands in map_err")]
fn refused(error: diesel::result::Error) -> QueryError {
    QueryError::Refused(error.to_string())
}
