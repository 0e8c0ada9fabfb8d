//! The content of letters, loaded when they are sent, and alerts for operators.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use domain::{Alert, AlertKind, ChatId, DeliveryId, Email, InboxId, LeadId, LeadNotice, Letter};
use pages::{LeadPage, LetterPage, PageBody};

use super::conversations::find_customer;
use super::lanes::{NewDelivery, enqueue};
use super::lead_letters::HOUR;
use super::lead_records::{self, LeadStory};
use super::report_page::report_page;
use super::rows::{from_json, outbox_state as state};
use super::snapshot::{last_words, lines};
use super::stored::{StoredText, StoredTime};
use super::times::Stamped as _;
use crate::schema::{inbox, outbox, successful_dialogs};
use crate::{Access, Conn, Delivery, Lane, LeadRules, Payload, Reason, SharedLeadRules, Statement};

/// Loads the content of a letter.
#[derive(Debug, Clone)]
pub struct LoadLetter {
    /// Its row.
    pub delivery: DeliveryId,
    /// Its recipient.
    pub to: Email,
    /// What it is about.
    pub letter: Letter,
    /// Maximum dialog lines; the newest are kept.
    pub lines: usize,
    /// Maximum lead letters to one address within an hour; further leads are gathered.
    pub per_hour: u32,
}

impl LoadLetter {
    /// `None` if the delivery is not a letter.
    pub fn of(delivery: &Delivery, lines: usize, per_hour: u32) -> Option<Self> {
        let Payload::Letter { to, letter } = &delivery.payload else {
            return None;
        };
        Some(Self {
            delivery: delivery.id,
            to: to.clone(),
            letter: letter.clone(),
            lines,
            per_hour,
        })
    }
}

impl Statement for LoadLetter {
    type Output = LetterPage;
    const ACCESS: Access = Access::LongRead;

    fn is_large(&self) -> bool {
        matches!(self.letter, Letter::Report(_))
    }

    fn run(&self, conn: &mut Conn, now: DateTime<Utc>) -> QueryResult<LetterPage> {
        let body = match &self.letter {
            Letter::Lead(notice) => {
                let page = lead_page(conn, notice, self.lines, now)?;
                let together_at = together_at(conn, self.delivery, &self.to, self.per_hour)?;
                PageBody::Lead(Box::new(LeadPage { together_at, ..page }))
            }
            Letter::Leads(notices) => {
                let pages = notices
                    .iter()
                    .map(|notice| lead_page(conn, notice, self.lines.min(Letter::GATHERED_LINES), now));
                PageBody::Leads(pages.collect::<QueryResult<_>>()?)
            }
            Letter::Report(notice) => PageBody::Report(Box::new(report_page(conn, *notice, now)?)),
            Letter::Alert(alert) => PageBody::Alert(alert.clone()),
        };
        Ok(LetterPage {
            delivery: self.delivery,
            to: self.to.clone(),
            body,
        })
    }
}

fn lead_page(conn: &mut Conn, notice: &LeadNotice, most: usize, now: DateTime<Utc>) -> QueryResult<LeadPage> {
    let customer = find_customer(conn, notice.chat)?.0;
    let update: Option<i64> = inbox::table
        .find(notice.cause.0)
        .select(inbox::update_id)
        .first(conn)
        .optional()?;
    let (lines, left_out) = lines(conn, (notice.chat, notice.upto), most, now)?;
    Ok(LeadPage {
        notice: notice.clone(),
        profile: customer.profile,
        came_from: customer.source,
        update: update.unwrap_or_default(),
        lines,
        left_out,
        together_at: None,
    })
}

/// When further leads will be sent together, if this letter is the last one allowed in its hour.
fn together_at(conn: &mut Conn, delivery: DeliveryId, to: &Email, per_hour: u32) -> QueryResult<Option<DateTime<Utc>>> {
    let written: Option<StoredTime> = outbox::table
        .find(delivery.0)
        .select(outbox::created_at)
        .first(conn)
        .optional()?;
    let Some(written) = written.and_then(StoredTime::utc) else {
        return Ok(None);
    };
    let (count, first): (i64, Option<StoredTime>) = outbox::table
        .filter(outbox::address.eq(to.as_str()))
        .filter(outbox::created_at.gt((written - HOUR).stamp()))
        .filter(outbox::lead_id.is_not_null())
        .filter(outbox::id.le(delivery.0))
        .select((diesel::dsl::count_star(), diesel::dsl::min(outbox::created_at)))
        .first(conn)?;
    let is_last = count == i64::from(per_hour);
    let first = first.and_then(StoredTime::utc);
    Ok(first.filter(|_| is_last).map(|first| first + HOUR))
}

