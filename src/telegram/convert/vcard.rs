//! Reads the vCard of a shared contact (RFC 2426, RFC 6350, or 2.1 from old phones), which may contain more than the first number.
//! Only three properties are needed, which is not worth a dependency.

/// A card may contain any number of values.
const MAX_VALUES: usize = 10;

/// Phone numbers as a person would write them.
pub(super) fn phones(card: &str) -> Vec<String> {
    values(card, "TEL", "tel:")
}

pub(super) fn emails(card: &str) -> Vec<String> {
    values(card, "EMAIL", "mailto:")
}

pub(super) fn name(card: &str) -> Option<String> {
    values(card, "FN", "").into_iter().next()
}

fn values(card: &str, property: &str, scheme: &str) -> Vec<String> {
    let lines = card.replace("\r\n", "\n").replace('\r', "\n");
    // A line that begins with whitespace continues the line before it.
    let unfolded = lines.replace("\n ", "").replace("\n\t", "");
    let values = unfolded.lines().filter_map(|line| value(line, property, scheme));
    values.filter(|value| !value.is_empty()).take(MAX_VALUES).collect()
}

/// The value of a line if it has this property: `item1.TEL;TYPE="work,voice":+7 495 123-45-67`.
fn value(line: &str, property: &str, scheme: &str) -> Option<String> {
    let mut is_quoted = false;
    let colon = line.find(|c| {
        is_quoted ^= c == '"';
        c == ':' && !is_quoted
    })?;
    let (head, value) = (&line[..colon], &line[colon + 1..]);
    let (name, parameters) = head.split_once(';').unwrap_or((head, ""));
    let name = name.rsplit('.').next().unwrap_or(name).trim();
    if !name.eq_ignore_ascii_case(property) {
        return None;
    }
    let value = match parameters.to_ascii_uppercase().contains("QUOTED-PRINTABLE") {
        true => decoded(value, '='),
        false => value.to_owned(),
    };
    let value = value.trim();
    match value.get(..scheme.len()) {
        Some(begin) if !scheme.is_empty() && begin.eq_ignore_ascii_case(scheme) => {
            Some(from_uri(&value[scheme.len()..]))
        }
        _ => Some(unescaped(value).trim().to_owned()),
    }
}

/// Writes `+74951234567;ext=105` (RFC 3966) with a readable extension.
fn from_uri(address: &str) -> String {
    let mut parts = address.split([';', '?']);
    let address = decoded(parts.next().unwrap_or_default(), '%');
    let extension = parts.find_map(|part| part.to_ascii_lowercase().strip_prefix("ext=").map(str::to_owned));
    match extension {
        Some(extension) => format!("{address} ext. {extension}"),
        None => address,
    }
}

/// Removes the backslash that escapes a special character (RFC 6350, 3.4).
fn unescaped(value: &str) -> String {
    let mut plain = String::with_capacity(value.len());
    let mut characters = value.chars();
    while let Some(c) = characters.next() {
        match (c, characters.clone().next()) {
            ('\\', Some('n' | 'N')) => {
                plain.push(' ');
                characters.next();
            }
            ('\\', Some(next)) => {
                plain.push(next);
                characters.next();
            }
            _ => plain.push(c),
        }
    }
    plain
}

