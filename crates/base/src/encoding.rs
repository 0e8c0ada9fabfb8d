//! Reads text files of owners and operators in any common encoding. Windows editors write windows-1251 and UTF-16; read as UTF-8,
//! such a price list would reach the model as question marks.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::X_MAC_CYRILLIC;
use encoding_rs::{
    Encoding, IBM866, ISO_8859_5, KOI8_R, KOI8_U, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1251, WINDOWS_1252,
};

/// Encodings a guess may return. Short Russian texts are easily mistaken for others.
const GUESSED: [&Encoding; 7] = [
    WINDOWS_1251,
    KOI8_U,
    KOI8_R,
    IBM866,
    ISO_8859_5,
    X_MAC_CYRILLIC,
    WINDOWS_1252,
];
/// UTF-8 with at most one broken character in this many is damaged; with more it is another encoding.
const SOUND_FOR_BROKEN: usize = 20;

/// A decoded text file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// The text, without a byte order mark.
    pub text: String,
    /// The name of the encoding: `UTF-8`, `windows-1251`.
    pub encoding: &'static str,
}

/// The file is not text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("it is {what}; save it as plain text in UTF-8")]
pub struct NotText {
    what: &'static str,
}

/// Decodes a text: by its byte order mark, else as UTF-16 with zero bytes, as UTF-8, or by a guess.
///
/// # Errors
/// [`NotText`]: a document, a picture, an archive.
pub fn decode(bytes: &[u8]) -> Result<Decoded, NotText> {
    if let Some(what) = document(bytes) {
        return Err(NotText { what });
    }
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return decoded(encoding, &bytes[mark..]).ok_or(NotText { what: "not text" });
    }
    let utf_16 = utf_16(bytes).and_then(|encoding| decoded(encoding, bytes));
    let found = utf_16.or_else(|| decoded(UTF_8, bytes)).or_else(|| damaged(bytes));
    let found = found.or_else(|| decoded(guessed(bytes)?, bytes));
    found.ok_or(NotText { what: "not text" })
}

/// Recognises file formats by their first bytes. Some would otherwise pass as text.
fn document(bytes: &[u8]) -> Option<&'static str> {
    let known: [(&[u8], &'static str); 8] = [
        (b"%PDF-", "a PDF document"),
        (b"{\\rtf", "an RTF document"),
        (b"PK\x03\x04", "an Office document or an archive"),
        (b"\xd0\xcf\x11\xe0", "an Office document"),
        (b"\x89PNG", "a picture"),
        (b"\xff\xd8\xff", "a picture"),
        (b"\x1f\x8b", "an archive"),
        (b"SQLite format 3", "a database"),
    ];
    known
        .iter()
        .find(|(start, _)| bytes.starts_with(start))
        .map(|(_, what)| *what)
}

/// The text, if the bytes are valid text in this encoding.
fn decoded(encoding: &'static Encoding, bytes: &[u8]) -> Option<Decoded> {
    let text = encoding.decode_without_bom_handling_and_without_replacement(bytes)?;
    let is_text = !text.contains(is_foreign);
    is_text.then(|| Decoded {
        text: text.into_owned(),
        encoding: encoding.name(),
    })
}

/// Characters that do not occur in text.
fn is_foreign(c: char) -> bool {
    let is_layout = matches!(c, '\t' | '\n' | '\r' | '\u{c}' | '\u{1a}');
    // Letters decoded in a wrong encoding become C1 controls.
    c.is_control() && !is_layout || matches!(c, '\u{fffe}' | '\u{ffff}')
}

/// UTF-8 with a few broken bytes: truncated, or edited in another encoding.
fn damaged(bytes: &[u8]) -> Option<Decoded> {
    let text = String::from_utf8_lossy(bytes);
    let broken = text.matches(char::REPLACEMENT_CHARACTER).count();
    let sound = text.chars().filter(|c| !c.is_ascii()).count() - broken;
    let is_utf_8 = sound > 0 && broken * SOUND_FOR_BROKEN <= sound.max(SOUND_FOR_BROKEN);
    (is_utf_8 && !text.contains(is_foreign)).then(|| Decoded {
        text: text.into_owned(),
        encoding: "UTF-8, damaged",
    })
}

/// UTF-16 without a byte order mark: the high bytes of spaces, digits and line ends are zero.
fn utf_16(bytes: &[u8]) -> Option<&'static Encoding> {
    let zeros = |parity: usize| bytes.iter().skip(parity).step_by(2).filter(|byte| **byte == 0).count();
    let is_whole = bytes.len().is_multiple_of(2);
    match (zeros(0), zeros(1)) {
        (0, 1..) if is_whole => Some(UTF_16LE),
        (1.., 0) if is_whole => Some(UTF_16BE),
        _ => None,
    }
}

