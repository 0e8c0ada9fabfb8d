//! The whole log of the suite, at `trace`, kept in memory and searched for secrets, customers' texts and fields that the log
//! reference does not list. Written without redaction of the configured secrets, which would hide a leak.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use frontdesk::{Config, Requirements, Settings};

static LOG: LazyLock<Arc<Mutex<Vec<u8>>>> = LazyLock::new(Arc::default);
static INSTALLED: LazyLock<()> = LazyLock::new(|| {
    let mut config = Config::resolve(&Settings::default(), Requirements::ReadOnly, &|_| None).unwrap();
    config.log.filter = "trace".into();
    let logger = frontdesk::build_log(&config.log, &[], Box::new(Memory));
    log::set_boxed_logger(Box::new(logger)).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
});

/// The fields of each event in the log reference.
static FIELDS: LazyLock<BTreeMap<&str, BTreeSet<&str>>> = LazyLock::new(|| {
    let rows = include_str!("../../../docs/logs.md").lines();
    let rows = rows.filter_map(|line| line.strip_prefix("| `"));
    let cells = rows.map(|row| row.split(" | ").collect::<Vec<_>>());
    let events = cells.filter(|cells| cells.len() == 6);
    events
        .map(|cells| {
            (
                cells[0].trim_end_matches('`'),
                cells[3].split('`').skip(1).step_by(2).collect(),
            )
        })
        .collect()
});

struct Memory;

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOG.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The position in the log where a service begins.
pub(super) fn begin() -> usize {
    LazyLock::force(&INSTALLED);
    LOG.lock().unwrap_or_else(PoisonError::into_inner).len()
}

/// The log from that position on, other services of the process included.
pub(super) fn since(begin: usize) -> String {
    let log = LOG.lock().unwrap_or_else(PoisonError::into_inner);
    String::from_utf8_lossy(&log[begin..]).into_owned()
}

/// Fields that `docs/logs.md` does not list for their event.
pub(super) fn undocumented(log: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for line in log.lines() {
        let Some((event, documented)) = line
            .split_whitespace()
            .nth(3)
            .and_then(|event| FIELDS.get_key_value(event))
        else {
            continue;
        };
        let line = line.replace(r"\\", "").replace(r#"\""#, "");
        let bare = line.split('"').step_by(2).flat_map(str::split_whitespace);
        let keys = bare.filter_map(|word| Some(word.split_once('=')?.0));
        found.extend(
            keys.filter(|key| !documented.contains(key))
                .map(|key| format!("{event} {key}")),
        );
    }
    found
}

/// The first forbidden string found in a log.
pub(crate) fn leak<'a>(log: &str, words: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    words.into_iter().find(|word| log.contains(word))
}
