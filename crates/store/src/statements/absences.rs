//! Polling gaps: the time between two polls, if it was too long.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use domain::AbsenceKind;
use pages::Absence;

use super::meta;
use super::times::Stamped as _;
use crate::schema::absences;
use crate::{Access, Conn, Statement};

/// The key in `meta` of the time at which updates were last fetched.
const POLLED_AT: &str = "polled_at";

/// Stores the time of the last poll. If the previous poll is longer ago than allowed, records and returns an absence. A repeat
/// changes nothing.
#[derive(Debug, Clone, Copy)]
pub struct RecordPoll {
    /// The time of the poll.
    pub at: DateTime<Utc>,
    /// The kind of a resulting absence.
    pub kind: AbsenceKind,
    /// The longest time between two polls that is not an absence.
    pub allowed: TimeDelta,
}

impl Statement for RecordPoll {
    type Output = Option<Absence>;
    const ACCESS: Access = Access::Write;

    fn run(&self, conn: &mut Conn, _now: DateTime<Utc>) -> QueryResult<Option<Absence>> {
        let before = last_poll(conn)?;
        meta::set(conn, POLLED_AT, &self.at.to_rfc3339())?;
        let Some(began) = before.filter(|began| self.at - began > self.allowed) else {
            return Ok(None);
        };
        diesel::insert_into(absences::table)
            .values((
                absences::kind.eq(self.kind.word()),
                absences::began_at.eq(began.stamp()),
                absences::ended_at.eq(self.at.stamp()),
            ))
            .execute(conn)?;
        Ok(Some(Absence {
            kind: self.kind,
            began,
            ended: self.at,
        }))
    }
}

/// When updates were last fetched.
pub(super) fn last_poll(conn: &mut Conn) -> QueryResult<Option<DateTime<Utc>>> {
    Ok(meta::get(conn, POLLED_AT)?.as_deref().and_then(meta::time))
}
