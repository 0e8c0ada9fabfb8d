//! Which records reach the log.

use std::sync::{Arc, Mutex};

use log::Level;

use super::*;
use crate::config::Config;

#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The lines written for these records with this `RUST_LOG`.
fn written(filter: &str, records: &[(&str, Level, &str)]) -> String {
    let config = LogConfig {
        filter: filter.to_owned(),
        ..Config::defaults().log
    };
    let sink = Sink::default();
    let logger = build(&config, &[Secret::new("hunter22")], Box::new(sink.clone()));
    for (target, level, event) in records {
        logger.log(
            &Record::builder()
                .target(target)
                .level(*level)
                .args(format_args!("{event}"))
                .build(),
        );
    }
    let bytes = sink.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn libraries_log_only_warnings_and_errors() {
    let records = [
        ("reqwest::connect", Level::Trace, "body"),
        ("teloxide_core", Level::Debug, "update"),
        ("hyper", Level::Info, "pooled"),
        ("hyper", Level::Warn, "cut"),
        ("frontdesk::db", Level::Trace, "step"),
    ];
    let text = written("trace,reqwest=trace,hyper=debug", &records);
    assert!(
        !text.contains("body") && !text.contains("update") && !text.contains("pooled"),
        "{text}"
    );
    assert!(text.contains(" hyper cut\n") && text.contains(" db step\n"), "{text}");
}

#[test]
fn the_library_that_prints_bodies_is_silent() {
    let records = [
        ("async_openai::error", Level::Error, "dialog"),
        ("async_openai", Level::Error, "dialog"),
    ];
    assert_eq!(written("trace,async_openai=trace", &records), "");
}

#[test]
fn a_filter_may_name_targets_as_lines_show_them() {
    let records = [
        ("frontdesk::conversation::turn", Level::Debug, "seen"),
        ("frontdesk::db", Level::Debug, "unseen"),
        ("frontdesk::db", Level::Info, "kept"),
    ];
    let text = written("conversation=debug", &records);
    assert!(text.contains("conversation::turn seen"), "{text}");
    assert!(!text.contains("unseen") && text.contains("db kept"), "{text}");
}

#[test]
fn a_configured_secret_never_reaches_the_sink() {
    let text = written("info", &[("frontdesk::app", Level::Info, "key_hunter22_used")]);
    assert!(text.ends_with(" app key_***_used\n"), "{text}");
}

#[test]
fn off_writes_nothing() {
    assert_eq!(
        written("off", &[("frontdesk", Level::Error, "x"), ("hyper", Level::Error, "x")]),
        ""
    );
}
