//! Selects the lines of a long dialog that fit into a letter: the first ones with the request and the last ones with the
//! contact. The middle is left out.

use crate::clean::{at_most, unlinked};
use crate::view::Line;

/// Characters of a line, tried one after the other until the whole dialog fits.
const CUTS: [usize; 4] = [usize::MAX, 4_000, 2_000, 1_000];
/// The same once lines are left out: a part of the room, so that a small one still holds several lines.
const PARTS_OF_A_LINE: usize = 16;
const LINE: std::ops::RangeInclusive<usize> = 100..=1_000;
/// The part of the room that the first lines get; the last ones get all that is left.
const PART_OF_THE_FIRST: usize = 5;

/// The part of a dialog that is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Excerpt {
    /// Lines from its beginning.
    pub(crate) first: usize,
    /// Lines from its end.
    pub(crate) last: usize,
    /// Characters of a line.
    pub(crate) chars: usize,
}

impl Excerpt {
    /// All lines as they are.
    pub(crate) fn whole(lines: &[Line]) -> Self {
        Self {
            first: lines.len(),
            last: 0,
            chars: usize::MAX,
        }
    }

    /// No line at all.
    pub(crate) fn nothing() -> Self {
        Self::ends(&[], 0, 0)
    }

    /// So many lines from both ends.
    pub(crate) fn ends(lines: &[Line], most: usize, chars: usize) -> Self {
        let first = most.min(lines.len());
        let last = most.min(lines.len() - first);
        Self { first, last, chars }
    }

    /// As much as fits into so many bytes, of which each line takes `markup` beside its words.
    pub(crate) fn within(lines: &[Line], markup: usize, room: usize) -> Self {
        let whole = Self::whole(lines);
        let cut = CUTS.into_iter().map(|chars| Self { chars, ..whole });
        if let Some(fits) = cut.into_iter().find(|cut| cut.weight(lines, markup) <= room) {
            return fits;
        }
        let chars = (room / PARTS_OF_A_LINE).clamp(*LINE.start(), *LINE.end());
        let weights: Vec<usize> = lines.iter().map(|line| markup + weight(line, chars)).collect();
        let (first, taken) = fitting(weights.iter(), room / PART_OF_THE_FIRST);
        let (last, _) = fitting(weights[first..].iter().rev(), room - taken);
        Self { first, last, chars }
    }

    /// Bytes of HTML, as far as they are known.
    pub(crate) fn weight(self, lines: &[Line], markup: usize) -> usize {
        let told = self.split(lines);
        let told = told.0.iter().chain(told.1);
        told.map(|line| markup + weight(line, self.chars)).sum()
    }

    /// The number of lines shown.
    pub(crate) fn lines(self) -> usize {
        self.first + self.last
    }

    /// The lines before the gap and those behind it.
    pub(crate) fn split<T>(self, lines: &[T]) -> (&[T], &[T]) {
        let last = lines.len() - self.last;
        (&lines[..self.first], &lines[last..])
    }
}

/// Words of a line; its name is said with it each time.
fn weight(line: &Line, chars: usize) -> usize {
    escaped(&line.who) + escaped(&at_most(&line.text, chars))
}

/// Bytes of a text in HTML that was read and written again by the inliner of styles.
fn escaped(text: &str) -> usize {
    let bytes = |c: char| match c {
        '&' | '\u{a0}' => 6,
        '<' | '>' | '\n' => 4,
        c => c.len_utf8(),
    };
    unlinked(text).chars().map(bytes).sum()
}

/// How many of these fit, and what they take.
fn fitting<'a>(weights: impl Iterator<Item = &'a usize>, room: usize) -> (usize, usize) {
    let (mut count, mut taken) = (0, 0);
    for weight in weights {
        if taken + weight > room {
            break;
        }
        taken += weight;
        count += 1;
    }
    (count, taken)
}
