//! A tolerant JSON reader for other systems' output. Inside strings it repairs half emojis, U+0000, invalid UTF-8, bare line
//! breaks and unknown escapes, so that they do not cost the whole text. It never guesses numbers, brackets or commas.

use std::borrow::Cow;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::encoding::decode;

/// Parses a whole body; `None` if even the repaired text is not valid JSON for `T`.
pub fn read<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    let text = String::from_utf8_lossy(body);
    let text = text.trim_start_matches('\u{feff}');
    let repaired = repaired(text);
    serde_json::from_str(&repaired)
        .or_else(|_not_json| serde_json::from_str(&with_strays_repaired(&repaired)))
        .ok()
}

/// The first object in a text that may repeat it, wrap it in a JSON string or a code fence, or have words around it. `null`, an
/// empty text and an empty list count as an empty object.
pub fn first_object(text: &str) -> Option<Value> {
    /// More nesting is not a plausible mistake.
    const LAYERS: usize = 3;
    let mut text = Cow::Borrowed(text);
    for _ in 0..LAYERS {
        let bare = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}' || c == '\0');
        if matches!(bare, "" | "null" | "[]") {
            return Some(Value::Object(serde_json::Map::new()));
        }
        let Some(Value::String(inner)) = first_value(bare) else {
            return object_in(bare);
        };
        text = Cow::Owned(inner);
    }
    None
}

fn object_in(text: &str) -> Option<Value> {
    let begin = text.find('{')?;
    first_value(&text[begin..]).filter(Value::is_object)
}

/// The value at the beginning of a text; the rest is ignored.
fn first_value(text: &str) -> Option<Value> {
    let first = |text: &str| serde_json::Deserializer::from_str(text).into_iter().next()?.ok();
    let repaired = repaired(text);
    first(&repaired).or_else(|| first(&with_strays_repaired(&repaired)))
}

/// Escapes bare control characters inside strings, replaces unknown escapes (`\'`) by the character itself, and `NaN` and
/// `Infinity` by null.
fn with_strays_repaired(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut in_string = false;
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match c {
            '"' => {
                in_string = !in_string;
                kept.push(c);
            }
            '\\' if in_string => match rest.next() {
                Some('u') if !is_code_unit(rest.as_str()) => kept.push('\u{fffd}'),
                Some(escaped @ ('"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' | 'u')) => kept.extend(['\\', escaped]),
                Some(other) => kept.push(other),
                None => kept.push(c),
            },
            '\0' if in_string => kept.push('\u{fffd}'),
            c if in_string && c < ' ' => kept.push_str(&format!("\\u{:04x}", u32::from(c))),
            'N' | 'I' if !in_string => match ["aN", "nfinity"]
                .iter()
                .find_map(|name| rest.as_str().strip_prefix(name))
            {
                Some(behind) => {
                    kept.truncate(kept.trim_end_matches('-').len());
                    kept.push_str("null");
                    rest = behind.chars();
                }
                None => kept.push(c),
            },
            c => kept.push(c),
        }
    }
    kept
}

/// Replaces escapes of lone surrogates (half an emoji, cut by a client) and of U+0000 (which a database may reject) by U+FFFD.
pub fn repaired(raw: &str) -> Cow<'_, str> {
    if !raw.contains("\\u") {
        return Cow::Borrowed(raw);
    }
    let mut kept = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        kept.push_str(before);
        let (length, is_sound) = measure(escape);
        kept.push_str(if is_sound { &escape[..length] } else { "\\ufffd" });
        rest = &escape[length..];
    }
    kept.push_str(rest);
    Cow::Owned(kept)
}

/// The length in bytes of the escape at the beginning of `text`, and whether it is valid.
fn measure(text: &str) -> (usize, bool) {
    const UNIT: usize = "\\u0000".len();
    match code_unit(text) {
        Some(0) => (UNIT, false),
        Some(0xD800..=0xDBFF) => match text.get(UNIT..).and_then(code_unit) {
            Some(0xDC00..=0xDFFF) => (2 * UNIT, true),
            _ => (UNIT, false),
        },
        Some(0xDC00..=0xDFFF) => (UNIT, false),
        Some(_) => (UNIT, true),
        None => (text.chars().take(2).map(char::len_utf8).sum(), true),
    }
}

