//! Bot commands. Text after a command is never lost: many customers start writing after `/start`, a menu entry or an old link.

use domain::Command;

/// The bot that asked for the updates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BotIdentity {
    /// Its user id: the number before the colon of its token.
    pub id: i64,
    /// Its user name without the `@`; while it is unknown, every `/command@name` is accepted.
    pub username: Option<String>,
}

/// A command begins with a slash and a Latin letter (Bot API, "Commands": Latin letters, digits and underscores). With text after it, it
/// is a plain text, so that the text is stored and answered. Exceptions: `/reset` still resets, and `/start` takes a deep link's payload.
pub(super) fn command(bot: &BotIdentity, words: &str) -> Option<Command> {
    let typed = words.strip_prefix('/')?;
    if !typed.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let (name, behind) = token(typed);
    let (receiver, behind) = match behind.strip_prefix('@') {
        Some(behind) => {
            let (receiver, behind) = token(behind);
            (Some(receiver), behind)
        }
        None => (None, behind),
    };
    let is_attached = !behind.is_empty() && !behind.starts_with(char::is_whitespace);
    let rest = behind.trim_start_matches(['.', ',', '!', '?', ':', ';']).trim();
    if is_attached && !rest.is_empty() {
        return None;
    }
    let rest = if is_attached { "" } else { behind.trim() };
    let is_ours = match (receiver, &bot.username) {
        (Some(receiver), Some(own)) => receiver.eq_ignore_ascii_case(own),
        _ => true,
    };
    match (is_ours, name.to_ascii_lowercase().as_str()) {
        (true, "reset") => Some(Command::Reset),
        (true, "start") if is_payload(rest) => Some(Command::Start {
            payload: Some(rest.to_owned()),
        }),
        _ if !rest.is_empty() => None,
        (true, "start") => Some(Command::Start { payload: None }),
        (true, "help") => Some(Command::Help),
        (true, "contact") => Some(Command::Contact),
        (true, "privacy") => Some(Command::Privacy),
        _ => Some(Command::Unknown {
            name: typed.trim_end().to_owned(),
        }),
    }
}

/// Splits off the leading letters, digits and underscores.
fn token(text: &str) -> (&str, &str) {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.split_at(text.find(|c| !is_part(c)).unwrap_or(text.len()))
}

/// Whether a deep link can contain this payload (Bot API, "Deep linking").
fn is_payload(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    (1..=64).contains(&text.len()) && text.bytes().all(is_part)
}

#[cfg(test)]
mod tests {
    use super::super::tests::bot;
    use super::*;

    fn command(text: &str) -> Option<Command> {
        super::command(&bot(), text)
    }

    #[test]
    fn commands_are_parsed_in_any_case_with_their_payload() {
        let payload = Some("avito3".to_owned());
        assert_eq!(command("/start avito3"), Some(Command::Start { payload }));
        assert_eq!(command("/Start"), Some(Command::Start { payload: None }));
        assert_eq!(command("/HELP@shop_BOT"), Some(Command::Help));
        assert_eq!(command("/reset now please"), Some(Command::Reset));
        assert_eq!(command("/contact"), Some(Command::Contact));
        assert_eq!(command("/privacy "), Some(Command::Privacy));
        assert_eq!(command("/help!"), Some(Command::Help));
        assert_eq!(command("/start@shop_bot?"), Some(Command::Start { payload: None }));
        for payload in ["a", "-_9Z", &"x".repeat(64)] {
            let expected = Some(payload.to_owned());
            assert_eq!(
                command(&format!("/start {payload}")),
                Some(Command::Start { payload: expected })
            );
        }
    }

    #[test]
    fn a_command_for_another_bot_is_unknown() {
        let unknown = |name: &str| Some(Command::Unknown { name: name.into() });
        assert_eq!(command("/help@other_bot"), unknown("help@other_bot"));
        assert_eq!(command("/Order@Shop_bot"), unknown("Order@Shop_bot"));
    }

    #[test]
    fn text_that_only_looks_like_a_command_is_text() {
        for text in [
            "/",
            "/ start",
            "/5",
            "/цена",
            " /start",
            "a /start",
            "/contact +79123456789",
            "/help me",
            "/help как заказать",
            "/Order 2 roses",
            "/price окна",
            "/order@other_bot 2 roses",
            "/start Здравствуйте, сколько стоит окно?",
            "/start@shop_bot привет",
            "/start avito 3",
            "/start привет",
            "/start\nДобрый день",
            "/start 🙂",
            "/start🙂",
            "/startпривет",
            "/start ???",
            "/start a.b",
            "/privacy: что это",
        ] {
            assert_eq!(command(text), None, "{text}");
        }
        let long = format!("/start {}", "x".repeat(65));
        assert_eq!(command(&long), None);
    }
}