/// Decodes bytes written as two hex digits after `sign`.
fn decoded(text: &str, sign: char) -> String {
    let mut pieces = text.split(sign);
    let mut bytes = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        match piece.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                bytes.extend_from_slice(&piece.as_bytes()[2..]);
            }
            None => {
                bytes.extend_from_slice(sign.encode_utf8(&mut [0; 4]).as_bytes());
                bytes.extend_from_slice(piece.as_bytes());
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use domain::{Body, CustomerMessage};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::super::tests::wrote;
    use super::*;

    #[test]
    fn vcard_phones_and_emails_are_read_in_every_common_form() {
        for (line, phone) in [
            ("TEL:+79123456789", "+79123456789"),
            ("TEL;TYPE=CELL:8 (912) 345-67-89", "8 (912) 345-67-89"),
            ("tel;type=home,voice;type=pref:84951234567", "84951234567"),
            ("TEL;CELL;PREF:84951234567", "84951234567"),
            ("item1.TEL;type=pref:+7 495 123-45-67", "+7 495 123-45-67"),
            (
                "TEL;VALUE=uri;TYPE=\"voice,home\":tel:+7-495-123-45-67;ext=105",
                "+7-495-123-45-67 ext. 105",
            ),
            ("TEL;TYPE=\"a:b\":TEL:%2B74951234567", "+74951234567"),
            ("TEL;ENCODING=QUOTED-PRINTABLE:=2B7 912 345-67-89", "+7 912 345-67-89"),
            ("TEL:8 495 123-45-67\\, доб. 105", "8 495 123-45-67, доб. 105"),
            ("TEL:+7912345\r\n 6789", "+79123456789"),
            ("TEL:+7912345\n\t6789", "+79123456789"),
        ] {
            let card = format!("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Пётр\r\n{line}\r\nEND:VCARD\r\n");
            assert_eq!(phones(&card), [phone], "{line}");
            assert_eq!(phones(&card.replace("\r\n", "\n")), [phone], "{line}");
        }
        let card = "BEGIN:VCARD\nEMAIL;TYPE=INTERNET:a@shop.example\nitem2.email:b@shop.example\nEMAIL:\n\
                    EMAIL:mailto:c@shop.example\nX-TEL:1234567\nNOTE:TEL:7654321\nEND:VCARD";
        assert_eq!(emails(card), ["a@shop.example", "b@shop.example", "c@shop.example"]);
        assert_eq!(phones(card), Vec::<String>::new());
        assert_eq!(
            name("FN;CHARSET=UTF-8:Пётр\\, слесарь").as_deref(),
            Some("Пётр, слесарь")
        );
    }

    #[test]
    fn a_shared_contact_includes_every_phone_and_email_of_its_vcard() {
        let entry = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Пётр Слесарь\r\nTEL;TYPE=CELL:8 (912) 345-67-89\r\n\
                     item1.TEL:+7 495 123-45-67\r\nEMAIL:petr@shop.example\r\nEND:VCARD\r\n";
        let card = |contact: Value| match wrote(json!({ "contact": contact })) {
            CustomerMessage {
                body: Body::Contact(card),
                ..
            } => card,
            other => panic!("{other:?}"),
        };
        let whole = card(json!({"phone_number": "+79123456789", "first_name": "Пётр", "vcard": entry}));
        assert_eq!((whole.name.as_str(), whole.phone.as_str()), ("Пётр", "+79123456789"));
        assert_eq!(
            (whole.further, whole.emails),
            (
                vec!["+7 495 123-45-67".to_owned()],
                vec!["petr@shop.example".to_owned()]
            )
        );
        let bare = card(json!({"phone_number": "", "first_name": " ", "vcard": entry}));
        assert_eq!(
            (bare.name.as_str(), bare.phone.as_str()),
            ("Пётр Слесарь", "8 (912) 345-67-89")
        );
        assert_eq!(bare.further, ["+7 495 123-45-67"]);
        for odd in [json!(null), json!(7), json!(""), json!("BEGIN:VCARD")] {
            let plain = card(json!({"phone_number": "+79123456789", "first_name": "A", "vcard": odd}));
            assert!(plain.further.is_empty() && plain.emails.is_empty(), "{odd}");
        }
    }

    proptest! {
        #[test]
        fn no_vcard_panics_the_parser(card in "((TEL|EMAIL|FN)?[:;=%\"\\\\.\r\n \t]|\\PC){0,60}") {
            prop_assert!(phones(&card).len() <= MAX_VALUES && emails(&card).len() <= MAX_VALUES);
            let _ = name(&card);
        }
    }
}
