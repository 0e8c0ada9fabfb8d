//! The part of a turn's end that concerns others than the customer: a lead nobody had recorded, the letters that waited for the
//! end, an operator's alert.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{InboxId, LeadFacts, LeadSource, Taken};

use super::lead_letters::release;
use super::leads::{NewFacts, record_found};
use super::letters::raise;
use crate::lead::LeadEvent;
use crate::statements::letters::RaisedAlert;
use crate::{Conn, Delivery, FinishTurn};

/// What was written.
pub(super) struct Notified {
    pub lead: Option<LeadEvent>,
    /// Letters that may leave at once.
    pub letters: Vec<Delivery>,
    /// An operator is told.
    pub is_alert_raised: bool,
}

impl FinishTurn {
    /// Writes it; the reply's `dialogs` row must be there, because the letters tell it.
    pub(super) fn notify_owners(
        &self,
        conn: &mut Conn,
        first: InboxId,
        has_leads: bool,
        now: DateTime<Utc>,
    ) -> QueryResult<Notified> {
        // Never left to the model's good will: what it did not save of the customer's words is saved here.
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
