//! Before the parser reads Markdown, signs that it would take for markup although they were said are exchanged for
//! stand-ins that mean nothing to it; afterwards they become signs again. So are the delimiters of emphasis, which
//! `emphasis` judges instead. One sign becomes one stand-in wherever it is, in code and addresses too, so nothing here has
//! to know what those are.

use std::borrow::Cow;

use super::names::{self, is_of_name};

/// Noncharacters: no text has them, and what has is cleaned of them first.
const FIRST: char = '\u{fdd0}';
const LAST: char = '\u{fdef}';
/// Signs that may be delimiters of emphasis, in the order of their stand-ins.
const DELIMITERS: [char; 3] = ['*', '_', '~'];
/// Signs that are only themselves.
const LITERALS: [char; 10] = ['*', '_', '~', '>', '#', '-', '=', '\\', '[', '!'];

/// The stand-in of a sign that must not be markup.
pub(super) fn literal(sign: char) -> char {
    stand_in(&LITERALS, sign, DELIMITERS.len())
}

fn delimiter(sign: char) -> char {
    stand_in(&DELIMITERS, sign, 0)
}

fn stand_in(signs: &[char], sign: char, from: usize) -> char {
    let place = signs.iter().position(|known| *known == sign);
    let code = place.and_then(|place| u32::try_from(from + place).ok());
    code.and_then(|code| char::from_u32(u32::from(FIRST) + code))
        .unwrap_or(sign)
}

/// The delimiter of emphasis that this stand-in stands for.
pub(super) fn delimiter_behind(stand_in: char) -> Option<char> {
    DELIMITERS.into_iter().find(|sign| delimiter(*sign) == stand_in)
}

/// Text of the parser with its signs again.
pub(super) fn unshield(text: &str) -> Cow<'_, str> {
    if !text.contains(|c| (FIRST..=LAST).contains(&c)) {
        return Cow::Borrowed(text);
    }
    let sign = |c: char| delimiter_behind(c).or_else(|| LITERALS.into_iter().find(|sign| literal(*sign) == c));
    Cow::Owned(text.chars().map(|c| sign(c).unwrap_or(c)).collect())
}

/// Markdown as the parser shall read it. Its line ends are line feeds.
pub(super) fn shield(markdown: &str) -> String {
    let clean: String = markdown
        .replace("\r\n", "\n")
        .chars()
        .filter(|c| !(FIRST..=LAST).contains(c))
        .map(|c| match c {
            '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => '\n',
            c => c,
        })
        .collect();
    let mut shielded = String::with_capacity(clean.len() * 2);
    for line in clean.split_inclusive('\n') {
        let start = shield_start(line, &mut shielded);
        shield_signs(&line[start..], &mut shielded);
    }
    shielded
}

/// Writes what opens blocks at the beginning of a line, and says where the text behind it begins.
fn shield_start(line: &str, to: &mut String) -> usize {
    let mut at = 0;
    loop {
        let blank = line[at..].len() - line[at..].trim_start_matches([' ', '\t']).len();
        to.push_str(&line[at..at + blank]);
        at += blank;
        let rest = &line[at..];
        let word = rest.trim_end();
        if is_rule(word) || is_fence(word) {
            to.push_str(rest);
            return line.len();
        }
        if matches!(word, "-" | "--" | "=" | "==") {
            // Under a line it would make a heading and be gone.
            to.extend(word.chars().take(1).map(literal));
            return at + 1;
        }
        let Some(sign) = rest.chars().next() else {
            return at;
        };
        let length = match sign {
            '>' if is_compared(rest) => {
                let signs = rest.len() - rest.trim_start_matches('>').len();
                to.extend(std::iter::repeat_n(literal('>'), signs));
                return at + signs;
            }
            '#' if is_number_sign(rest) => {
                to.push(literal('#'));
                return at + 1;
            }
            '>' => 1,
            '-' | '+' | '*' if begins_item(&rest[1..]) => 1,
            '0'..='9' => ordered_marker(rest),
            _ => 0,
        };
        if length == 0 {
            return at;
        }
        to.push_str(&rest[..length]);
        at += length;
    }
}

