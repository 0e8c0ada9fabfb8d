//! Phones among the digits of a text. A run is groups of digits with nothing but spaces, dashes, dots and brackets
//! between; the longest part of it that is a valid number, and that is written as one, is a phone.

use std::ops::Range;

use super::labels::{self, Label, is_dash};
use super::plain::Plain;
use super::{chains, names, shapes};
use crate::domain::{Phone, Region};
use crate::text::phone::{self, Reading, Written, is_plus};

/// E.164 has numbers of 7 to 15 digits; two more may be dialled before them.
const DIGITS: Range<usize> = 7..18;

/// How many parts of a text are looked up among the numbers of the countries: what remains of a text of nothing
/// but digits is not worth the time.
const MOST_LOOKUPS: usize = 2_000;

/// "1 2 3 4 5 6 7 8 9 10 11" is no number of another country.
const MOST_GROUPS: usize = 7;

/// Nobody writes more beside his number, if the line holds nothing but that.
const LONGEST_LINE: usize = 100;

/// Digits without anything between them.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub at: Range<usize>,
    /// It is known to be something else.
    pub is_blocked: bool,
}

/// The phones of a text with their places, in order.
pub(super) fn phones(plain: &mut Plain, region: &Region) -> Vec<(Phone, Range<usize>)> {
    let mut found = chains::phones(plain, region);
    for (_, range) in &found {
        plain.take(range.clone());
    }
    let plain = &*plain;
    let mut search = Search {
        plain,
        region,
        lookups: 0,
    };
    for mut run in runs(plain) {
        shapes::block(plain, &mut run.groups, run.plus.is_some(), region);
        search.run(&run, &mut found);
    }
    found
}

struct Run {
    /// Where its plus is.
    plus: Option<usize>,
    groups: Vec<Group>,
}

/// All runs of the text. A plus begins a new one.
fn runs(plain: &Plain) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for group in groups(plain) {
        let plus = plus_before(plain, group.at.start);
        let last = runs.last_mut().filter(|_| plus.is_none());
        let end = |run: &Run| run.groups.last().map_or(0, |group| group.at.end);
        match last.filter(|run| is_soft(plain, end(run)..group.at.start)) {
            Some(run) => run.groups.push(group),
            None => runs.push(Run {
                plus,
                groups: vec![group],
            }),
        }
    }
    runs
}

pub(super) fn groups(plain: &Plain) -> Vec<Group> {
    let is_digit = |at: usize| plain.at(at).is_ascii_digit() && plain.is_taken.get(at) == Some(&false);
    let mut groups = Vec::new();
    let mut at = 0;
    while at < plain.chars.len() {
        let start = at;
        while is_digit(at) {
            at += 1;
        }
        if at > start {
            groups.push(Group {
                at: start..at,
                is_blocked: false,
            });
        }
        at += 1;
    }
    groups
}

/// "+7", "+ 7", "+(7".
fn plus_before(plain: &Plain, start: usize) -> Option<usize> {
    let nearest = (0..start).rev().take(3);
    let mut marks = nearest.skip_while(|at| matches!(plain.at(*at), ' ' | '\u{a0}' | '('));
    marks.next().filter(|at| is_plus(plain.at(*at)))
}

/// Whether what lies between two groups may stand inside of a number.
fn is_soft(plain: &Plain, between: Range<usize>) -> bool {
    let is_free = plain
        .is_taken
        .get(between.clone())
        .is_some_and(|taken| !taken.contains(&true));
    let marks = plain.chars.get(between).unwrap_or_default();
    let is_mark = |c: &char| is_space(*c) || is_dash(*c) || matches!(c, '.' | '(' | ')');
    let dots = marks.iter().filter(|c| **c == '.').count();
    is_free && marks.len() <= 4 && dots < 2 && marks.iter().all(is_mark)
}

/// A space that ends no line.
pub(super) fn is_space(c: char) -> bool {
    c.is_whitespace() && !matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

struct Search<'a> {
    plain: &'a Plain,
    region: &'a Region,
    lookups: usize,
}

/// A part of a run that may be a number.
struct Part<'a> {
    groups: &'a [Group],
    digits: String,
    plus: Option<usize>,
}

