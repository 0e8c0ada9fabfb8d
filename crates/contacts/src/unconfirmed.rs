//! Numbers that are passed on as they were written, and marked: a plus says that they are phones, but their country knows
//! none like them, because a digit is missing or because its tables are older than the number. Nothing is guessed.

use std::ops::Range;

use domain::Phone;

use super::labels::{self, Label};
use super::runs::{Group, Run, lengths};
use super::search::{Search, counts};
use crate::phone::{self, Fit};

/// Digits of a number with its country that neither fits nor nearly fits it.
const FAR: Range<usize> = 9..16;
/// The same where there is no such country.
const NOWHERE: Range<usize> = 10..16;
/// The number of a link that is made to call it, where its country does not know it.
pub(super) fn of_link(digits: &str) -> Option<Phone> {
    let number = format!("+{digits}");
    (phone::fit(digits) < Fit::Far)
        .then(|| Phone::unconfirmed(&number, &number))
        .flatten()
}

/// The number at the beginning of a run in which none was found there.
pub(super) fn of_run(search: &Search<'_>, run: &Run) -> Option<(Phone, Range<usize>)> {
    if run.plus.is_some() && run.is_bound() {
        return behind_plus(search, run);
    }
    if run.has_number {
        return None;
    }
    (0..run.free).find_map(|from| dialled(search, run, from))
}

fn behind_plus(search: &Search<'_>, run: &Run) -> Option<(Phone, Range<usize>)> {
    if labels::before(search.plain, search.place(run, 0, 1).start) == Label::Id {
        return None;
    }
    let most = Search::most(run, 0).min(run.free);
    let fits = [Fit::Exact, Fit::Near, Fit::Far];
    let (to, digits) = fits.into_iter().find_map(|wanted| {
        (1..=most).rev().find_map(|to| {
            let digits = search.digits(&run.groups[..to]);
            let is_end = to == run.groups.len() || search.is_cut(run, to);
            let is_one =
                is_end && phone::fit(&digits) == wanted && is_likely(search, &run.groups[..to], &digits, wanted);
            is_one.then_some((to, digits))
        })
    })?;
    let place = search.place(run, 0, to);
    let phone = Phone::unconfirmed(&format!("+{digits}"), &written(search, &place))?;
    Some((phone, place))
}

/// A plus precedes other things as well: sums, coordinates, more of something.
fn is_likely(search: &Search<'_>, groups: &[Group], digits: &str, fit: Fit) -> bool {
    let lengths = lengths(groups);
    let is_long_enough = match fit {
        Fit::Exact | Fit::Near => digits.len() >= 7,
        Fit::Far => {
            FAR.contains(&digits.len()) && (phone::code_of(digits).is_some() || NOWHERE.contains(&digits.len()))
        }
    };
    let has_end_of_sum = match lengths.len() {
        1 => digits.ends_with("0000"),
        _ => is_in_thousands(&lengths) && digits.ends_with("000"),
    };
    let is_sum = fit != Fit::Exact && has_end_of_sum && !phone::has_own_country(digits, search.region);
    let end = groups.last().map_or(0, |group| group.at.end);
    is_long_enough && !is_sum && !is_decimal(search, groups) && !counts(search.plain, end)
}

/// "5 000 000 000".
fn is_in_thousands(lengths: &[usize]) -> bool {
    lengths.len() > 1 && lengths[1..].iter().all(|length| *length == 3)
}

/// "55.755831".
fn is_decimal(search: &Search<'_>, groups: &[Group]) -> bool {
    let [whole, part] = groups else { return false };
    part.at.start == whole.at.end + 1 && search.plain.at(whole.at.end) == '.' && part.at.len() > 3
}

/// A number as it is dialled in the region, which has the form of its numbers though none is known to be in use; said to
/// be a phone, also that of another country.
fn dialled(search: &Search<'_>, run: &Run, from: usize) -> Option<(Phone, Range<usize>)> {
    let of_run = labels::before(search.plain, search.place(run, 0, 1).start);
    if !search.may_begin(run, from) || !matches!(of_run, Label::None | Label::Phone) {
        return None;
    }
    let most = Search::most(run, from);
    (from + 1..=from + most).rev().find_map(|to| {
        let groups = &run.groups[from..to];
        let digits = search.digits(groups);
        let place = search.place(run, from, to);
        let is_whole = to == run.groups.len() || search.is_cut(run, to) && run.groups[to].at.len() <= 2;
        let label = labels::before(search.plain, place.start);
        let is_labelled = label == Label::Phone;
        let lengths = lengths(groups);
        let is_grouped =
            lengths.len() > 3 && search.is_grouped(groups, true) || matches!(lengths[..], [1, 2..=4, 5..=7]);
        let is_bound = from == 0 && run.dialled > 0;
        let is_phone = is_labelled || label == Label::None && (is_grouped || search.is_alone(groups, place.start));
        if !is_whole || !is_phone && !is_bound || is_in_thousands(&lengths) || counts(search.plain, place.end) {
            return None;
        }
        let number = match run.dialled {
            0 => phone::possible(&digits, is_labelled, search.region)
                .or_else(|| phone::possible_abroad(&digits).filter(|_| is_labelled && from == 0)),
            dialled => abroad(search, groups, dialled, is_labelled).filter(|_| is_bound),
        };
        Some((Phone::unconfirmed(&number?, &written(search, &place))?, place))
    })
}

/// The number behind what is dialled for abroad. Said to be a phone, it may be written in one piece; else its country's
/// code is separate from the rest, and where 8 10 is dialled not all groups are as short: "8 10 20 30 40" are sizes.
fn abroad(search: &Search<'_>, groups: &[Group], dialled: usize, is_labelled: bool) -> Option<String> {
    let all = search.digits(groups);
    let digits = all.get(dialled..)?;
    let head = dialled + phone::code_of(digits).map_or(0, str::len);
    let mut ends = groups.iter().scan(0, |sum, group| {
        *sum += group.at.len();
        Some(*sum)
    });
    let is_apart = groups.len() > 1 && ends.any(|end| end == head);
    let is_size = !all.starts_with("00") && groups.iter().all(|group| group.at.len() < 3);
    let is_likely = match phone::fit(digits) {
        Fit::Exact | Fit::Near => is_labelled || is_apart && !is_size,
        Fit::Far => FAR.contains(&digits.len()) && is_apart && all.starts_with("00") && groups.len() > 3,
    };
    (phone::code_of(digits).is_some() && is_likely).then(|| format!("+{digits}"))
}

fn written(search: &Search<'_>, place: &Range<usize>) -> String {
    let text = search.plain.text(place.clone());
    // The bracket that closes before the number ends is kept, one that encloses all of it is none of it.
    match text.strip_prefix('(') {
        Some(inner) if !inner.contains(')') => inner.to_owned(),
        _ => text,
    }
}
