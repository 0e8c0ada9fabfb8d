//! The search of one run: which of its groups are a valid number that is written as one.

use std::ops::Range;

use domain::{Phone, Region};

use super::labels::{self, Label, is_dash};
use super::names;
use super::plain::Plain;
use super::runs::{Group, Run, is_space, lengths};
use super::words::Words;
use crate::phone::{self, Reading, Written};

/// E.164 has numbers of 7 to 15 digits; two more may be dialled before them.
const DIGITS: Range<usize> = 7..18;

/// How many parts of a text are looked up among the numbers of the countries: what remains of a text of nothing
/// but digits is not worth the time.
const MOST_LOOKUPS: usize = 2_000;

/// Digits of a number with its country that another may follow.
const SHORTEST_BOUND: usize = 9;

/// "1 2 3 4 5 6 7 8 9 10 11" is not a number of another country.
const MOST_GROUPS: usize = 7;

/// Longest line that can hold only a number and the words around it.
const LONGEST_LINE: usize = 100;

pub(super) struct Search<'a> {
    pub plain: &'a Plain,
    pub region: &'a Region,
    lookups: usize,
}

/// A part of a run that may be a number.
struct Part<'a> {
    groups: &'a [Group],
    digits: String,
}

impl<'a> Search<'a> {
    pub(crate) fn of(plain: &'a Plain, region: &'a Region) -> Self {
        Self {
            plain,
            region,
            lookups: 0,
        }
    }

    /// The valid numbers of a run.
    pub(crate) fn run(&mut self, run: &mut Run, found: &mut Vec<(Phone, Range<usize>)>) {
        let mut from = 0;
        while from < run.groups.len() {
            let number = match run.is_bound() {
                true if from == 0 => self.bound(run),
                _ => self.longest(run, from),
            };
            match number {
                Some((phone, to)) => {
                    found.push((phone, self.place(run, from, to)));
                    if !run.has_number {
                        run.free = from;
                    }
                    run.has_number = true;
                    from = to;
                }
                None => from += 1,
            }
        }
        if !run.has_number {
            run.free = run.groups.len();
        }
    }

    pub(crate) fn place(&self, run: &Run, from: usize, to: usize) -> Range<usize> {
        let start = run.groups[from].at.start;
        let start = run.plus.filter(|_| from == 0).unwrap_or(start);
        let start = start - usize::from(self.plain.before(start) == '(');
        start..run.groups[to - 1].at.end
    }

    /// How many groups behind one may be part of the same number.
    pub(crate) fn most(run: &Run, from: usize) -> usize {
        let mut sum = 0;
        let fits = |group: &&Group| {
            sum += group.at.len();
            !group.is_blocked && sum < DIGITS.end
        };
        run.groups[from..].iter().take_while(fits).count()
    }

    /// The longest valid number of the country that a plus binds the digits to.
    fn bound(&mut self, run: &Run) -> Option<(Phone, usize)> {
        (1..=Self::most(run, 0)).rev().find_map(|to| {
            let groups = &run.groups[..to];
            let digits = self.digits(groups);
            let is_one = self.may_end(run, to, Written::International) && self.lookups < MOST_LOOKUPS;
            let is_one = is_one && !self.ends_elsewhere(run, to);
            self.lookups += 1;
            let apart = if to > 1 { groups[0].at.len() } else { 0 };
            let reading = match digits.get(run.dialled..).filter(|_| is_one)? {
                behind if run.dialled > 0 => phone::behind_plus(behind, 0, self.region)?,
                digits => phone::behind_plus(digits, apart, self.region)?,
            };
            let is_other = run.plus.is_none() && !self.may_stand(groups, self.place(run, 0, to).start);
            (!is_other).then_some((reading.phone, to))
        })
    }

    /// Whether the last digit is not part of the number but counts something ("2 комнаты") or is dialled before the next.
    fn ends_elsewhere(&self, run: &Run, to: usize) -> bool {
        let (last, next) = (&run.groups[to - 1], &run.groups[to - 1..]);
        let is_dialled = |to: usize| phone::is_dialled_mobile(&self.digits(&next[..to]), self.region);
        let begins_next = (2..=next.len().min(MOST_GROUPS)).any(is_dialled);
        to > 1 && last.at.len() == 1 && (begins_next || counts(self.plain, last.at.end))
    }

