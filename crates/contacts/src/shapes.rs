//! What digits are by their shape alone, whatever a country's rules say: dates, times, prices, cards, serial
//! numbers. Groups of digits that are one of these are not part of a phone.

use domain::Region;

use super::labels::{self, Label, is_phone_word};
use super::plain::Plain;
use super::runs::{Group, is_space, lengths};
use crate::phone;

/// A country's longest number has 15 digits (E.164), and two more may be dialled before it.
const LONGEST_GROUP: usize = 17;

/// Whether some neighbouring groups are one certain thing.
type Shape = fn(&Plain, &[Group], &Region) -> bool;

/// Blocks the groups of a run that are something else. `has_plus`: a plus precedes the first one, which
/// therefore is not a serial number.
pub(super) fn block(plain: &Plain, groups: &mut [Group], has_plus: bool, region: &Region) {
    for group in groups.iter_mut() {
        group.is_blocked = group.at.len() > LONGEST_GROUP
            || !has_plus && is_glued_before(plain, group, region)
            || is_glued_behind(plain, group, region)
            || group.at.len() <= 2 && is_of_time(plain, group)
            || is_money(plain, group);
    }
    let shapes: [(usize, Shape); 6] = [
        (3, is_date),
        (4, is_address),
        (4, is_hours),
        (4, is_card),
        (3, is_short_card),
        (4, is_snils),
    ];
    for (length, is_shape) in shapes {
        for start in 0..groups.len() {
            let is_one = groups
                .get(start..start + length)
                .is_some_and(|part| is_shape(plain, part, region));
            let is_whole = length != 3
                || !is_short_year_in_chain(plain, groups, start) && !is_short_local(plain, groups, start, has_plus);
            if is_one && is_whole {
                groups[start..start + length]
                    .iter_mut()
                    .for_each(|group| group.is_blocked = true);
            }
        }
    }
    block_iban(plain, groups);
}

/// Words that join two numbers or begin an extension, where a space was left out on both sides.
const JOINTS: &[&str] = &["и", "или", "доб", "or", "ext"];

/// A letter or underscore before digits makes them a serial number ("A89123456789"), unless it belongs to an address
/// or to a Russian word ("Мария89123456789"), or says "tel". Before a whole mobile any word is a missing space, and
/// only one Latin letter, or one of a code with digits, is none.
fn is_glued_before(plain: &Plain, group: &Group, region: &Region) -> bool {
    let start = group.at.start;
    let c = plain.before(start);
    if c != '_' && !c.is_alphabetic() || start > 0 && plain.is_taken[start - 1] {
        return false;
    }
    let nearest = (0..start).rev().take(24).map(|place| plain.at(place));
    let word: Vec<char> = nearest.take_while(|c| c.is_alphabetic()).collect();
    let letters: String = word.iter().rev().collect();
    let is_russian = word.len() > 2 && word[0].is_lowercase() && word.iter().all(|c| is_cyrillic(*c));
    let is_serial = !is_russian && !is_joint(&letters) && !is_phone_word(plain, start);
    is_serial && (is_code(plain, start, &word) || !is_whole_mobile(plain, group, region))
}

/// "A", "item_", "5ab", "@user".
fn is_code(plain: &Plain, start: usize, word: &[char]) -> bool {
    let is_latin = word.iter().any(|c| !is_cyrillic(*c));
    let c = plain.before(start - word.len());
    word.is_empty() || is_latin && (word.len() == 1 || matches!(c, '_' | '@') || c.is_ascii_digit())
}

/// 89123456789 in one piece.
fn is_whole_mobile(plain: &Plain, group: &Group, region: &Region) -> bool {
    group.at.len() == 11 && phone::is_dialled_mobile(&plain.text(group.at.clone()), region)
}

/// A word behind digits is a missing space ("89123456789Мария", "89123456789с 10"); one Latin letter, a word with
/// digits and a word of hex digits are the rest of a serial number.
fn is_glued_behind(plain: &Plain, group: &Group, region: &Region) -> bool {
    let end = group.at.end;
    if plain.is_taken.get(end) == Some(&true) {
        return false;
    }
    let word: Vec<char> = (end..end + 24)
        .map(|place| plain.at(place))
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect();
    let letters: String = word.iter().take_while(|c| c.is_alphabetic()).collect();
    let is_word = letters.chars().count() == word.len() && word.len() > 1;
    let is_hex = word.iter().all(char::is_ascii_hexdigit);
    let is_serial = !word.is_empty() && !is_joint(&letters) && (!is_word || is_hex);
    let is_short_word = word.len() == 1 && is_cyrillic(word[0]) && word[0].is_lowercase();
    let is_russian = word.first().is_some_and(|c| is_cyrillic(*c));
    is_serial && !is_short_word && !(is_russian && is_whole_mobile(plain, group, region))
}

fn is_joint(letters: &str) -> bool {
    JOINTS.contains(&letters.to_lowercase().as_str())
}

fn is_cyrillic(c: char) -> bool {
    matches!(c, '\u{400}'..='\u{52f}')
}

fn is_of_time(plain: &Plain, group: &Group) -> bool {
    let (start, end) = (group.at.start, group.at.end);
    let behind_colon = plain.before(start) == ':' && start > 1 && plain.at(start - 2).is_ascii_digit();
    let before_colon = plain.at(end) == ':' && plain.at(end + 1).is_ascii_digit();
    behind_colon || before_colon
}

fn is_money(plain: &Plain, group: &Group) -> bool {
    let is_sign = |c: char| matches!(c, '$' | '€' | '£' | '₽' | '₴' | '₸' | '%');
    let (first, second, third) = (
        plain.at(group.at.end),
        plain.at(group.at.end + 1),
        plain.at(group.at.end + 2),
    );
    let behind = is_sign(first) || is_space(first) && is_sign(second) && !third.is_ascii_digit();
    behind || is_sign(plain.before(group.at.start))
}

