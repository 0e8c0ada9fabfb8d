//! Addresses that are written in a way no mail program understands: "ivan собака mail.ru", "ivan(at)mail.ru",
//! "ivan @ mail.ru", "ivan@mail,ru". They are shown as they were written, and marked.

use std::ops::Range;

use super::addresses::ENDINGS;
use super::plain::Plain;
use crate::domain::Email;

/// What stands for the `@`. A bare "at" is a word.
const SIGNS: &[&str] = &["собака", "собачка", "sobaka", "(at)", "[at]", "{at}", "@"];
/// Top-level domains that are one even where a space stands before them.
const APART: &[&str] = &["ru", "com", "net", "org", "by", "kz", "ua"];
/// Characters of one part that are looked at.
const LONGEST_PART: usize = 64;

/// Whether a text without an `@` may hold one.
pub(super) fn may_hold_one(text: &str) -> bool {
    let text = text.to_lowercase();
    SIGNS.iter().any(|sign| text.contains(sign))
}

/// Those addresses, as they were written.
pub(super) fn emails(plain: &Plain) -> Vec<(Email, Range<usize>)> {
    let lower: Vec<char> = plain
        .chars
        .iter()
        .map(|c| c.to_lowercase().next().unwrap_or(*c))
        .collect();
    let signs: Vec<Vec<char>> = SIGNS.iter().map(|sign| sign.chars().collect()).collect();
    let mut found: Vec<(Email, Range<usize>)> = Vec::new();
    for at in 0..lower.len() {
        let sign = signs.iter().find(|sign| lower[at..].starts_with(sign));
        let begins_behind = found.last().is_none_or(|(_, last)| at >= last.end);
        let Some(sign) = sign.filter(|_| begins_behind && !plain.is_taken[at]) else {
            continue;
        };
        let Some(start) = local_before(plain, at) else { continue };
        let Some(end) = domain_behind(plain, at + sign.len()) else {
            continue;
        };
        let is_free = plain
            .is_taken
            .get(start..end)
            .is_some_and(|taken| !taken.contains(&true));
        if is_free {
            found.push((Email::normalised(&plain.text(start..end)), start..end));
        }
    }
    found
}

/// Where the name of the mailbox begins.
fn local_before(plain: &Plain, at: usize) -> Option<usize> {
    let gap = (0..at)
        .rev()
        .take(2)
        .take_while(|place| is_gap(plain.at(*place)))
        .count();
    let end = at - gap;
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+');
    let name = (0..end)
        .rev()
        .take(LONGEST_PART)
        .take_while(|place| is_of_name(plain.at(*place)));
    let start = end - name.count();
    // A word of another script before it would be cut.
    let is_whole = !plain.before(start).is_alphanumeric() && plain.before(start) != '@';
    let name = plain.text(start..end);
    let is_name = !name.contains("..") && !name.starts_with('.') && !name.ends_with('.');
    let has_letter = plain.text(start..end).chars().any(|c| c.is_ascii_alphabetic());
    (is_whole && is_name && has_letter && end - start > 1).then_some(start)
}

/// Where the domain ends: labels with a dot, a comma or "точка" between, the last of them a known top-level domain.
fn domain_behind(plain: &Plain, from: usize) -> Option<usize> {
    let gap = (from..from + 2).take_while(|place| is_gap(plain.at(*place))).count();
    let mut at = from + gap;
    for labels in 0..4 {
        let is_of_label = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let length = (at..at + LONGEST_PART)
            .take_while(|place| is_of_label(plain.at(*place)))
            .count();
        let end = at + length;
        let label = plain.text(at..end).to_lowercase();
        let next = dot_behind(plain, end);
        if labels > 0 && ENDINGS.contains(&label.as_str()) && !plain.at(end).is_alphanumeric() {
            let goes_on = next.is_some_and(|next| ENDINGS.iter().any(|ending| is_word(plain, next, ending)));
            if !goes_on {
                return Some(end);
            }
        }
        at = next.filter(|_| length > 0)?;
    }
    None
}

/// Behind a dot, a comma that was hit in its place, or the word for it.
fn dot_behind(plain: &Plain, end: usize) -> Option<usize> {
    let skip = |from: usize| from + (from..from + 2).take_while(|at| is_gap(plain.at(*at))).count();
    let dot = skip(end);
    if matches!(plain.at(dot), '.' | ',') {
        // A sentence may end here: only the best known endings stand apart.
        let behind = skip(dot + 1);
        let is_apart = behind > end + 1;
        return (!is_apart || APART.iter().any(|ending| is_word(plain, behind, ending))).then_some(behind);
    }
    let word = ["точка", "dot"].into_iter().find(|word| is_word(plain, dot, word))?;
    Some(skip(dot + word.chars().count()))
}

/// Whether a word stands there, and nothing that goes on with it.
fn is_word(plain: &Plain, at: usize, word: &str) -> bool {
    let end = at + word.chars().count();
    plain.text(at..end).to_lowercase() == word && !plain.at(end).is_alphanumeric()
}

fn is_gap(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | '(' | ')' | '[' | ']')
}
