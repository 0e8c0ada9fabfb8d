//! Where each value came from, for `frontdesk config`: the answer to "why does it use that?".

use std::collections::BTreeSet;

use chrono_tz::Tz;
use clap::ArgMatches;
use clap::parser::ValueSource;

use super::reader::{Env, given};
use super::{Setting, all_settings, mail, values};

/// Where a value came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A flag of this call.
    Flag,
    /// The environment.
    Environment,
    /// The `.env` file.
    DotEnv,
    /// The file that `NAME_FILE` names.
    File,
    /// The variable `TZ`.
    Tz,
    /// The system's own setting.
    System,
    /// The definition.
    Default,
    /// Nowhere: it has no value.
    Unset,
}

impl Origin {
    /// One word for the screen.
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

/// A setting fit for a screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shown {
    /// The environment variable.
    pub name: String,
    /// Its value, `***` for a secret, an address without its password; `None` if it has none.
    pub value: Option<String>,
    /// Where the value came from.
    pub origin: Origin,
}

/// Every setting as this call sees it. `matches` must be of a command that takes the settings; `from_dotenv`
/// holds the names that `.env` brought into the environment.
pub(crate) fn shown(matches: &ArgMatches, from_dotenv: &BTreeSet<String>, env: Env<'_>) -> Vec<Shown> {
    all_settings()
        .into_iter()
        .map(|setting| show(setting, matches, from_dotenv, env))
        .collect()
}

fn show(setting: Setting, matches: &ArgMatches, from_dotenv: &BTreeSet<String>, env: Env<'_>) -> Shown {
    let raw = matches.get_one::<String>(&setting.id).cloned();
    let source = matches.value_source(&setting.id);
    let (value, origin) = match (given(&raw), source) {
        (Some(text), Some(ValueSource::CommandLine)) => (Some(text.to_owned()), Origin::Flag),
        (Some(text), Some(ValueSource::EnvVariable)) if from_dotenv.contains(&setting.name) => {
            (Some(text.to_owned()), Origin::DotEnv)
        }
        (Some(text), Some(ValueSource::EnvVariable)) => (Some(text.to_owned()), Origin::Environment),
        _ if setting.is_secret && env(&format!("{}_FILE", setting.name)).is_some_and(|path| !path.is_empty()) => {
            (Some(String::new()), Origin::File)
        }
        _ if setting.name == "TIME_ZONE" => {
            let (zone, origin) = ambient_zone(env);
            (Some(zone.name().to_owned()), origin)
        }
        _ if setting.default.is_some() => (setting.default, Origin::Default),
        _ => (None, Origin::Unset),
    };
    let value = match setting.name.as_str() {
        _ if setting.is_secret => value.map(|_secret| "***".to_owned()),
        "TELEGRAM_PROXY" | "OPENAI_PROXY" | "TELEGRAM_API_URL" | "OPENAI_BASE_URL" => {
            value.map(|url| values::without_password(&url))
        }
        // Anything but a path to SQLite is a fault and could be a server's address with its password.
        "DATABASE_URL" => value.map(|url| match values::database(&url) {
            Ok(_path) => url,
            Err(_refused) => "***".to_owned(),
        }),
        // A web address with a password may have got there, too.
        "SMTP_HOST" => value.map(|host| mail::host(&host).unwrap_or_else(|_refused| "***".to_owned())),
        _ => value,
    };
    Shown {
        name: setting.name,
        value,
        origin,
    }
}

/// The zone to use where none is configured, and where it was found.
pub(super) fn ambient_zone(env: Env<'_>) -> (Tz, Origin) {
    // `TZ` may also hold a POSIX rule (`MSK-3`) or a path, which are not ours to read.
    let tz = env("TZ").and_then(|tz| tz.trim().trim_start_matches(':').parse().ok());
    let system = || iana_time_zone::get_timezone().ok().and_then(|name| name.parse().ok());
    match tz {
        Some(zone) => (zone, Origin::Tz),
        None => (system().unwrap_or(Tz::UTC), Origin::System),
    }
}
