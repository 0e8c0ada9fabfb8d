//! A number that a line break cuts in two: "8 912⏎345 67 89". It is joined only where neither line is a number, a price or
//! an item of a list by itself: two numbers on two lines stay two.

use std::ops::Range;

use domain::Phone;

use super::labels::{self, Label, is_dash};
use super::runs::{Group, Run, is_space};
use super::search::{Search, is_in_usual_groups};
use crate::phone::{self, Written};

/// Lines that one number is written on.
const MOST_LINES: usize = 4;
/// Digits of the last line: one alone is an amount or the number of an item.
const SHORTEST_END: usize = 2;

/// The numbers that are joined; their runs have them from then on.
pub(super) fn joined(search: &mut Search<'_>, runs: &mut [Run]) -> Vec<(Phone, Range<usize>)> {
    let mut found = Vec::new();
    for first in 0..runs.len() {
        let lines = lines_from(search, &runs[first..]);
        let number = (2..=lines)
            .rev()
            .find_map(|lines| number(search, &runs[first..first + lines]));
        if let Some((phone, range, lines)) = number {
            for run in &mut runs[first..first + lines] {
                run.has_number = true;
                run.free = 0;
            }
            found.push((phone, range));
        }
    }
    found
}

/// How many runs follow each other line by line, without anything else between.
fn lines_from(search: &Search<'_>, runs: &[Run]) -> usize {
    let is_next = |pair: &[Run]| {
        let [one, next] = pair else { return false };
        let (Some(last), Some(first)) = (one.groups.last(), next.groups.first()) else {
            return false;
        };
        let is_free = !one.has_number && !next.has_number && next.plus.is_none();
        is_free && is_break(search, last.at.end..first.at.start)
    };
    let more = runs
        .windows(2)
        .take(MOST_LINES - 1)
        .take_while(|pair| is_next(pair))
        .count();
    more + 1
}

/// One end of a line with nothing around it but spaces and a dash; an empty line parts.
fn is_break(search: &Search<'_>, between: Range<usize>) -> bool {
    let marks = search.plain.text(between).replace("\r\n", "\n");
    let is_mark = |c: char| c.is_whitespace() || is_dash(c) || matches!(c, '(' | ')');
    let breaks = marks.chars().filter(|c| c.is_whitespace() && !is_space(*c)).count();
    let item = marks.trim_start_matches(|c: char| is_space(c) || is_dash(c));
    let begins_item = item.chars().skip(1).any(is_dash);
    breaks == 1 && marks.chars().count() <= 6 && marks.chars().all(is_mark) && !begins_item
}

/// The number on these lines, its place, and how many of the lines it takes.
fn number(search: &mut Search<'_>, runs: &[Run]) -> Option<(Phone, Range<usize>, usize)> {
    let (first, behind) = runs.split_first()?;
    let last = behind.last()?;
    let is_known = runs.iter().any(|run| run.groups.iter().any(|group| group.is_blocked));
    let ends = last.groups.iter().map(|group| group.at.len()).sum::<usize>();
    if is_known || ends < SHORTEST_END || behind.iter().any(|run| is_item(search, run)) || goes_on(search, last) {
        return None;
    }
    let shapes: Vec<bool> = runs.iter().map(|run| is_decimal(search, run)).collect();
    if shapes.contains(&true) && shapes.contains(&false) {
        return None;
    }
    (0..first.groups.len()).find_map(|from| {
        let is_bound = first.is_bound() && from == 0;
        if first.is_bound() && from > 0 || !search.may_begin(first, from) {
            return None;
        }
        let rest = behind.iter().flat_map(|run| &run.groups);
        let groups: Vec<Group> = first.groups[from..].iter().chain(rest).cloned().collect();
        let digits = search.digits(&groups);
        let apart = groups.first()?.at.len();
        let reading = match is_bound {
            true => phone::behind_plus(
                digits.get(first.dialled..)?,
                if first.dialled > 0 { 0 } else { apart },
                search.region,
            )?,
            false => phone::read(&digits, apart, search.region)?,
        };
        let place = search.place(first, from, first.groups.len()).start..last.groups.last()?.at.end;
        let label = labels::before(search.plain, place.start);
        let is_whole = match reading.written {
            Written::International => true,
            Written::Trunk => digits.len() >= 9,
            Written::CountryCode => digits.len() >= 11,
            Written::National => reading.is_mobile && is_in_usual_groups(&groups),
        };
        let of_run = labels::before(search.plain, search.place(first, 0, 1).start);
        let is_one = is_whole
            && [label, of_run]
                .iter()
                .all(|label| matches!(label, Label::None | Label::Phone));
        is_one.then_some((reading.phone, place, runs.len()))
    })
}

/// "1. …", "2) …".
fn is_item(search: &Search<'_>, run: &Run) -> bool {
    let Some(first) = run.groups.first() else { return true };
    let (mark, next) = (search.plain.at(first.at.end), search.plain.at(first.at.end + 1));
    first.at.len() < 3 && matches!(mark, '.' | ')') && next.is_whitespace()
}

/// Behind the digits of an amount stands what there is so much of: "345 67 89 рублей"; behind those of a number the line
/// ends, or a name or a mark follows.
fn goes_on(search: &Search<'_>, run: &Run) -> bool {
    let end = run.groups.last().map_or(0, |group| group.at.end);
    let gap = (end..end + 3).take_while(|at| is_space(search.plain.at(*at))).count();
    let next = search.plain.at(end + gap);
    next.is_lowercase() || next.is_ascii_digit() || !next.is_alphanumeric() && "$€£₽₴₸%°×*/:=".contains(next)
}

/// "12.05".
fn is_decimal(search: &Search<'_>, run: &Run) -> bool {
    let gaps = run.groups.windows(2);
    run.groups.len() == 2
        && gaps
            .clone()
            .all(|pair| search.plain.text(pair[0].at.end..pair[1].at.start) == ".")
}
