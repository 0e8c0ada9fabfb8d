//! Sorts failures of the mail server by the possible remedy. The same code means different things at different stages: 550
//! for a recipient concerns this letter, 550 for the greeting concerns the account.

use std::error::Error as _;

use lettre::transport::smtp::Error;

use super::line::LastWords;
use super::messages::MailError;

/// How far the dialogue with the server has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    /// Connection, greeting, EHLO, encryption.
    Greeting,
    /// AUTH.
    Login,
    /// MAIL FROM: the sender.
    Sender,
    /// RCPT TO and DATA: the recipient.
    Recipient,
    /// The letter itself. From here on the server may have it.
    Content,
}

/// Longest piece of a server's refusal that is kept, in characters.
const KEPT: usize = 120;

/// Sorts a failure of that stage.
pub(super) fn sort(stage: Stage, error: &Error) -> MailError {
    if let Some(status) = error.status() {
        return by_code(stage, status.into(), &words(error));
    }
    if error.is_client() {
        return MailError::Account(client_fault(error).into());
    }
    if let Some(said) = last_words(error) {
        return by_code(stage, said.code, &said.text);
    }
    match stage {
        _ if error.is_response() => unreadable(stage),
        Stage::Greeting => MailError::Transient("no connection".into()),
        _ => unanswered(stage, "cut"),
    }
}

/// Whether a server refuses the name we introduced ourselves by. Many wait for the recipient before they say so.
pub(super) fn is_about_name(stage: Stage, error: &Error) -> bool {
    let code = error.status().map_or(0, u16::from);
    is_name_refused(stage, code, &words(error))
}

fn is_name_refused(stage: Stage, code: u16, text: &str) -> bool {
    const NAMES: [&str; 7] = [
        "helo",
        "ehlo",
        "hostname",
        "host name",
        "fully-qualified",
        "fully qualified",
        "fqdn",
    ];
    let text = text.to_lowercase();
    let is_named = NAMES.iter().any(|name| text.contains(name));
    let is_refusal = matches!(code, 450 | 451 | 501 | 504 | 550 | 553 | 554);
    is_refusal && (is_named || code == 504 && stage == Stage::Greeting)
}

fn last_words(error: &Error) -> Option<&LastWords> {
    let io = error.source()?.downcast_ref::<std::io::Error>()?;
    io.get_ref()?.downcast_ref()
}

fn words(error: &Error) -> String {
    error.source().map(ToString::to_string).unwrap_or_default()
}

fn by_code(stage: Stage, code: u16, text: &str) -> MailError {
    let said = refusal(stage, code, text);
    match (code, stage) {
        // "Too many login attempts": another login would make it worse.
        (400..500, Stage::Login) => MailError::Account(said),
        (400..500, _) => MailError::Transient(said),
        _ => match concern(stage, code, text) {
            Concern::Us => MailError::Account(said),
            Concern::Rules => MailError::Configuration(said),
            Concern::Size => MailError::TooLarge(said),
            Concern::Letter => MailError::Refused(said),
        },
    }
}

/// What a refusal is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Concern {
    /// Our login, our sender, our way to connect: every letter would be refused.
    Us,
    /// What we may do for this recipient.
    Rules,
    /// How much the letter holds.
    Size,
    /// This recipient or this letter.
    Letter,
}

/// The login (RFC 4954), encryption, the sender or what it may do (RFC 3463: X.1.7, X.1.8, X.7.x before the letter is
/// seen) concern us; sizes are X.3.4 and X.2.3, and 552 unless it is a full mailbox (X.2.2).
fn concern(stage: Stage, code: u16, text: &str) -> Concern {
    let lower = text.to_lowercase();
    let detail = status_in(&lower).unwrap_or_default();
    let says = |phrases: &[&str]| phrases.iter().any(|phrase| lower.contains(phrase));
    let is_login = matches!(code, 523 | 530 | 534 | 535 | 538);
    // 5.4.5 is our own quota of the day.
    let is_ours = ["5.1.7", "5.1.8", "5.4.5"].contains(&detail) || is_sending(detail);
    let is_sender = match stage {
        Stage::Content => code == 553 || says(&["not owned", "not local sender", "sendas", "send as "]),
        _ => {
            code == 553 && detail.starts_with("5.7.")
                || says(&["not owned", "sender address rejected", "sender verify"])
        }
    };
    if stage <= Stage::Sender || is_login || is_ours || is_sender || is_name_refused(stage, code, text) {
        return Concern::Us;
    }
    let is_full = detail == "5.2.2" || says(&["mailbox full", "mailbox is full", "quota"]);
    let is_size = ["5.3.4", "5.2.3"].contains(&detail) || stage == Stage::Content && code == 552 && !is_full;
    match stage {
        _ if is_size => Concern::Size,
        Stage::Recipient if detail.starts_with("5.7.") || matches!(code, 500 | 502..=504 | 555) => Concern::Rules,
        _ => Concern::Letter,
    }
}

