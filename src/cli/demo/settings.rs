//! The settings of the service in the demo. Timeouts and rate limits are short, so that the story does not wait.

use sandbox::Sandbox;

use super::words::{Both, Lang};

/// The shop.
pub(super) const BUSINESS: &str = "Чистый дом";
/// Receives lead letters.
pub(super) const OWNER: &str = "owner@example.org";
/// Receives alerts.
pub(super) const OPERATOR: &str = "operator@example.org";
/// The country of phone numbers without a country code.
pub(super) const REGION: &str = "RU";

/// How the demo runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// A story plays.
    Story,
    /// The visitor at the terminal is the customer.
    Visitor,
}

/// All of them, by name.
pub(super) fn settings(sandbox: &Sandbox, mode: Mode, lang: Lang) -> Vec<(&'static str, String)> {
    let merge_wait = match mode {
        Mode::Story => "250",
        Mode::Visitor => "800",
    };
    let fixed = [
        ("BUSINESS_NAME", BUSINESS),
        ("OWNER_EMAIL", OWNER),
        ("OPERATOR_EMAIL", OPERATOR),
        ("OWNER_LANGUAGE", Both("en", "ru").of(lang)),
        ("DATABASE_URL", "sqlite://frontdesk.db"),
        ("TIME_ZONE", "Europe/Moscow"),
        // Practically never: the story requests its report.
        ("REPORT_CRON", "0 9 29 2 *"),
        ("PHONE_REGION", REGION),
        ("TELEGRAM_CHAT_RATE_PER_SECOND", "0"),
        ("MERGE_WAIT_MS", merge_wait),
        ("OPENAI_TIMEOUT", "2s"),
        ("LOG_FORMAT", "json"),
    ];
    let fixed = fixed.map(|(name, value)| (name, value.to_owned()));
    sandbox.environment().into_iter().chain(fixed).collect()
}
