//! What is wrong with a letter that renders: an operator's template may be sound and yet lose a lead, or let a stranger
//! write into it. Looked for on the samples, at start.

use contacts::phone::display;
use pages::{LeadPage, PageBody};

use crate::clean::JOINER;
use crate::samples::lead::MARKUP;
use crate::templates::Rendered;

/// One line for each fault.
pub(crate) fn faults(body: &PageBody, letter: &Rendered) -> Vec<String> {
    let (kind, leads): (_, Vec<&LeadPage>) = match body {
        PageBody::Lead(page) => ("lead", vec![page.as_ref()]),
        PageBody::Leads(pages) => ("leads", pages.iter().collect()),
        PageBody::Report(_) => ("report", Vec::new()),
        PageBody::Alert(_) => ("alert", Vec::new()),
    };
    let mut faults = Vec::new();
    let mut fault = |form: &str, what: &str| faults.push(format!("{kind}/body.{form}.hbs: {what}"));
    for (form, text) in [("html", &letter.html), ("txt", &letter.text)] {
        let is_told = |page: &&LeadPage| match page.notice.facts.phone() {
            Some(known) => text.contains(known.number.as_str()) || text.contains(&display(&known.number)),
            None => true,
        };
        if text.trim().is_empty() || !leads.iter().all(is_told) {
            fault(form, "the letter does not tell the number of a lead");
        }
        if text.contains("[object]") {
            fault(
                form,
                "a thing of several parts is written as if it were a text: name the part, as in lead.phone.shown",
            );
        }
    }
    if letter.html.contains(MARKUP) {
        fault(
            "html",
            "a customer's words are written as HTML: {{…}} escapes them, {{{…}}} does not",
        );
    }
    if targets(&letter.html).any(|target| target.contains(JOINER)) {
        fault("html", "an address in href is written as {{url …}}");
    }
    faults
}

/// Where links lead. The inliner of styles has given each attribute its one form.
fn targets(html: &str) -> impl Iterator<Item = &str> {
    html.split(" href=\"")
        .skip(1)
        .filter_map(|behind| behind.split('"').next())
}
