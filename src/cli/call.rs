//! What a command is told besides its own arguments: this call's settings and where they came from.

use std::collections::BTreeSet;

use clap::ArgMatches;

use crate::config::{Notice, Shown, notices, shown};

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
