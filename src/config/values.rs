//! Parsing single values: pure functions from text to type. An error is a problem and its fix; it never repeats a value that
//! could be a secret.

use std::fmt::Display;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use chrono::TimeDelta;
use clap::ValueEnum;
use domain::{Language, Region};
use phonenumber::country;
use url::Url;

use super::Secret;

/// The problem with a value, and its fix.
pub(super) type Problem = (String, String);

/// Rejects a value.
pub(super) fn problem<T>(problem: impl Into<String>, fix: impl Into<String>) -> Result<T, Problem> {
    Err((problem.into(), fix.into()))
}

/// Any text.
pub(super) fn verbatim(text: &str) -> Result<String, Problem> {
    Ok(text.to_owned())
}

/// Any path, existing or not.
pub(super) fn path(text: &str) -> Result<PathBuf, Problem> {
    Ok(PathBuf::from(text))
}

/// One of the values of an enum, in any letter case.
pub(super) fn word<T: ValueEnum>(text: &str) -> Result<T, Problem> {
    T::from_str(text, true).or_else(|_unknown| {
        let words: Vec<String> = T::value_variants()
            .iter()
            .filter_map(|variant| Some(variant.to_possible_value()?.get_name().to_owned()))
            .collect();
        problem(
            format!("has an unknown value: {text:?}"),
            format!("it must be one of {}", words.join(", ")),
        )
    })
}

/// Units that may follow the number of a duration. A number without a unit means seconds.
const UNITS: [(&[&str], u64); 5] = [
    (&["ms"], 1),
    (&["", "s", "sec", "secs"], 1_000),
    (&["m", "min", "mins"], 60_000),
    (&["h", "hour", "hours"], 3_600_000),
    (&["d", "day", "days"], 86_400_000),
];

/// A duration between `least` and `most`: `60`, `60s`, `10 min`, `2h`.
pub(super) fn duration(text: &str, least: Duration, most: Duration) -> Result<Duration, Problem> {
    let fix = "write a number and a unit, like 90s, 10min or 2h";
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit = unit.trim().to_ascii_lowercase();
    let factor = UNITS.iter().find(|(names, _)| names.contains(&unit.as_str()));
    let (Ok(number), Some((_, factor))) = (number.parse::<u64>(), factor) else {
        return problem(format!("is not a duration: {text:?}"), fix);
    };
    let time = Duration::from_millis(number.saturating_mul(*factor));
    if time < least || time > most {
        return problem(
            format!("is out of range: {text:?}"),
            format!("use a value from {} to {}", words(least), words(most)),
        );
    }
    Ok(time)
}

/// The same, as a [`TimeDelta`].
pub(super) fn time_delta(text: &str, least: Duration, most: Duration) -> Result<TimeDelta, Problem> {
    let time = TimeDelta::from_std(duration(text, least, most)?);
    time.or_else(|_too_long| problem("is too long", "use a shorter duration"))
}

fn words(time: Duration) -> String {
    match time.as_secs() {
        0 => format!("{} ms", time.as_millis()),
        s if s.is_multiple_of(86_400) => format!("{} d", s / 86_400),
        s if s.is_multiple_of(3_600) => format!("{} h", s / 3_600),
        s if s.is_multiple_of(60) => format!("{} min", s / 60),
        s => format!("{s} s"),
    }
}

/// A whole number between `least` and `most`.
pub(super) fn number<T: FromStr + PartialOrd + Copy + Display>(text: &str, least: T, most: T) -> Result<T, Problem> {
    match text.parse::<T>() {
        Ok(number) if (least..=most).contains(&number) => Ok(number),
        _ => problem(
            format!("is not a whole number from {least} to {most}: {text:?}"),
            "write digits only",
        ),
    }
}

/// A whole number above zero.
pub(super) fn positive(text: &str) -> Result<u64, Problem> {
    match text.parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => problem(
            format!("is not a whole number above zero: {text:?}"),
            "write digits only, or remove the setting for no limit",
        ),
    }
}

