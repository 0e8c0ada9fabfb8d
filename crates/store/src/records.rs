//! Leads, deliveries and reports for the command line: typed records over a read-only connection, beside a running service.

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
    /// It is missing, foreign, or of another version.
    pub fn open(database: &Path) -> Result<Self, QueryError> {
        let conn = open_known(database, Mode::ReadOnly)?;
        Ok(Self { conn })
    }

    /// At most `limit` leads that changed since then, last changed first.
    ///
    /// # Errors
    /// A row that cannot be read.
    pub fn leads(&mut self, since: Option<DateTime<Utc>>, limit: Option<u32>) -> Result<Vec<LeadRecord>, QueryError> {
        lead_records::list(&mut self.conn, since, limit).map_err(refused)
    }

    /// One lead with its letters, dialog and earlier leads.
    ///
    /// # Errors
    /// A row that cannot be read.
    pub fn lead(&mut self, id: LeadId) -> Result<Option<LeadStory>, QueryError> {
        lead_records::find(&mut self.conn, id).map_err(refused)
    }

    /// The newest letter about a lead as it was or would be sent, with at most `lines` lines of its dialog. If none was written,
    /// because no owner was configured: the letter that would announce the lead now, to `fallback`.
    ///
    /// # Errors
    /// A row that cannot be read.
    pub fn lead_letter(
        &mut self,
        id: LeadId,
        fallback: &Email,
        lines: usize,
        now: DateTime<Utc>,
    ) -> Result<Option<LetterPage>, QueryError> {
        letters::newest(&mut self.conn, id, fallback, lines, now).map_err(refused)
    }

    /// The newest `limit` deliveries in one of these states, oldest first.
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

    /// The open period: everything since the last report. `None` before the first start of a service that sends reports.
    ///
    /// # Errors
    /// A row that cannot be read.
    pub fn open_period(&mut self, now: DateTime<Utc>) -> Result<Option<Period>, QueryError> {
        reports::open_period(&mut self.conn, now).map_err(refused)
    }

    /// The last report that was due at or after `from` and before `to`.
    ///
    /// # Errors
    /// A row that cannot be read.
    pub fn period_due(&mut self, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Option<Period>, QueryError> {
        reports::period_due(&mut self.conn, from, to).map_err(refused)
    }

    /// The content of a report.
    ///
    /// # Errors
    /// A row that cannot be read.
    pub fn report(&mut self, notice: ReportNotice, now: DateTime<Utc>) -> Result<ReportPage, QueryError> {
        report_page(&mut self.conn, notice, now).map_err(refused)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "passed to map_err")]
fn refused(error: diesel::result::Error) -> QueryError {
    QueryError::Refused(error.to_string())
}
