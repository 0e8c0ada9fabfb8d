//! The letter on a period. A mailbox clips one that is too big: then its lists give way, each to as many items as all others,
//! and the dialogs get the rest. Both are measured on the template in force.

use pages::{Figures, ReportPage};

use super::dialogs::lines;
use super::parts::OneReport;
use super::room::{Extent, MOST, Written, fitting};
use super::view::report;
use crate::sheets::{Sheet, sheets};
use crate::templates::{Rendered, Templates};
use crate::view::{Frame, Head};
use crate::voice::Voice;

/// Items of a list; its table has all.
const ITEMS: usize = 50;
/// Bytes of a letter without its dialogs.
const LISTS: usize = MOST / 3 * 2;
/// Lines up to which the dialogs are likely to fit: they are tried whole before anything is measured.
const FEW: usize = 500;
/// Lines of dialogs that are tried first.
const FIRST: usize = 200;

/// Writes the letter.
///
/// # Errors
/// What is wrong in the templates or words.
pub(crate) fn report_letter(
    templates: &Templates,
    page: &ReportPage,
    head: Head<'_>,
    voice: Voice<'_>,
) -> Result<Rendered, String> {
    let sheets = sheets(page, voice)?;
    let figures = Figures::of(page);
    let write = |extent: Extent| -> Result<Written<Frame<OneReport>>, String> {
        let (report, is_whole) = report(page, &figures, extent, &sheets, voice)?;
        let of = head.frame(OneReport { report });
        let html = templates.page("report", &of)?;
        Ok(Written { of, html, is_whole })
    };
    let Written { of, html, .. } = written(lines(page), write)?;
    let attachments = sheets.into_iter().map(Sheet::attached).collect();
    Ok(Rendered {
        attachments,
        ..templates.around("report", &of, html)?
    })
}

fn written<T>(lines: usize, write: impl Fn(Extent) -> Result<Written<T>, String>) -> Result<Written<T>, String> {
    let items = ITEMS;
    if lines <= FEW {
        let lines = usize::MAX;
        let whole = write(Extent { items, lines })?;
        if whole.html.len() <= MOST {
            return Ok(whole);
        }
    }
    let lists = |items| {
        let written = write(Extent { items, lines: 0 })?;
        let is_whole = items >= ITEMS;
        Ok(Written { is_whole, ..written })
    };
    let (items, without_dialogs) = fitting(lists(0)?, LISTS, ITEMS, lists)?;
    let (_, letter) = fitting(without_dialogs, MOST, FIRST, |lines| write(Extent { items, lines }))?;
    Ok(letter)
}
