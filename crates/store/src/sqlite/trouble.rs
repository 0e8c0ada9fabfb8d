//! Errors of the disk or the database. An error that persists is logged once a minute, not once per attempt.

use std::path::Path;

use base::Event;
use chrono::{DateTime, TimeDelta, Utc};
use diesel::result::{DatabaseErrorKind, Error as Diesel};

use crate::Host;

/// Minimum time between two log lines about the same error.
const LOG_INTERVAL: TimeDelta = TimeDelta::seconds(60);
/// Writes to such a file are lost when the process ends (sqlite.org, "How To Corrupt", 2.4); SQLite does not notice.
pub(crate) const REPLACED: &str = "the file was removed or replaced while it was open";
/// Errors that no retry can fix: a replaced file, and SQLite's texts for `SQLITE_CORRUPT` and `SQLITE_NOTADB`.
const DAMAGE: [&str; 4] = [
    REPLACED,
    "database disk image is malformed",
    "malformed database schema",
    "file is not a database",
];

/// SQLite's error text, which names tables and columns, never values.
pub(crate) fn describe(error: &Diesel) -> String {
    match error {
        Diesel::DatabaseError(_, details) => details.message().to_owned(),
        // The commit error is the cause; the failed rollback follows from it.
        Diesel::RollbackErrorOnCommit { commit_error, .. } => describe(commit_error),
        Diesel::NotFound => "not found".to_owned(),
        Diesel::DeserializationError(_) => "a stored value cannot be read".to_owned(),
        _ => "query failed".to_owned(),
    }
}

/// An error with this text.
pub(crate) fn unknown(message: &str) -> Diesel {
    Diesel::DatabaseError(DatabaseErrorKind::Unknown, Box::new(message.to_owned()))
}

/// Whether the file itself is damaged.
pub(crate) fn is_damage(reason: &str) -> bool {
    DAMAGE.iter().any(|words| reason.contains(words))
}

/// Ends the service. An operator has to restore the file; until then no update is confirmed as stored.
pub(crate) fn end_damaged(host: &Host, database: &Path, reason: &str) {
    let file = database.display();
    let is_first = (host.fail)(match reason {
        REPLACED => {
            format!("the database {file} was removed or replaced while it was open; restore it before the next start")
        }
        _ => format!(
            "the database {file} is damaged ({reason}); keep the file, and restore a copy or what `sqlite3 FILE .recover` saves"
        ),
    });
    if is_first {
        let damaged = Event::error("db", "database_damaged").with("reason", reason);
        host.events.emit(damaged);
    }
}

/// An operation that fails repeatedly.
#[derive(Debug)]
pub(crate) struct Trouble {
    began: DateTime<Utc>,
    attempts: u32,
    reason: String,
    logged_at: Option<DateTime<Utc>>,
    is_damage: bool,
}

impl Trouble {
    /// No failure yet.
    pub(crate) fn none(now: DateTime<Utc>) -> Self {
        Self {
            began: now,
            attempts: 0,
            reason: String::new(),
            logged_at: None,
            is_damage: false,
        }
    }

    /// Records a failure. Returns whether to log it: its reason is new, or the last log line is a minute old.
    pub(crate) fn record(&mut self, reason: String, now: DateTime<Utc>) -> bool {
        self.attempts += 1;
        // Only when a fresh connection finds damage too: then it is the file.
        self.is_damage = is_damage(&self.reason) && is_damage(&reason);
        let is_news = reason != self.reason;
        self.reason = reason;
        // `now < logged`: a clock that was set back must not delay the next line.
        let is_due = |logged: DateTime<Utc>| now - logged >= LOG_INTERVAL || now < logged;
        let is_logged = is_news || self.logged_at.is_none_or(is_due);
        if is_logged {
            self.logged_at = Some(now);
        }
        is_logged
    }

    /// Failed attempts.
    pub(crate) fn attempts(&self) -> u32 {
        self.attempts
    }

    /// The last error text.
    pub(crate) fn reason(&self) -> &str {
        &self.reason
    }

    /// Whether the file is damaged, so that retrying cannot help.
    pub(crate) fn is_damage(&self) -> bool {
        self.is_damage
    }

    pub(crate) fn lasted(&self, now: DateTime<Utc>) -> TimeDelta {
        (now - self.began).max(TimeDelta::zero())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(second)
    }

    #[test]
    fn the_same_error_is_logged_once_a_minute() {
        let mut trouble = Trouble::none(at(0));
        let logged = (0..180).filter(|second| trouble.record("full".into(), at(*second)));
        assert_eq!(logged.collect::<Vec<_>>(), [0, 60, 120]);
        assert_eq!((trouble.attempts(), trouble.lasted(at(180)).num_seconds()), (180, 180));
    }

    #[test]
    fn another_error_is_logged_at_once() {
        let mut trouble = Trouble::none(at(0));
        assert!(trouble.record("full".into(), at(0)));
        assert!(trouble.record("locked".into(), at(1)));
        assert!(!trouble.record("locked".into(), at(2)));
    }

    #[test]
    fn errors_are_logged_after_the_clock_was_set_back() {
        let mut trouble = Trouble::none(at(3600));
        assert!(trouble.record("full".into(), at(3600)));
        assert!(trouble.record("full".into(), at(0)));
    }

    #[test]
    fn damage_counts_only_if_a_second_connection_finds_it_too() {
        let mut trouble = Trouble::none(at(0));
        for (reason, is_damage) in [
            ("database disk image is malformed", false),
            ("database is locked", false),
            ("file is not a database", false),
            ("database disk image is malformed", true),
        ] {
            trouble.record(reason.into(), at(0));
            assert_eq!(trouble.is_damage(), is_damage, "{reason}");
        }
    }
}
