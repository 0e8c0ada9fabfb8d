//! The end of a turn, as far as owners and operators are concerned: an unrecorded lead, letters that waited for the end of the
//! turn, an alert.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{InboxId, LeadFacts, LeadSource, Taken};

use super::lead_letters::release;
use super::leads::{NewFacts, record_found};
use super::letters::raise;
use crate::lead::LeadEvent;
use crate::statements::letters::RaisedAlert;
use crate::{Conn, Delivery, FinishTurn};

/// The rows written.
pub(super) struct Notified {
    pub lead: Option<LeadEvent>,
    /// Letters that may leave at once.
    pub letters: Vec<Delivery>,
    /// An operator gets an alert.
    pub is_alert_raised: bool,
}

impl FinishTurn {
    /// Must run after the reply's `dialogs` row is written, because the letters show it.
    pub(super) fn notify_owners(
        &self,
        conn: &mut Conn,
        first: InboxId,
        has_leads: bool,
        now: DateTime<Utc>,
    ) -> QueryResult<Notified> {
        // Does not rely on the model: contacts in the customer's text that it did not save are saved here.
        let news = NewFacts {
            chat: self.chat,
            cause: first,
            source: self.contacts.source,
            taken: match self.contacts.source {
                LeadSource::Form | LeadSource::Contact => Taken::Left,
                LeadSource::Text | LeadSource::Tool => Taken::Found { is_beside_saved: false },
            },
            facts: LeadFacts::found(&self.contacts.found),
        };
        let lead = record_found(conn, now, &self.rules, news)?;
        let mut letters = match has_leads || lead.is_some() {
            true => {
                let causes: Vec<InboxId> = self.rows.iter().chain(&self.edits).copied().collect();
                release(conn, now, &self.rules, self.chat, &causes)?
            }
            false => Vec::new(),
        };
        let raised = match &self.alert {
            Some(alert) => raise(conn, now, &self.rules, alert)?,
            None => RaisedAlert::default(),
        };
        letters.extend(raised.deliveries);
        Ok(Notified {
            lead,
            letters,
            is_alert_raised: raised.is_raised,
        })
    }
}
