//! Stores a batch of updates. The key is checked first: an update that is already stored has no second effect.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{
    Body, Change, Command, CustomerMessage, FoundContact, IgnoreReason, InboxId, IncomingUpdate, LeadFacts, LeadSource,
    MessageId, Taken,
};

use super::arrivals::{Arrivals, Known};
use super::inserted::{Inserted, inserted};
use super::lanes::{NewDelivery, cancel, enqueue};
use super::leads::{NewFacts, record_found};
use super::rows::{USER, dialog_kind, display_name, inbox_state as state, outbox_state, to_json};
use super::times::{Stamp, Stamped as _};
use crate::lead::LeadEvent;
use crate::schema::{customers, dialogs, inbox};
use crate::sqlite::prepared::{Keep as _, here};
use crate::sqlite::savepoint::apart;
use crate::{
    Access, Admission, Conn, Delivery, FloodBounds, FloodNotices, Lane, Outcome, Payload, SharedLeadRules, Statement,
    StoredUpdate, StoredUpdates, WaitingRow,
};

/// Stores a batch: for each update its inbox row, the customer, their message as a `dialogs` row, and a notice if one is due.
/// A contact that no turn will check becomes a lead at once: the customer's own card, a contact in an edit or in a flood. An
/// update with a known key has no effect. One that cannot be stored normally is stored raw as unreadable, so that it does not
/// fail the others. The poller may confirm the updates only after this statement is answered.
#[derive(Debug, Clone)]
pub struct StoreUpdates {
    /// In Telegram's order.
    pub admissions: Vec<Admission>,
    /// Maximum updates of one customer within a minute that are answered; `None`: no limit.
    pub max_per_minute: Option<u32>,
    /// Maximum waiting rows of one customer; further messages are not answered.
    pub max_waiting: u32,
    /// How much of a flood is stored.
    pub floods: FloodBounds,
    /// Recipients and times of lead letters.
    pub rules: SharedLeadRules,
}

impl Statement for StoreUpdates {
    type Output = StoredUpdates;
    const ACCESS: Access = Access::Write;

    fn run(&self, conn: &mut Conn, now: DateTime<Utc>) -> QueryResult<StoredUpdates> {
        let mut stored = StoredUpdates::default();
        for admission in &self.admissions {
            let update = self.store(conn, now, admission, &mut stored.deliveries)?;
            stored.updates.push(update);
        }
        Ok(stored)
    }

    // With savepoints SQLite copies each changed page, so they are used only after a failure.
    fn run_apart(&self, conn: &mut Conn, now: DateTime<Utc>) -> QueryResult<StoredUpdates> {
        let mut stored = StoredUpdates::default();
        for admission in &self.admissions {
            let before = stored.deliveries.len();
            let outcome = apart(conn, |conn| self.store(conn, now, admission, &mut stored.deliveries))?;
            stored.updates.push(match outcome {
                Ok(outcome) => outcome,
                Err(_own_fault) => {
                    stored.deliveries.truncate(before);
                    self.keep_raw(conn, now, admission, &mut stored.deliveries)?
                }
            });
        }
        Ok(stored)
    }
}

impl StoreUpdates {
    fn store(
        &self,
        conn: &mut Conn,
        now: DateTime<Utc>,
        admission: &Admission,
        deliveries: &mut Vec<Delivery>,
    ) -> QueryResult<StoredUpdate> {
        let intake = Intake {
            arrivals: Arrivals::new(admission.update.chat, Known::default(), now),
            conn,
            now,
            rules: self,
            update: &admission.update,
            contacts: &admission.contacts,
            counts: admission.counts,
            previous: None,
            rows_waiting: 0,
            deliveries,
            lead: None,
        };
        intake.store(admission)
    }

    /// Stores the raw text of an update that cannot be stored normally, so that it does not block the updates after it.
    fn keep_raw(
        &self,
        conn: &mut Conn,
        now: DateTime<Utc>,
        admission: &Admission,
        deliveries: &mut Vec<Delivery>,
    ) -> QueryResult<StoredUpdate> {
        let mut unreadable = admission.clone();
        unreadable.update.profile = None;
        unreadable.contacts.clear();
        unreadable.update.change = Change::Nothing(IgnoreReason::Unreadable);
        self.store(conn, now, &unreadable, deliveries)
    }
}

/// Text that no turn checks.
pub(super) const FOUND: Taken = Taken::Found { is_beside_saved: false };