    /// The longest number that begins at a group, and the group behind it.
    fn longest(&mut self, run: &Run, from: usize) -> Option<(Phone, usize)> {
        let most = Self::most(run, from);
        if run.is_bound() && !run.has_number && !self.is_dialled_alone(run, from) {
            return None;
        }
        if let Some(foreign) = self.foreign(run, from, most) {
            return Some(foreign);
        }
        (from + 1..=from + most).rev().find_map(|to| {
            let phone = self.number(run, from, to)?;
            Some((phone, to))
        })
    }

    /// The mobile of another country without its plus: "998 90 123 45 67". Were it read in the region, its first ten
    /// digits would be another person's number.
    fn foreign(&mut self, run: &Run, from: usize, most: usize) -> Option<(Phone, usize)> {
        if most == 0 || !self.may_begin(run, from) {
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

    pub(crate) fn digits(&self, groups: &[Group]) -> String {
        groups.iter().map(|group| self.plain.text(group.at.clone())).collect()
    }

    fn may_end_foreign(&self, run: &Run, to: usize) -> bool {
        let is_tail = to + 1 == run.groups.len() && run.groups[to].at.len() <= 2;
        to == run.groups.len() || is_tail || self.is_cut(run, to) || run.groups[to - 1].at.len() >= 10
    }

    /// Whether the last two gaps are equal: in "996 555-12-34 56" the last group is not part of the number.
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
            let reading = phone::read(&self.digits(part), 0, self.region);
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
        let part = Part { groups, digits };
        let start = self.place(run, from, to).start;
        let apart = if groups.len() > 1 { groups[0].at.len() } else { 0 };
        let Some(reading) = phone::read(&part.digits, apart, self.region) else {
            let is_labelled = labels::before(self.plain, start) == Label::Phone;
            let is_whole = from == 0 && to == run.groups.len();
            return phone::foreign(&part.digits).filter(|_| is_labelled && is_whole);
        };
        let is_whole = self.may_end(run, to, reading.written) && !is_cut_off(run, from..to, &reading);
        let is_one = is_whole && self.is_written_as_one(&part, &reading, start);
        let is_one = is_one || is_whole && self.is_all_of_its_line(&part, start);
        if is_one && groups.len() == 1 && phone::is_two_numbers(&part.digits, self.region) {
            return Phone::unconfirmed(&part.digits, &part.digits);
        }
        is_one.then_some(reading.phone)
    }

    /// A number begins behind other digits only where there is a space or bracket, or if it is all of one piece.
    pub(crate) fn may_begin(&self, run: &Run, from: usize) -> bool {
        let is_one_piece = run.groups[from].at.len() >= 10;
        from == 0 || is_one_piece || self.is_cut(run, from)
    }

    /// The same at its end; only behind one that cannot be mistaken a little more may follow: "…-89-2 комнаты".
    pub(crate) fn may_end(&self, run: &Run, to: usize, written: Written) -> bool {
        let Some(next) = run.groups.get(to) else {
            return true;
        };
        let is_one_piece = run.groups[to - 1].at.len() >= 10;
        let is_tail = to + 1 == run.groups.len() && next.at.len() <= 2 && written != Written::National;
        is_one_piece || is_tail || self.is_cut(run, to)
    }

    /// Whether the line holds nothing else, or only a name and words like "my number": "Мария 4951234567".
    fn is_all_of_its_line(&self, part: &Part<'_>, start: usize) -> bool {
        is_in_usual_groups(part.groups) && self.is_alone(part.groups, start)
    }

    pub(crate) fn is_alone(&self, groups: &[Group], start: usize) -> bool {
        let (Some(first), Some(last)) = (groups.first(), groups.last()) else {
            return false;
        };
        if labels::before(self.plain, start) != Label::None {
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

    pub(crate) fn is_cut(&self, run: &Run, before: usize) -> bool {
        let between = run.groups[before - 1].at.end..run.groups[before].at.start;
        let marks = self.plain.chars.get(between).unwrap_or_default();
        marks.iter().any(|c| is_space(*c) || matches!(c, '(' | ')'))
    }

    /// Whether the digits are not only a valid number, but are written as a phone is.
    fn is_written_as_one(&self, part: &Part<'_>, reading: &Reading, start: usize) -> bool {
        let is_prefixed = match reading.written {
            Written::International => return self.may_stand(part.groups, start),
            Written::Trunk => true,
            Written::CountryCode => part.digits.len() >= 11,
            Written::National => false,
        };
        let is_grouped = self.is_grouped(part.groups, is_prefixed);
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
    fn may_stand(&self, groups: &[Group], start: usize) -> bool {
        labels::before(self.plain, start) != Label::Id || self.is_grouped(groups, true)
    }

    /// Whether what is dialled inside the region begins here, in the middle of a run that a plus binds: in one piece
    /// ("+1 89123456789"), or behind enough digits to be a number themselves.
    fn is_dialled_alone(&self, run: &Run, from: usize) -> bool {
        let (before, groups) = run.groups.split_at(from);
        let is_dialled = |to: usize| phone::is_dialled_mobile(&self.digits(&groups[..to]), self.region);
        let is_behind_number = self.digits(before).len() >= SHORTEST_BOUND && groups[0].at.len() == 1;
        let is_grouped = || (2..=groups.len().min(MOST_GROUPS)).any(is_dialled);
        groups[0].at.len() == 11 && is_dialled(1) || is_behind_number && is_grouped()
    }

    fn is_mobile_in_groups(&self, part: &Part<'_>, reading: &Reading) -> bool {
        reading.is_mobile && part.groups.len() == 2
    }

    /// "(495) 1234567" or "495 123-45-67"; but "9 000 000 000" is a price.
    pub(crate) fn is_grouped(&self, groups: &[Group], is_prefixed: bool) -> bool {
        let (first, last) = (groups[0].at.len(), groups[groups.len() - 1].at.len());
        let has_bracket = groups.windows(2).any(|pair| {
            let marks = self.plain.chars.get(pair[0].at.end..pair[1].at.start);
            marks.is_some_and(|marks| marks.contains(&')'))
        });
        has_bracket || groups.len() > 2 && last < 5 && (is_prefixed || first > 1)
    }
}

/// What has an amount before it, by the beginning of its word; the last are whole words.
const COUNTED: Words<24> = Words::of(
    "комн окн окон чел руб раз дн дет час этаж штук тыс млн млрд кв грн тенге сум room window people usd eur rub",
);
const UNITS: Words<11> = Words::of("р шт км м кг г см мм m kg cm");

/// Whether the digits that end here count something.
pub(super) fn counts(plain: &Plain, end: usize) -> bool {
    let gap = usize::from(is_space(plain.at(end)));
    let word = (end + gap..end + gap + 12).map(|at| plain.at(at));
    let word: String = word.take_while(|c| c.is_alphabetic()).collect();
    let word = word.to_lowercase();
    UNITS.has(&word) || COUNTED.begin(&word)
}

/// Whether a bare national number in odd groups is only a part of a longer one: more digits are beside it.
fn is_cut_off(run: &Run, part: Range<usize>, reading: &Reading) -> bool {
    let is_more = |group: Option<&Group>| group.is_some_and(|group| group.at.len() > 1 && !group.is_blocked);
    let before = part.start.checked_sub(1).and_then(|at| run.groups.get(at));
    let is_bare = reading.written == Written::National;
    let is_beside = is_more(before) || is_more(run.groups.get(part.end));
    is_bare && is_beside && !is_in_usual_groups(&run.groups[part])
}

/// The groups in which people write ten digits: "912 345-67-89".
pub(super) fn is_in_usual_groups(groups: &[Group]) -> bool {
    matches!(lengths(groups)[..], [10] | [3, 7] | [3, 3, 4] | [3, 3, 2, 2])
}

/// The series and number of a Russian passport: "9208 123456", "92 08 123456".
fn is_passport(groups: &[Group]) -> bool {
    matches!(lengths(groups)[..], [4, 6] | [2, 2, 6])
}
