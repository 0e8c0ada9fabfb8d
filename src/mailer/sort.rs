//! Sorts what went wrong with the mail server by what may be done about it. The same code means different things at
//! different places of the dialogue: 550 to a recipient is about this letter, 550 to our greeting is about us.

use std::error::Error as _;

use lettre::transport::smtp::Error;

use super::messages::MailError;

/// How far the dialogue with the server has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    /// Connection, greeting, encryption, login.
    Greeting,
    /// MAIL FROM: who sends.
    Sender,
    /// RCPT TO and DATA: to whom.
    Recipient,
    /// The letter itself. From here on the server may have it.
    Content,
}

/// Longest piece of a server's refusal that is kept, in characters.
const KEPT: usize = 120;

/// Sorts a failure of that stage.
pub(super) fn sort(stage: Stage, error: &Error) -> MailError {
    if let Some(status) = error.status() {
        let code: u16 = status.into();
        let said = refusal(
            stage,
            code,
            &error.source().map(ToString::to_string).unwrap_or_default(),
        );
        return match code {
            _ if error.is_transient() => MailError::Transient(said),
            _ if is_about_us(stage, code, &said) => MailError::Configuration(said),
            _ => MailError::Refused(said),
        };
    }
    if is_tls(error) {
        return MailError::Configuration("no encrypted connection: certificate, SMTP_PORT or SMTP_SECURITY".into());
    }
    if error.is_client() {
        return MailError::Configuration(client_fault(error).into());
    }
    match stage {
        _ if error.is_response() => unreadable(stage),
        Stage::Content => MailError::Unknown("cut"),
        Stage::Greeting => MailError::Transient("no connection".into()),
        _ => MailError::Transient("cut".into()),
    }
}

/// An answer of that stage is none.
pub(super) fn unreadable(stage: Stage) -> MailError {
    const WHAT: &str = "unreadable answer";
    match stage {
        Stage::Content => MailError::Unknown(WHAT),
        _ => MailError::Transient(WHAT.into()),
    }
}

/// Time ran out at that stage.
pub(super) fn late(stage: Stage) -> MailError {
    match stage {
        Stage::Content => MailError::Unknown("timeout"),
        _ => MailError::Transient("timeout".into()),
    }
}

/// Whether a refusal is about the way we are set up: the login (RFC 4954), encryption, a command the server does not
/// know (RFC 5321, 4.2.4), the sender or what he may do (RFC 3463: X.1.7, X.1.8, X.7.x before the letter is seen).
fn is_about_us(stage: Stage, code: u16, said: &str) -> bool {
    let detail = said.split(' ').nth(1).unwrap_or_default();
    let is_login = matches!(code, 500..=504 | 523 | 530 | 534 | 535 | 538);
    let is_policy = ["5.7.", "5.1.7", "5.1.8"].iter().any(|kind| detail.starts_with(kind));
    // Our own quota for the day, or a mailbox that is full: over by itself, and no reason to give a letter up.
    let is_quota = ["5.4.5", "5.2.2"].contains(&detail);
    is_login || is_quota || is_sending(detail) || stage <= Stage::Sender || stage == Stage::Recipient && is_policy
}

/// X.7.20 to X.7.30: signature, SPF, reverse name, flood, encryption (RFC 7372 and the registry of RFC 5248; Gmail says
/// 5.7.26 and 5.7.28). They name who sends and how, not what the letter says; X.7.1 may mean either and is not here.
fn is_sending(detail: &str) -> bool {
    let number = detail.strip_prefix("5.7.").and_then(|number| number.parse().ok());
    number.is_some_and(|number: u16| (20..=30).contains(&number))
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

/// Certificates and handshakes fail as connections do in lettre; the cause tells them apart.
fn is_tls(error: &Error) -> bool {
    let mut cause = error.source();
    while let Some(one) = cause {
        let inner = one.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        if one.is::<rustls::Error>() || matches!(inner, Some(inner) if inner.is::<rustls::Error>()) {
            return true;
        }
        cause = one.source();
    }
    error.is_tls()
}

/// lettre's own complaints, in words an operator can act on; its text is not taken over.
fn client_fault(error: &Error) -> &'static str {
    let said = error.to_string();
    match said.as_str() {
        said if said.contains("STARTTLS") => "the server does not offer STARTTLS",
        said if said.contains("authentication mechanism") => "the server offers no login that is known here",
        said if said.contains("SMTPUTF8") => "the server does not take addresses beyond ASCII",
        _ => "the server and the configuration do not fit",
    }
}

/// `550 5.1.1 no such user`: code and the beginning of the text, without what could be an address or a number. Of a
/// server that has read the letter the codes alone: it quotes what it does not like.
fn refusal(stage: Stage, code: u16, text: &str) -> String {
    const LONG_NUMBER: usize = 5;
    let text = super::clean::line(text);
    let status = text.split(' ').next().filter(|word| is_status(word));
    if stage == Stage::Content {
        return format!("{code} {}", status.unwrap_or_default()).trim_end().to_owned();
    }
    let is_private = |word: &str| word.contains('@') || word.bytes().filter(u8::is_ascii_digit).count() >= LONG_NUMBER;
    let words: Vec<&str> = text
        .split(' ')
        .map(|word| if is_private(word) { "…" } else { word })
        .collect();
    super::clean::at_most(format!("{code} {}", words.join(" ")).trim_end(), KEPT)
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
    fn the_same_code_is_about_us_until_the_letter_is_seen() {
        let cases = [
            (Stage::Greeting, 554, "554 5.7.1 blocked", true),
            (Stage::Sender, 553, "553 5.7.1 not owned", true),
            (Stage::Recipient, 554, "554 5.7.1 relay access denied", true),
            (Stage::Recipient, 550, "550 5.1.1 no such user", false),
            (Stage::Recipient, 550, "550", false),
            (Stage::Content, 554, "554 5.7.1 looks like spam", false),
            (Stage::Content, 552, "552 too big", false),
            (Stage::Content, 552, "552 5.3.4", false),
            (Stage::Content, 550, "550 5.7.19", false),
            (Stage::Content, 550, "550 5.7.26", true),
            (Stage::Content, 550, "550 5.7.28", true),
            (Stage::Content, 550, "550 5.7.31", false),
            (Stage::Content, 550, "550 5.4.5", true),
            (Stage::Content, 552, "552 5.2.2", true),
            (Stage::Recipient, 550, "550 5.1.0 address rejected", false),
            (Stage::Recipient, 550, "550 5.1.2 no such host", false),
            (Stage::Recipient, 553, "553 5.1.3 bad address", false),
            (Stage::Recipient, 550, "550 5.1.6 moved", false),
            (Stage::Recipient, 530, "530 5.7.0 log in first", true),
        ];
        for (stage, code, said, is_ours) in cases {
            assert_eq!(is_about_us(stage, code, said), is_ours, "{stage:?} {said}");
        }
    }
}
