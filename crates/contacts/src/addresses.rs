//! E-mail addresses in a text. A word is never cut: one letter of another script inside an address (`ivаnov@mail.ru` with a
//! Cyrillic а) makes another person's mailbox of the rest, so that the address stays as it was written and is marked. Only
//! what is surely another word is left out: "почтаivan@mail.ru", "ivan@mail.ruспасибо".

use std::ops::Range;

use domain::Email;
use email_address::EmailAddress;

use super::plain::Plain;
use super::spelled::{self, ENDINGS};
use super::words::Words;

/// RFC 5321: the longest part before the `@`, and the longest domain.
const LONGEST_PART: usize = 255;

/// Cyrillic words that people write before an address without a space.
const WORDS_BEFORE: Words<20> =
    Words::of("почта почту почте емейл имейл мейл мэйл майл емайл емаил мыло адрес пишите на мой моя это или и эл");
/// The same behind one; shorter words than three letters must be known.
const WORDS_BEHIND: &[&str] = &["и", "или", "на", "тел", "мой"];
/// Cyrillic letters, and the Latin ones that they are taken for.
const LOOKALIKES: &str = "авеёзиіјкмнорстухѕ";
const TAKEN_FOR: &str = "abee3uijkmhopctyxs";

/// The e-mail addresses, which are taken.
pub(super) fn emails(plain: &mut Plain) -> Vec<(Email, Range<usize>)> {
    let mut found: Vec<(Email, Range<usize>)> = Vec::new();
    for at in 0..plain.chars.len() {
        if plain.chars[at] != '@' || plain.is_taken[at] {
            continue;
        }
        if let Some((email, range)) = address(plain, at) {
            plain.take(range.clone());
            found.push((email, range));
        }
    }
    for at in 0..plain.chars.len() {
        if let Some((email, range)) = meant(plain, at) {
            plain.take(range.clone());
            found.push((email, range));
        }
    }
    for (email, range) in spelled::emails(plain) {
        plain.take(range.clone());
        found.push((email, range));
    }
    found
}

/// What surrounds an `@` that belongs to no address, though one was meant: "ivan.@mail.ru", "ivan@@mail.ru", two that
/// are glued together.
fn meant(plain: &Plain, at: usize) -> Option<(Email, Range<usize>)> {
    let is_part = |place: usize| {
        let c = plain.at(place);
        plain.is_taken.get(place) == Some(&false) && (c == '@' || is_of_local(c))
    };
    if plain.at(at) != '@' || !is_part(at) {
        return None;
    }
    let before = (0..at).rev().take(LONGEST_PART).take_while(|place| is_part(*place));
    let mut start = at - before.count();
    let mut end = at + (at..at + LONGEST_PART).take_while(|place| is_part(*place)).count();
    while start < at && !plain.at(start).is_alphanumeric() {
        start += 1;
    }
    while end > at && !plain.before(end).is_alphanumeric() {
        end -= 1;
    }
    let text = plain.text(start..end);
    let (name, domain) = text.split_once('@')?;
    let has_ending = domain
        .split('.')
        .skip(1)
        .any(|label| label.chars().take_while(|c| c.is_alphabetic()).count() > 1);
    let email = Email::normalised(&text);
    let is_meant = has_ending && name.contains(char::is_alphabetic) && !email.is_confirmed();
    is_meant.then_some((email, start..end))
}

/// The address around an `@`.
fn address(plain: &Plain, at: usize) -> Option<(Email, Range<usize>)> {
    let is_open = |place: usize| plain.is_taken.get(place) == Some(&false);
    let mut start = at;
    while start > 0 && at - start <= LONGEST_PART && is_open(start - 1) && is_of_local(plain.at(start - 1)) {
        start -= 1;
    }
    let mut end = at + 1;
    while end - at <= LONGEST_PART && is_open(end) && is_of_domain(plain.at(end)) {
        end += 1;
    }
    // "a@b@c.ru" is not an address; in "@anna@mail.ru" and "anna@mail.ru@" the other sign belongs to nothing.
    let is_double = start > 0 && plain.before(start) == '@' && is_of_local(plain.before(start - 1));
    if is_double || plain.at(end) == '@' && is_of_domain(plain.at(end + 1)) {
        return None;
    }
    let is_mark = |c: char| matches!(c, '.' | '-' | '+' | '\'' | '%');
    while start < at && is_mark(plain.at(start)) {
        start += 1;
    }
    start += word_before(&plain.text(start..at));
    while start < at && is_mark(plain.at(start)) {
        start += 1;
    }
    end = at + 1 + domain_of(&plain.text(at + 1..end));
    let text = plain.text(start..end);
    let (_, domain) = text.rsplit_once('@')?;
    let (name, ending) = domain.rsplit_once('.')?;
    let is_ending = ending.chars().count() > 1 && ending.chars().all(char::is_alphabetic) || ending.starts_with("xn--");
    let is_one = is_ending && !name.is_empty() && EmailAddress::is_valid(&text);
    is_one.then(|| (Email::normalised(&text), start..end))
}

