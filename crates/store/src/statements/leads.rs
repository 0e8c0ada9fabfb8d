//! Records leads. Whether facts are new is decided inside the transaction that stores them with their letters.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{
    ChatId, DialogId, EarlierLead, InboxId, KnownPhone, LeadChange, LeadFacts, LeadId, LeadNotice, LeadSource, Origin,
    Reach, Taken, TurnId,
};

use super::conversations::find_customer;
use super::effects::Effect;
use super::lead_letters::{all_wait, amend_waiting, write_letters};
use super::lead_origins::know_origins;
use super::lead_rows::{OpenLead, earlier_than, newest, open_lead};
use super::rows::{display_name, to_json};
use super::snapshot::{last_words, latest_request, snapshot};
use super::times::Stamped as _;
use crate::lead::LeadEvent;
use crate::schema::{customers, successful_dialogs, tool_effects};
use crate::sqlite::prepared::{Keep as _, here};
use crate::{Access, Conn, LeadOutcome, LeadRules, SharedLeadRules, Statement};

const TOOL: &str = "save_contact";

/// Records the facts of a `save_contact` call in one transaction: the lead, its letters, the tool's effect. In a repeated turn
/// the same facts change nothing.
#[derive(Debug, Clone)]
pub struct RecordLead {
    /// The customer's chat.
    pub chat: ChatId,
    /// The turn; its end makes the letters due.
    pub turn: TurnId,
    /// Hash of the normalised facts.
    pub fingerprint: String,
    /// The facts.
    pub facts: LeadFacts,
    /// Recipients and times of the letters.
    pub rules: SharedLeadRules,
}

/// The outcome of recording facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordedLead {
    /// The lead, if one exists.
    pub lead: Option<LeadId>,
    /// What happened.
    pub outcome: LeadOutcome,
}

impl Statement for RecordLead {
    type Output = RecordedLead;
    const ACCESS: Access = Access::Write;

    fn run(&self, conn: &mut Conn, now: DateTime<Utc>) -> QueryResult<RecordedLead> {
        if let Some(recorded) = self.known(conn)? {
            return Ok(recorded);
        }
        let news = NewFacts {
            chat: self.chat,
            cause: InboxId(self.turn.0),
            source: LeadSource::Tool,
            taken: Taken::Saved { is_again: false },
            facts: self.facts.clone(),
        };
        let recorded = record(conn, now, &self.rules, news)?;
        if recorded.outcome != LeadOutcome::NoContact {
            self.effect().keep(conn, now, recorded.outcome.word())?;
        }
        Ok(recorded)
    }
}

impl RecordLead {
    fn effect(&self) -> Effect<'_> {
        Effect {
            chat: self.chat,
            turn: self.turn,
            tool: TOOL,
            fingerprint: &self.fingerprint,
        }
    }

    fn known(&self, conn: &mut Conn) -> QueryResult<Option<RecordedLead>> {
        let Some(output) = self.effect().output(conn)? else {
            return Ok(None);
        };
        let Some(lead) = newest(conn, self.chat)? else {
            return Ok(None);
        };
        // Facts repeated after a newer number, or while the lead is unreadable, count as new.
        let Some(known) = lead.facts() else { return Ok(None) };
        let is_current = |phone: &KnownPhone| known.phone().is_some_and(|first| first.number.carries(&phone.number));
        Ok(self.facts.phone().is_none_or(is_current).then(|| RecordedLead {
            lead: Some(LeadId(lead.id)),
            outcome: LeadOutcome::from_word(&output),
        }))
    }
}

/// Facts to add to a lead.
pub(super) struct NewFacts {
    pub chat: ChatId,
    /// The row they came with.
    pub cause: InboxId,
    pub source: LeadSource,
    /// For facts the service found itself; those of the model are checked when they are merged.
    pub taken: Taken,
    pub facts: LeadFacts,
}

