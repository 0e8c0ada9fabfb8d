//! Developer notes for the model: what the service did without it. A note never contains a number or an address: a
//! verified contact is never sent to OpenAI.

use domain::{HistoryLine, LeadSource};
use store::History;

use crate::tools::Toolbox;

/// A contact was saved without the model.
pub(super) fn lead_saved(source: LeadSource) -> &'static str {
    match source {
        LeadSource::Contact => {
            "The customer shared their own phone number with the contact button. It is saved and the manager will be \
             notified. Do not ask for it again."
        }
        LeadSource::Tool | LeadSource::Text | LeadSource::Form => {
            "The contact in the customer's message is saved and the manager will be notified. Do not ask for it again."
        }
    }
}

/// The history for a new thread, with notes on earlier effects.
pub(super) fn with_effects(history: History, toolbox: &Toolbox) -> Vec<HistoryLine> {
    let mut lines = history.lines;
    if history.is_contact_saved {
        lines.push(HistoryLine::developer(
            "Done in this conversation so far: the customer's contact is saved and the manager will be notified.",
        ));
    }
    lines.extend(
        toolbox
            .history(&history.effects)
            .into_iter()
            .map(HistoryLine::developer),
    );
    lines
}