/// The newest letter about a lead, sent or not; if none was written, the letter that would announce it now.
pub(crate) fn newest(
    conn: &mut Conn,
    id: LeadId,
    fallback: &Email,
    lines: usize,
    now: DateTime<Utc>,
) -> QueryResult<Option<LetterPage>> {
    let Some(mut story) = lead_records::find(conn, id)? else {
        return Ok(None);
    };
    let written = match story.letters.pop() {
        Some(row) => row
            .payload
            .or(delivered(conn, story.lead.id)?)
            .map(|payload| (row.id, payload)),
        None => None,
    };
    let (delivery, to, letter) = if let Some((id, Payload::Letter { to, letter })) = written {
        (id, to, letter)
    } else {
        let notice = notice(conn, story)?;
        (DeliveryId(0), fallback.clone(), Letter::Lead(Box::new(notice)))
    };
    let load = LoadLetter {
        delivery,
        to,
        letter,
        lines,
        per_hour: u32::MAX,
    };
    load.run(conn, now).map(Some)
}

/// The content of the last delivered letter.
fn delivered(conn: &mut Conn, lead: LeadId) -> QueryResult<Option<Payload>> {
    let letter: Option<StoredText> = successful_dialogs::table
        .find(lead.0)
        .select(successful_dialogs::letter)
        .first(conn)?;
    Ok(letter.and_then(|letter| from_json(&letter).ok()))
}

/// The notice for a lead without a letter.
fn notice(conn: &mut Conn, LeadStory { lead, earlier, .. }: LeadStory) -> QueryResult<LeadNotice> {
    let cause: i64 = successful_dialogs::table
        .find(lead.id.0)
        .select(successful_dialogs::turn_id)
        .first(conn)?;
    Ok(LeadNotice {
        lead: lead.id,
        revision: lead.revision,
        chat: lead.chat,
        cause: InboxId(cause),
        source: lead.source,
        at: lead.changed_at,
        facts: lead.facts,
        changes: Vec::new(),
        earlier,
        upto: last_words(conn, lead.chat)?,
    })
}

/// The operators without the rejected address; the other owners if none remain.
fn others(rules: &LeadRules, refused: &Email) -> Vec<Email> {
    let without = |addresses: &[Email]| -> Vec<Email> {
        let others = addresses.iter().filter(|to| !to.is_same(refused));
        others.cloned().collect()
    };
    let operators = without(&rules.operators);
    match operators.is_empty() {
        true => without(&rules.owners),
        false => operators,
    }
}

/// Makes held letters due now, because the setting may have been corrected before this start. Returns their number.
#[derive(Debug, Clone, Copy)]
pub struct ReleaseHeldLetters;

impl Statement for ReleaseHeldLetters {
    type Output = usize;
    const ACCESS: Access = Access::Write;

    fn run(&self, conn: &mut Conn, now: DateTime<Utc>) -> QueryResult<usize> {
        let held = outbox::table
            .filter(outbox::state.eq(state::RETRYABLE))
            .filter(outbox::due_at.gt(now.stamp()))
            .filter(outbox::reason.like(format!("{}%", Reason::Held.word())));
        diesel::update(held).set(outbox::due_at.eq(now.stamp())).execute(conn)
    }
}

/// Emails an alert to each operator, unless they got one of its kind within `alert_pause`.
#[derive(Debug, Clone)]
pub struct RaiseAlert {
    /// The alert.
    pub alert: Alert,
    /// The operators and the pause between alerts.
    pub rules: SharedLeadRules,
}

/// The outcome of an alert.
#[derive(Debug, Clone, Default)]
pub struct RaisedAlert {
    /// An operator gets it.
    pub is_raised: bool,
    /// Its claimed letters, for the outbox.
    pub deliveries: Vec<Delivery>,
}

impl Statement for RaiseAlert {
    type Output = RaisedAlert;
    const ACCESS: Access = Access::Write;

    fn run(&self, conn: &mut Conn, now: DateTime<Utc>) -> QueryResult<RaisedAlert> {
        raise(conn, now, &self.rules, &self.alert)
    }
}

/// One alert a day about a rejected address: every letter is retried for a week.
const REFUSED_PAUSE: TimeDelta = TimeDelta::hours(24);

pub(super) fn raise(conn: &mut Conn, now: DateTime<Utc>, rules: &LeadRules, alert: &Alert) -> QueryResult<RaisedAlert> {
    let mut raised = RaisedAlert::default();
    let (addresses, pause) = match &alert.kind {
        AlertKind::Letters { to } => (others(rules, to), REFUSED_PAUSE),
        _ => (rules.operators.clone(), rules.alert_pause),
    };
    let kind = alert.kind.key();
    for to in &addresses {
        let lately = outbox::table
            .filter(outbox::address.eq(to.as_str()))
            .filter(outbox::created_at.gt((now - pause).stamp()))
            // All keys that begin with the kind and a colon; the semicolon is the next character.
            .filter(outbox::key.ge(format!("alert:{kind}:")))
            .filter(outbox::key.lt(format!("alert:{kind};")));
        if diesel::select(diesel::dsl::exists(lately)).get_result::<bool>(conn)? {
            continue;
        }
        let hour = now.timestamp() / TimeDelta::hours(1).num_seconds();
        let key = format!("alert:{kind}:{hour}:{to}");
        let payload = Payload::by_mail(to, Letter::Alert(alert.clone()));
        let new = NewDelivery::new(key, Lane::alerts(to), ChatId(0), payload, now);
        raised.deliveries.extend(enqueue(conn, now, new)?);
        raised.is_raised = true;
    }
    Ok(raised)
}