/// Records the contacts of a message that the customer's open lead does not have.
pub(super) fn record_found(
    conn: &mut Conn,
    now: DateTime<Utc>,
    rules: &LeadRules,
    mut news: NewFacts,
) -> QueryResult<Option<LeadEvent>> {
    if news.facts.phones.is_empty() && news.facts.emails.is_empty() {
        return Ok(None);
    }
    if let Some(open) = open_lead(conn, news.chat, rules, now)? {
        let known = open.known;
        let is_vouched = |origin| origin == Origin::Verified;
        // A number verified by Telegram is recorded even if the number is already known.
        news.facts
            .phones
            .retain(|phone| is_vouched(phone.origin) || !known.carries(&Reach::Phone(phone.number.clone())));
        news.facts
            .emails
            .retain(|address| !known.carries(&Reach::Email(address.clone())));
        if news.facts.phones.is_empty() && news.facts.emails.is_empty() {
            return Ok(None);
        }
    }
    let source = news.source;
    if source == LeadSource::Text {
        let is_typed = |phone: &&mut KnownPhone| phone.origin == Origin::Typed;
        let typed = news.facts.phones.iter_mut().filter(is_typed);
        typed.for_each(|phone| phone.origin = Origin::Found);
    }
    let recorded = record(conn, now, rules, news)?;
    Ok(recorded.lead.zip(Some(recorded.outcome)).and_then(|(lead, outcome)| {
        matches!(outcome, LeadOutcome::New | LeadOutcome::Updated).then_some(LeadEvent { lead, source, outcome })
    }))
}

/// Adds facts to the open lead or creates a new one.
pub(super) fn record(
    conn: &mut Conn,
    now: DateTime<Utc>,
    rules: &LeadRules,
    mut news: NewFacts,
) -> QueryResult<RecordedLead> {
    know_origins(conn, news.chat, &mut news.facts)?;
    if news.source != LeadSource::Tool && news.facts.request.is_none() {
        news.facts.own_words = latest_request(conn, news.chat)?;
    }
    let is_beside_saved = has_saved(conn, news.cause)?;
    news.taken = match news.taken {
        Taken::Saved { .. } => Taken::Saved {
            is_again: is_beside_saved,
        },
        Taken::Found { .. } => Taken::Found { is_beside_saved },
        Taken::Left => Taken::Left,
    };
    let recorded = match open_lead(conn, news.chat, rules, now)? {
        Some(open) => update(conn, now, rules, &news, &open)?,
        None => insert(conn, now, rules, &news)?,
    };
    let is_news = matches!(recorded.outcome, LeadOutcome::New | LeadOutcome::Updated);
    // A shared number is announced to the model even if it is known, because the model may be about to ask for it.
    if (is_news || news.source == LeadSource::Contact) && news.source != LeadSource::Tool {
        diesel::update(customers::table.find(news.chat.0))
            .set(customers::untold_lead.eq(news.source.word()))
            .once(here!())
            .run(conn)?;
    }
    Ok(recorded)
}

fn insert(conn: &mut Conn, now: DateTime<Utc>, rules: &LeadRules, news: &NewFacts) -> QueryResult<RecordedLead> {
    let customer = find_customer(conn, news.chat)?.0;
    let facts = with_known_contact(conn, news)?;
    if !facts.can_be_reached(customer.profile.username.is_some()) {
        return Ok(RecordedLead {
            lead: None,
            outcome: LeadOutcome::NoContact,
        });
    }
    let earlier = earlier_than(conn, news.chat, i64::MAX)?;
    let upto = last_words(conn, news.chat)?;
    let id: i64 = diesel::insert_into(successful_dialogs::table)
        .values((
            successful_dialogs::user_id.eq(news.chat.0),
            successful_dialogs::username.eq(display_name(&customer.profile)),
            successful_dialogs::contact_info.eq(to_json(&facts)?),
            successful_dialogs::messages.eq(snapshot(conn, now, (news.chat, upto), rules)?),
            successful_dialogs::created_at.eq(now.stamp()),
            successful_dialogs::updated_at.eq(now.stamp()),
            successful_dialogs::revision.eq(1),
            successful_dialogs::phone.eq(phone_of(&facts)),
            successful_dialogs::email.eq(email_of(&facts)),
            successful_dialogs::source.eq(news.source.word()),
            successful_dialogs::turn_id.eq(news.cause.0),
        ))
        .returning(successful_dialogs::id)
        .get_result(conn)?;
    let notice = notice(news, LeadId(id), 1, (now, upto), facts, Vec::new(), earlier);
    write_letters(conn, now, rules, &notice)?;
    Ok(RecordedLead {
        lead: Some(LeadId(id)),
        outcome: LeadOutcome::New,
    })
}