/// Whether `digits` begins with four hex digits.
fn is_code_unit(digits: &str) -> bool {
    let digits = digits.get(..4).unwrap_or_default();
    digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The UTF-16 code unit of an escape such as `\u00e9` at the beginning of `text`.
fn code_unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u").filter(|digits| is_code_unit(digits))?;
    u16::from_str_radix(&digits[..4], 16).ok()
}

/// Parses a file in any encoding that [`decode`] knows; `None` if it is not valid JSON for `T` or a character is damaged.
pub fn of_file<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let as_utf_8 = serde_json::from_slice(bytes).ok();
    as_utf_8.or_else(|| {
        let text = decode(bytes).ok()?.text;
        let is_whole = !text.contains(char::REPLACEMENT_CHARACTER);
        is_whole.then(|| serde_json::from_str(&text).ok()).flatten()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn characters_that_text_cannot_hold_are_replaced() {
        let rows: [(&[u8], &str); 14] = [
            (br#"{"a":"\ud83d\ude00"}"#, "\u{1f600}"),
            (br#"{"a":"half \ud83d"}"#, "half \u{fffd}"),
            (br#"{"a":"\ude00 half"}"#, "\u{fffd} half"),
            (br#"{"a":"\ud83d\ud83d\ude00"}"#, "\u{fffd}\u{1f600}"),
            (br#"{"a":"\ud83dx"}"#, "\u{fffd}x"),
            (br#"{"a":"\u0000"}"#, "\u{fffd}"),
            (b"{\"a\":\"\x00\"}", "\u{fffd}"),
            (b"{\"a\":\"\xed\xa0\xbd \xff\"}", "\u{fffd}\u{fffd}\u{fffd} \u{fffd}"),
            (b"\xef\xbb\xbf{\"a\":\"one\ntwo\"}", "one\ntwo"),
            (br#"{"a":"O\'Brien \q"}"#, "O'Brien q"),
            (br#"{"a":"\u12 and \u"}"#, "\u{fffd}12 and \u{fffd}"),
            (b"{\"a\":\"NaN\tInfinity\"}", "NaN\tInfinity"),
            (b"{\"a\":\"tab\there, \\\\ and \\\"\"}", "tab\there, \\ and \""),
            (br#"{"a":"\\ud83d and \"quoted\""}"#, r#"\ud83d and "quoted""#),
        ];
        for (body, text) in rows {
            let value: Value = read(body).unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(body)));
            assert_eq!(value, json!({ "a": text }));
        }
        let counts: Option<Value> = read(br#"{"a":NaN,"b":[-Infinity,Infinity],"c":-1}"#);
        assert_eq!(counts, Some(json!({"a": null, "b": [null, null], "c": -1})));
    }

    #[test]
    fn structural_errors_are_not_repaired() {
        for body in [
            "",
            "{",
            r#"{"a":1,}"#,
            "{'a':1}",
            r#"{"a":"b"#,
            "<html>",
            r#"{"a":1}{"a":2}"#,
        ] {
            assert_eq!(read::<Value>(body.as_bytes()), None, "{body}");
        }
    }

    #[test]
    fn the_first_object_is_found_in_any_wrapping() {
        for text in [
            r#"{"a":1}"#,
            r#"{"a":1}{"a":2}"#,
            r#"{"a":1} {"a":1}"#,
            r#""{\"a\":1}""#,
            r#""\"{\\\"a\\\":1}\"""#,
            "```json\n{\"a\":1}\n```",
            "```\n{\"a\":1}```",
            r#"{"a":1} I have saved it."#,
            r#"Arguments: {"a":1}"#,
            r#"[{"a":1}]"#,
            "\u{feff} {\"a\":1}\n",
            r#""```json\n{\"a\":1}\n```""#,
        ] {
            assert_eq!(first_object(text), Some(json!({"a": 1})), "{text}");
        }
        assert_eq!(first_object(r#"{"a":"\ud83d"}"#), Some(json!({"a": "\u{fffd}"})));
        for nothing in ["", " ", "null", "[]", "{}", r#""""#, r#""null""#] {
            assert_eq!(first_object(nothing), Some(json!({})), "{nothing:?}");
        }
        for text in ["5", "true", "words", r#""words""#, "{", r#"{"a":1"#, "{'a':1}", "[1]"] {
            assert_eq!(first_object(text), None, "{text}");
        }
    }
}
