//! Settings of the locale: time zone, language and country.

use chrono_tz::Tz;
use domain::{Language, Region};

use super::ReportCron;
use super::entry::{optional, value};
use super::group::settings;
use super::source::Env;
use super::values::{Problem, language, problem, region};

settings! {
    /// Time zone, language and country.
    pub struct LocaleConfig in "Language and time" {
        /// Time zone, for example Europe/Moscow (default: TZ, else the system's time zone, else UTC)
        time_zone: Tz = optional("TIME_ZONE", "ZONE", zone)
            .or_else(|source| zone_of_tz(source.env).unwrap_or_else(zone_of_system)),
        /// Report schedule in TIME_ZONE: minute, hour, day of month, month, day of week
        report_cron: ReportCron = value("REPORT_CRON", "CRON", "0 9 * * *", ReportCron::parse),
        /// Language (ru or en) for customers whose Telegram language is neither Russian nor English
        bot_language: Language = value("BOT_LANGUAGE", "LANGUAGE", "ru", language),
        /// Country assumed for phone numbers without a leading +, as a two-letter code
        phone_region: Region = value("PHONE_REGION", "COUNTRY", "RU", region),
    }
}

fn zone(text: &str) -> Result<Tz, Problem> {
    text.parse()
        .or_else(|_unknown| problem(format!("is not a time zone: {text:?}"), "write one like Europe/Moscow"))
}

/// `TZ` may also contain a POSIX rule (`MSK-3`) or a path; those are ignored.
pub(super) fn zone_of_tz(env: Env<'_>) -> Option<Tz> {
    env("TZ").and_then(|tz| tz.trim().trim_start_matches(':').parse().ok())
}

/// The system's time zone, else UTC.
pub(super) fn zone_of_system() -> Tz {
    let name = iana_time_zone::get_timezone().ok();
    name.and_then(|name| name.parse().ok()).unwrap_or(Tz::UTC)
}
