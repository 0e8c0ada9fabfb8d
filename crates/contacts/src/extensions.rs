//! What is dialled behind a number: "доб. 105", "ext. 105", "#105", "x105", ",105", "p105".

use std::ops::Range;

use domain::Phone;

use super::labels::is_dash;
use super::lookalikes;
use super::plain::Plain;
use super::runs::is_space;
use super::search::counts;
use super::words::Words;

/// Words before an extension, whole.
const WORDS: Words<12> =
    Words::of("доб добав добавочн добавочный добавочного вн внутр внутренний ext extn extension тон");
/// One letter or sign, which must be right before its digits.
const SIGNS: &[char] = &['#', '*', 'x', 'х'];
/// How address books write a pause in dialling: nothing is on either side of it.
const PAUSES: &[char] = &['p', 'w'];
/// Digits of an extension, and of one that only a sign sets off: ",5 окон" is none.
const DIGITS: Range<usize> = 1..8;
const BEHIND_SIGN: Range<usize> = 2..7;
const BEHIND_COMMA: Range<usize> = 2..6;
/// Digits of the shortest number.
const SHORTEST_NUMBER: usize = 7;
/// Characters between a number and the word.
const LONGEST_GAP: usize = 6;

/// An extension, from the end of its number on.
#[derive(Clone)]
pub(super) struct Extension {
    at: Range<usize>,
    digits: String,
}

/// All extensions; their digits are not part of another number.
pub(super) fn all(plain: &mut Plain) -> Vec<Extension> {
    let mut found: Vec<Extension> = Vec::new();
    for end in 1..plain.chars.len() {
        let is_end = plain.before(end).is_ascii_digit() && !plain.at(end).is_ascii_digit();
        let ends_here = is_end && has_number_before(plain, end);
        if ends_here && let Some(extension) = behind(plain, end) {
            plain.take(extension.at.clone());
            found.push(extension);
        }
    }
    found
}

/// Gives each number the extension right behind it.
pub(super) fn join(plain: &Plain, extensions: &[Extension], phones: &mut [(Phone, Range<usize>)]) {
    for (phone, range) in phones {
        let own = extensions.iter().find(|extension| extension.at.start == range.end);
        if let Some(own) = own.cloned().or_else(|| behind_comma(plain, range.end)) {
            *phone = phone.clone().with_extension(&own.digits);
            range.end = own.at.end;
        }
    }
}

/// Whether enough digits end here to be a number: "2x8" is none with an extension.
fn has_number_before(plain: &Plain, end: usize) -> bool {
    let nearest = (0..end).rev().take(24).map(|at| plain.at(at));
    let number = nearest.take_while(|c| !c.is_alphabetic() || lookalikes::digit(*c).is_some());
    number.filter(char::is_ascii_digit).count() >= SHORTEST_NUMBER
}

fn behind(plain: &Plain, end: usize) -> Option<Extension> {
    let is_gap = |c: char| c.is_whitespace() || is_dash(c) || matches!(c, ',' | ';' | '(' | '.' | '/');
    let gap = (end..end + LONGEST_GAP).take_while(|at| is_gap(plain.at(*at))).count();
    let start = end + gap;
    let pauses = (end..end + 3)
        .take_while(|at| PAUSES.contains(&plain.at(*at).to_ascii_lowercase()))
        .count();
    if pauses > 0 {
        return extension(plain, end, end + pauses, DIGITS);
    }
    let sign = SIGNS
        .iter()
        .any(|sign| plain.at(start).to_lowercase().eq(sign.to_lowercase()));
    let is_in_line = plain
        .text(end..start)
        .chars()
        .all(|c| is_space(c) || matches!(c, ',' | ';' | '('));
    if sign && is_in_line {
        let gap = usize::from(is_space(plain.at(start + 1)) && !matches!(plain.at(start), '#' | '*'));
        let found = extension(plain, end, start + 1 + gap, DIGITS)?;
        // "x2 комнаты", "х 10 окон" count something.
        let is_long = gap == 0 && BEHIND_SIGN.contains(&found.digits.len());
        return Some(found).filter(|found| is_long || is_end(plain, found.at.end));
    }
    let from = behind_word(plain, start)?;
    in_two_parts(plain, end, from).or_else(|| extension(plain, end, from, DIGITS))
}

/// "доб. 12-34" is one extension, "доб. 105-106" are two: the first is kept.
fn in_two_parts(plain: &Plain, end: usize, from: usize) -> Option<Extension> {
    let first = extension(plain, end, from, 1..5)?;
    let dash = first.at.end;
    let second = extension(plain, end, dash + 1, 1..5).filter(|_| is_dash(plain.at(dash)))?;
    let behind = second.at.end;
    let goes_on = is_dash(plain.at(behind)) && plain.at(behind + 1).is_ascii_digit();
    let (one, other): (u32, u32) = (first.digits.parse().ok()?, second.digits.parse().ok()?);
    let is_span = first.digits.len() == second.digits.len() && (one..one + 10).contains(&other);
    let digits = first.digits + &second.digits;
    let is_one = DIGITS.contains(&digits.len()) && !goes_on && !is_span && !counts(plain, behind);
    is_one.then_some(Extension {
        at: end..behind,
        digits,
    })
}

/// Where the digits behind "доб. номер" begin.
fn behind_word(plain: &Plain, start: usize) -> Option<usize> {
    let word = word_at(plain, start);
    if !WORDS.has(&word) {
        return None;
    }
    let is_gap = |c: char| is_space(c) || is_dash(c) || matches!(c, '.' | ':' | '=' | '№' | '#');
    let skip = |from: usize| {
        from + (from..from + LONGEST_GAP)
            .take_while(|at| is_gap(plain.at(*at)))
            .count()
    };
    let behind = skip(start + word.chars().count());
    let number = word_at(plain, behind);
    let is_number = matches!(number.as_str(), "номер" | "ном" | "number");
    Some(if is_number {
        skip(behind + number.chars().count())
    } else {
        behind
    })
}

/// A comma makes a phone wait before it continues dialling; in a sentence it makes a pause.
fn behind_comma(plain: &Plain, end: usize) -> Option<Extension> {
    let commas = (end..end + 2)
        .take_while(|at| matches!(plain.at(*at), ',' | ';'))
        .count();
    let found = extension(plain, end, end + commas, BEHIND_COMMA).filter(|_| commas > 0)?;
    is_end(plain, found.at.end).then_some(found)
}

/// Whether nothing is said of the digits that end here.
fn is_end(plain: &Plain, end: usize) -> bool {
    let is_decimal = plain.at(end) == '.' && plain.at(end + 1).is_ascii_digit();
    !is_decimal && matches!(plain.at(end), '\n' | '\r' | '.' | ',' | ';' | ')' | '!' | '?' | '#')
}

fn extension(plain: &Plain, end: usize, from: usize, lengths: Range<usize>) -> Option<Extension> {
    let length = (from..from + lengths.end)
        .take_while(|at| plain.at(*at).is_ascii_digit())
        .count();
    let behind = from + length;
    let is_whole = !plain.at(behind).is_alphabetic() && plain.at(behind) != '_';
    (lengths.contains(&length) && is_whole).then(|| Extension {
        at: end..behind,
        digits: plain.text(from..behind),
    })
}

fn word_at(plain: &Plain, from: usize) -> String {
    let word = (from..from + 12)
        .map(|at| plain.at(at))
        .take_while(|c| c.is_alphabetic());
    word.collect::<String>().to_lowercase()
}