/// A line across the text. More signs than three are a sum of stars or a blank to fill in.
fn is_rule(word: &str) -> bool {
    ['*', '_'].iter().any(|sign| {
        word.chars().filter(|c| c == sign).count() == 3
            && word.chars().all(|c| c == *sign || c == ' ' || c == '\t')
            && word.starts_with(*sign)
    })
}

/// A fence of code; a line that only begins with old prices does not open one.
fn is_fence(word: &str) -> bool {
    let info = word.trim_start_matches('~');
    word.len() - info.len() >= 3 && !info.contains(['~', ' ']) && !info.starts_with(|c: char| c.is_numeric())
}

/// `> 50 м²`, `>= 5`, `>18`: a sign before an amount, not a quotation.
fn is_compared(rest: &str) -> bool {
    let behind = rest.trim_start_matches('>');
    behind.starts_with('=') || is_amount(behind)
}

/// Digits or a currency come first, perhaps with a sign or in bold.
pub(super) fn is_amount(text: &str) -> bool {
    let text = text.trim_start_matches([' ', '\t', '\u{a0}']);
    let text = text.trim_start_matches(|c: char| matches!(c, '*' | '_' | '~') || delimiter_behind(c).is_some());
    let text = text.trim_start_matches(['+', '-', '−', '–', '±', '≈', '№', '<', '=', '.', ',', '(']);
    text.starts_with(|c: char| c.is_numeric() || is_currency(c))
}

pub(super) fn is_currency(c: char) -> bool {
    matches!(c, '$' | '¢' | '£' | '¤' | '¥' | '֏' | '฿' | '\u{20a0}'..='\u{20cf}')
}

/// `# 5 подъезд`; `# 1. Цены` is a heading.
fn is_number_sign(rest: &str) -> bool {
    let behind = rest[1..].trim_start_matches([' ', '\t']);
    behind.len() < rest.len() - 1 && is_amount(behind) && ordered_marker(behind) == 0
}

fn begins_item(behind: &str) -> bool {
    behind.is_empty() || behind.starts_with([' ', '\t', '\n'])
}

/// Length of "12." or "12)" if it begins an item.
pub(super) fn ordered_marker(rest: &str) -> usize {
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let is_marker =
        (1..=9).contains(&digits) && rest[digits..].starts_with(['.', ')']) && begins_item(&rest[digits + 1..]);
    if is_marker { digits + 1 } else { 0 }
}

/// Writes the text of a line: signs of emphasis as delimiters, and as themselves in names, addresses and paths.
fn shield_signs(text: &str, to: &mut String) {
    let mut at = 0;
    let mut previous = ' ';
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let next = rest[c.len_utf8()..].chars().next();
        let mut length = c.len_utf8();
        let begins_name = is_of_name(c) && !is_of_name(previous);
        let name = if begins_name { names::length(rest, previous) } else { 0 };
        let email = if begins_name {
            names::email_length(rest, previous)
        } else {
            0
        };
        match (c, next) {
            _ if name > 0 => {
                to.extend(rest[..name].chars().map(literal));
                length = name;
            }
            _ if email > 0 => {
                to.push_str(&rest[..email]);
                length = email;
            }
            // In two backslashes one escapes the other, and `\\server` would lose it.
            ('\\', Some('\\')) => {
                to.extend([literal('\\'), literal('\\')]);
                length = 2;
            }
            ('\\', Some(escaped)) if DELIMITERS.contains(&escaped) => {
                to.push_str(&rest[..2]);
                length = 2;
            }
            // "Важно![подробнее](…)" is a link behind an exclamation mark, not a picture.
            ('!', Some('[')) if previous.is_alphanumeric() => to.push(literal('!')),
            (c, _) => to.push(delimiter(c)),
        }
        previous = text[..at + length].chars().next_back().unwrap_or(' ');
        at += length;
    }
}
