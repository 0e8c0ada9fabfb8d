//! What a command is told besides its own arguments: this call's settings and where they came from; and how it says that they
//! are what keeps it from its work.

use std::collections::BTreeSet;

use clap::ArgMatches;

use crate::config::{Notice, Shown, notices, shown};

/// `EX_CONFIG` of sysexits.h: a service manager can tell it from a crash and need not restart.
pub(super) const CONFIGURATION: u8 = 78;

/// A start that fails as long as nobody changes a setting or a file.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub(super) struct Misconfigured(pub(super) anyhow::Error);

/// One call of the binary.
pub(super) struct Call {
    matches: ArgMatches,
    from_dotenv: BTreeSet<String>,
}

impl Call {
    /// `matches` are those of the command, which takes the settings.
    pub(super) fn new(matches: ArgMatches, from_dotenv: BTreeSet<String>) -> Self {
        Self { matches, from_dotenv }
    }

    /// Every setting with its origin, fit for a screen.
    pub(super) fn shown(&self) -> Vec<Shown> {
        shown(&self.matches, &self.from_dotenv, &variable)
    }

    /// Names of the Python bot that are set and do nothing.
    pub(super) fn notices(&self) -> Vec<Notice> {
        let mut names: Vec<String> = std::env::vars_os()
            .filter_map(|(name, _)| name.into_string().ok())
            .collect();
        names.sort();
        notices(names)
    }
}

/// Asks the environment, `.env` included.
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
