//! A report that somebody asks for by hand. Its letters are rows, written beside a running service, which finds them by
//! itself; no period ends with it.

use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{Email, Occasion, Period, ReportNotice};

use super::sqlite::existing::{Mode, open_known};
use super::sqlite::read_only::QueryError;
use super::statements::reports::write_report;

/// Writes the letters of an extra report, one an owner, in one transaction.
///
/// # Errors
/// The database is missing, not ours, of another version, or somebody else writes for too long. Then nothing was done.
pub fn request_report(database: &Path, period: Period, owners: &[Email], now: DateTime<Utc>) -> Result<(), QueryError> {
    let mut conn = open_known(database, Mode::Write)?;
    let notice = ReportNotice {
        period,
        occasion: Occasion::Extra,
    };
    conn.immediate_transaction(|conn| {
        for to in owners {
            let key = format!("report-extra:{}:{to}", now.timestamp_micros());
            // A moment later: what is due at once is claimed by whoever writes it, and has to be delivered by him.
            write_report(conn, now, now + TimeDelta::milliseconds(1), key, to, notice)?;
        }
        Ok(())
    })
    .map_err(|error: diesel::result::Error| QueryError::Refused(error.to_string()))
}