fn update(
    conn: &mut Conn,
    now: DateTime<Utc>,
    rules: &LeadRules,
    news: &NewFacts,
    open: &OpenLead,
) -> QueryResult<RecordedLead> {
    let known = &open.known;
    let (merged, changes) = known.merge(&news.facts, news.taken);
    let recorded = |outcome| RecordedLead {
        lead: Some(LeadId(open.id)),
        outcome,
    };
    if changes.is_empty() {
        if merged != *known {
            diesel::update(successful_dialogs::table.find(open.id))
                .set(successful_dialogs::contact_info.eq(to_json(&merged)?))
                .once(here!())
                .run(conn)?;
            amend_waiting(conn, rules, LeadId(open.id), &merged)?;
        }
        return Ok(recorded(LeadOutcome::Known));
    }
    // A letter not sent yet gets the new facts: one letter per turn.
    let has_left = !all_wait(conn, rules, LeadId(open.id))?;
    let revision = open.revision.saturating_add(u32::from(has_left));
    let upto = last_words(conn, news.chat)?;
    diesel::update(successful_dialogs::table.find(open.id))
        .set((
            successful_dialogs::contact_info.eq(to_json(&merged)?),
            successful_dialogs::messages.eq(snapshot(conn, now, (news.chat, upto), rules)?),
            successful_dialogs::updated_at.eq(now.stamp()),
            successful_dialogs::revision.eq(i32::try_from(revision).unwrap_or(i32::MAX)),
            successful_dialogs::phone.eq(phone_of(&merged)),
            successful_dialogs::email.eq(email_of(&merged)),
            successful_dialogs::turn_id.eq(news.cause.0),
        ))
        .once(here!())
        .run(conn)?;
    let earlier = earlier_than(conn, news.chat, open.id)?;
    let notice = notice(news, LeadId(open.id), revision, (now, upto), merged, changes, earlier);
    write_letters(conn, now, rules, &notice)?;
    Ok(recorded(LeadOutcome::Updated))
}

/// Whether the model already saved a contact in this turn.
fn has_saved(conn: &mut Conn, cause: InboxId) -> QueryResult<bool> {
    let saved = tool_effects::table
        .filter(tool_effects::turn_id.eq(cause.0))
        .filter(tool_effects::tool.eq(TOOL));
    diesel::select(diesel::dsl::exists(saved)).get_result(conn)
}

/// A returning customer who asks for a call keeps their known contact: the model never sees a shared number and need not ask for
/// it again.
fn with_known_contact(conn: &mut Conn, news: &NewFacts) -> QueryResult<LeadFacts> {
    let mut facts = news.facts.clone();
    let names_none = facts.phones.is_empty() && facts.emails.is_empty() && facts.request.is_some();
    let before = if names_none { newest(conn, news.chat)? } else { None };
    if let Some(before) = before.and_then(|before| before.facts()) {
        facts.phones = before.phones;
        facts.emails = before.emails;
    }
    Ok(facts)
}

fn notice(
    news: &NewFacts,
    lead: LeadId,
    revision: u32,
    (at, upto): (DateTime<Utc>, DialogId),
    facts: LeadFacts,
    changes: Vec<LeadChange>,
    earlier: Vec<EarlierLead>,
) -> LeadNotice {
    LeadNotice {
        lead,
        revision,
        chat: news.chat,
        cause: news.cause,
        source: news.source,
        at,
        facts,
        changes,
        earlier,
        upto,
    }
}

fn phone_of(facts: &LeadFacts) -> Option<&str> {
    facts.phone().map(|known| known.number.as_str())
}

fn email_of(facts: &LeadFacts) -> Option<&str> {
    facts.emails.first().map(domain::Email::as_str)
}
