//! `.env` of the working directory. Variables that are already in the environment keep their values.
//!
//! One variable per line: `NAME=value`, optionally with `export` before it and spaces around the `=`. The value is used as
//! written: `$` does not start a variable. Outer spaces are dropped, and ` #` starts a comment. In 'single quotes' every
//! character is kept, also a line break. In "double quotes" too, except for `\"`, `\\`, `\$` and `\n`. Without quotes, a
//! backslash escapes `$`, `#`, a quote, a space or a backslash.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::ErrorKind;
use std::path::Path;

use base::encoding::decode;

use crate::config::{ConfigErrors, SettingError};

/// Loads the file into the environment, if it exists, and returns the names it added.
///
/// # Errors
/// The file exists but cannot be read or parsed, or defines a name twice. A line that cannot be parsed may be a secret, so the
/// error names the variable before it.
pub(super) fn load(path: &Path) -> Result<BTreeSet<String>, ConfigErrors> {
    let text = match std::fs::read(path) {
        Ok(bytes) => text_of(bytes).ok_or_else(|| unreadable(ErrorKind::InvalidData))?,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(BTreeSet::new()),
        Err(error) => return Err(unreadable(error.kind())),
    };
    let entries = entries(&text).map_err(|Broken { last }| broken(last.as_deref()))?;
    let mut seen = BTreeSet::new();
    let twice: BTreeSet<&String> = entries
        .iter()
        .map(|(name, _)| name)
        .filter(|name| !seen.insert(*name))
        .collect();
    // The first line would win silently, and it is often the empty one from `.env.example`.
    if !twice.is_empty() {
        return Err(ConfigErrors(twice.into_iter().map(|name| duplicate(name)).collect()));
    }
    let is_new = |name: &&String| std::env::var_os(name).is_none();
    let names = entries.iter().map(|(name, _)| name).filter(is_new).cloned().collect();
    let last = || entries.last().map(|(name, _)| name.as_str());
    dotenvy::from_read(quoted(&entries).as_bytes()).map_err(|_repeats_the_line| broken(last()))?;
    Ok(names)
}

/// Decodes any encoding that an editor or the Windows shell (UTF-16) may have used; `None` if a character is damaged, because
/// it may belong to a password.
fn text_of(bytes: Vec<u8>) -> Option<String> {
    String::from_utf8(bytes).map_or_else(
        |foreign| {
            let text = decode(foreign.as_bytes()).ok()?.text;
            (!text.contains(char::REPLACEMENT_CHARACTER)).then_some(text)
        },
        Some,
    )
}

/// A line that cannot be parsed.
#[derive(Debug, PartialEq, Eq)]
struct Broken {
    /// The variable before it.
    last: Option<String>,
}

/// Names and values, in the order of the file.
fn entries(text: &str) -> Result<Vec<(String, String)>, Broken> {
    let text = text.trim_start_matches('\u{FEFF}').replace("\r\n", "\n");
    let mut entries: Vec<(String, String)> = Vec::new();
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let line = rest.split('\n').next().unwrap_or_default().trim_start();
        if line.is_empty() || line.starts_with('#') {
            rest = after_line(rest);
            continue;
        }
        let Some((name, value, behind)) = entry(rest) else {
            return Err(Broken {
                last: entries.pop().map(|(name, _)| name),
            });
        };
        entries.push((name, value));
        rest = behind;
    }
    Ok(entries)
}

fn after_line(text: &str) -> &str {
    text.split_once('\n').map_or("", |(_, behind)| behind)
}

/// The variable at the start of the text, and the text after its line.
fn entry(text: &str) -> Option<(String, String, &str)> {
    let (name, raw) = text.split_once('=')?;
    let name = name.trim();
    let name = match name.strip_prefix("export") {
        Some(exported) if exported.starts_with([' ', '\t']) => exported.trim_start(),
        _ => name,
    };
    if !is_name(name) {
        return None;
    }
    let value = raw.trim_start_matches([' ', '\t']);
    let (value, behind) = match value.chars().next() {
        Some(quote @ ('\'' | '"')) => {
            let (inner, behind) = closed(quote, &value[1..])?;
            let tail = behind.split('\n').next().unwrap_or_default();
            let is_end = tail.trim().is_empty() || tail.trim_start().starts_with('#') && tail.starts_with([' ', '\t']);
            (is_end.then_some(inner)?, after_line(behind))
        }
        _ => (plain(raw.split('\n').next().unwrap_or_default()), after_line(raw)),
    };
    // The environment accepts every other character.
    (!value.contains('\0')).then(|| (name.to_owned(), value, behind))
}

