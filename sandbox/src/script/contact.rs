//! Finds the contact in a message: a phone number, an email address, or the chat itself.

use super::says;

/// The contact in a message, unchecked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Contact {
    /// As written.
    pub(super) phone: Option<String>,
    /// As written.
    pub(super) email: Option<String>,
    /// The customer prefers Telegram.
    pub(super) in_telegram: bool,
}

impl Contact {
    /// The contact in a message, if any.
    pub(super) fn in_text(text: &str) -> Option<Self> {
        // An address may hold enough digits to pass for a number.
        let without_addresses: Vec<&str> = text.split_whitespace().filter(|word| !word.contains('@')).collect();
        let contact = Self {
            phone: phone_in(&without_addresses.join(" ")),
            email: text.split_whitespace().find_map(email),
            in_telegram: wants_telegram(&text.to_lowercase()),
        };
        let is_any = contact.phone.is_some() || contact.email.is_some() || contact.in_telegram;
        is_any.then_some(contact)
    }
}

/// A run of digits, spaces and dashes long enough to be a phone number.
fn phone_in(text: &str) -> Option<String> {
    let parts = text.split(|c: char| !c.is_ascii_digit() && !" +-()".contains(c));
    let mut phones = parts.map(str::trim).filter(|part| {
        let digits = part.chars().filter(char::is_ascii_digit).count();
        (10..=15).contains(&digits)
    });
    phones.next().map(str::to_owned)
}

/// The word as an email address, without the punctuation around it. A Telegram user name is not one.
fn email(word: &str) -> Option<String> {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    let (name, domain) = word.split_once('@')?;
    let is_address = !name.is_empty() && !domain.contains('@') && domain.split('.').count() > 1;
    is_address.then(|| word.to_owned())
}

/// "напишите мне в телеграм", "write me in telegram", and no negation.
fn wants_telegram(lower: &str) -> bool {
    let names_it = says(lower, &["телеграм", "телеге", "телегу", "тг", "telegram"]);
    let asks = says(lower, &["напиш", "пишите", "пиши", "отпиш", "write", "message", "text"]);
    let declines = ["не пиш", "не напис", "don't", "do not", "not write"];
    names_it && asks && !declines.iter().any(|words| lower.contains(words))
}

#[cfg(test)]
mod tests {
    use super::Contact;

    fn found(text: &str) -> (Option<String>, Option<String>, bool) {
        let contact = Contact::in_text(text);
        contact.map_or((None, None, false), |contact| {
            (contact.phone, contact.email, contact.in_telegram)
        })
    }

    #[test]
    fn a_contact_is_found_in_every_notation() {
        let phone = |text: &str| Some(text.to_owned());
        assert_eq!(
            found("звоните: 8 (912) 345-67-89, Анна"),
            (phone("8 (912) 345-67-89"), None, false)
        );
        let email = Some("anna1234567890@mail.example.org".to_owned());
        assert_eq!(
            found("Пишите на anna1234567890@mail.example.org."),
            (None, email.clone(), false)
        );
        assert_eq!(
            found("+79123456789 или <anna1234567890@mail.example.org>"),
            (phone("+79123456789"), email, false)
        );
        for text in ["Напишите мне в Телеграм", "write me in Telegram, please", "пишите в тг"]
        {
            assert_eq!(found(text), (None, None, true), "{text}");
        }
    }

    #[test]
    fn a_message_without_a_contact_gives_none() {
        for text in [
            "у вас есть телеграм?",
            "не пишите мне в телеграм",
            "мой ник @anna_1987",
            "anna@localhost",
            "12 часов, 3 комнаты",
            "",
        ] {
            assert_eq!(found(text), (None, None, false), "{text}");
        }
    }
}
