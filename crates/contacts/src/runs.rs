//! Runs: groups of digits with only spaces, dashes, dots and brackets between.

use std::ops::Range;

use domain::Region;

use super::labels::is_dash;
use super::phone::{self, is_plus};
use super::plain::Plain;

/// Digits without anything between them.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub at: Range<usize>,
    /// It is known to be something else.
    pub is_blocked: bool,
}

/// How many digits each has.
pub(super) fn lengths(groups: &[Group]) -> Vec<usize> {
    groups.iter().map(|group| group.at.len()).collect()
}

/// Groups of digits with only the marks of a number between.
#[derive(Debug)]
pub(super) struct Run {
    /// Where its plus is.
    pub plus: Option<usize>,
    /// How many of its first digits dial abroad instead of a plus.
    pub dialled: usize,
    pub groups: Vec<Group>,
    /// Groups at its beginning that no number was found in, and whether one was found behind them.
    pub free: usize,
    pub has_number: bool,
}

impl Run {
    /// Whether the number says which country is meant, and nothing else can be.
    pub(crate) fn is_bound(&self) -> bool {
        let is_first_known = self.groups.first().is_some_and(|first| first.is_blocked);
        (self.plus.is_some() || self.dialled > 0) && !is_first_known
    }
}

/// All runs of the text. A plus begins a new one.
pub(super) fn runs(plain: &Plain, region: &Region) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for group in groups(plain) {
        let plus = plus_before(plain, group.at.start);
        let last = runs.last_mut().filter(|_| plus.is_none());
        let end = |run: &Run| run.groups.last().map_or(0, |group| group.at.end);
        let joins = |run: &&mut Run| {
            let between = end(run)..group.at.start;
            is_soft(plain, between.clone()) || is_behind_area(plain, run, between, region)
        };
        match last.filter(joins) {
            Some(run) => run.groups.push(group),
            None => runs.push(Run {
                plus,
                dialled: 0,
                groups: vec![group],
                free: 0,
                has_number: false,
            }),
        }
    }
    for run in runs.iter_mut().filter(|run| run.plus.is_none()) {
        let digits: String = run
            .groups
            .iter()
            .take(4)
            .map(|group| plain.text(group.at.clone()))
            .collect();
        run.dialled = phone::dials_abroad(&digits, region);
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
    // "C++ 2011" has none.
    marks
        .next()
        .filter(|at| is_plus(plain.at(*at)) && !is_plus(plain.before(*at)))
}

/// Whether the text between two groups may occur inside a number.
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

/// Whether a slash is between the code of an area and the number in it: "0151/23456789". Elsewhere it is between
/// two numbers.
fn is_behind_area(plain: &Plain, run: &Run, between: Range<usize>, region: &Region) -> bool {
    let is_taken = plain
        .is_taken
        .get(between.clone())
        .is_none_or(|taken| taken.contains(&true));
    let marks = plain.chars.get(between).unwrap_or_default();
    let slashes = marks.iter().filter(|c| **c == '/').count();
    let is_mark = |c: &char| is_space(*c) || matches!(c, '/' | '(' | ')');
    if is_taken || slashes != 1 || marks.len() > 3 || !marks.iter().all(is_mark) {
        return false;
    }
    let digits: String = run.groups.iter().map(|group| plain.text(group.at.clone())).collect();
    match run.plus {
        Some(_) => (3..=7).contains(&digits.len()),
        None => phone::is_area(&digits, region),
    }
}

/// A space that ends no line.
pub(super) fn is_space(c: char) -> bool {
    c.is_whitespace() && !matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}
