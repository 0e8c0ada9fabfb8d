//! What a letter tells, read when it leaves, and the alerts of operators.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;

use super::conversations::find_customer;
use super::lanes::{NewDelivery, enqueue};
use super::lead_records;
use super::report_page::report_page;
use super::rows::from_json;
use super::snapshot::{last_words, lines};
use crate::db::Conn;
use crate::db::actor::{Access, Statement};
use crate::db::messages::{LoadLetter, RaiseAlert, RaisedAlert};
use crate::db::records::LeadStory;
use crate::db::schema::{inbox, outbox, successful_dialogs};
use crate::domain::{
    Alert, ChatId, DeliveryId, Email, InboxId, Lane, LeadId, LeadNotice, LeadPage, LeadRules, Letter, LetterPage,
    PageBody, Payload,
};

impl Statement for LoadLetter {
    type Output = LetterPage;
    const ACCESS: Access = Access::Read;

    fn run(&self, conn: &mut Conn, now: DateTime<Utc>) -> QueryResult<LetterPage> {
        let body = match &self.letter {
            Letter::Lead(notice) => PageBody::Lead(Box::new(lead_page(conn, notice, self.lines, now)?)),
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
    })
}

/// The newest letter about a lead, be it one that has left; where none was written, the one that would tell of it now.
pub(in crate::db) fn newest(
    conn: &mut Conn,
    id: LeadId,
    otherwise: &Email,
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
    let (delivery, to, letter) = match written {
        Some((id, Payload::Letter { to, letter })) => (id, to, letter),
        _ => {
            let notice = notice(conn, story)?;
            (DeliveryId(0), otherwise.clone(), Letter::Lead(Box::new(notice)))
        }
    };
    let load = LoadLetter {
        delivery,
        to,
        letter,
        lines,
    };
    load.run(conn, now).map(Some)
}

/// What the letter held that was delivered last.
fn delivered(conn: &mut Conn, lead: LeadId) -> QueryResult<Option<Payload>> {
    let letter: Option<String> = successful_dialogs::table
        .find(lead.0)
        .select(successful_dialogs::letter)
        .first(conn)?;
    Ok(letter.and_then(|letter| from_json(&letter).ok()))
}

/// What a letter would tell of a lead that none was written about.
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

impl Statement for RaiseAlert {
    type Output = RaisedAlert;
    const ACCESS: Access = Access::Write;

    fn run(&self, conn: &mut Conn, now: DateTime<Utc>) -> QueryResult<RaisedAlert> {
        raise(conn, now, &self.rules, &self.alert)
    }
}

/// Mails an alert to each operator who got none of its kind lately.
pub(super) fn raise(conn: &mut Conn, now: DateTime<Utc>, rules: &LeadRules, alert: &Alert) -> QueryResult<RaisedAlert> {
    let mut raised = RaisedAlert::default();
    for to in &rules.operators {
        let kind = alert.kind.word();
        let lately = outbox::table
            .filter(outbox::address.eq(to.as_str()))
            .filter(outbox::created_at.gt((now - rules.alert_pause).naive_utc()))
            .filter(outbox::key.like(format!("alert:{kind}:%")));
        if diesel::select(diesel::dsl::exists(lately)).get_result::<bool>(conn)? {
            continue;
        }
        let hour = now.timestamp() / TimeDelta::hours(1).num_seconds();
        let new = NewDelivery {
            key: format!("alert:{kind}:{hour}:{to}"),
            lane: Lane::alerts(to),
            chat: ChatId(0),
            payload: &Payload::Letter {
                to: to.clone(),
                letter: Letter::Alert(alert.clone()),
            },
            due: now,
            dialog: None,
            update: None,
            lead: None,
            is_blocked: false,
        };
        raised.deliveries.extend(enqueue(conn, now, &new)?);
        raised.is_raised = true;
    }
    Ok(raised)
}
