//! Phone numbers by the rules of their countries (libphonenumber's metadata): one number out of what a model or a
//! person wrote, and the form in which people read it. Which digits of a longer text are a number is `contacts`.

use phonenumber::country::Id;
use phonenumber::metadata::{DATABASE, Metadata};
use phonenumber::{Mode, PhoneNumber};

use crate::domain::{Phone, Region};

/// How a number was written; the more it says of itself, the less it can be something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    /// With a plus or `00`.
    International,
    /// With the digit that is dialled inside the country: 8 912 345 67 89.
    Trunk,
    /// With the code of the region, but no plus: 7 912 345 67 89.
    CountryCode,
    /// Nothing but the national number: 912 345 67 89.
    National,
}

/// A valid number and what is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reading {
    pub phone: Phone,
    pub written: Written,
    pub is_mobile: bool,
}

/// The number that `text` is said to hold, as a model or a person writes one: "8 (912) 345-67-89", "тел 8-912…",
/// "+44 20 7946 0958 ext. 12" (the main number is kept). Only a number that is valid comes back. Of several the
/// first is taken. Other than in a free text, a foreign number without its plus is understood.
pub fn parse(text: &str, region: &Region) -> Option<Phone> {
    pieces(text).into_iter().find_map(|piece| {
        let whole = one(&piece, region);
        whole.or_else(|| piece.split_whitespace().find_map(|word| one(word, region)))
    })
}

/// The number of a contact card, where Telegram leaves out the plus. One that no country knows comes back as it
/// stands: what a person shared must not be lost.
pub fn shared(text: &str, region: &Region) -> Option<Phone> {
    let digits = digits_of(text);
    let international = is_valid(&digits).and_then(|_| Phone::international(&digits));
    international
        .or_else(|| parse(text, region))
        .or_else(|| Phone::international(&digits))
}

/// The number for people: `+7 912 345-67-89`, `+44 20 7946 0958`.
pub fn display(phone: &Phone) -> String {
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

/// The number for a cell: without groups a spreadsheet makes a sum of money of it, and `-` is subtraction.
pub fn in_cell(phone: &Phone) -> String {
    display(phone).replace('-', " ")
}

/// What the digits are, read in the given region; `has_plus` if one stood before them. `None` if they are no valid
/// number. The crate's own reading comes last, for the prefixes that only it knows: it takes the first 8 of a
/// Russian area code (812, 843) for the one that is dialled, and so loses whole cities.
pub(super) fn read(digits: &str, has_plus: bool, region: &Region) -> Option<Reading> {
    if !(7..=17).contains(&digits.len()) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    if has_plus && let Some(reading) = reading(digits, Written::International) {
        return Some(reading);
    }
    let id: Option<Id> = region.code().parse().ok();
    let own = id.and_then(|_| DATABASE.by_id(region.code()));
    // "+8 912 …" is what many write who mean the 8 that is dialled.
    let found = own
        .and_then(|own| in_country(digits, own))
        .or_else(|| reading(abroad(digits, own)?, Written::International));
    found.or_else(|| by_the_crate(digits, has_plus, id))
}

/// The digits as the number of some other country, whose plus was left out.
pub(super) fn foreign(digits: &str) -> Option<Phone> {
    let reading = reading(digits, Written::International).filter(|_| digits.len() >= 11);
    reading.map(|reading| reading.phone)
}

/// The digits as the mobile of some other country, whose plus was left out, and the length of that country's code.
pub(super) fn foreign_mobile(digits: &str, region: &Region) -> Option<(Phone, usize)> {
    if !(11..=13).contains(&digits.len()) || read(digits, false, region).is_some() {
        return None;
    }
    let reading = reading(digits, Written::International).filter(|reading| reading.is_mobile)?;
    let is_code = |length: &usize| {
        let code = digits.get(..*length).and_then(|code| code.parse().ok());
        code.is_some_and(|code: u16| DATABASE.by_code(&code).is_some())
    };
    Some((reading.phone, (1..=3).find(is_code)?))
}

/// Whether the digits are a mobile of the region with all that is dialled before it: 8 912 345 67 89.
pub(super) fn is_dialled_mobile(digits: &str, region: &Region) -> bool {
    let is_one =
        |reading: Reading| reading.is_mobile && matches!(reading.written, Written::Trunk | Written::CountryCode);
    digits.len() >= 11 && read(digits, false, region).is_some_and(is_one)
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

/// Whether the character is one of the two plus signs.
pub(super) fn is_plus(c: char) -> bool {
    matches!(c, '+' | '＋')
}

fn in_country(digits: &str, own: &Metadata) -> Option<Reading> {
    let code = own.country_code().to_string();
    let trunk = own.national_prefix().filter(|prefix| !prefix.is_empty());
    let dialled = trunk.and_then(|prefix| digits.strip_prefix(prefix));
    dialled
        .and_then(|rest| reading(&format!("{code}{rest}"), Written::Trunk))
        .or_else(|| reading(&format!("{code}{digits}"), Written::National))
        .or_else(|| reading(digits, Written::CountryCode).filter(|_| digits.starts_with(&code)))
}

/// What stands behind the digits that are dialled for abroad: `00`, or 8 10 in Russia.
fn abroad<'a>(digits: &'a str, own: Option<&Metadata>) -> Option<&'a str> {
    let prefix = own.and_then(Metadata::international_prefix);
    let found = prefix
        .and_then(|prefix| prefix.find(digits))
        .filter(|found| found.start() == 0);
    match found {
        Some(found) => digits.get(found.end()..),
        None => digits.strip_prefix("00"),
    }
}

