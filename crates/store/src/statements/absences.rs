//! When nobody fetched updates: the time between two polls, where it was too long.

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

/// Keeps when updates were last fetched. Where that is longer after the time kept before than allowed, the time between
/// is an absence, which is answered. Told again, it changes nothing.
#[derive(Debug, Clone, Copy)]
pub struct RecordPoll {
    /// When they were.
    pub at: DateTime<Utc>,
    /// What an absence would be.
    pub kind: AbsenceKind,
    /// The longest time without a poll that needs not be told.
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
