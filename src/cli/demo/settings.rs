//! What the service of the demo is told. All but the addresses is there to be quick: a story should not wait for the
//! pacing that spares Telegram's servers, nor a minute for a call that hangs.

use sandbox::Sandbox;

use super::words::{Both, Lang};

/// The shop.
pub(super) const BUSINESS: &str = "Чистый дом";
/// Whose mailbox letters on leads go to.
pub(super) const OWNER: &str = "owner@example.org";
/// Who is told of technical trouble.
pub(super) const OPERATOR: &str = "operator@example.org";
/// The country whose numbers are meant where one is written without its +.
pub(super) const REGION: &str = "RU";

/// Who plays the customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// The story.
    Story,
    /// The person at the terminal.
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
        // The story asks for its report itself: none comes because it happens to be nine o'clock.
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
