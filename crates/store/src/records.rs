//! Leads and deliveries for a person to read: typed records over a read-only connection, beside a running service.

use std::path::Path;

use chrono::{DateTime, Utc};
use domain::{DeliveryId, Email, LeadId, Period, ReportNotice};
use pages::{LetterPage, ReportPage};

use super::Conn;
use super::sqlite::existing::{Mode, open_known};
use super::sqlite::read_only::QueryError;
pub use super::statements::delivery_records::DeliveryRecord;
pub use super::statements::lead_records::{LeadRecord, LeadStory, TranscriptLine};
use super::statements::report_page::report_page;
use super::statements::{delivery_records, lead_records, letters, reports};
use crate::DeliveryState;

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
