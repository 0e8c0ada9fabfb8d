//! What the disk says when it refuses a transaction, and how often an operator is told: a trouble that lasts is one line a
//! minute, not one a try.

use std::path::Path;

use base::Event;
use chrono::{DateTime, TimeDelta, Utc};
use diesel::result::{DatabaseErrorKind, Error as Diesel};

use crate::Host;

/// Between two lines about the same trouble.
const TELL_AGAIN: TimeDelta = TimeDelta::seconds(60);
/// What is written to such a file is gone with the process (sqlite.org, "How To Corrupt", 2.4); SQLite does not notice.
pub(crate) const REPLACED: &str = "the file was removed or replaced while it was open";
/// What no waiting mends: that, and SQLite's words (`sqlite3_errstr` of `SQLITE_CORRUPT` and `SQLITE_NOTADB`).
const DAMAGE: [&str; 4] = [
    REPLACED,
    "database disk image is malformed",
    "malformed database schema",
    "file is not a database",
];

/// SQLite's own words; they name tables and columns, never values.
pub(crate) fn describe(error: &Diesel) -> String {
    match error {
        Diesel::DatabaseError(_, details) => details.message().to_owned(),
        // What came first is what happened; that nothing was left to roll back follows from it.
        Diesel::RollbackErrorOnCommit { commit_error, .. } => describe(commit_error),
        Diesel::NotFound => "not found".to_owned(),
        Diesel::DeserializationError(_) => "a stored value cannot be read".to_owned(),
        _ => "query failed".to_owned(),
    }
}

/// An error in words of its own.
pub(crate) fn unknown(message: &str) -> Diesel {
    Diesel::DatabaseError(DatabaseErrorKind::Unknown, Box::new(message.to_owned()))
}

/// Whether the file itself is broken.
pub(crate) fn is_damage(reason: &str) -> bool {
    DAMAGE.iter().any(|words| reason.contains(words))
}

/// Ends the service: what is in a damaged file is for a person to save, and nobody is told that something is stored in it.
pub(crate) fn end_damaged(host: &Host, database: &Path, reason: &str) {
    let file = database.display();
    let is_first = (host.fail)(match reason {
        REPLACED => {
            format!("the database {file} was removed or replaced while it was open; put it back before the next start")
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

/// A transaction that is refused again and again.
#[derive(Debug)]
pub(crate) struct Trouble {
    began: DateTime<Utc>,
    attempts: u32,
    reason: String,
    told_at: Option<DateTime<Utc>>,
    is_damage: bool,
}

impl Trouble {
    /// None yet.
    pub(crate) fn none(now: DateTime<Utc>) -> Self {
        Self {
            began: now,
            attempts: 0,
            reason: String::new(),
            told_at: None,
            is_damage: false,
        }
    }

    /// It was refused; answers whether that is to be told: it is news, or a minute has gone by.
    pub(crate) fn met(&mut self, reason: String, now: DateTime<Utc>) -> bool {
        self.attempts += 1;
        // Twice, the second time by a connection that had read nothing before: it is the file.
        self.is_damage = is_damage(&self.reason) && is_damage(&reason);
        let is_news = reason != self.reason;
        self.reason = reason;
        // A clock that was set back keeps nobody in the dark for longer.
        let is_due = |told: DateTime<Utc>| now - told >= TELL_AGAIN || now < told;
        let is_told = is_news || self.told_at.is_none_or(is_due);
        if is_told {
            self.told_at = Some(now);
        }
        is_told
    }

    /// How often it was refused.
    pub(crate) fn attempts(&self) -> u32 {
        self.attempts
    }

    /// What the disk said last.
    pub(crate) fn reason(&self) -> &str {
        &self.reason
    }

    /// Whether no waiting will mend it.
    pub(crate) fn is_damage(&self) -> bool {
        self.is_damage
    }

    /// How long it has lasted.
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
    fn the_same_trouble_is_told_once_a_minute() {
        let mut trouble = Trouble::none(at(0));
        let told = (0..180).filter(|second| trouble.met("full".into(), at(*second)));
        assert_eq!(told.collect::<Vec<_>>(), [0, 60, 120]);
        assert_eq!((trouble.attempts(), trouble.lasted(at(180)).num_seconds()), (180, 180));
    }

    #[test]
    fn another_trouble_is_told_at_once() {
        let mut trouble = Trouble::none(at(0));
        assert!(trouble.met("full".into(), at(0)));
        assert!(trouble.met("locked".into(), at(1)));
        assert!(!trouble.met("locked".into(), at(2)));
    }

    #[test]
    fn a_clock_that_was_set_back_silences_no_trouble() {
        let mut trouble = Trouble::none(at(3600));
        assert!(trouble.met("full".into(), at(3600)));
        assert!(trouble.met("full".into(), at(0)));
    }

    #[test]
    fn only_damage_that_a_second_connection_finds_too_is_damage() {
        let mut trouble = Trouble::none(at(0));
        for (reason, is_damage) in [
            ("database disk image is malformed", false),
            ("database is locked", false),
            ("file is not a database", false),
            ("database disk image is malformed", true),
        ] {
            trouble.met(reason.into(), at(0));
            assert_eq!(trouble.is_damage(), is_damage, "{reason}");
        }
    }
}