/// One update being stored. Floods, edits and immediate notices have their own files: `floods`, `edits`, `notices`.
pub(super) struct Intake<'a> {
    pub(super) arrivals: Arrivals,
    pub(super) conn: &'a mut Conn,
    pub(super) now: DateTime<Utc>,
    pub(super) rules: &'a StoreUpdates,
    pub(super) update: &'a IncomingUpdate,
    contacts: &'a [FoundContact],
    pub(super) counts: bool,
    /// The chat's newest row before this one.
    previous: Option<InboxId>,
    /// The chat's waiting rows, including this one.
    pub(super) rows_waiting: i64,
    deliveries: &'a mut Vec<Delivery>,
    pub(super) lead: Option<LeadEvent>,
}

impl Intake<'_> {
    fn store(mut self, admission: &Admission) -> QueryResult<StoredUpdate> {
        let outcome = match self.insert_row()? {
            None => Outcome::Duplicate,
            Some(id) => {
                self.upsert_customer()?;
                match &admission.update.change {
                    Change::Wrote(message) => self.wrote(id, message, admission.flood_notices.as_ref())?,
                    Change::Edited(message) => self.edited(id, message)?,
                    Change::Blocked => self.set_blocked(id, true)?,
                    Change::Unblocked => self.set_blocked(id, false)?,
                    Change::JoinedGroup { .. } => self.joined_group(id, admission.farewell.as_ref())?,
                    Change::Nothing(IgnoreReason::Unreadable) => self.ignore(id, IgnoreReason::Unreadable)?,
                    Change::Nothing(reason) => self.ignore_empty(id, *reason)?,
                }
            }
        };
        if !matches!(outcome, Outcome::Duplicate) {
            self.arrivals.store(self.conn)?;
        }
        Ok(StoredUpdate {
            chat: self.update.chat,
            update: self.update.update.0,
            previous: self.previous,
            outcome,
            lead: self.lead,
        })
    }

    /// `None`: a duplicate.
    fn insert_row(&mut self) -> QueryResult<Option<i64>> {
        let content = match &self.update.change {
            Change::Wrote(message) | Change::Edited(message) => Some(to_json(message)?),
            _ => None,
        };
        // The parsed content is stored; the raw update only if it could not be parsed.
        let raw = match &self.update.change {
            Change::Nothing(IgnoreReason::Unreadable) => self.update.raw.as_str(),
            _ => "",
        };
        diesel::insert_into(inbox::table)
            .values((
                inbox::key.eq(&self.update.key),
                inbox::update_id.eq(self.update.update.0),
                inbox::chat_id.eq(self.update.chat.0),
                inbox::message_id.eq(self.update.message.map(|message| message.0)),
                inbox::state.eq(state::PENDING),
                inbox::content.eq(content),
                inbox::raw.eq(raw),
                inbox::received_at.eq(self.now.stamp()),
            ))
            .on_conflict(inbox::key)
            .do_nothing()
            .once(here!())
            .run(self.conn)?;
        let Inserted {
            is_new,
            id,
            known,
            others,
        } = inserted(self.conn, self.update.chat)?;
        if !is_new {
            return Ok(None);
        }
        self.arrivals = Arrivals::new(self.update.chat, known, self.now);
        if self.arrivals.has_counted(self.update) {
            diesel::delete(inbox::table.find(id)).execute(self.conn)?;
            return Ok(None);
        }
        if self.update.profile.is_some() {
            self.previous = others.newest().map(InboxId);
            self.rows_waiting = others.waiting();
        }
        Ok(Some(id))
    }

    fn upsert_customer(&mut self) -> QueryResult<()> {
        let Some(profile) = &self.update.profile else {
            return Ok(());
        };
        let now = self.now.stamp();
        let named = (
            customers::username.eq(&profile.username),
            customers::first_name.eq(&profile.first_name),
            customers::last_name.eq(&profile.last_name),
            customers::language_code.eq(&profile.language_code),
            customers::seen_at.eq(now),
        );
        let chat = customers::chat_id.eq(self.update.chat.0);
        let known = diesel::insert_into(customers::table)
            .values((chat, named, customers::created_at.eq(now)))
            .on_conflict(customers::chat_id)
            .do_update();
        if matches!(self.update.change, Change::Wrote(_)) {
            // A customer who writes has unblocked the bot.
            let returned = customers::blocked_at.eq(None::<Stamp>);
            known.set((named, returned)).once(here!()).run(self.conn)
        } else {
            known.set(named).once(here!()).run(self.conn)
        }
    }

    fn wrote(&mut self, id: i64, message: &CustomerMessage, notices: Option<&FloodNotices>) -> QueryResult<Outcome> {
        if let Body::Command(Command::Start { payload: Some(payload) }) = &message.body {
            let chat = customers::table.find(self.update.chat.0);
            diesel::update(chat.filter(customers::source.is_null()))
                .set((customers::source.eq(payload), customers::source_at.eq(self.now.stamp())))
                .execute(self.conn)?;
        }
        let is_flood = self.is_flood()? || self.has_too_many_waiting()?;
        self.add_words(id, self.kept_words(message, is_flood), kind_of(message))?;
        if matches!(&message.body, Body::Contact(card) if card.is_own) {
            self.record_contacts(id, LeadSource::Contact, Taken::Left)?;
        }
        if is_flood {
            // It gets no turn, so no turn would check it for a contact.
            self.record_contacts(id, LeadSource::Text, FOUND)?;
            if let Some(notices) = notices {
                self.notify_flood(notices)?;
            }
            return self.flooded(id);
        }
        Ok(Outcome::Waiting(WaitingRow {
            id: InboxId(id),
            update: self.update.update,
            message_id: self.update.message.unwrap_or(MessageId(0)),
            message: message.clone(),
            is_unreadable: false,
            received_at: self.now,
            attempts: 0,
            panics: 0,
        }))
    }

    /// Records contacts that no turn will check as a lead, in the same transaction as their row.
    pub(super) fn record_contacts(&mut self, id: i64, source: LeadSource, taken: Taken) -> QueryResult<()> {
        let news = NewFacts {
            chat: self.update.chat,
            cause: InboxId(id),
            source,
            taken,
            facts: LeadFacts::found(self.contacts),
        };
        let news = record_found(self.conn, self.now, &self.rules.rules, news)?;
        self.lead = news.or(self.lead);
        Ok(())
    }

    fn set_blocked(&mut self, id: i64, is_blocked: bool) -> QueryResult<Outcome> {
        diesel::update(customers::table.find(self.update.chat.0))
            .set(customers::blocked_at.eq(is_blocked.then_some(self.now.stamp())))
            .execute(self.conn)?;
        if is_blocked {
            // Executing deliveries get Telegram's own refusal.
            cancel(
                self.conn,
                &Lane::chat(self.update.chat),
                &outbox_state::WAITING,
                self.now,
            )?;
        }
        self.ignore(id, IgnoreReason::Service)
    }

    pub(super) fn ignore(&mut self, id: i64, reason: IgnoreReason) -> QueryResult<Outcome> {
        diesel::update(inbox::table.find(id))
            .set((
                inbox::state.eq(state::IGNORED),
                inbox::reason.eq(reason.word()),
                inbox::finished_at.eq(self.now.stamp()),
            ))
            .execute(self.conn)?;
        Ok(Outcome::Ignored(reason, InboxId(id)))
    }

    /// Without `RETURNING`: for it SQLite would copy the pages it writes.
    pub(super) fn add_words(&mut self, id: i64, words: String, kind: &str) -> QueryResult<()> {
        let name = self.update.profile.as_ref().map(display_name).unwrap_or_default();
        diesel::insert_into(dialogs::table)
            .values((
                dialogs::user_id.eq(self.update.chat.0),
                dialogs::username.eq(name),
                dialogs::message.eq(words),
                dialogs::role.eq(USER),
                dialogs::timestamp.eq(self.now.stamp()),
                dialogs::kind.eq(kind),
                dialogs::inbox_id.eq(id),
            ))
            .once(here!())
            .run(self.conn)
    }

    pub(super) fn deliver(&mut self, key: String, payload: Payload, has_newest_line: bool) -> QueryResult<()> {
        let chat = self.update.chat;
        let new = NewDelivery {
            has_newest_line,
            update: Some(self.update.update),
            ..NewDelivery::new(key, Lane::chat(chat), chat, payload, self.now)
        };
        self.deliveries.extend(enqueue(self.conn, self.now, new)?);
        Ok(())
    }
}

fn kind_of(message: &CustomerMessage) -> &'static str {
    match &message.body {
        _ if message.is_for_model() => dialog_kind::TEXT,
        Body::Text(_) => dialog_kind::TEXT,
        Body::Command(_) => dialog_kind::COMMAND,
        Body::Media(_) => dialog_kind::MEDIA,
        Body::Contact(_) => dialog_kind::CONTACT,
    }
}