/// An answer of that stage is none.
pub(super) fn unreadable(stage: Stage) -> MailError {
    unanswered(stage, "unreadable answer")
}

/// Time ran out at that stage.
pub(super) fn late(stage: Stage) -> MailError {
    unanswered(stage, "timeout")
}

/// From the letter on the server may have it.
fn unanswered(stage: Stage, what: &'static str) -> MailError {
    match stage {
        Stage::Content => MailError::Unknown(what),
        _ => MailError::Transient(what.into()),
    }
}

/// X.7.20 to X.7.30: signature, SPF, reverse name, flood, encryption (RFC 7372 and the registry of RFC 5248; Gmail says
/// 5.7.26 and 5.7.28). They name who sends and how, not what the letter says; X.7.1 may mean either and is not here.
fn is_sending(detail: &str) -> bool {
    let number = detail.strip_prefix("5.7.").and_then(|number| number.parse().ok());
    number.is_some_and(|number: u16| (20..=30).contains(&number))
}

/// The status code that a text begins with.
fn status_in(text: &str) -> Option<&str> {
    text.split([' ', '\n']).next().filter(|word| is_status(word))
}

/// An enhanced status code (RFC 3463): `5.1.1`.
fn is_status(word: &str) -> bool {
    let mut parts = word.split('.');
    let is_class = matches!(parts.next(), Some("2" | "4" | "5"));
    let is_number = |part: Option<&str>| {
        part.is_some_and(|part| (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit()))
    };
    is_class && is_number(parts.next()) && is_number(parts.next()) && parts.next().is_none()
}

/// lettre's own complaints, in words an operator can act on; its text is not taken over.
fn client_fault(error: &Error) -> &'static str {
    let said = error.to_string();
    match said.as_str() {
        said if said.contains("authentication mechanism") => "the server offers no login that is known here",
        _ => "the server and the configuration do not fit",
    }
}