fn by_the_crate(digits: &str, has_plus: bool, id: Option<Id>) -> Option<Reading> {
    let plus = if has_plus { "+" } else { "" };
    // Behind a plus the rules of the own country would be used on the number of another.
    let country = id.filter(|_| !has_plus);
    let number = phonenumber::parse(country, format!("{plus}{digits}")).ok()?;
    let written = if has_plus {
        Written::International
    } else {
        Written::National
    };
    reading(e164(&number).trim_start_matches('+'), written)
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

/// `None` if no country has such a number, else whether it may be that of a mobile phone.
fn is_valid(international: &str) -> Option<bool> {
    (1..=3).find_map(|length| {
        let code: u16 = international.get(..length)?.parse().ok()?;
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

fn e164(number: &PhoneNumber) -> String {
    number.format().mode(Mode::E164).to_string()
}

fn digits_of(text: &str) -> String {
    text.chars().filter_map(as_digit).collect()
}

fn one(piece: &str, region: &Region) -> Option<Phone> {
    let digits = digits_of(piece);
    let has_plus = piece.chars().any(is_plus);
    let reading = read(&digits, has_plus, region);
    reading.map(|reading| reading.phone).or_else(|| foreign(&digits))
}

/// The stretches of the text that hold one number each: a letter behind digits (an extension) ends one, and so
/// does whatever people put between two numbers.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces = vec![String::new()];
    for c in text.chars().take(super::contacts::LONGEST_TEXT) {
        let ends = is_plus(c) || c.is_alphabetic() || matches!(c, ',' | ';' | '/' | '\n' | '\r' | '#' | '@');
        if ends {
            pieces.push(String::new());
        }
        if let Some(piece) = pieces.last_mut().filter(|_| !c.is_alphabetic()) {
            piece.push(c);
        }
    }
    pieces.retain(|piece| piece.chars().filter_map(as_digit).take(7).count() == 7);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_is_read_however_the_model_wrote_it() {
        let cases = [
            ("8 (912) 345-67-89", Some("+79123456789")),
            ("тел 8-912-345-67-89", Some("+79123456789")),
            ("9123456789", Some("+79123456789")),
            ("4951234567", Some("+74951234567")),
            ("(812) 345-67-89", Some("+78123456789")),
            ("8 912 345 67 89 доб. 12", Some("+79123456789")),
            ("8 495 123-45-67 ext 12, 8 912 345 67 89", Some("+74951234567")),
            ("89123456789 89990000000", Some("+79123456789")),
            ("+44 20 7946 0958", Some("+442079460958")),
            ("375291234567", Some("+375291234567")),
            ("12345", None),
            ("8 912 345", None),
            ("", None),
            ("anna@mail.ru", None),
        ];
        for (text, number) in cases {
            let phone = parse(text, &Region::new("RU"));
            assert_eq!(phone.as_ref().map(Phone::as_str), number, "{text}");
        }
    }

    #[test]
    fn people_read_numbers_in_the_groups_they_know() {
        let cases = [
            ("79123456789", "+7 912 345-67-89"),
            ("78123456789", "+7 812 345-67-89"),
            ("77012345678", "+7 701 234 5678"),
            ("442079460958", "+44 20 7946 0958"),
            ("375291234567", "+375 29 123-45-67"),
            ("9999999", "+9999999"),
        ];
        for (digits, shown) in cases {
            let phone = Phone::international(digits).unwrap();
            assert_eq!(display(&phone), shown);
        }
    }
}
