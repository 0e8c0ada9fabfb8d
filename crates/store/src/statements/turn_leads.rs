//! The part of a turn's end that concerns others than the customer: a lead nobody had recorded, the letters that waited
//! for the end, the form, an operator's alert.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use domain::{InboxId, LeadFacts, LeadSource, Taken};

use super::lead_letters::release;
use super::leads::{NewFacts, record_found};
use super::letters::raise;
use crate::lead::LeadNews;
use crate::schema::customers;
use crate::statements::letters::RaisedAlert;
use crate::{Conn, Delivery, FinishTurn, FormUpdate};

/// What was written.
pub(super) struct Notified {
    pub lead: Option<LeadNews>,
    /// Letters that may leave at once.
    pub letters: Vec<Delivery>,
    /// An operator is told.
    pub is_alert_raised: bool,
}

impl FinishTurn {
    /// Writes it; the reply's `dialogs` row must be there, because the letters tell it.
    pub(super) fn notify_owners(&self, conn: &mut Conn, first: InboxId, now: DateTime<Utc>) -> QueryResult<Notified> {
        self.forget_told_lead(conn)?;
        self.update_form(conn, now)?;
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
        let causes: Vec<InboxId> = self.rows.iter().chain(&self.edits).copied().collect();
        let mut letters = release(conn, now, &self.rules, self.chat, &causes)?;
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

    /// A lead that came meanwhile has another source, or none was told.
    fn forget_told_lead(&self, conn: &mut Conn) -> QueryResult<()> {
        let Some(told) = self.told_lead else { return Ok(()) };
        let own = customers::table.find(self.chat.0);
        diesel::update(own.filter(customers::untold_lead.eq(told.word())))
            .set(customers::untold_lead.eq(None::<String>))
            .execute(conn)?;
        Ok(())
    }

    fn update_form(&self, conn: &mut Conn, now: DateTime<Utc>) -> QueryResult<()> {
        let own = customers::table.find(self.chat.0);
        match self.form {
            FormUpdate::Keep => {}
            FormUpdate::Ask => {
                diesel::update(own)
                    .set(customers::form_asked_at.eq(now.naive_utc()))
                    .execute(conn)?;
                diesel::update(own.filter(customers::form_since.is_null()))
                    .set(customers::form_since.eq(now.naive_utc()))
                    .execute(conn)?;
            }
            FormUpdate::Close => {
                diesel::update(own)
                    .set((
                        customers::form_since.eq(None::<NaiveDateTime>),
                        customers::form_asked_at.eq(None::<NaiveDateTime>),
                    ))
                    .execute(conn)?;
            }
        }
        Ok(())
    }
}