/// `550 5.1.1 no such user`: the code and the start of the text, without possible addresses or numbers. Only the codes if
/// the server has read the letter, because its text may quote the letter.
fn refusal(stage: Stage, code: u16, text: &str) -> String {
    const LONG_NUMBER: usize = 5;
    let text = letters::line(text);
    if stage == Stage::Content {
        return format!("{code} {}", status_in(&text).unwrap_or_default())
            .trim_end()
            .to_owned();
    }
    let is_private = |word: &str| word.contains('@') || word.bytes().filter(u8::is_ascii_digit).count() >= LONG_NUMBER;
    let words: Vec<&str> = text
        .split(' ')
        .map(|word| if is_private(word) { "…" } else { word })
        .collect();
    letters::at_most(format!("{code} {}", words.join(" ")).trim_end(), KEPT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_keeps_no_address_and_no_control() {
        assert_eq!(
            refusal(
                Stage::Recipient,
                550,
                "5.1.1 <anna@example.org>: no\r\n\u{1b}[31msuch user"
            ),
            "550 5.1.1 … no [31msuch user"
        );
        assert!(refusal(Stage::Recipient, 550, &"x ".repeat(500)).chars().count() <= KEPT);
    }

    #[test]
    fn the_same_code_concerns_us_until_the_letter_is_seen() {
        use Concern::{Letter, Rules, Size, Us};
        let cases = [
            (Stage::Greeting, 554, "5.7.1 blocked", Us),
            (Stage::Login, 535, "5.7.8 no", Us),
            (Stage::Sender, 553, "5.7.1 not owned", Us),
            (Stage::Sender, 550, "not local sender over smtp", Us),
            (Stage::Sender, 554, "5.7.1 suspicion of SPAM", Us),
            (Stage::Recipient, 530, "5.7.0 log in first", Us),
            (
                Stage::Recipient,
                553,
                "5.7.1 <a@b.c>: Sender address rejected: not owned by user",
                Us,
            ),
            (Stage::Recipient, 550, "5.1.8 sender domain does not exist", Us),
            (Stage::Recipient, 550, "Sender verify failed", Us),
            (
                Stage::Recipient,
                504,
                "5.5.2 <box>: Helo command rejected: need fully-qualified hostname",
                Us,
            ),
            (Stage::Recipient, 550, "5.4.5 Daily user sending limit exceeded", Us),
            (Stage::Recipient, 554, "5.7.1 relay access denied", Rules),
            (
                Stage::Recipient,
                550,
                "5.7.133 sender not authenticated for group",
                Rules,
            ),
            (Stage::Recipient, 503, "5.5.1 what?", Rules),
            (Stage::Recipient, 550, "5.1.1 no such user", Letter),
            (Stage::Recipient, 550, "", Letter),
            (Stage::Recipient, 501, "5.1.3 bad recipient address syntax", Letter),
            (Stage::Recipient, 550, "5.1.0 address rejected", Letter),
            (Stage::Recipient, 550, "5.1.2 no such host", Letter),
            (Stage::Recipient, 553, "5.1.3 bad address", Letter),
            (Stage::Recipient, 550, "5.1.6 moved", Letter),
            (Stage::Recipient, 550, "5.1.10 recipient not found", Letter),
            (Stage::Recipient, 550, "5.2.1 mailbox disabled", Letter),
            (Stage::Recipient, 552, "5.2.2 mailbox full", Letter),
            (Stage::Recipient, 552, "mailbox full", Letter),
            (Stage::Content, 552, "5.2.2 over quota", Letter),
            (Stage::Content, 552, "Quota exceeded", Letter),
            (Stage::Content, 554, "5.7.1 suspicion of SPAM", Letter),
            (Stage::Content, 550, "spam message rejected", Letter),
            (Stage::Content, 554, "Transaction failed", Letter),
            (Stage::Content, 571, "no", Letter),
            (Stage::Content, 550, "5.7.19 too many", Letter),
            (Stage::Content, 550, "5.7.31 no", Letter),
            (Stage::Content, 550, "5.7.26 unauthenticated", Us),
            (Stage::Content, 550, "5.7.28 unusual rate", Us),
            (Stage::Content, 550, "5.4.5 Daily user sending limit exceeded", Us),
            (
                Stage::Content,
                553,
                "5.7.1 Sender address rejected: not owned by auth user.",
                Us,
            ),
            (Stage::Content, 550, "not local sender over smtp", Us),
            (Stage::Content, 554, "5.2.252 SendAsDenied; not allowed", Us),
            (Stage::Content, 552, "too big", Size),
            (Stage::Content, 552, "5.3.4 too big", Size),
            (
                Stage::Content,
                552,
                "5.7.0 this message was blocked because of its content",
                Size,
            ),
            (Stage::Content, 554, "5.3.4 message size exceeds fixed limit", Size),
            (Stage::Content, 550, "5.2.3 message too long", Size),
        ];
        for (stage, code, text, expected) in cases {
            assert_eq!(concern(stage, code, text), expected, "{stage:?} {code} {text}");
        }
    }

    #[test]
    fn a_refused_name_is_known_by_its_code_or_its_words() {
        for (stage, code, text, is_name) in [
            (Stage::Greeting, 504, "5.5.2 need fully-qualified hostname", true),
            (Stage::Greeting, 504, "", true),
            (Stage::Greeting, 501, "Invalid EHLO argument", true),
            (Stage::Greeting, 550, "HELO should be a FQDN or address literal", true),
            (Stage::Greeting, 554, "bad host name", true),
            (
                Stage::Recipient,
                450,
                "4.7.1 <box>: Helo command rejected: Host not found",
                true,
            ),
            (Stage::Greeting, 501, "5.5.4 syntax error", false),
            (Stage::Greeting, 554, "5.7.1 blocked", false),
            (Stage::Greeting, 421, "hostname", false),
            (Stage::Recipient, 504, "5.5.4 parameter", false),
        ] {
            assert_eq!(is_name_refused(stage, code, text), is_name, "{stage:?} {code} {text}");
        }
    }
}
