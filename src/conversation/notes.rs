//! What the model is told by us and not by the customer: what was done for him without it. No number and no address
//! stands in a note: what Telegram vouches for never leaves for OpenAI.

use domain::{HistoryLine, LeadSource};
use store::History;

use crate::tools::Toolbox;

/// A contact was saved without the model.
pub(super) fn lead_saved(source: LeadSource) -> &'static str {
    match source {
        LeadSource::Contact => {
            "The customer shared his own phone number with the contact button. It is saved and the manager will be \
             told. Do not ask for it again."
        }
        LeadSource::Tool | LeadSource::Text | LeadSource::Form => {
            "The contact that the customer left in his words is saved and the manager will be told. Do not ask for it \
             again."
        }
    }
}

/// The past of a thread as a new one is told it.
pub(super) fn with_effects(history: History, toolbox: &Toolbox) -> Vec<HistoryLine> {
    let mut lines = history.lines;
    if history.is_contact_saved {
        lines.push(HistoryLine::developer(
            "Done in this conversation so far: the customer's contact is saved and the manager will be told.",
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
