//! Phones among the digits of a text: the longest part of a run that is a valid number, and that is written as one, is a
//! phone. What remains may be a number that a line break cut in two, or one that is passed on as it was written.

use std::ops::Range;

use domain::{Phone, Region};

use super::plain::Plain;
use super::runs::runs;
use super::search::Search;
use super::{breaks, chains, shapes, unconfirmed};

/// The phones of a text with their places, in order.
pub(super) fn phones(plain: &mut Plain, region: &Region) -> Vec<(Phone, Range<usize>)> {
    let mut found = chains::phones(plain, region);
    for (_, range) in &found {
        plain.take(range.clone());
    }
    let plain = &*plain;
    let mut search = Search::of(plain, region);
    let mut runs = runs(plain, region);
    for run in &mut runs {
        shapes::block(plain, &mut run.groups, run.plus.is_some(), region);
        search.run(run, &mut found);
    }
    found.extend(breaks::joined(&mut search, &mut runs));
    for run in &runs {
        found.extend(unconfirmed::of_run(&search, run));
    }
    found.sort_by_key(|(_, range)| range.start);
    found
}