fn is_name(name: &str) -> bool {
    let is_first = |c: char| c.is_ascii_alphabetic() || c == '_';
    name.starts_with(is_first) && name.chars().all(|c| is_first(c) || c.is_ascii_digit() || c == '.')
}

/// The text before and after the closing quote.
fn closed(quote: char, text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            c if c == quote => return Some((value, &text[at + 1..])),
            '\\' if quote == '"' => match chars.next()?.1 {
                'n' => value.push('\n'),
                c @ ('\\' | '"' | '\'' | '$' | ' ') => value.push(c),
                c => value.extend(['\\', c]),
            },
            c => value.push(c),
        }
    }
    None
}

/// A value without quotes.
fn plain(raw: &str) -> String {
    let text = raw.trim_start();
    // `NAME=#1` is a value; `NAME= #1` and `NAME=# 1` are an empty value and a comment.
    let is_comment =
        |behind: &str| text.len() < raw.len() || behind.is_empty() || behind.starts_with(char::is_whitespace);
    if text.strip_prefix('#').is_some_and(is_comment) {
        return String::new();
    }
    let (mut value, mut end, mut was_blank) = (String::new(), 0, false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '#' && was_blank {
            break;
        }
        let escaped = chars.next_if(|next| c == '\\' && "\\'\"$# ".contains(*next));
        value.push(escaped.unwrap_or(c));
        was_blank = escaped.is_none() && c.is_whitespace();
        if !was_blank {
            end = value.len();
        }
    }
    value.truncate(end);
    value
}

/// The variables as unambiguous lines for dotenvy, which sets the environment (unsafe code).
fn quoted(entries: &[(String, String)]) -> String {
    let mut lines = String::new();
    for (name, value) in entries {
        let mut escaped = value.replace('\\', r"\\");
        for (character, written) in [("\"", "\\\""), ("$", "\\$"), ("\n", "\\n")] {
            escaped = escaped.replace(character, written);
        }
        // Writing into a String cannot fail.
        let _ = writeln!(lines, "{name}=\"{escaped}\"");
    }
    lines
}

fn duplicate(name: &str) -> SettingError {
    SettingError::new(
        ".env",
        format!("defines {name} more than once"),
        "keep only one of the lines",
    )
}

fn broken(last: Option<&str>) -> ConfigErrors {
    let place = match last {
        Some(name) => format!("cannot be parsed after {name}"),
        None => "cannot be parsed at its first line".to_owned(),
    };
    let fix = "write NAME=value; if a value starts with a quote, end it with the same quote";
    ConfigErrors(vec![SettingError::new(".env", place, fix)])
}

