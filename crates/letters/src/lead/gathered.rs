//! The letter on the leads of an hour that had too many: who, which number, what and when, of as many as a mailbox shows
//! without clipping. Everything else goes along in tables.

use pages::LeadPage;

use crate::clean::{at_most, line};
use crate::lead::letter::MOST;
use crate::lead::parts::{Lead, ManyLeads};
use crate::lead::view::{PREVIEW, lead, whole_words};
use crate::sheets::{Sheet, sheets_of_leads};
use crate::templates::{Rendered, Templates};
use crate::vcard::cards;
use crate::view::{Frame, Head};
use crate::voice::Voice;

/// Characters of a request and of a time to call, of which the first is tried that lets all leads into the letter.
const WISHES: [usize; 5] = [140, 100, 70, 40, 32];
/// Characters of a name.
const SHORT: usize = 32;

/// Writes the letter.
///
/// # Errors
/// What is wrong in the templates or words.
pub(crate) fn leads_letter(
    templates: &Templates,
    pages: &[LeadPage],
    head: Head<'_>,
    voice: Voice<'_>,
) -> Result<Rendered, String> {
    let (sheets, files) = sheets_of_leads(pages, voice)?;
    let values = [("leads", files.leads.as_str()), ("dialogs", &files.dialogs)];
    let letter = Together {
        templates,
        pages,
        head,
        voice,
        table: &files.leads,
        files: voice.fill("leads-files", &values)?,
    };
    let (frame, html) = letter.fitting()?;
    let rendered = templates.around("leads", &frame, html)?;
    let mut attachments: Vec<_> = sheets.into_iter().map(Sheet::attached).collect();
    attachments.push(cards("leads.vcf".into(), pages, voice)?);
    Ok(Rendered {
        attachments,
        ..rendered
    })
}

struct Together<'a> {
    templates: &'a Templates,
    pages: &'a [LeadPage],
    head: Head<'a>,
    voice: Voice<'a>,
    /// The file with all of them.
    table: &'a str,
    files: String,
}

type Page = (Frame<ManyLeads>, String);

impl Together<'_> {
    /// All leads with as much of their requests as there is room for; else as many leads, the oldest first.
    fn fitting(&self) -> Result<Page, String> {
        for chars in WISHES {
            let page = self.page(self.pages.len(), chars)?;
            if page.1.len() <= MOST {
                return Ok(page);
            }
        }
        let shortest = WISHES.last().copied().unwrap_or_default();
        let mut best = self.page(0, shortest)?;
        let (mut fits, mut is_too_many) = (0, self.pages.len());
        while is_too_many - fits > 1 {
            let leads = fits.midpoint(is_too_many);
            let page = self.page(leads, shortest)?;
            if page.1.len() <= MOST {
                (best, fits) = (page, leads);
            } else {
                is_too_many = leads;
            }
        }
        Ok(best)
    }

    fn page(&self, leads: usize, chars: usize) -> Result<Page, String> {
        let told = self.pages.iter().take(leads);
        let told = told.map(|page| short(lead(page, self.voice)?, chars));
        let told = told.collect::<Result<Vec<_>, String>>()?;
        let names: Vec<&str> = told.iter().map(|lead| lead.who.as_str()).collect();
        let frame = self.head.frame(ManyLeads {
            count: self.pages.len(),
            preview: at_most(&names.join(", "), PREVIEW),
            leads: told,
            more: self.voice.more("leads-more", self.pages.len() - leads, self.table)?,
            files: self.files.clone(),
        });
        let html = self.templates.page("leads", &frame)?;
        Ok((frame, html))
    }
}

/// The short form of a lead.
fn short(lead: Lead, chars: usize) -> Result<Lead, String> {
    let wish = lead
        .request
        .as_deref()
        .or(lead.own_words.as_deref())
        .map(|wish| whole_words(&line(wish), chars));
    let preferred_time = lead
        .preferred_time
        .as_deref()
        .map(|time| whole_words(&line(time), chars));
    let mut changes = lead.changes;
    changes.dedup_by(|later, earlier| later.field == earlier.field);
    Ok(Lead {
        who: whole_words(&lead.who, SHORT),
        changes,
        wish,
        preferred_time,
        ..lead
    })
}
