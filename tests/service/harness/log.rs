//! The whole log of the suite, at `trace`, kept in memory and searched for what must never be in it. Written without
//! the configured secrets' redaction, so that a leak is not hidden by the last line of defence.

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

/// Where in the log a service begins.
pub(super) fn begin() -> usize {
    LazyLock::force(&INSTALLED);
    LOG.lock().unwrap_or_else(PoisonError::into_inner).len()
}

/// The log since then; of other services of the process as well.
pub(super) fn since(begin: usize) -> String {
    let log = LOG.lock().unwrap_or_else(PoisonError::into_inner);
    String::from_utf8_lossy(&log[begin..]).into_owned()
}

/// The first of the words that a log must not hold, if it does.
pub(crate) fn leak<'a>(log: &str, words: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    words.into_iter().find(|word| log.contains(word))
}
