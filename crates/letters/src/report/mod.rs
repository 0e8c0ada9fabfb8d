//! The letter on a period: the answer first, then figures, then what an owner may act on, then every dialog.

mod dialogs;
mod figures;
mod hours;
mod parts;
mod people;
mod problems;
mod room;
mod view;
mod worth;

use pages::ReportPage;

use self::parts::OneReport;
use self::view::report;
use crate::sheets::{Sheet, sheets};
use crate::templates::{Rendered, Templates};
use crate::view::Head;
use crate::voice::Voice;

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
    let report = report(page, &sheets, voice)?;
    let rendered = templates.render("report", &head.frame(OneReport { report }))?;
    let attachments = sheets.into_iter().map(Sheet::attached).collect();
    Ok(Rendered {
        attachments,
        ..rendered
    })
}