/// A language of the service.
pub(super) fn language(text: &str) -> Result<Language, Problem> {
    Language::from_tag(text).map_or_else(
        || problem(format!("has an unsupported language: {text:?}"), "it must be ru or en"),
        Ok,
    )
}

/// A country whose phone numbers can be parsed.
pub(super) fn region(text: &str) -> Result<Region, Problem> {
    let code = text.to_ascii_uppercase();
    match code.parse::<country::Id>() {
        Ok(_) if code.len() == 2 => Ok(Region::new(code)),
        _ => problem(
            format!("is not a supported country code: {text:?}"),
            "write two letters, like RU or KZ",
        ),
    }
}

/// True or false, also written as yes/no, on/off or 1/0.
pub(super) fn boolean(text: &str) -> Result<bool, Problem> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Ok(true),
        "false" | "0" | "no" | "off" => Ok(false),
        _ => problem(format!("has an unknown value: {text:?}"), "it must be true or false"),
    }
}

/// An http(s) URL without user name, query or fragment; a trailing slash is removed.
pub(super) fn http_url(text: &str) -> Result<String, Problem> {
    let fix = "write a URL like https://host:port";
    let Ok(url) = Url::parse(text) else {
        return problem("is not a URL", fix);
    };
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return problem("is not an http:// or https:// URL", fix);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return problem("contains a user name or password", "remove it from the URL");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return problem("contains a ? or #", "end the URL with the path");
    }
    Ok(text.trim_end_matches('/').to_owned())
}

/// The base URL of an OpenAI API.
pub(super) fn openai_url(text: &str) -> Result<String, Problem> {
    let url = http_url(text)?;
    if !url.ends_with("/v1") {
        return problem("does not end in /v1", format!("write {url}/v1"));
    }
    Ok(url)
}

/// A proxy. Its URL may contain a password, so errors never repeat it.
pub(super) fn proxy_url(text: &str) -> Result<Secret, Problem> {
    let is_known = |url: &Url| matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h") && url.has_host();
    match Url::parse(text) {
        Ok(url) if is_known(&url) => Ok(Secret::new(text)),
        _ => problem(
            "is not a proxy URL",
            "write http://host:port or socks5h://user:password@host:port, with special characters percent-encoded",
        ),
    }
}

/// A URL as given, with any password hidden.
pub(super) fn without_password(text: &str) -> String {
    match Url::parse(text) {
        Ok(url) if url.has_host() && url.password().is_none() => text.to_owned(),
        Ok(mut url) if url.has_host() => match url.set_password(Some("***")) {
            Ok(()) => url.to_string(),
            Err(()) => "***".to_owned(),
        },
        _ => "***".to_owned(),
    }
}

/// The SQLite file behind `DATABASE_URL`.
pub(super) fn database(text: &str) -> Result<PathBuf, Problem> {
    const FIX: &str = "write sqlite://data/frontdesk.db, or the path of the file";
    let path = match text.split_once(':') {
        Some(("sqlite", rest)) => rest.strip_prefix("//").unwrap_or(rest),
        // One letter before the colon is a drive of Windows, not a scheme.
        Some((scheme, _)) if scheme.len() > 1 && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'+') => {
            return problem(format!("has the scheme {scheme}, but only sqlite is supported"), FIX);
        }
        _ => text,
    };
    if path == ":memory:" {
        return problem("keeps data in memory, and a restart would lose it", FIX);
    }
    if path.contains('?') {
        return problem("contains options after a ?", "end it with the file name");
    }
    if path.is_empty() || path.ends_with(['/', '\\']) {
        return problem("does not name a file", FIX);
    }
    Ok(PathBuf::from(path))
}

/// The format of a bot token. Telegram may still reject a token with the right format.
pub(super) fn bot_token(text: &str) -> Result<(), Problem> {
    let is_one = text.split_once(':').is_some_and(|(bot, key)| {
        (3..=20).contains(&bot.len())
            && bot.bytes().all(|b| b.is_ascii_digit())
            && key.len() >= 20
            && key
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    });
    if is_one {
        return Ok(());
    }
    problem(
        "does not look like 123456:ABC…",
        "copy the whole token again from @BotFather, without quotes",
    )
}

