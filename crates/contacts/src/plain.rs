//! A text as it is searched for contacts: digits of any script as ASCII, without the invisible characters that
//! phones put around a number they paste. Every place still knows where it was in the original.

use std::ops::Range;

use crate::phone::as_digit;

/// How many characters of a text are searched, so that not even one of digits only takes longer than a tenth
/// of a second. Telegram's own messages have at most 4096.
pub(super) const LONGEST_TEXT: usize = 20_000;

/// The characters of a text, and which of them are spoken for.
#[derive(Clone)]
pub(super) struct Plain {
    pub chars: Vec<char>,
    /// Whether a link or an address holds the character; what is held is not a phone as well.
    pub is_taken: Vec<bool>,
    bytes: Vec<Range<usize>>,
}

impl Plain {
    /// The beginning of the text: at most `longest` characters.
    pub(crate) fn new(text: &str, longest: usize) -> Self {
        let end = text.char_indices().nth(longest).map_or(text.len(), |(at, _)| at);
        let seen = text[..end].char_indices().filter(|(_, c)| !is_invisible(*c));
        let placed = seen.map(|(at, c)| (at..at + c.len_utf8(), as_plain(c)));
        let (bytes, chars): (Vec<Range<usize>>, Vec<char>) = placed.unzip();
        Self {
            is_taken: vec![false; chars.len()],
            chars,
            bytes,
        }
    }

    /// The character, or a line break where there is none: nothing reaches over either.
    pub(crate) fn at(&self, place: usize) -> char {
        self.chars.get(place).copied().unwrap_or('\n')
    }

    /// The character before the place.
    pub(crate) fn before(&self, place: usize) -> char {
        place.checked_sub(1).map_or('\n', |place| self.at(place))
    }

    /// The characters of a range as a text.
    pub(crate) fn text(&self, range: Range<usize>) -> String {
        self.chars.get(range).unwrap_or_default().iter().collect()
    }

    /// Marks a range as spoken for.
    pub(crate) fn take(&mut self, range: Range<usize>) {
        if let Some(taken) = self.is_taken.get_mut(range) {
            taken.fill(true);
        }
    }

    /// Where a range of characters is in the original.
    pub(crate) fn bytes(&self, range: &Range<usize>) -> Range<usize> {
        match self.bytes.get(range.clone()) {
            Some([first, .., last]) => first.start..last.end,
            Some([only]) => only.clone(),
            _ => 0..0,
        }
    }
}

/// The wide forms of the signs on a keyboard, which phones with an Asian keyboard write, are the signs themselves.
fn as_plain(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{fe6b}' => '@',
        '\u{3002}' | '\u{ff61}' => '.',
        _ => as_digit(c).unwrap_or(c),
    }
}

/// Whether a character is searched as it was written.
pub(super) fn is_as_written(c: char) -> bool {
    !is_invisible(c) && as_plain(c) == c
}

/// Marks of direction, joiners, soft hyphens, and what turns a digit into an emoji.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}'
        | '\u{fe0f}' | '\u{20e3}' | '\u{feff}')
}
