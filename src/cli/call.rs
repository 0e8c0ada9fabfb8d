//! What every command gets besides its own arguments: the settings with their origins, and the exit code for configuration
//! errors.

use std::collections::BTreeSet;

use clap::ArgMatches;

use crate::config::{Notice, Shown, notices, shown};

/// `EX_CONFIG` of sysexits.h: a service manager can distinguish it from a crash and need not restart the service.
pub(super) const CONFIGURATION: u8 = 78;

/// A start that fails until a setting or a file is changed.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub(super) struct Misconfigured(pub(super) anyhow::Error);

/// One invocation of the binary.
pub(super) struct Call {
    matches: ArgMatches,
    from_dotenv: BTreeSet<String>,
}

impl Call {
    /// `matches` must belong to a command that takes the settings.
    pub(super) fn new(matches: ArgMatches, from_dotenv: BTreeSet<String>) -> Self {
        Self { matches, from_dotenv }
    }

    /// Every setting with its origin, without secrets.
    pub(super) fn shown(&self) -> Vec<Shown> {
        shown(&self.matches, &self.from_dotenv, &variable)
    }

    /// Settings of the Python bot that are set and ignored.
    pub(super) fn notices(&self) -> Vec<Notice> {
        let mut names: Vec<String> = std::env::vars_os()
            .filter_map(|(name, _)| name.into_string().ok())
            .collect();
        names.sort();
        notices(names)
    }
}

/// Reads the environment, including `.env`.
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
