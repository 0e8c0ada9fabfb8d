//! Phone numbers by the rules of their countries (libphonenumber's metadata): what digits are, and the form in which
//! people read them. Which digits of a text are a number is `contacts`.

mod countries;
mod dialling;

use phonenumber::country::Id;
use phonenumber::metadata::Metadata;
use phonenumber::{Mode, PhoneNumber};

pub(super) use self::countries::code_of;
use self::countries::{home, is_valid, lengths_in, lengths_of, shortest_in};
use self::dialling::{abroad, behind_trunk};
pub(super) use self::dialling::{dials_abroad, is_area};
use domain::{Phone, Region};

/// How a number was written; the more it says of itself, the less it can be something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    /// With a plus or `00`.
    International,
    /// With the digit that is dialled inside the country: 8 912 345 67 89.
    Trunk,
    /// With the code of the region, but no plus: 7 912 345 67 89.
    CountryCode,
    /// Only the national number: 912 345 67 89.
    National,
}

/// A valid number and what is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reading {
    pub phone: Phone,
    pub written: Written,
    pub is_mobile: bool,
}

/// The number of a contact card. One that no country knows is returned unchanged: what a person shared must not be
/// lost. Telegram leaves out the plus of an account's number; what a person saved in an address book is read as they
/// would dial it.
pub fn shared(text: &str, is_account: bool, region: &Region) -> Option<Phone> {
    let digits = digits_of(text);
    let plus = text.chars().any(is_plus);
    let as_it_stands = |number: &str| Phone::unconfirmed(number, text);
    if plus {
        let reading = behind_plus(&digits, 0, region).map(|reading| reading.phone);
        return reading.or_else(|| as_it_stands(&format!("+{digits}")));
    }
    let abroad = reading(&digits, Written::International).map(|reading| reading.phone);
    if is_account {
        let in_region = || read(&digits, 0, region).map(|reading| reading.phone);
        return abroad.or_else(in_region).or_else(|| Phone::international(&digits));
    }
    if is_two_numbers(&digits, region) {
        return as_it_stands(&digits);
    }
    let in_region = read(&digits, 0, region).map(|reading| reading.phone);
    in_region.or(abroad).or_else(|| {
        let number = possible(&digits, false, region).or_else(|| possible_abroad(&digits));
        as_it_stands(&number.unwrap_or(digits))
    })
}

/// The number for people: `+7 912 345-67-89`, `+44 20 7946 0958`; one that may be wrong as it was written.
pub fn display(phone: &Phone) -> String {
    if let Some(written) = phone.as_written() {
        return written.to_owned();
    }
    let digits = phone.as_str().trim_start_matches('+');
    // The crate drops the first 8 of 812 or 800 as if it had been dialled, so Russian numbers are grouped here.
    let is_russian =
        digits.len() == 11 && digits.starts_with('7') && !digits.starts_with("76") && !digits.starts_with("77");
    if is_russian && digits.is_ascii() {
        let (area, rest) = (&digits[1..4], &digits[4..]);
        return format!("+7 {area} {}-{}-{}", &rest[..3], &rest[3..5], &rest[5..]);
    }
    let number = phonenumber::parse(None, phone.as_str()).ok();
    number.filter(|number| e164(number) == phone.as_str()).map_or_else(
        || phone.to_string(),
        |number| number.format().mode(Mode::International).to_string(),
    )
}

/// The same with the word before what is dialled behind it: `+7 495 123-45-67 ext. 105`.
pub fn with_extension(phone: &Phone, word: &str) -> String {
    match phone.extension() {
        Some(extension) => format!("{} {word} {extension}", display(phone)),
        None => display(phone),
    }
}

/// The number for a cell: without groups a spreadsheet makes a sum of money of it, and `-` is subtraction.
pub fn in_cell(phone: &Phone, word: &str) -> String {
    with_extension(phone, word).replace('-', " ")
}

