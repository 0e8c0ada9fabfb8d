//! What strangers wrote, made fit for a letter: nothing that steers a screen, turns the direction of reading or hides
//! itself is left. Escaping for HTML is the templates' business; this is what escaping does not do.

use std::borrow::Cow;

/// One line: every kind of break and run of white space is one space.
pub fn line(text: &str) -> String {
    let words: Vec<&str> = text.split(|c: char| c.is_whitespace() || is_break(c)).collect();
    let kept: Vec<String> = words.into_iter().map(visible).filter(|word| !word.is_empty()).collect();
    kept.join(" ")
}

/// Lines as they were written, without what is invisible; of blank lines one in a row is kept.
pub(crate) fn block(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let mut kept: Vec<String> = Vec::new();
    for line in text.split(is_break) {
        let line = visible(line);
        let line = line.trim_end();
        let is_second_blank = line.is_empty() && kept.last().is_none_or(String::is_empty);
        if !is_second_blank {
            kept.push(line.to_owned());
        }
    }
    while kept.last().is_some_and(String::is_empty) {
        kept.pop();
    }
    kept.join("\n")
}

/// At most so many characters; what is cut off is marked by "…", which counts.
pub fn at_most(text: &str, chars: usize) -> String {
    match text.char_indices().nth(chars) {
        None => text.to_owned(),
        Some(_) => {
            let kept: String = text.chars().take(chars.saturating_sub(1)).collect();
            format!("{}…", kept.trim_end())
        }
    }
}

/// A line that says something.
pub(crate) fn some_line(text: Option<&str>) -> Option<String> {
    text.map(line).filter(|text| says_something(text))
}

/// More than joiners, which are for emoji and scripts and show nothing by themselves.
fn says_something(text: &str) -> bool {
    text.chars().any(|c| !matches!(c, '\u{200c}' | '\u{200d}'))
}

/// A text that says something.
pub(crate) fn some_block(text: Option<&str>) -> Option<String> {
    text.map(block).filter(|text| !text.is_empty())
}

fn visible(text: &str) -> String {
    text.chars().filter(|c| !is_hidden(*c)).collect()
}

/// What ends a line somewhere: also vertical tab, form feed, NEL and the separators of Unicode.
fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Word joiner: not seen, breaks no line, and no address may hold it.
pub(crate) const JOINER: char = '\u{2060}';

/// A text in which no mail program finds an address to make a link of: behind the colon of a scheme and before the dot of
/// a name stands a [`JOINER`]. A sum like 3.500 stays.
pub(crate) fn unlinked(text: &str) -> Cow<'_, str> {
    if !text.contains([':', '.', '。', '．', '｡']) {
        return Cow::Borrowed(text);
    }
    let mut told = String::with_capacity(text.len() + 16);
    let mut before = ' ';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let after = chars.peek().copied().unwrap_or(' ');
        // Names of hosts may hold what is not a letter, accents and emoji among it, and their dots come in four forms.
        let is_dot = matches!(c, '.' | '。' | '．' | '｡');
        let is_in_a_word = !before.is_whitespace() && !before.is_ascii_punctuation() && after.is_alphanumeric();
        let is_in_a_number = before.is_numeric() && after.is_numeric();
        if is_dot && is_in_a_word && !is_in_a_number {
            told.push(JOINER);
        }
        told.push(c);
        if c == ':' && (after == '/' || before.is_alphabetic() && after.is_alphanumeric()) {
            told.push(JOINER);
        }
        before = c;
    }
    Cow::Owned(told)
}

/// Controls of C0 and C1, marks that turn the direction (Unicode Standard Annex 9), the zero-width space and the byte
/// order mark, annotations, noncharacters. The joiners U+200C and U+200D stay: emoji and scripts need them.
fn is_hidden(c: char) -> bool {
    let is_mark = matches!(
        c,
        '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            // Letters that look like nothing: Hangul fillers, the empty Braille cell.
            | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' | '\u{2800}'
    );
    let is_nonchar = u32::from(c) & 0xfffe == 0xfffe || ('\u{fdd0}'..='\u{fdef}').contains(&c);
    c.is_control() && c != '\t' || is_mark || is_nonchar
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_line_stays_one_whatever_breaks_it_holds() {
        assert_eq!(line(" Мария\r\nBcc: x\u{2028}y\u{85}z\tw\0 "), "Мария Bcc: x y z w");
        assert_eq!(line("\u{202e}abc\u{2066}d\u{feff}"), "abcd");
        assert_eq!(line("\u{200b}\0"), "");
        for blank in ["\u{3164}", "\u{2800} \u{ffa0}", "\u{200d}"] {
            assert_eq!(some_line(Some(blank)), None, "{blank:?}");
        }
    }

    #[test]
    fn a_text_keeps_its_lines_and_loses_what_hides() {
        assert_eq!(
            block("a\r\nb\rc\u{2029}d\u{b}e\0\u{1b}[31m\u{202e}f"),
            "a\nb\nc\nd\ne[31mf"
        );
        assert_eq!(block("\n\na \n\n\n\n\tb\n\n"), "a\n\n\tb");
        assert_eq!(block("👨\u{200d}👩\u{200d}👧 семья"), "👨\u{200d}👩\u{200d}👧 семья");
    }

    #[test]
    fn what_is_too_long_ends_in_an_ellipsis() {
        assert_eq!(at_most("абвгд", 5), "абвгд");
        assert_eq!(at_most("абвгде", 5), "абвг…");
        assert_eq!(at_most("абв где", 5), "абв…");
    }

    #[test]
    fn what_looks_like_an_address_is_no_longer_one() {
        let seen = |text: &str| unlinked(text).replace(JOINER, "|");
        assert_eq!(
            seen("смотрите https://evil.example/a?b=c.d."),
            "смотрите https:|//evil|.example/a?b=c|.d."
        );
        assert_eq!(seen("www.1c.ru, a@shop.ru"), "www|.1c|.ru, a@shop|.ru");
        assert_eq!(
            seen("cafe\u{301}.com 💩.la evil。com evil．com"),
            "cafe\u{301}|.com 💩|.la evil|。com evil|．com"
        );
        assert_eq!(seen("mailto:x javascript:alert(1)"), "mailto:|x javascript:|alert(1)");
        assert_eq!(
            seen("от 3.500 ₽, в 18:00. Спасибо... да"),
            "от 3.500 ₽, в 18:00. Спасибо... да"
        );
    }

    proptest! {
        #[test]
        fn no_text_keeps_a_control_or_a_mark_of_direction(text in "\\PC*|[\\x00-\\xff\\u{200b}-\\u{206f}\\u{feff}]{0,40}") {
            let bad = |c: char| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c) || ('\u{2066}'..='\u{2069}').contains(&c);
            prop_assert!(!line(&text).chars().any(bad));
            prop_assert!(!block(&text).chars().any(|c| bad(c) && c != '\n' && c != '\t'));
            prop_assert_eq!(block(&block(&text)), block(&text));
        }
    }
}
