//! Output to a terminal or a pipe.

use std::io::{self, IsTerminal as _, Write as _};

/// Prints the text and ends its line. A closed pipe (`| head`) is not an error.
///
/// # Errors
/// Any other error of stdout, like a full disk.
pub(super) fn print(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    let end = if text.is_empty() || text.ends_with('\n') {
        ""
    } else {
        "\n"
    };
    match write!(out, "{text}{end}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// Prints bytes unchanged, for a file.
///
/// # Errors
/// As [`print`].
pub(super) fn print_bytes(bytes: &[u8]) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// Prints customer text: unchanged for a script, with control characters made visible on a terminal.
///
/// # Errors
/// As [`print`].
pub(super) fn print_words(text: &str) -> anyhow::Result<()> {
    match io::stdout().is_terminal() {
        // The byte order mark is only for spreadsheets.
        true => print(&visible(text.trim_start_matches('\u{FEFF}'))),
        false => print(text),
    }
}

/// The text with all characters escaped that could control a terminal or reverse a line; line breaks stay.
pub(super) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => shown.push(c),
            '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{061C}' | '\u{FEFF}' => {
                shown.extend(c.escape_unicode());
            }
            c if c.is_control() => shown.extend(c.escape_default()),
            c => shown.push(c),
        }
    }
    shown
}

/// The label of a phone extension.
pub(super) const EXTENSION: &str = "ext.";

/// Names and values in two columns. Further lines of a value are indented, so that they cannot imitate another field.
pub(super) fn fields(lines: &[(String, String)]) -> String {
    let width = lines
        .iter()
        .map(|(name, _)| name.chars().count())
        .max()
        .unwrap_or_default();
    let indent = format!("\n{}", " ".repeat(width + 4));
    let lines = lines.iter().map(|(name, value)| {
        let value = visible(value.trim_end()).replace('\n', &indent);
        format!("  {name:<width$}  {value}\n")
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customers_text_cannot_control_the_terminal() {
        assert_eq!(visible("a\x1b[2Jb\u{202e}c\nd"), "a\\u{1b}[2Jb\\u{202e}c\nd");
    }
}