fn guessed(bytes: &[u8]) -> Option<&'static Encoding> {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    let guess = detector.guess(Some(b"ru"), Utf8Detection::Deny);
    if GUESSED.contains(&guess) {
        return Some(guess);
    }
    let letters = bytes.iter().filter(|byte| !byte.is_ascii()).count();
    let cyrillic = bytes.iter().filter(|byte| matches!(byte, 0xc0..|0xa8| 0xb8)).count();
    (cyrillic * 10 >= letters * 8).then_some(WINDOWS_1251)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TEXT: &str =
        "# Чистый дом\r\n\r\nДиван стоит 5 000 рублей, ковёр — от 500. Звоните: +7 912 345-67-89 (с 9 до 18).";

    fn utf_16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(to_bytes).collect()
    }

    fn read(bytes: &[u8]) -> (String, &'static str) {
        let decoded = decode(bytes).unwrap();
        (decoded.text, decoded.encoding)
    }

    #[test]
    fn a_text_is_read_in_the_encoding_it_was_saved_in() {
        let text = |encoding: &str| (TEXT.to_owned(), encoding.to_owned());
        let owned = |(text, encoding): (String, &str)| (text, encoding.to_owned());
        let mut marked = vec![0xff, 0xfe];
        marked.extend(utf_16(TEXT, u16::to_le_bytes));
        let mut big = vec![0xfe, 0xff];
        big.extend(utf_16(TEXT, u16::to_be_bytes));
        for (bytes, encoding) in [
            (TEXT.as_bytes().to_vec(), "UTF-8"),
            (format!("\u{feff}{TEXT}").into_bytes(), "UTF-8"),
            (marked, "UTF-16LE"),
            (big, "UTF-16BE"),
            (utf_16(TEXT, u16::to_le_bytes), "UTF-16LE"),
            (utf_16(TEXT, u16::to_be_bytes), "UTF-16BE"),
            (WINDOWS_1251.encode(TEXT).0.into_owned(), "windows-1251"),
        ] {
            assert_eq!(owned(read(&bytes)), text(encoding));
        }
        let plain = TEXT.replace('—', "-");
        for encoding in [KOI8_U, IBM866, ISO_8859_5] {
            assert_eq!(read(&encoding.encode(&plain).0), (plain.clone(), encoding.name()));
        }
    }

    #[test]
    fn short_price_lists_in_windows_1251_are_read() {
        for text in [
            "Окно 500",
            "Диван: 5 000 р.",
            "ОКНА",
            "Мойка",
            "цена - 500",
            "Ёлка №5",
            "Щётка — 90 руб.",
            "«Уют»",
            "Open 9-18, закрыто в вс",
        ] {
            let bytes = WINDOWS_1251.encode(text).0;
            assert_eq!(read(&bytes), (text.to_owned(), "windows-1251"));
        }
    }

    #[test]
    fn a_broken_byte_does_not_change_the_encoding() {
        let mut cut = "Диван стоит 5 000 ₽".repeat(3).into_bytes();
        cut.pop();
        let (text, encoding) = read(&cut);
        assert!(text.starts_with("Диван стоит 5 000 ₽") && encoding == "UTF-8, damaged");
        assert_eq!(read(b""), (String::new(), "UTF-8"));
    }

    #[test]
    fn a_file_that_is_not_text_is_rejected_with_the_fix() {
        for bytes in [
            b"%PDF-1.7\n1 0 obj".to_vec(),
            b"{\\rtf1\\ansi \\'ce\\'ea".to_vec(),
            b"PK\x03\x04\x14\x00word/document.xml".to_vec(),
            b"\xd0\xcf\x11\xe0\xa1\xb1".to_vec(),
            b"\x89PNG\r\n\x1a\n".to_vec(),
            b"\xff\xd8\xff\xe0JFIF".to_vec(),
            (0..=255).collect(),
            vec![0; 64],
            b"\xff\xfe\x00\x00\x1e\x04\x00\x00".to_vec(),
        ] {
            let error = decode(&bytes).unwrap_err().to_string();
            assert!(error.ends_with("save it as plain text in UTF-8"), "{error}");
        }
    }

    proptest! {
        #[test]
        fn utf_8_and_utf_16_are_read_unchanged(text in "[ -~а-яё₽—🙂\n]{0,80}") {
            prop_assume!(document(text.as_bytes()).is_none());
            prop_assert_eq!(read(text.as_bytes()).0, text.clone());
            let mut marked = vec![0xff, 0xfe];
            marked.extend(utf_16(&text, u16::to_le_bytes));
            prop_assert_eq!(read(&marked).0, text.clone());
            let plain = format!("{text}\n");
            prop_assert_eq!(read(&utf_16(&plain, u16::to_be_bytes)).0, plain);
        }

        #[test]
        fn arbitrary_bytes_do_not_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = decode(&bytes);
        }
    }
}
