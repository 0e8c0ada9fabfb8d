//! Contacts in the form an owner reads, dials or taps.

use crate::clean::line;
use crate::voice::Voice;
pub(crate) use contacts::phone::display;
use contacts::phone::with_extension;
use domain::{Email, KnownPhone, LeadFacts, Origin, Phone, Profile};

/// A user name with its `@`, if it is valid in Telegram: only then it is safe in a link.
pub(crate) fn username(profile: &Profile) -> Option<String> {
    let name = profile.username.as_deref()?;
    let is_one = (4..=32).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    is_one.then(|| format!("@{name}"))
}

/// A link to the customer in Telegram: by user name, else by a verified number (Telegram, Deep links).
pub(crate) fn telegram_link(profile: &Profile, phones: &[KnownPhone]) -> Option<String> {
    let by_name = username(profile).map(|name| format!("https://t.me/{}", name.trim_start_matches('@')));
    by_name.or_else(|| {
        let verified = phones.iter().find(|known| known.origin == Origin::Verified)?;
        Some(format!("https://t.me/{}", verified.number.as_str()))
    })
}

/// A link to an address of the plain form, its domain as mail servers know it; what else an address may hold would have to
/// be read alike by every mail program (RFC 6068, 2).
pub(crate) fn mail_link(email: &Email) -> Option<String> {
    if !email.is_confirmed() {
        return None;
    }
    let wire = email.on_the_wire();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || ".-_+'@".contains(c);
    let (name, domain) = wire.split_once('@')?;
    let has_dot = domain.split('.').count() > 1 && domain.split('.').all(|label| !label.is_empty());
    let is_one = !name.is_empty() && has_dot && !domain.contains('@') && wire.chars().all(is_plain);
    is_one.then(|| format!("mailto:{wire}"))
}

/// The Reply-To of the letter: the customer's first address, if it is plain. Any other would need more than ASCII in a
/// header (RFC 6532), or be read differently by another program.
pub fn answer_to(facts: &LeadFacts) -> Option<&Email> {
    facts.emails.first().filter(|email| mail_link(email).is_some())
}

/// The number with what is dialled behind it: `+7 495 123-45-67 доб. 105`.
///
/// # Errors
/// A word that is missing.
pub(crate) fn shown(phone: &Phone, voice: Voice<'_>) -> Result<String, String> {
    Ok(line(&with_extension(phone, &voice.say("extension")?)))
}

/// The number, else the address, else the user name.
///
/// # Errors
/// A word that is missing.
pub(crate) fn shortest(facts: &LeadFacts, username: Option<&str>, voice: Voice<'_>) -> Result<Option<String>, String> {
    let phone = facts.phone().map(|known| shown(&known.number, voice)).transpose()?;
    let email = || facts.emails.first().map(|email| line(email.as_str()));
    Ok(phone.or_else(email).or_else(|| username.map(str::to_owned)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(username: &str) -> Profile {
        Profile {
            username: Some(username.to_owned()),
            ..Profile::default()
        }
    }

    #[test]
    fn only_a_plain_address_becomes_a_link() {
        let link = |address: &str| mail_link(&Email::normalised(address));
        assert_eq!(link("a.b+c@shop.example").as_deref(), Some("mailto:a.b+c@shop.example"));
        assert_eq!(
            link("o'brien@shop.example").as_deref(),
            Some("mailto:o'brien@shop.example")
        );
        let of_another_script = Some("mailto:info@xn--80a1acny.xn--p1ai");
        assert_eq!(link("info@почта.рф").as_deref(), of_another_script);
        assert_eq!(link("info@Почта.РФ").as_deref(), of_another_script);
        for address in [
            "@",
            "a@b",
            "@b.c",
            "a@.c",
            "a@b.c@d.e",
            "a?cc=x@b.c",
            "a b@c.d",
            "\"a\"@b.c",
            "мария@b.c",
            "иван@почта.рф",
        ] {
            assert_eq!(link(address), None, "{address}");
        }
    }

    #[test]
    fn only_a_verified_number_opens_telegram() {
        let known = |origin| {
            let number = domain::Phone::international("79123456789").unwrap();
            vec![KnownPhone { number, origin }]
        };
        let unnamed = Profile::default();
        let link = telegram_link(&unnamed, &known(Origin::Verified));
        assert_eq!(link.as_deref(), Some("https://t.me/+79123456789"));
        assert_eq!(telegram_link(&unnamed, &known(Origin::Typed)), None);
        let by_name = telegram_link(&named("maria_k"), &known(Origin::Verified));
        assert_eq!(by_name.as_deref(), Some("https://t.me/maria_k"));
    }

    #[test]
    fn only_a_user_name_of_telegrams_form_becomes_a_link() {
        assert_eq!(username(&named("maria_k")).as_deref(), Some("@maria_k"));
        for name in ["abc", "мария", "a b c d", "a/../b", "\"onclick=", &"a".repeat(33)] {
            assert_eq!(username(&named(name)), None, "{name}");
        }
    }
}
