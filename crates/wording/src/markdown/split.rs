//! A reply in parts that Telegram accepts: cut where a reader would pause, spans clipped into each part.

use domain::{Reply, Span};

/// The longest text of a message, in UTF-16 code units (Bot API, sendMessage: "1-4096 characters after
/// entities parsing").
pub const TELEGRAM_TEXT_LIMIT: usize = 4096;

/// The most spans of a message. Telegram silently ignores the entities beyond 100; the Bot API does not name
/// the number.
pub const TELEGRAM_SPAN_LIMIT: usize = 100;

/// Splits a reply into parts of at most `limit_utf16` UTF-16 code units (at least 2, the length of one
/// character) and at most `max_spans` spans (at least 1). The cut is at a paragraph, else at a line or
/// sentence, if that leaves the part at least half full; else at a word, else between two characters.
/// Nothing is lost but white space at the cuts. Only where more than `max_spans` spans lie on one character
/// the innermost are dropped. An empty reply has no parts.
pub fn split(reply: &Reply, limit_utf16: usize, max_spans: usize) -> Vec<Reply> {
    let (limit, max_spans) = (limit_utf16.max(2), max_spans.max(1));
    let mut parts = Vec::new();
    let mut at = Position::default().after_whitespace(&reply.text);
    while at.byte < reply.text.len() {
        let span_bound = span_bound(&reply.spans, at.units, max_spans);
        let bound = at.units.saturating_add(limit).min(span_bound);
        let end = next_cut(&reply.text, at, bound);
        parts.push(part(reply, at, end, max_spans));
        at = end.after_whitespace(&reply.text);
    }
    parts
}

/// The reply without white space at its ends; empty if nothing in it can be seen.
pub(super) fn trimmed(reply: &Reply) -> Reply {
    if reply.text.chars().all(is_invisible) {
        return Reply::default();
    }
    let at = Position::default().after_whitespace(&reply.text);
    let end = at.advanced(&reply.text[at.byte..]);
    part(reply, at, end, usize::MAX)
}

/// Telegram refuses a text of nothing else as empty.
pub(super) fn is_invisible(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

/// A place between two characters.
#[derive(Debug, Clone, Copy, Default)]
struct Position {
    byte: usize,
    /// UTF-16 code units before it.
    units: usize,
}

impl Position {
    /// The place behind `passed`, the text that follows this one.
    fn advanced(self, passed: &str) -> Self {
        Self {
            byte: self.byte + passed.len(),
            units: self.units + passed.encode_utf16().count(),
        }
    }

    /// The first place from here on that does not precede white space.
    fn after_whitespace(self, text: &str) -> Self {
        let rest = &text[self.byte..];
        self.advanced(&rest[..rest.len() - rest.trim_start().len()])
    }
}

/// The text and spans between two places, without the white space at its end.
fn part(reply: &Reply, at: Position, end: Position, max_spans: usize) -> Reply {
    let text = reply.text[at.byte..end.byte].trim_end();
    let units: Vec<u16> = text.encode_utf16().collect();
    let mut spans: Vec<Span> = reply
        .spans
        .iter()
        .filter_map(|span| clipped(span, at.units, &units))
        .collect();
    spans.truncate(max_spans);
    Reply {
        text: text.to_owned(),
        spans,
    }
}

/// What of a span lies in the part that begins at `start` and holds `units`; `None` if that is nothing to see.
fn clipped(span: &Span, start: usize, units: &[u16]) -> Option<Span> {
    let from = span.offset.max(start) - start;
    let to = (span.offset + span.length).checked_sub(start)?.min(units.len());
    let is_blank = |unit: &u16| char::from_u32(u32::from(*unit)).is_some_and(char::is_whitespace);
    let covered = units.get(from..to)?;
    (!covered.iter().all(is_blank)).then(|| Span {
        offset: from,
        length: to - from,
        style: span.style.clone(),
    })
}

/// Where the first span begins that would be one too many in a part that begins at `start`.
fn span_bound(spans: &[Span], start: usize, max_spans: usize) -> usize {
    spans
        .iter()
        .filter(|span| span.offset + span.length > start)
        .nth(max_spans)
        .filter(|span| span.offset > start)
        .map_or(usize::MAX, |span| span.offset)
}

/// How good a place is for a cut; the last place of the best kind wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Cut {
    Word,
    Sentence,
    Paragraph,
}

/// The place at which the part beginning at `at` ends, not beyond `bound` code units of the whole text.
/// It is always behind `at`.
fn next_cut(text: &str, at: Position, bound: usize) -> Position {
    let mut cuts: [Option<Position>; 3] = [None; 3];
    let mut here = at;
    let mut previous = None;
    let mut rest = text[at.byte..].chars();
    while let Some(c) = rest.next() {
        if let Some(cut) = cut_before(c, rest.clone().next(), previous).filter(|_| here.byte > at.byte) {
            cuts[cut as usize] = Some(here);
        }
        let width = c.len_utf16();
        let is_first = here.byte == at.byte;
        if here.units + width > bound && !is_first {
            return best(cuts, at, here);
        }
        here.byte += c.len_utf8();
        here.units += width;
        previous = Some(c);
    }
    here
}

fn best(cuts: [Option<Position>; 3], at: Position, last: Position) -> Position {
    let half = at.units + (last.units - at.units) / 2;
    let [word, sentence, paragraph] = cuts;
    let full_enough = |cut: &Position| cut.units >= half;
    paragraph
        .filter(full_enough)
        .or(sentence.filter(full_enough))
        .or_else(|| {
            [word, sentence, paragraph]
                .into_iter()
                .flatten()
                .max_by_key(|cut| cut.units)
        })
        .unwrap_or(last)
}

/// What a cut before `c` would be, if anything.
fn cut_before(c: char, next: Option<char>, previous: Option<char>) -> Option<Cut> {
    if c == '\n' && next == Some('\n') {
        return Some(Cut::Paragraph);
    }
    if !c.is_whitespace() {
        return None;
    }
    let ends_sentence = previous.is_some_and(|p| matches!(p, '.' | '!' | '?' | '…' | '。'));
    Some(if c == '\n' || ends_sentence {
        Cut::Sentence
    } else {
        Cut::Word
    })
}
