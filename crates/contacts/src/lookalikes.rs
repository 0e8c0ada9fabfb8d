//! Numbers with a letter where a digit was meant: "8 9O2 345-67-89". No person reads them wrong, and every phone dials
//! them wrong, so they are passed on as they were written, and marked.

use std::ops::Range;

use domain::{Phone, Region};

use super::numbers;
use super::plain::Plain;

/// Letters in one number: of more it is another thing's code.
const MOST: usize = 4;

/// Those numbers among what is not taken.
pub(super) fn phones(plain: &Plain, known: &[(Phone, Range<usize>)], region: &Region) -> Vec<(Phone, Range<usize>)> {
    let places = places(plain);
    if places.is_empty() {
        return Vec::new();
    }
    let mut read = plain.clone();
    let certain = known.iter().filter(|(phone, _)| phone.as_written().is_none());
    for (_, range) in certain {
        read.take(range.clone());
    }
    for at in &places {
        read.chars[*at] = digit(plain.at(*at)).unwrap_or(plain.at(*at));
    }
    let found = numbers::phones(&mut read, region).into_iter();
    let marked = found.filter_map(|(phone, range)| {
        let letters = places.iter().filter(|at| range.contains(at)).count();
        let phone = Phone::unconfirmed(phone.as_str(), &plain.text(range.clone()))?;
        (1..=MOST).contains(&letters).then_some((phone, range))
    });
    marked.collect()
}

/// The digit for which a letter is typed, Latin or Cyrillic.
pub(super) fn digit(c: char) -> Option<char> {
    match c {
        'O' | 'o' | 'О' | 'о' => Some('0'),
        'l' | 'I' => Some('1'),
        'З' | 'з' => Some('3'),
        'б' => Some('6'),
        _ => None,
    }
}

/// Where such letters are among digits: they touch one, and no other letter.
fn places(plain: &Plain) -> Vec<usize> {
    let mut all = Vec::new();
    let mut at = 0;
    while at < plain.chars.len() {
        let start = at;
        while digit(plain.at(at)).is_some() && !plain.is_taken[at] {
            at += 1;
        }
        let (before, behind) = (plain.before(start), plain.at(at));
        let is_word = |c: char| c.is_alphabetic() || matches!(c, '_' | '@');
        let touches = before.is_ascii_digit() || behind.is_ascii_digit();
        if at > start && at - start <= MOST && touches && !is_word(before) && !is_word(behind) {
            all.extend(start..at);
        }
        at = at.max(start + 1);
    }
    all
}
