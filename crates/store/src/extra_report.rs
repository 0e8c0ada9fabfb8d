//! A report requested by hand. Its letters are written beside a running service, which finds the rows on its own. It does not
//! close the period.

use std::path::Path;

use chrono::{DateTime, Utc};
use domain::{Email, Occasion, Period, ReportNotice};

use super::sqlite::existing::{Mode, open_known};
use super::sqlite::read_only::QueryError;
use super::statements::lanes::schedule;
use super::statements::reports::report_letter;

/// Writes the letters of an extra report in one transaction, one per owner.
///
/// # Errors
/// The database is missing, foreign, of another version, or locked by another writer for too long. Then nothing was written.
pub fn request_report(database: &Path, period: Period, owners: &[Email], now: DateTime<Utc>) -> Result<(), QueryError> {
    let mut conn = open_known(database, Mode::Write)?;
    let notice = ReportNotice {
        period,
        occasion: Occasion::Extra,
    };
    conn.immediate_transaction(|conn| {
        for to in owners {
            let key = format!("report-extra:{}:{to}", now.timestamp_micros());
            schedule(conn, now, &report_letter(now, key, to, notice))?;
        }
        Ok(())
    })
    .map_err(|error: diesel::result::Error| QueryError::Refused(error.to_string()))
}