/// Characters of a word that was glued to the name of a mailbox.
fn word_before(local: &str) -> usize {
    if let Some(end) = known_word_before(local) {
        return end;
    }
    let word: String = local.chars().take_while(|c| is_foreign(*c)).collect();
    let length = word.chars().count();
    let is_more = local.chars().nth(length).is_some();
    // Letters that look like none of the service begin no name by mistake.
    let is_apart = !word.is_empty() && word.chars().all(|c| !may_look_latin(c));
    let is_word = is_apart || WORDS_BEFORE.has(&word.to_lowercase());
    if is_more && is_word { length } else { 0 }
}

/// Where the last known word ends that letters of the service follow: "тел.89123456789почтаivan".
fn known_word_before(local: &str) -> Option<usize> {
    let chars: Vec<char> = local.chars().collect();
    (1..chars.len()).rev().find(|at| {
        let word: Vec<char> = chars[..*at]
            .iter()
            .rev()
            .take_while(|c| is_foreign(**c))
            .copied()
            .collect();
        let word: String = word.iter().rev().collect();
        let is_known = word.chars().count() > 3 && WORDS_BEFORE.has(&word.to_lowercase());
        is_known && !is_foreign(chars[*at]) && chars[*at..].iter().any(char::is_ascii_alphabetic)
    })
}

/// Characters of a domain without what was written right behind it: a phone, a word, the next sentence.
fn domain_of(domain: &str) -> usize {
    let trimmed = domain.trim_end_matches(['.', '-']);
    let labels: Vec<&str> = trimmed.split('.').collect();
    let mut length = 0;
    for (place, label) in labels.iter().enumerate() {
        let is_last = place + 1 == labels.len();
        let is_sentence = labels.get(place + 1).is_some_and(|next| next.starts_with(is_foreign))
            && labels[place + 1..].iter().all(|label| !is_known_foreign(label));
        let is_end = place > 0 && (is_last || is_sentence && ENDINGS.contains(&label.to_lowercase().as_str()));
        if is_end {
            return length + ending_of(label);
        }
        length += label.chars().count() + 1;
    }
    trimmed.chars().count()
}

/// Characters of a top-level domain, which has neither digits nor dashes in it, without what is glued to it.
fn ending_of(label: &str) -> usize {
    let whole = label.chars().count();
    if label.to_lowercase().starts_with("xn--") {
        return whole;
    }
    let letters: Vec<char> = label.chars().take_while(|c| c.is_alphabetic()).collect();
    let latin: String = letters.iter().take_while(|c| c.is_ascii()).collect();
    let rest: String = letters.iter().skip(latin.len()).collect();
    let is_cut = letters.len() < whole;
    if !latin.is_empty() && !rest.is_empty() && is_word_behind(&latin.to_lowercase(), &rest.to_lowercase()) {
        return latin.len();
    }
    if is_cut && letters.len() > 1 {
        letters.len()
    } else {
        whole
    }
}

/// Whether Cyrillic letters behind a top-level domain are a word of their own: not letters that make another domain of it
/// when they are taken for Latin ones (`.co` and `м`).
fn is_word_behind(latin: &str, rest: &str) -> bool {
    let first = rest.chars().next().unwrap_or_default();
    let taken_for = LOOKALIKES.chars().zip(TAKEN_FOR.chars()).find(|(own, _)| *own == first);
    let makes_another = taken_for.is_some_and(|(_, c)| {
        let longer = format!("{latin}{c}");
        ENDINGS.iter().any(|ending| ending.starts_with(&longer))
    });
    let is_word = WORDS_BEHIND.contains(&rest) || rest.chars().count() > 2 && rest.chars().any(|c| !looks_latin(c));
    ENDINGS.contains(&latin) && is_word && !makes_another
}

fn looks_latin(c: char) -> bool {
    LOOKALIKES.contains(c)
}

/// A letter that is not one of the plain Latin ones.
fn is_foreign(c: char) -> bool {
    c.is_alphabetic() && !c.is_ascii()
}

/// Whether a letter may be taken for a Latin one: scripts of the East are not.
fn may_look_latin(c: char) -> bool {
    c < '\u{590}'
        || ('\u{1c80}'..='\u{1fff}').contains(&c)
        || ('\u{2c60}'..='\u{2dff}').contains(&c)
        || ('\u{a640}'..='\u{ab6f}').contains(&c)
}

/// Whether the label may be a top-level domain of another script.
fn is_known_foreign(label: &str) -> bool {
    label.starts_with(is_foreign) && Email::normalised(&format!("a@{label}.{label}")).is_confirmed()
}

fn is_of_local(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '_' | '%' | '+' | '\'' | '-')
}

fn is_of_domain(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '-')
}