/// What the digits are, read in the given region where no plus precedes them; `first` of them are separate from the
/// rest, if any do. `None` if they are not a valid number. The crate's own reading comes last, for the prefixes that only
/// it knows: it takes the first 8 of a Russian area code (812, 843) for the one that is dialled, and so loses whole cities.
pub(super) fn read(digits: &str, first: usize, region: &Region) -> Option<Reading> {
    if !is_length(digits) {
        return None;
    }
    let id: Option<Id> = region.code().parse().ok();
    let own = home(region);
    if let Some(found) = own.and_then(|own| in_country(digits, first, own)) {
        return Some(found);
    }
    match abroad(digits, own) {
        // Who dials abroad does not mean a number of the region.
        Some(rest) => reading(rest, Written::International),
        None => by_the_crate(digits, id),
    }
}

/// What the digits behind a plus are: a number of the country they name, and of no other. "+8 912 …" is what many write
/// who mean the 8 that is dialled: there is no country 8. `first` of the digits are separate from the rest, if any do.
pub(super) fn behind_plus(digits: &str, first: usize, region: &Region) -> Option<Reading> {
    if !is_length(digits) {
        return None;
    }
    let own = home(region);
    let dialled = || in_country(digits, first, own?).filter(|found| found.written == Written::Trunk);
    let is_apart = digits
        .get(..first)
        .is_some_and(|first| !first.is_empty() && code_of(first).is_none());
    if is_apart && let Some(found) = dialled() {
        return Some(found);
    }
    let Some(code) = code_of(digits) else {
        return dialled().or_else(|| reading(abroad(digits, own)?, Written::International));
    };
    // The crate drops the zero of "+44 (0)20", but takes it from no other number.
    let without_prefix = || {
        let number = phonenumber::parse(None, format!("+{digits}")).ok()?;
        let e164 = e164(&number);
        let rest = e164.trim_start_matches('+');
        reading(rest, Written::International).filter(|_| rest.starts_with(code))
    };
    reading(digits, Written::International).or_else(without_prefix)
}

/// How well digits behind a plus fit the country they name, though they are none of its valid numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    /// As long as a number there: the country may have new ones.
    Exact,
    /// A digit is missing or too many.
    Near,
    /// Neither, or there is no such country.
    Far,
}

/// How well digits behind a plus fit.
pub(super) fn fit(digits: &str) -> Fit {
    let Some(code) = code_of(digits) else { return Fit::Far };
    let length = digits.len() - code.len();
    let lengths = lengths_of(code);
    if lengths.contains(&length) {
        Fit::Exact
    } else if lengths.contains(&(length + 1)) || length > 0 && lengths.contains(&(length - 1)) {
        Fit::Near
    } else {
        Fit::Far
    }
}

/// Digits as they are dialled in the region, of the length and beginning of its numbers, though none that is known to be
/// in use: the international form. A country gets new ranges before the tables do.
pub(super) fn possible(digits: &str, is_bare: bool, region: &Region) -> Option<String> {
    let own = home(region)?;
    let code = own.country_code().to_string();
    let is_one = |national: &str| {
        let general = own.descriptors().general().national_number();
        let is_whole = general
            .find(national)
            .is_some_and(|found| found.start() == 0 && found.end() == national.len());
        is_whole && lengths_in(own).contains(&national.len())
    };
    let dialled = behind_trunk(digits, own).into_iter();
    let bare = Some(digits).filter(|_| is_bare);
    let mut readings = dialled.chain(digits.strip_prefix(code.as_str())).chain(bare);
    let national = readings.find(|rest| is_one(rest))?;
    Some(format!("+{code}{national}"))
}

/// The same for another country, whose plus was left out.
pub(super) fn possible_abroad(digits: &str) -> Option<String> {
    (digits.len() >= 11 && fit(digits) == Fit::Exact).then(|| format!("+{digits}"))
}

/// The digits as the number of some other country, whose plus was left out.
pub(super) fn foreign(digits: &str) -> Option<Phone> {
    let reading = reading(digits, Written::International).filter(|_| digits.len() >= 11);
    reading.map(|reading| reading.phone)
}

