//! How much of a report its letter has room for is found by writing it: how big a line becomes is the template's business,
//! be it ours or an operator's own.

use super::parts::Part;
use crate::voice::Voice;

/// Bytes of HTML. Gmail hides what comes after 102 kB.
pub(crate) const MOST: usize = 90_000;
/// Tries to get close to the bound. Each knows what the one before came to, so the second is usually the last.
const TRIES: usize = 6;
/// Percent of the room that a try aims at, not to miss it by a few bytes; and of the letter, with which it is full.
const AIM: usize = 97;
const FULL: usize = 90;

/// Items of each list, and lines of dialogs, that a letter may hold.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Extent {
    pub(crate) items: usize,
    pub(crate) lines: usize,
}

impl Extent {
    /// Makes the first items of a list ready, at most so many; the others are not looked at.
    ///
    /// # Errors
    /// Of an item.
    pub(crate) fn first<I, T>(
        self,
        most: usize,
        items: impl IntoIterator<Item = I>,
        ready: impl FnMut(I) -> Result<T, String>,
    ) -> Result<Vec<T>, String> {
        items.into_iter().take(self.items.min(most)).map(ready).collect()
    }

    /// The same as a part of the letter, with how many of all are not shown and where they are: the word and the place.
    ///
    /// # Errors
    /// Of an item, or a word that is missing.
    pub(crate) fn part<I, T>(
        self,
        (items, all): (impl IntoIterator<Item = I>, usize),
        most: usize,
        (word, place): (&str, &str),
        voice: Voice<'_>,
        ready: impl FnMut(I) -> Result<T, String>,
    ) -> Result<Option<Part<T>>, String> {
        let shown = self.first(most, items, ready)?;
        let more = voice.more(word, all - shown.len(), place)?;
        Ok(Part::of(shown, more))
    }
}

/// A letter that was tried.
pub(crate) struct Written<T> {
    /// What its HTML was made of.
    pub(crate) of: T,
    pub(crate) html: String,
    /// Nothing gave way.
    pub(crate) is_whole: bool,
}

/// The greatest amount whose letter has at most so many bytes, or nearly, and that letter; `none` is the one with nothing.
///
/// # Errors
/// Of writing.
pub(crate) fn fitting<T>(
    none: Written<T>,
    most: usize,
    first: usize,
    mut write: impl FnMut(usize) -> Result<Written<T>, String>,
) -> Result<(usize, Written<T>), String> {
    let frame = none.html.len();
    let room = most.saturating_sub(frame);
    let (mut best, mut fits, mut over) = (none, 0, usize::MAX);
    let mut amount = first;
    for _ in 0..TRIES {
        let tried = write(amount)?;
        let bytes = tried.html.len();
        let is_enough = tried.is_whole || bytes >= most / 100 * FULL;
        if bytes > most {
            over = amount;
        } else {
            (best, fits) = (tried, amount);
            if is_enough {
                break;
            }
        }
        if over - fits < 2 {
            break;
        }
        // As if all that gave way took as much as what is there.
        let next = amount.saturating_mul(room) / bytes.saturating_sub(frame).max(1) * AIM / 100;
        amount = next.max(fits + 1);
        if amount >= over {
            amount = fits.midpoint(over);
        }
    }
    Ok((fits, best))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn letter(bytes: usize, is_whole: bool) -> Written<()> {
        let html = "x".repeat(bytes);
        Written { of: (), html, is_whole }
    }

    /// What was found of items of these sizes around a frame, and how often a letter was written.
    fn found(frame: usize, items: &[usize], first: usize) -> (usize, usize, usize) {
        let mut written = 0;
        let (amount, best) = fitting(letter(frame, false), MOST, first, |amount| {
            written += 1;
            let told = items.iter().take(amount);
            Ok(letter(frame + told.sum::<usize>(), amount >= items.len()))
        })
        .unwrap();
        (amount, best.html.len(), written)
    }

    #[test]
    fn what_fits_as_a_whole_is_written_once() {
        assert_eq!(found(10_000, &[1_000; 50], 50), (50, 60_000, 1));
        assert_eq!(found(10_000, &[], 50), (50, 10_000, 1));
    }

    #[test]
    fn items_of_one_size_are_found_in_two_or_three_tries() {
        for size in [20, 250, 2_500, 7_000] {
            let (_, bytes, written) = found(10_000, &vec![size; 10_000], 200);
            assert!(bytes > 80_000 && written <= 3, "{size}: {bytes} bytes, {written} times");
        }
    }

    #[test]
    fn a_letter_that_is_too_big_with_nothing_in_it_is_left_as_it_is() {
        assert_eq!((found(MOST + 1, &[5; 10], 10).0, found(MOST, &[5; 10], 10).0), (0, 0));
    }

    proptest! {
        #[test]
        fn no_items_make_a_letter_that_is_too_big_or_is_written_often(
            frame in 0..120_000_usize,
            items in proptest::collection::vec(prop_oneof![1..300_usize, 1..10_000_usize], 0..200),
            first in 1..300_usize,
        ) {
            let (amount, bytes, written) = found(frame, &items, first);
            prop_assert!(bytes <= MOST.max(frame), "{bytes} bytes");
            prop_assert!(written <= TRIES);
            let next = items.get(amount).copied().unwrap_or(usize::MAX);
            prop_assert!(amount > 0 || written == TRIES || bytes.saturating_add(next) > MOST, "there was room for one");
        }
    }
}
