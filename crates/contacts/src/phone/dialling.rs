//! What is dialled before a number: the trunk prefix inside a country, the prefix of calls abroad.

use domain::Region;
use phonenumber::metadata::Metadata;

use super::countries::{code_of, home};

/// Countries in which numbers were dialled with 8 and 0.
const FORMER: &[u16] = &[373, 374, 380, 994, 995, 996];

/// How many of the first digits dial abroad: `00`, or 8 10 in Russia.
pub(crate) fn dials_abroad(digits: &str, region: &Region) -> usize {
    match abroad(digits, home(region)) {
        Some(rest) if code_of(rest).is_some() => digits.len() - rest.len(),
        _ => 0,
    }
}

/// Whether the digits are what is dialled before a number of the region: its trunk prefix and the code of an area or
/// network ("0151", "8 916").
pub(crate) fn is_area(digits: &str, region: &Region) -> bool {
    let has_code = |rest: &&str| (2..=5).contains(&rest.len());
    home(region).is_some_and(|own| behind_trunk(digits, own).iter().any(has_code))
}

/// What follows the digits that are dialled inside the country: there may be two ways to read them (8, and 80 in
/// Belarus).
pub(super) fn behind_trunk<'a>(digits: &'a str, own: &Metadata) -> Vec<&'a str> {
    let plain = own
        .national_prefix()
        .filter(|prefix| !prefix.is_empty())
        .and_then(|prefix| digits.strip_prefix(prefix));
    // Where what is dialled is rewritten, the crate knows how.
    let is_rewritten = own.national_prefix_transform_rule().is_some();
    let parsed = own
        .national_prefix_for_parsing()
        .filter(|_| !is_rewritten)
        .and_then(|prefix| prefix.find(digits))
        .filter(|found| found.start() == 0 && found.end() > 0)
        .and_then(|found| digits.get(found.end()..));
    // Where 8 was dialled before the zero, many still write it.
    let former = digits
        .strip_prefix("80")
        .filter(|_| FORMER.contains(&own.country_code()));
    let mut all: Vec<&str> = plain.into_iter().chain(parsed).chain(former).collect();
    all.dedup();
    all
}

/// What follows the digits that are dialled for abroad: `00`, or 8 10 in Russia.
pub(super) fn abroad<'a>(digits: &'a str, own: Option<&Metadata>) -> Option<&'a str> {
    let prefix = own.and_then(Metadata::international_prefix);
    let found = prefix
        .and_then(|prefix| prefix.find(digits))
        .filter(|found| found.start() == 0);
    match found {
        Some(found) => digits.get(found.end()..),
        None => digits.strip_prefix("00"),
    }
}
