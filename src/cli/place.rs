//! The database and the time zone of commands on stored rows.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;

use super::call::variable;
use crate::config::{ConfigErrors, LocaleConfig, Settings, StorageConfig};

/// A database and a time zone. Errors in other settings are ignored.
pub(super) struct Place {
    pub(super) database: PathBuf,
    pub(super) zone: Tz,
}

impl Place {
    /// Reads both settings.
    ///
    /// # Errors
    /// Errors of the storage and locale settings.
    pub(super) fn of(settings: &Settings) -> Result<Self, ConfigErrors> {
        Ok(Self {
            database: StorageConfig::resolve(settings, &variable)?.database,
            zone: LocaleConfig::resolve(settings, &variable)?.time_zone,
        })
    }
}

/// `2026-11-25 14:05` in local time.
pub(super) fn local(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string()
}

/// The local start of the day, which is not always midnight.
pub(super) fn beginning(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let midnight = day.and_time(NaiveTime::MIN);
    let quarters = (0..=12).map(|n| midnight + TimeDelta::minutes(15 * n));
    let first = quarters
        .filter_map(|time| zone.from_local_datetime(&time).earliest())
        .next();
    first.map_or_else(|| midnight.and_utc(), |time| time.with_timezone(&Utc))
}

/// Writes a file atomically, readable only by the current user; replaces an existing one.
///
/// # Errors
/// The folder is missing or cannot be written.
pub(super) fn write_private(path: &Path, text: &str) -> anyhow::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let written = || -> std::io::Result<()> {
        // A temporary file is created with mode 0600 and keeps it when it is renamed.
        let mut file = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    };
    written().with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_its_first_local_time() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let at = |day, zone: Tz| beginning(day, zone).to_rfc3339();
        assert_eq!(
            at(day("2026-11-25"), chrono_tz::Europe::Moscow),
            "2026-11-24T21:00:00+00:00"
        );
        // In Beirut clocks go from 0:00 to 1:00 in spring.
        assert_eq!(
            at(day("2026-03-29"), chrono_tz::Asia::Beirut),
            "2026-03-28T22:00:00+00:00"
        );
    }

    #[test]
    fn a_file_with_customer_data_is_readable_only_by_its_user() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("leads.csv");
        std::fs::write(&path, "older").unwrap();
        write_private(&path, "new").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "new");
        let mode = std::os::unix::fs::PermissionsExt::mode(&path.metadata().unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);
        let missing = write_private(&folder.path().join("no/leads.csv"), "new").unwrap_err();
        assert!(missing.to_string().contains("no/leads.csv"));
    }
}
