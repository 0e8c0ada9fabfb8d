//! Addresses that are written in a way no mail program understands: "ivan собака mail.ru", "ivan(at)mail.ru",
//! "ivan @ mail.ru", "ivan@mail ru", "иван собака мейл ру". They are shown as they were written, and marked.

use std::ops::Range;

use domain::Email;

use super::plain::Plain;
use super::words::Words;

/// Top-level domains that a word may be glued to. Others keep what follows them, and are marked for it.
pub(super) const ENDINGS: &[&str] = &[
    "ru", "com", "net", "org", "su", "by", "kz", "ua", "uz", "kg", "am", "az", "ge", "md", "lv", "lt", "ee", "pl",
    "de", "it", "fr", "es", "eu", "uk", "us", "io", "co", "me", "info", "biz", "pro", "online", "shop", "store",
    "site", "moscow",
];
/// Replacements of the `@`: the words for it, and the sign itself.
const SIGNS: &[(&str, Sign)] = &[
    ("собака", Sign::Word),
    ("собачка", Sign::Word),
    ("собачька", Sign::Word),
    ("sobaka", Sign::Word),
    ("sobachka", Sign::Word),
    ("(at)", Sign::Word),
    ("[at]", Sign::Word),
    ("{at}", Sign::Word),
    ("at", Sign::Bare),
    ("@", Sign::Own),
];
/// Top-level domains that are one even where a space precedes them.
const APART: &[&str] = &["ru", "com", "net", "org", "by", "kz", "ua", "ру", "рф", "ком"];
/// Top-level domains as they are heard.
const HEARD: &[&str] = &["ру", "рф", "ком", "орг", "бай"];
/// Providers of mailboxes, as they are written and heard. Behind them the ending may be missing.
const PROVIDERS: Words<30> = Words::of(
    "mail gmail googlemail yandex ya yahoo outlook hotmail icloud rambler inbox bk protonmail мейл мэйл маил майл \
     яндекс гмейл гмэйл гмаил гмайл жмейл джимейл джимэйл рамблер инбокс аутлук хотмейл айклауд",
);
/// Words for the marks inside the name of a mailbox.
const JOINTS: &[&str] = &["точка", "dot", "тире", "дефис", "подчеркивание", "подчёркивание"];
/// Words before a dog that is none.
const NO_NAMES: Words<22> =
    Words::of("меня мне нас нам вас него неё нее них есть моя наша ваша это эта и с у как где одна большая");
/// Maximum characters of one part, and maximum words of a spelled name.
const LONGEST_PART: usize = 64;
const MOST_WORDS: usize = 4;

/// How surely a sign means an `@`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    /// It means nothing else between two words of an address.
    Word,
    /// "at" is also an ordinary word: only a spelled dot makes an address of it ("look at mail.ru").
    Bare,
    /// The sign itself, which begins a user name as well.
    Own,
}

/// Whether a text without an `@` may hold one.
pub(super) fn may_hold_one(text: &str) -> bool {
    let text = text.to_lowercase();
    SIGNS.iter().any(|(sign, _)| text.contains(sign))
}

/// Those addresses, as they were written.
pub(super) fn emails(plain: &Plain) -> Vec<(Email, Range<usize>)> {
    let lower: Vec<char> = plain
        .chars
        .iter()
        .map(|c| c.to_lowercase().next().unwrap_or(*c))
        .collect();
    let signs: Vec<(Vec<char>, Sign)> = SIGNS
        .iter()
        .map(|(text, sign)| (text.chars().collect(), *sign))
        .collect();
    let mut found: Vec<(Email, Range<usize>)> = Vec::new();
    for at in 0..lower.len() {
        let sign = signs.iter().find(|(text, _)| lower[at..].starts_with(text));
        let begins_behind = found.last().is_none_or(|(_, last)| at >= last.end);
        let Some((text, sign)) = sign.filter(|_| begins_behind && !plain.is_taken[at]) else {
            continue;
        };
        let end = at + text.len();
        let is_glued = plain.before(at).is_alphanumeric() || plain.at(end).is_alphanumeric();
        if *sign == Sign::Bare && is_glued {
            continue;
        }
        let domain = domain_behind(plain, at..end, *sign);
        let place = domain.and_then(|domain| Some(local_before(plain, at, *sign, &domain)?..domain.end));
        let Some(place) = place else { continue };
        let taken = plain.is_taken.get(place.clone());
        let email = Email::normalised(&plain.text(place.clone()));
        if taken.is_some_and(|taken| !taken.contains(&true)) && !email.is_confirmed() {
            found.push((email, place));
        }
    }
    found
}

/// A domain behind what stands for the `@`.
struct Domain {
    end: usize,
    /// Whether it is one of a well-known provider, or spelled: nothing else is meant.
    is_sure: bool,
}

/// Where the name of the mailbox begins.
fn local_before(plain: &Plain, at: usize, sign: Sign, domain: &Domain) -> Option<usize> {
    let end = at - gap_before(plain, at);
    let mut start = name_before(plain, end);
    let name = plain.text(start..end);
    let is_latin = name.is_ascii();
    let is_meant = sign == Sign::Word || sign == Sign::Own && end == at;
    let is_word = is_latin || is_meant && domain.is_sure && !NO_NAMES.has(&name.to_lowercase());
    // A word of another script before it would be cut.
    let is_whole = !plain.before(start).is_alphanumeric() && plain.before(start) != '@';
    let is_name = !name.contains("..") && !name.starts_with('.') && !name.ends_with('.');
    if !is_word || !is_whole || !is_name || end - start < 2 {
        return None;
    }
    for _ in 0..MOST_WORDS {
        let Some(longer) = spelled_before(plain, start) else {
            break;
        };
        start = longer;
    }
    let has_letter = plain.text(start..end).chars().any(char::is_alphabetic);
    has_letter.then_some(start)
}