fn value(plain: &Plain, group: &Group) -> u32 {
    plain.text(group.at.clone()).parse().unwrap_or(u32::MAX)
}

/// The one character between two groups, if it is one.
fn mark(plain: &Plain, pair: &[Group]) -> Option<char> {
    match pair {
        [one, next] if next.at.start == one.at.end + 1 => Some(plain.at(one.at.end)),
        _ => None,
    }
}

/// The mark that is between all groups.
fn one_mark(plain: &Plain, part: &[Group]) -> Option<char> {
    let first = mark(plain, part.get(..2)?)?;
    part.windows(2)
        .all(|pair| mark(plain, pair) == Some(first))
        .then_some(first)
}

/// "22.11.2026", "22-11-26", "2026-11-22".
fn is_date(plain: &Plain, part: &[Group], _: &Region) -> bool {
    if !matches!(one_mark(plain, part), Some('.' | '-')) {
        return false;
    }
    let [a, b, c] = [0, 1, 2].map(|n| value(plain, &part[n]));
    let is_day = |day: u32| (1..=31).contains(&day);
    let is_year = |year: u32| (1900..2100).contains(&year);
    match lengths(part)[..] {
        [1 | 2, 1 | 2, 4] => is_day(a) && is_day(b) && (a <= 12 || b <= 12) && is_year(c),
        [2, 2, 2] => is_day(a) && (1..=12).contains(&b),
        [4, 2, 2] => is_year(a) && (1..=12).contains(&b) && is_day(c),
        _ => false,
    }
}

/// In "8-912-12-11-2026" and "06.12.34.56.78" the chain continues: not a date.
fn is_short_year_in_chain(plain: &Plain, groups: &[Group], start: usize) -> bool {
    let Some(own) = groups.get(start..start + 2).and_then(|pair| mark(plain, pair)) else {
        return false;
    };
    let goes_on = |from: usize| groups.get(from..from + 2).and_then(|pair| mark(plain, pair)) == Some(own);
    start > 0 && goes_on(start - 1) || goes_on(start + 2)
}

/// In "8 (3422) 12-11-26" and "+7 3422 12-11-26" the six digits are those of a town's number.
fn is_short_local(plain: &Plain, groups: &[Group], start: usize, has_plus: bool) -> bool {
    let (before, date) = groups.split_at(start);
    let is_six = date.iter().take(3).all(|group| group.at.len() == 2);
    let is_behind_bracket = before.last().is_some_and(|last| {
        let marks = plain.chars.get(last.at.end..date[0].at.start);
        marks.is_some_and(|marks| marks.contains(&')'))
    });
    let (first, dialled) = (groups[0].at.len(), lengths(before).iter().sum::<usize>());
    let is_behind_area = has_plus && (4..=8).contains(&dialled) || first == 1 && dialled == 5;
    is_six && (is_behind_bracket || is_behind_area)
}

/// "192.168.10.10"; but in "375.29.123.45.67" the chain continues.
fn is_address(plain: &Plain, part: &[Group], _: &Region) -> bool {
    let is_byte = |group: &Group| {
        let has_zero = group.at.len() > 1 && plain.at(group.at.start) == '0';
        !has_zero && value(plain, group) < 256
    };
    let (start, end) = (part[0].at.start, part[part.len() - 1].at.end);
    let goes_on_before = plain.before(start) == '.' && start > 1 && plain.at(start - 2).is_ascii_digit();
    let goes_on = goes_on_before || plain.at(end) == '.' && plain.at(end + 1).is_ascii_digit();
    !goes_on && one_mark(plain, part) == Some('.') && part.iter().all(is_byte)
}

/// "09.00-18.00".
fn is_hours(plain: &Plain, part: &[Group], _: &Region) -> bool {
    let is_time = |pair: &[Group]| {
        mark(plain, pair) == Some('.')
            && pair[1].at.len() == 2
            && value(plain, &pair[0]) < 25
            && value(plain, &pair[1]) < 60
    };
    is_time(&part[..2]) && is_time(&part[2..])
}

/// "4276 1234 5678 9012".
fn is_card(_: &Plain, part: &[Group], _: &Region) -> bool {
    lengths(part) == [4; 4]
}

/// American Express: "3782 822463 10005".
fn is_short_card(_: &Plain, part: &[Group], _: &Region) -> bool {
    lengths(part) == [4, 6, 5]
}

/// "123-456-789 01"; but "891-234-567-89" is a mobile in odd groups.
fn is_snils(plain: &Plain, part: &[Group], region: &Region) -> bool {
    if lengths(part) != [3, 3, 3, 2] || one_mark(plain, &part[..3]) != Some('-') {
        return false;
    }
    let digits: String = part.iter().map(|group| plain.text(group.at.clone())).collect();
    let is_labelled = matches!(labels::before(plain, part[0].at.start), Label::Id);
    is_labelled || !phone::is_dialled_mobile(&digits, region)
}

/// "DE89 3704 0044 0532 0130 00": the groups of four behind two letters and two digits, and the rest.
fn block_iban(plain: &Plain, groups: &mut [Group]) {
    let Some(first) = groups.first().map(|group| group.at.clone()) else {
        return;
    };
    let letters = first.start.checked_sub(2).map(|from| plain.text(from..first.start));
    let is_code = letters.is_some_and(|letters| letters.chars().all(|c| c.is_ascii_uppercase()));
    let fours = groups[1..].iter().take_while(|group| group.at.len() == 4).count();
    if first.len() == 2 && is_code && fours > 2 {
        let rest = fours + 2;
        groups.iter_mut().take(rest).for_each(|group| group.is_blocked = true);
    }
}
