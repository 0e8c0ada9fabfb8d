//! The countries and their numbers, as libphonenumber's metadata has them: codes, lengths, which number is in use.

use std::collections::BTreeSet;

use domain::Region;
use phonenumber::country::Id;
use phonenumber::metadata::{DATABASE, Metadata};

/// The rules of the region's own country; `None` if there is no such country.
pub(super) fn home(region: &Region) -> Option<&'static Metadata> {
    let is_one = region.code().parse::<Id>().is_ok();
    is_one.then(|| DATABASE.by_id(region.code())).flatten()
}

/// The code of the country at the beginning of the digits.
pub(crate) fn code_of(digits: &str) -> Option<&str> {
    (1..=3).find_map(|length| {
        let code = digits.get(..length)?;
        let is_one = !code.starts_with('0') && DATABASE.by_code(&code.parse::<u16>().ok()?).is_some();
        is_one.then_some(code)
    })
}

/// The lengths of numbers of landline and mobile phones.
pub(super) fn lengths_of(code: &str) -> BTreeSet<usize> {
    let countries = code.parse::<u16>().ok().and_then(|code| DATABASE.by_code(&code));
    countries.into_iter().flatten().flat_map(lengths_in).collect()
}

pub(super) fn lengths_in(country: &Metadata) -> BTreeSet<usize> {
    lengths(country).collect()
}

/// The shortest of them.
pub(super) fn shortest_in(country: &Metadata) -> Option<usize> {
    lengths(country).min()
}

fn lengths(country: &Metadata) -> impl Iterator<Item = usize> {
    let kinds = country.descriptors();
    let kinds = [kinds.fixed_line(), kinds.mobile()].into_iter().flatten();
    kinds.flat_map(|kind| kind.possible_length().iter().map(|length| usize::from(*length)))
}

/// `None` if no country has such a number, else whether it may be that of a mobile phone.
pub(super) fn is_valid(international: &str) -> Option<bool> {
    (1..=3).find_map(|length| {
        let code = international.get(..length)?;
        // "036" is not a code, though it is 36 to a parser.
        let code: u16 = code.parse().ok().filter(|_| !code.starts_with('0'))?;
        let national = international.get(length..)?;
        let countries = DATABASE.by_code(&code)?;
        countries.into_iter().find_map(|country| is_valid_in(country, national))
    })
}

fn is_valid_in(country: &Metadata, national: &str) -> Option<bool> {
    let kinds = country.descriptors();
    if !kinds.general().is_match(national) {
        return None;
    }
    if kinds.mobile().is_some_and(|kind| kind.is_match(national)) {
        return Some(true);
    }
    let others = [
        kinds.fixed_line(),
        kinds.toll_free(),
        kinds.premium_rate(),
        kinds.shared_cost(),
        kinds.personal_number(),
        kinds.voip(),
        kinds.uan(),
        kinds.pager(),
        kinds.voicemail(),
    ];
    let is_other = others.into_iter().flatten().any(|kind| kind.is_match(national));
    is_other.then_some(false)
}