/// The format of an API key: anything that fits into a request header.
pub(super) fn api_key(text: &str) -> Result<(), Problem> {
    if text.bytes().all(|b| b.is_ascii_graphic()) {
        return Ok(());
    }
    problem(
        "contains a space or an invalid character",
        "copy the whole key again from your OpenAI project page",
    )
}

/// The format of `RUST_LOG`. A misspelt level would otherwise count as a target and silence the log.
pub(super) fn log_filter(text: &str) -> Result<String, Problem> {
    let directives = text.split('/').next().unwrap_or(text);
    for directive in directives.split(',').map(str::trim).filter(|d| !d.is_empty()) {
        let level = directive.rsplit_once('=').map_or(directive, |(_, level)| level.trim());
        if level.parse::<log::LevelFilter>().is_err() {
            return problem(
                format!("has an unknown log level: {level:?}"),
                "use off, error, warn, info, debug or trace, or target=level",
            );
        }
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const DAY: Duration = Duration::from_hours(24);

    #[test]
    fn a_duration_may_have_a_unit() {
        for (text, seconds) in [
            ("60", 60),
            ("60s", 60),
            ("10 min", 600),
            ("10m", 600),
            ("2 H", 7_200),
            ("1d", 86_400),
        ] {
            assert_eq!(duration(text, SECOND, DAY), Ok(Duration::from_secs(seconds)), "{text}");
        }
        assert_eq!(duration("1500 ms", SECOND, DAY), Ok(Duration::from_millis(1_500)));
    }

    #[test]
    fn a_duration_without_a_number_or_out_of_range_is_rejected() {
        for text in "|s|-1|1.5s|ten|10 fortnights|0|2d|99999999999999999999".split('|') {
            assert!(duration(text, SECOND, DAY).is_err(), "{text}");
        }
    }

    #[test]
    fn the_database_url_is_turned_into_a_file_path() {
        let cases = [
            ("sqlite://data/frontdesk.db", "data/frontdesk.db"),
            ("sqlite:///var/lib/frontdesk.db", "/var/lib/frontdesk.db"),
            ("sqlite:here.db", "here.db"),
            ("plain/file.db", "plain/file.db"),
            ("C:\\data\\frontdesk.db", "C:\\data\\frontdesk.db"),
        ];
        for (text, path) in cases {
            assert_eq!(database(text), Ok(PathBuf::from(path)), "{text}");
        }
    }

    #[test]
    fn a_database_url_that_is_not_a_file_is_rejected_with_a_fix() {
        for text in [
            "postgres://u:secret@h/db",
            "sqlite://:memory:",
            "sqlite:f.db?mode=rwc",
            "sqlite://",
            "data/",
        ] {
            let (problem, fix) = database(text).unwrap_err();
            assert!(!fix.is_empty() && !problem.contains("secret"), "{text}");
        }
    }

    #[test]
    fn the_openai_url_must_end_in_v1() {
        assert_eq!(
            openai_url("http://localhost:8000/v1/"),
            Ok("http://localhost:8000/v1".to_owned())
        );
        let (_, fix) = openai_url("http://localhost:8000").unwrap_err();
        assert_eq!(fix, "write http://localhost:8000/v1");
    }

    #[test]
    fn a_url_with_a_password_or_a_query_is_rejected() {
        for text in [
            "ftp://host",
            "host:80",
            "http://",
            "https://u:p@host",
            "https://host/?key=1",
            "https://host/#x",
        ] {
            assert!(http_url(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_password_of_a_proxy_is_never_shown() {
        let url = proxy_url("socks5h://bob:hunter2@10.0.0.1:1080").unwrap();
        assert!(!without_password(url.expose()).contains("hunter2"));
        assert!(proxy_url("hunter2@10.0.0.1").is_err_and(|(problem, fix)| !(problem + &fix).contains("hunter2")));
    }

    #[test]
    fn a_misspelt_log_level_is_rejected() {
        assert!(log_filter("inof").is_err());
        assert!(log_filter("info,conversation=debgu").is_err());
        assert!(log_filter("warn, conversation=debug,frontdesk::db=off").is_ok());
    }
}
