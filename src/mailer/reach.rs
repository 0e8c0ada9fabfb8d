//! How somebody can be reached, in the form an owner reads, dials or taps.

use crate::domain::{LeadFacts, Origin, Profile};
pub(super) use crate::text::phone::display;

/// A user name with its `@`, if it has the form Telegram gives them: only such a one may stand in a link.
pub(super) fn username(profile: &Profile) -> Option<String> {
    let name = profile.username.as_deref()?;
    let is_one = (4..=32).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    is_one.then(|| format!("@{name}"))
}

/// Where a chat with him opens: by his user name, else by the number that Telegram itself gave as his.
pub(super) fn chat_link(profile: &Profile, facts: &LeadFacts) -> Option<String> {
    let name = username(profile).map(|name| name.trim_start_matches('@').to_owned());
    let own = || facts.phones.iter().find(|known| known.origin == Origin::Verified);
    let target = name.or_else(|| own().map(|known| known.number.as_str().to_owned()))?;
    Some(format!("https://t.me/{target}"))
}

/// The shortest way to reach him: his number, else his address, else his user name.
pub(super) fn shortest(facts: &LeadFacts, username: Option<&str>) -> Option<String> {
    let phone = facts.phone().map(|known| display(&known.number));
    let email = || facts.emails.first().map(|email| super::clean::line(email.as_str()));
    phone.or_else(email).or_else(|| username.map(str::to_owned))
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
    fn only_a_user_name_of_telegrams_form_becomes_a_link() {
        assert_eq!(username(&named("maria_k")).as_deref(), Some("@maria_k"));
        for name in ["abc", "мария", "a b c d", "a/../b", "\"onclick=", &"a".repeat(33)] {
            assert_eq!(username(&named(name)), None, "{name}");
        }
    }
}