impl Search<'_> {
    fn run(&mut self, run: &Run, found: &mut Vec<(Phone, Range<usize>)>) {
        let mut from = 0;
        while from < run.groups.len() {
            match self.longest(run, from) {
                Some((phone, to)) => {
                    found.push((phone, self.place(run, from, to)));
                    from = to;
                }
                None => from += 1,
            }
        }
    }

    fn place(&self, run: &Run, from: usize, to: usize) -> Range<usize> {
        let start = run.groups[from].at.start;
        let start = run.plus.filter(|_| from == 0).unwrap_or(start);
        let start = start - usize::from(self.plain.before(start) == '(');
        start..run.groups[to - 1].at.end
    }

    /// The longest number that begins at a group, and the group behind it.
    fn longest(&mut self, run: &Run, from: usize) -> Option<(Phone, usize)> {
        let mut sum = 0;
        let fits = |group: &&Group| {
            sum += group.at.len();
            !group.is_blocked && sum < DIGITS.end
        };
        let most = run.groups[from..].iter().take_while(fits).count();
        if let Some(foreign) = self.foreign(run, from, most) {
            return Some(foreign);
        }
        (from + 1..=from + most).rev().find_map(|to| {
            let phone = self.number(run, from, to)?;
            Some((phone, to))
        })
    }

    /// The mobile of another country without its plus: "998 90 123 45 67". Were it read in the region, its first ten
    /// digits would be somebody else's number.
    fn foreign(&mut self, run: &Run, from: usize, most: usize) -> Option<(Phone, usize)> {
        if run.plus.is_some() && from == 0 || most == 0 || !self.may_begin(run, from) {
            return None;
        }
        let (phone, code, to) = (from + 1..=from + most).rev().find_map(|to| {
            let digits = self.digits(&run.groups[from..to]);
            if !(11..=13).contains(&digits.len()) || self.lookups >= MOST_LOOKUPS || !self.may_end_foreign(run, to) {
                return None;
            }
            self.lookups += 1;
            let (phone, code) = phone::foreign_mobile(&digits, self.region)?;
            Some((phone, code, to))
        })?;
        let groups = &run.groups[from..to];
        // In North America any number may be a mobile, and any eleven digits with a one before them such a number.
        let is_any_number = phone.as_str().starts_with("+1") && groups.len() < 3;
        let is_allowed = match labels::before(self.plain, self.place(run, from, to).start) {
            Label::Id => false,
            Label::Order => groups.len() > 2,
            Label::None | Label::Sign => !is_any_number,
            Label::Phone => true,
        };
        let code_stands_alone = groups[0].at.len() == code && self.has_one_gap(groups);
        let is_count = groups.len() > MOST_GROUPS;
        let is_one = is_allowed && !is_count && (code_stands_alone || !self.begins_with_own(groups));
        is_one.then_some((phone, to))
    }

    fn digits(&self, groups: &[Group]) -> String {
        groups.iter().map(|group| self.plain.text(group.at.clone())).collect()
    }

    fn may_end_foreign(&self, run: &Run, to: usize) -> bool {
        let is_tail = to + 1 == run.groups.len() && run.groups[to].at.len() <= 2;
        to == run.groups.len() || is_tail || self.is_cut(run, to) || run.groups[to - 1].at.len() >= 10
    }

    /// Whether the last two gaps are alike: in "996 555-12-34 56" the last group is no part of the number.
    fn has_one_gap(&self, groups: &[Group]) -> bool {
        let mut gaps = groups.windows(2).rev().map(|pair| {
            let marks = self.plain.chars.get(pair[0].at.end..pair[1].at.start);
            marks.is_some_and(|marks| marks.iter().any(|c| is_dash(*c) || *c == '.'))
        });
        gaps.next() == gaps.next()
    }

    /// Whether a number of the region stands at the beginning of the groups, with less than all of them.
    fn begins_with_own(&mut self, groups: &[Group]) -> bool {
        (1..groups.len()).any(|to| {
            let part = &groups[..to];
            self.lookups += 1;
            let reading = phone::read(&self.digits(part), false, self.region);
            reading.is_some_and(|reading| reading.written != Written::National || is_in_usual_groups(part))
        })
    }

    fn number(&mut self, run: &Run, from: usize, to: usize) -> Option<Phone> {
        let groups = &run.groups[from..to];
        let digits = self.digits(groups);
        if !DIGITS.contains(&digits.len()) || self.lookups >= MOST_LOOKUPS || !self.may_begin(run, from) {
            return None;
        }
        self.lookups += 1;
        let plus = run.plus.filter(|_| from == 0);
        let part = Part { groups, digits, plus };
        let start = self.place(run, from, to).start;
        let Some(reading) = phone::read(&part.digits, plus.is_some(), self.region) else {
            let is_labelled = plus.is_none() && labels::before(self.plain, start) == Label::Phone;
            let is_whole = from == 0 && to == run.groups.len();
            return phone::foreign(&part.digits).filter(|_| is_labelled && is_whole);
        };
        let is_whole = self.may_end(run, to, reading.written) && !is_cut_off(run, from..to, &reading);
        let is_one = is_whole && self.is_written_as_one(&part, &reading, start);
        let is_one = is_one || is_whole && self.is_all_of_its_line(&part, start);
        is_one.then_some(reading.phone)
    }

    /// A number begins behind other digits only where there is a space or bracket, or if it is all of one piece.
    fn may_begin(&self, run: &Run, from: usize) -> bool {
        let is_one_piece = run.groups[from].at.len() >= 10;
        from == 0 || is_one_piece || self.is_cut(run, from)
    }

    /// The same at its end; only behind one that cannot be mistaken a little more may follow: "…-89-2 комнаты".
    fn may_end(&self, run: &Run, to: usize, written: Written) -> bool {
        let Some(next) = run.groups.get(to) else {
            return true;
        };
        let is_one_piece = run.groups[to - 1].at.len() >= 10;
        let is_tail = to + 1 == run.groups.len() && next.at.len() <= 2 && written != Written::National;
        is_one_piece || is_tail || self.is_cut(run, to)
    }

    /// Whether the line holds nothing else, or nothing but a name and words like "my number": "Мария 4951234567".
    fn is_all_of_its_line(&self, part: &Part<'_>, start: usize) -> bool {
        let (Some(first), Some(last)) = (part.groups.first(), part.groups.last()) else {
            return false;
        };
        if !is_in_usual_groups(part.groups) || labels::before(self.plain, start) != Label::None {
            return false;
        }
        let is_in_line = |at: &usize| is_space(self.plain.at(*at)) || !self.plain.at(*at).is_whitespace();
        let from = (0..first.at.start)
            .rev()
            .take(LONGEST_LINE)
            .take_while(is_in_line)
            .last();
        let to = (last.at.end..self.plain.chars.len())
            .take(LONGEST_LINE)
            .take_while(is_in_line)
            .last();
        let free = |range: Range<usize>| -> String {
            let places = range.map(|at| {
                if self.plain.is_taken[at] {
                    ' '
                } else {
                    self.plain.at(at)
                }
            });
            places.collect()
        };
        let before = from.map(|from| free(from..first.at.start)).unwrap_or_default();
        let behind = to.map(|to| free(last.at.end..to + 1)).unwrap_or_default();
        let words = format!("{before} , {behind}");
        words.chars().count() < LONGEST_LINE && names::is_only_name(&words)
    }

    fn is_cut(&self, run: &Run, before: usize) -> bool {
        let between = run.groups[before - 1].at.end..run.groups[before].at.start;
        let marks = self.plain.chars.get(between).unwrap_or_default();
        marks.iter().any(|c| is_space(*c) || matches!(c, '(' | ')'))
    }

    /// Whether the digits are not only a valid number, but are written as a phone is.
    fn is_written_as_one(&self, part: &Part<'_>, reading: &Reading, start: usize) -> bool {
        let is_prefixed = match reading.written {
            Written::International => return part.plus.is_some() || self.may_stand(part, start),
            Written::Trunk => true,
            Written::CountryCode => part.digits.len() >= 11,
            Written::National => false,
        };
        let is_grouped = self.is_grouped(part, is_prefixed);
        let is_passport = !is_prefixed && is_passport(part.groups);
        match labels::before(self.plain, start) {
            Label::Phone => true,
            Label::Id => is_grouped && !is_passport,
            Label::Sign => is_prefixed && reading.is_mobile || is_grouped && !is_passport,
            Label::Order => is_prefixed || !is_passport && (is_grouped || self.is_mobile_in_groups(part, reading)),
            Label::None => {
                let is_bare_mobile = reading.is_mobile && part.groups.len() < 3;
                is_prefixed || !is_passport && (is_grouped || is_bare_mobile)
            }
        }
    }

    /// Digits with `00` instead of a plus.
    fn may_stand(&self, part: &Part<'_>, start: usize) -> bool {
        labels::before(self.plain, start) != Label::Id || self.is_grouped(part, true)
    }

    fn is_mobile_in_groups(&self, part: &Part<'_>, reading: &Reading) -> bool {
        reading.is_mobile && part.groups.len() == 2
    }

    /// "(495) 1234567" or "495 123-45-67"; but "9 000 000 000" is a price.
    fn is_grouped(&self, part: &Part<'_>, is_prefixed: bool) -> bool {
        let (first, last) = (part.groups[0].at.len(), part.groups[part.groups.len() - 1].at.len());
        let has_bracket = part.groups.windows(2).any(|pair| {
            let marks = self.plain.chars.get(pair[0].at.end..pair[1].at.start);
            marks.is_some_and(|marks| marks.contains(&')'))
        });
        has_bracket || part.groups.len() > 2 && last < 5 && (is_prefixed || first > 1)
    }
}

/// Whether a bare national number in odd groups is only a part of a longer one: more digits stand beside it.
fn is_cut_off(run: &Run, part: Range<usize>, reading: &Reading) -> bool {
    let is_more = |group: Option<&Group>| group.is_some_and(|group| group.at.len() > 1 && !group.is_blocked);
    let before = part.start.checked_sub(1).and_then(|at| run.groups.get(at));
    let is_bare = reading.written == Written::National && (run.plus.is_none() || part.start > 0);
    let is_beside = is_more(before) || is_more(run.groups.get(part.end));
    is_bare && is_beside && !is_in_usual_groups(&run.groups[part])
}

/// The groups in which people write ten digits: "912 345-67-89".
fn is_in_usual_groups(groups: &[Group]) -> bool {
    let lengths: Vec<usize> = groups.iter().map(|group| group.at.len()).collect();
    matches!(lengths[..], [10] | [3, 7] | [3, 3, 4] | [3, 3, 2, 2])
}

/// The series and number of a Russian passport: "9208 123456", "92 08 123456".
fn is_passport(groups: &[Group]) -> bool {
    let lengths: Vec<usize> = groups.iter().map(|group| group.at.len()).collect();
    matches!(lengths[..], [4, 6] | [2, 2, 6])
}
