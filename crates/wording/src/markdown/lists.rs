//! Lists and what precedes their items: numbers as they were written, a dot for a bullet unless the sign may mean
//! something.

use pulldown_cmark::{Event, Tag, TagEnd};

use super::parse::{Parsed, Place};
use super::shield::{is_amount, ordered_marker, unshield};

/// Columns by which each level of a list is moved to the right.
const INDENT: usize = 2;

/// What comes before an item's text.
#[derive(Debug)]
pub(super) enum Marker {
    OnNewLine {
        columns: usize,
        text: String,
    },
    /// "1. 2. 2026" on one line is a list in a list in a list to the parser.
    Behind(String),
}

/// The lists that are open, and what is known of all there are.
#[derive(Debug, Default)]
pub(super) struct Lists {
    /// Whether a sign of the list's items may mean something, for each list in the order in which they begin.
    has_signs: Vec<bool>,
    begun: usize,
    /// For each open list, whether its bullets stay as they were written.
    open: Vec<bool>,
    /// Lines that begin with a plus or an equals sign before an amount make a sum, and a dash in it is a minus.
    is_sum: bool,
    /// Where the last item began.
    last: usize,
}

impl Lists {
    pub(super) fn new(parsed: &Parsed) -> Self {
        let is_sum_line = |line: &str| {
            let line = line.trim_start();
            (line.starts_with("+ ") || line.starts_with("= ")) && line.contains(char::is_numeric)
        };
        Self {
            has_signs: signs(parsed),
            is_sum: unshield(parsed.source()).lines().any(is_sum_line),
            ..Self::default()
        }
    }

    /// A list begins. After a star behind a word, one before a line is that of its footnote.
    pub(super) fn begin(&mut self, place: &Place<'_>, has_footnote_star: bool) {
        let has_signs = self.has_signs.get(self.begun).copied().unwrap_or_default();
        self.begun += 1;
        let text = place.text().trim_start();
        let is_kept = match text.chars().next() {
            Some('*') => self.is_sum || has_footnote_star,
            Some('+') => true,
            _ => self.is_sum || has_signs,
        };
        self.open.push(is_kept);
    }

    /// An item of the innermost list begins; `is_marker_waiting` where the one around it has no text yet.
    pub(super) fn item(&mut self, place: &Place<'_>, is_marker_waiting: bool) -> Marker {
        let text = place.text().trim_start();
        let marker = match ordered_marker(text) {
            0 if self.open.last() == Some(&true) || text[1..].trim().is_empty() => &text[..1],
            0 => "•",
            length => &text[..length],
        };
        let marker = format!("{marker} ");
        let is_on_same_line = is_marker_waiting && !place.holds_line_end_since(self.last);
        self.last = place.start();
        if is_on_same_line {
            return Marker::Behind(marker);
        }
        Marker::OnNewLine {
            columns: INDENT * self.open.len().saturating_sub(1),
            text: marker,
        }
    }

    pub(super) fn end(&mut self) {
        self.open.pop();
    }

    /// Columns before the further lines of an item.
    pub(super) fn indent(&self) -> usize {
        INDENT * self.open.len()
    }

    pub(super) fn is_over(&self) -> bool {
        self.open.is_empty()
    }
}

/// Whether a sign of the items may mean something, for each list in the order in which they begin. Only an item that begins with a dash
/// has one, so that most answers need not be read for it.
fn signs(parsed: &Parsed) -> Vec<bool> {
    let mut has_signs: Vec<bool> = Vec::new();
    if !parsed.source().contains('-') {
        return has_signs;
    }
    let mut open: Vec<usize> = Vec::new();
    parsed.read(|event, place| match event {
        Event::Start(Tag::List(_)) => {
            open.push(has_signs.len());
            has_signs.push(false);
        }
        Event::End(TagEnd::List(_)) => {
            open.pop();
        }
        Event::Start(Tag::Item) => {
            if let Some(list) = open.last().and_then(|index| has_signs.get_mut(*index)) {
                *list |= is_signed(place.text());
            }
        }
        _ => {}
    });
    has_signs
}

/// "- 5 °C" may be a minus, "+ 7 912 345-67-89" is a number.
fn is_signed(item: &str) -> bool {
    let item = item.trim_start();
    item.starts_with('-') && is_amount(&item[1..]) && ordered_marker(item[1..].trim_start()) == 0
}