/// "иван точка" before "петров".
fn spelled_before(plain: &Plain, start: usize) -> Option<usize> {
    let gap = gap_before(plain, start);
    let end = start - gap;
    let joint = name_before(plain, end);
    let is_joint = gap > 0 && JOINTS.contains(&plain.text(joint..end).to_lowercase().as_str());
    let end = joint - gap_before(plain, joint);
    let longer = name_before(plain, end);
    let is_whole = !plain.before(longer).is_alphanumeric() && plain.before(longer) != '@';
    let is_open = plain
        .is_taken
        .get(longer..start)
        .is_some_and(|taken| !taken.contains(&true));
    (is_joint && is_whole && is_open && longer < end && end < joint).then_some(longer)
}

fn name_before(plain: &Plain, end: usize) -> usize {
    let is_of_name = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '+');
    let name = (0..end)
        .rev()
        .take(LONGEST_PART)
        .take_while(|place| is_of_name(plain.at(*place)));
    end - name.count()
}

fn gap_before(plain: &Plain, at: usize) -> usize {
    (0..at)
        .rev()
        .take(2)
        .take_while(|place| is_gap(plain.at(*place)))
        .count()
}

fn skip(plain: &Plain, from: usize) -> usize {
    from + (from..from + 2).take_while(|at| is_gap(plain.at(*at))).count()
}

/// Where the domain ends: labels with a dot, a comma, "точка" or a space between, the last of them a known top-level
/// domain; or a well-known provider alone.
fn domain_behind(plain: &Plain, sign_at: Range<usize>, sign: Sign) -> Option<Domain> {
    let mut at = skip(plain, sign_at.end);
    let is_joined = at == sign_at.end && gap_before(plain, sign_at.start) == 0;
    let may_be_name = sign == Sign::Own && !is_joined;
    let mut is_sure = false;
    let mut is_spelled = sign != Sign::Bare;
    for labels in 0..4 {
        let is_of_label = |c: char| c.is_alphanumeric() || c == '-';
        let length = (at..at + LONGEST_PART)
            .take_while(|place| is_of_label(plain.at(*place)))
            .count();
        let end = at + length;
        let label = plain.text(at..end).to_lowercase();
        let is_provider = PROVIDERS.has(&label);
        is_sure |= labels == 0 && is_provider;
        let next = dot_behind(plain, end);
        let is_ending = ENDINGS.contains(&label.as_str()) || HEARD.contains(&label.as_str());
        if labels > 0 && is_ending && !plain.at(end).is_alphanumeric() && plain.at(end) != '@' {
            let is_more = |at: usize| ENDINGS.iter().any(|ending| is_word(plain, at, ending));
            if !next.is_some_and(|dot| is_more(dot.behind)) {
                return is_spelled.then_some(Domain { end, is_sure });
            }
        }
        let Some(dot) = next.filter(|_| length > 0) else {
            let is_whole = labels == 0 && length > 0 && sign != Sign::Bare && !matches!(plain.at(end), '_' | '@' | '/');
            let apart = behind_space(plain, end).filter(|_| is_provider || !may_be_name);
            let alone = Some(end).filter(|_| is_provider && !may_be_name);
            let end = apart.or(alone).filter(|_| is_whole)?;
            return Some(Domain { end, is_sure });
        };
        is_sure |= dot.is_word;
        is_spelled |= dot.is_word;
        at = dot.behind;
    }
    None
}

/// The end of a top-level domain with only a space before it.
fn behind_space(plain: &Plain, end: usize) -> Option<usize> {
    let behind = skip(plain, end);
    let ending = APART.iter().find(|ending| is_word(plain, behind, ending))?;
    (behind > end).then(|| behind + ending.chars().count())
}

/// What parts two labels of a domain.
#[derive(Clone, Copy)]
struct Dot {
    behind: usize,
    is_word: bool,
}

/// A dot, a comma that was hit in its place, or the word for it.
fn dot_behind(plain: &Plain, end: usize) -> Option<Dot> {
    let dot = skip(plain, end);
    if matches!(plain.at(dot), '.' | ',') {
        // A sentence may end here: only the best known endings are separate.
        let behind = skip(plain, dot + 1);
        let is_apart = behind > end + 1;
        let is_one = !is_apart || APART.iter().any(|ending| is_word(plain, behind, ending));
        return is_one
            .then_some(Dot { behind, is_word: false })
            .filter(|dot| plain.at(dot.behind).is_alphanumeric());
    }
    let word = ["точка", "dot"].into_iter().find(|word| is_word(plain, dot, word))?;
    let behind = skip(plain, dot + word.chars().count());
    Some(Dot { behind, is_word: true })
}

/// Whether a word stands there, and nothing that goes on with it.
fn is_word(plain: &Plain, at: usize, word: &str) -> bool {
    let end = at + word.chars().count();
    plain.text(at..end).to_lowercase() == word && !plain.at(end).is_alphanumeric()
}

fn is_gap(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | '(' | ')' | '[' | ']')
}