fn unreadable(kind: ErrorKind) -> ConfigErrors {
    let fix = "fix the file permissions and save the file as UTF-8";
    ConfigErrors(vec![SettingError::new(".env", format!("cannot be read ({kind})"), fix)])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The value of the only variable in the file.
    fn value(line: &str) -> Option<String> {
        let entries = entries(line).ok()?;
        assert_eq!((entries.len(), entries[0].0.as_str()), (1, "A"), "{line}");
        Some(entries[0].1.clone())
    }

    #[test]
    fn a_value_is_used_as_written() {
        let as_written =
            r#"pa$word1|$HOME|${HOME}|a$$b|pa\word|C:\new|p#ss|#1pass|pa"ss|x"y"z|it's|abcd efgh ijkl mnop|a=b=="#;
        let foreign = "`id`|$(id)|пароль|*/5 * * * *|%41|!|a,b;c";
        for text in as_written.split('|').chain(foreign.split('|')) {
            for line in [
                format!("A={text}"),
                format!("A = {text} "),
                format!("export A={text}\r\n"),
                format!("\u{FEFF}A={text}\n"),
                format!("# B=1\n\n  A={text}   # a comment"),
            ] {
                // A `#` after a space starts a comment.
                let is_comment = text.starts_with('#') && line.contains("= ");
                let expected = if is_comment { "" } else { text };
                assert_eq!(value(&line).as_deref(), Some(expected), "{line}");
            }
        }
    }

    #[test]
    fn quotes_escapes_and_comments_keep_their_meaning() {
        for (line, expected) in [
            ("A=", ""),
            ("A= ", ""),
            ("A=''", ""),
            ("A=\"\" # empty", ""),
            ("A=# a comment", ""),
            ("A= #comment", ""),
            ("A=1 #comment", "1"),
            ("A=1#2", "1#2"),
            ("A=' #x$y\\n '", " #x$y\\n "),
            ("A='it' # is", "it"),
            ("A=\"a\\\"b\\\\c\\$d\\ne\"", "a\"b\\c$d\ne"),
            ("A=\"$HOME\\x\"", "$HOME\\x"),
            ("A=pa\\$word1", "pa$word1"),
            ("A=a\\ b\\ ", "a b "),
            ("A=a \\# b", "a # b"),
            ("A=a\\\\b", "a\\b"),
            ("A=\"two\nlines\"", "two\nlines"),
            ("A='two\r\nlines'\r\n", "two\nlines"),
            ("export\tA\t=\t1", "1"),
        ] {
            assert_eq!(value(line).as_deref(), Some(expected), "{line}");
        }
    }

    #[test]
    fn an_ambiguous_line_is_rejected() {
        for line in "A|=1|1A=2|A B=1|A-B=1|export A|A='x|A=\"x|A='x'y|A=\"x\"#y|A=\0|'A'=1".split('|') {
            assert_eq!(entries(line), Err(Broken { last: None }), "{line}");
        }
    }

    proptest! {
        #[test]
        fn the_environment_gets_exactly_the_parsed_values(values in prop::collection::vec("[^\\x00\\r]{0,40}", 0..4)) {
            let entries: Vec<(String, String)> = (0..).map(|n| format!("A{n}")).zip(values).collect();
            let read = dotenvy::from_read_iter(std::io::Cursor::new(quoted(&entries)));
            let read: Vec<(String, String)> = read.map(Result::unwrap).collect();
            prop_assert_eq!(&read, &entries);
            prop_assert_eq!(super::entries(&quoted(&entries)), Ok(entries));
        }

        #[test]
        fn in_single_quotes_every_character_is_kept(text in "[^\\x00\\r']{0,60}") {
            prop_assert_eq!(value(&format!("A='{text}'")), Some(text));
        }

        #[test]
        fn no_file_causes_a_panic(text in "([A-Z=$#'\" \\\\\n\r]|\\PC){0,60}") {
            let _ = entries(&text);
        }
    }

    #[test]
    fn a_file_from_windows_is_read_in_each_of_its_encodings() {
        let text = "BUSINESS_NAME=Цветы у дома\r\n";
        let units = || std::iter::once('\u{feff}').chain(text.chars()).collect::<String>();
        let utf_16: Vec<u16> = units().encode_utf16().collect();
        let ansi = encoding_of_ansi(text);
        for bytes in [
            text.as_bytes().to_vec(),
            units().into_bytes(),
            utf_16.iter().flat_map(|unit| unit.to_le_bytes()).collect(),
            utf_16.iter().flat_map(|unit| unit.to_be_bytes()).collect(),
            ansi,
        ] {
            let read = entries(&text_of(bytes).unwrap()).unwrap();
            assert_eq!(read, [("BUSINESS_NAME".to_owned(), "Цветы у дома".to_owned())]);
        }
        assert_eq!(text_of(b"SMTP_PASSWORD=\xd0\xbf\xd0\xb0\xd1\x80\xd0\xbe\xd0\xbb\xd1\x8c\xd0\xbf\xd0\xb0\xd1\x80\xd0\xbe\xd0\xbb\xd1\x8c \xd0".to_vec()), None);
    }

    /// windows-1251.
    fn encoding_of_ansi(text: &str) -> Vec<u8> {
        let byte = |c: char| match u32::from(c) {
            c @ 0..=0x7f => u8::try_from(c).unwrap(),
            c => u8::try_from(c - 0x410 + 0xc0).unwrap(),
        };
        text.chars().map(byte).collect()
    }

    fn error(text: &str) -> String {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        load(file.path()).unwrap_err().to_string()
    }

    #[test]
    fn an_invalid_line_is_located_without_repeating_its_value() {
        let error = error("FRONTDESK_TEST_A=1\nFRONTDESK_TEST_B='hunter2 is my password\n");
        assert!(error.contains("after FRONTDESK_TEST_A"), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }

    #[test]
    fn a_line_that_is_only_a_value_is_not_repeated() {
        let error = error("hunter2 and more\n");
        assert!(error.contains("first line") && !error.contains("hunter2"), "{error}");
    }

    #[test]
    fn a_variable_defined_twice_is_reported_without_its_values() {
        let error = error("FRONTDESK_TEST_C=\nFRONTDESK_TEST_D=1\nFRONTDESK_TEST_C=hunter2\n");
        assert!(error.contains("FRONTDESK_TEST_C more than once"), "{error}");
        assert!(
            !error.contains("hunter2") && !error.contains("FRONTDESK_TEST_D"),
            "{error}"
        );
    }

    #[test]
    fn a_missing_file_is_not_an_error() {
        assert_eq!(load(Path::new("no/such/.env")), Ok(BTreeSet::new()));
    }
}
