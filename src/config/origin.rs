//! The origin of each value, for `frontdesk config`.

use std::collections::BTreeSet;

use clap::ArgMatches;
use clap::parser::ValueSource;

use super::all_settings;
use super::entry::Setting;
use super::locale::{zone_of_system, zone_of_tz};
use super::source::{Env, given};

/// The origin of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A flag on the command line.
    Flag,
    /// The environment.
    Environment,
    /// The `.env` file.
    DotEnv,
    /// The file that `NAME_FILE` names.
    File,
    /// The variable `TZ`.
    Tz,
    /// The operating system.
    System,
    /// The default of the definition.
    Default,
    /// No value.
    Unset,
}

impl Origin {
    /// The origin as `frontdesk config` prints it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Flag => "flag",
            Self::Environment => "environment",
            Self::DotEnv => ".env",
            Self::File => "file",
            Self::Tz => "TZ",
            Self::System => "system",
            Self::Default => "default",
            Self::Unset => "unset",
        }
    }
}

/// A setting as it may be printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shown {
    /// The environment variable.
    pub name: String,
    /// Its value: `***` for a secret, a URL without its password, `None` if it is not set.
    pub value: Option<String>,
    pub origin: Origin,
}

/// Every setting of this call. `matches` must belong to a command that takes the settings; `from_dotenv` lists the names that
/// came from `.env`.
pub(crate) fn shown(matches: &ArgMatches, from_dotenv: &BTreeSet<String>, env: Env<'_>) -> Vec<Shown> {
    all_settings()
        .iter()
        .map(|setting| show(setting, matches, from_dotenv, env))
        .collect()
}

fn show(setting: &Setting, matches: &ArgMatches, from_dotenv: &BTreeSet<String>, env: Env<'_>) -> Shown {
    let raw = matches.get_one::<String>(&setting.id).and_then(|text| given(text));
    let source = matches.value_source(&setting.id);
    let zone = || match zone_of_tz(env) {
        Some(zone) => (Some(zone.name()), Origin::Tz),
        None => (Some(zone_of_system().name()), Origin::System),
    };
    let (value, origin) = match (raw, source) {
        (Some(_), Some(ValueSource::CommandLine)) => (raw, Origin::Flag),
        (Some(_), Some(ValueSource::EnvVariable)) if from_dotenv.contains(setting.name) => (raw, Origin::DotEnv),
        (Some(_), Some(ValueSource::EnvVariable)) => (raw, Origin::Environment),
        _ if setting.is_secret && env(&format!("{}_FILE", setting.name)).is_some_and(|path| !path.is_empty()) => {
            (Some(""), Origin::File)
        }
        _ if setting.name == "TIME_ZONE" => zone(),
        _ if setting.default.is_some() => (setting.default, Origin::Default),
        _ => (None, Origin::Unset),
    };
    Shown {
        name: setting.name.to_owned(),
        value: value.map(setting.show),
        origin,
    }
}