/// The digits as the mobile of some other country, whose plus was left out, and the length of that country's code.
pub(super) fn foreign_mobile(digits: &str, region: &Region) -> Option<(Phone, usize)> {
    if !(11..=13).contains(&digits.len()) || read(digits, 0, region).is_some() {
        return None;
    }
    let reading = reading(digits, Written::International).filter(|reading| reading.is_mobile)?;
    Some((reading.phone, code_of(digits)?.len()))
}

/// Whether the digits are a mobile of the region with all that is dialled before it: 8 912 345 67 89.
pub(super) fn is_dialled_mobile(digits: &str, region: &Region) -> bool {
    let is_one =
        |reading: Reading| reading.is_mobile && matches!(reading.written, Written::Trunk | Written::CountryCode);
    digits.len() >= 11 && read(digits, 0, region).is_some_and(is_one)
}

/// One of the digits of any script that people write numbers with, as ASCII.
pub(super) fn as_digit(c: char) -> Option<char> {
    let zero = match c {
        '0'..='9' => return Some(c),
        '\u{ff10}'..='\u{ff19}' => 0xff10,
        '\u{660}'..='\u{669}' => 0x660,
        '\u{6f0}'..='\u{6f9}' => 0x6f0,
        _ => return None,
    };
    char::from_digit(u32::from(c) - zero, 10)
}

/// Whether the character is one of plus signs.
pub(super) fn is_plus(c: char) -> bool {
    matches!(c, '+' | '＋' | '➕')
}

/// With fewer digits than this a text has no number: E.164 has numbers of at least seven, but where that is how they are dialled, what
/// is one of the region may be written without the country's code.
pub(super) fn fewest_digits(region: &Region) -> usize {
    let shortest = home(region).and_then(shortest_in);
    shortest.map_or(SHORTEST, |shortest| shortest.min(SHORTEST))
}

/// Digits of the shortest number with its country.
const SHORTEST: usize = 7;

fn is_length(digits: &str) -> bool {
    (SHORTEST..=17).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
}

/// The number in the country. What is dialled first decides; of a bare number that may also begin with the country's own
/// code the digits that are separate do.
fn in_country(digits: &str, first: usize, own: &Metadata) -> Option<Reading> {
    let code = own.country_code().to_string();
    let trunk = behind_trunk(digits, own)
        .into_iter()
        .find_map(|rest| reading(&format!("{code}{rest}"), Written::Trunk));
    let national = || reading(&format!("{code}{digits}"), Written::National);
    let with_code = || reading(digits, Written::CountryCode).filter(|_| digits.starts_with(&code));
    trunk.or_else(|| match first == code.len() {
        true => with_code().or_else(national),
        false => national().or_else(with_code),
    })
}

/// Whether digits without a plus or what is dialled are two numbers of the same country: with its code, and without.
pub(super) fn is_two_numbers(digits: &str, region: &Region) -> bool {
    let is_one = |own: &Metadata| {
        let code = own.country_code().to_string();
        let trunk = behind_trunk(digits, own)
            .into_iter()
            .any(|rest| is_valid(&format!("{code}{rest}")).is_some());
        let is_national = is_valid(&format!("{code}{digits}")).is_some();
        !trunk && is_national && digits.starts_with(&code) && is_valid(digits).is_some()
    };
    home(region).is_some_and(is_one)
}

/// Whether the digits begin with the code of the region's own country.
pub(super) fn has_own_country(digits: &str, region: &Region) -> bool {
    home(region).is_some_and(|own| digits.starts_with(&own.country_code().to_string()))
}

fn by_the_crate(digits: &str, id: Option<Id>) -> Option<Reading> {
    let number = phonenumber::parse(id, digits).ok()?;
    reading(e164(&number).trim_start_matches('+'), Written::National)
}

fn reading(international: &str, written: Written) -> Option<Reading> {
    let is_mobile = is_valid(international)?;
    let phone = Phone::international(international)?;
    Some(Reading {
        phone,
        written,
        is_mobile,
    })
}

fn e164(number: &PhoneNumber) -> String {
    number.format().mode(Mode::E164).to_string()
}

fn digits_of(text: &str) -> String {
    text.chars().filter_map(as_digit).collect()
}

#[cfg(test)]
#[path = "phone_tests.rs"]
mod tests;
