//! Everything a report tells, read between the borders of its period.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use diesel::prelude::*;

use super::absences::last_poll;
use super::conversations::find_customer;
use super::fates::fate;
use super::past_week::past_week;
use super::refused::refused_addresses;
use super::rows::{USER, dialog_kind, from_json, inbox_state, outbox_state as state, utc};
use crate::db::Conn;
use crate::db::schema::{absences, dialogs, gaps, inbox, outbox, successful_dialogs};
use crate::domain::{
    Absence, AbsenceKind, Border, ChatId, Customer, DeadLetter, DeliveryId, DialogLine, Email, Fate, LeadFacts, LeadId,
    LeadSource, Period, Profile, ReportDialog, ReportGap, ReportLead, ReportNotice, ReportPage, ReportTurn, Speaker,
    TurnOutcome, Unanswered,
};

/// A letter that waits longer than this is told of.
const HELD: TimeDelta = TimeDelta::hours(1);
/// Without a poll for so long nobody fetches updates.
const AWAY: TimeDelta = TimeDelta::minutes(5);

/// Reads the page.
pub(in crate::db) fn report_page(conn: &mut Conn, notice: ReportNotice, now: DateTime<Utc>) -> QueryResult<ReportPage> {
    let mut reader = Reader {
        conn,
        period: notice.period,
        now,
        customers: HashMap::new(),
    };
    Ok(ReportPage {
        notice,
        past_week: past_week(reader.conn, notice.period)?,
        dialogs: reader.dialogs()?,
        turns: reader.turns()?,
        unanswered: reader.unanswered()?,
        leads: reader.leads()?,
        gaps: reader.gaps()?,
        dead: reader.dead()?,
        held_letters: held_letters(reader.conn, now)?,
        refused: refused_addresses(reader.conn)?,
        absences: absences(reader.conn, notice.period)?,
        away_since: last_poll(reader.conn)?.filter(|polled| now - *polled > AWAY),
    })
}

struct Reader<'a> {
    conn: &'a mut Conn,
    period: Period,
    now: DateTime<Utc>,
    customers: HashMap<i64, Customer>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = dialogs)]
struct Words {
    id: i64,
    user_id: i64,
    message: String,
    role: String,
    timestamp: NaiveDateTime,
    kind: String,
    delivered_at: Option<NaiveDateTime>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = successful_dialogs)]
struct LeadRow {
    id: i64,
    user_id: i64,
    contact_info: String,
    created_at: NaiveDateTime,
    source: String,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = outbox)]
struct DeadRow {
    id: i64,
    chat_id: i64,
    address: Option<String>,
    reason: Option<String>,
    finished_at: Option<NaiveDateTime>,
    dialog_id: Option<i64>,
}

impl Reader<'_> {
    fn customer(&mut self, chat: i64) -> QueryResult<&Customer> {
        if !self.customers.contains_key(&chat) {
            let customer = find_customer(self.conn, ChatId(chat))?.0;
            self.customers.insert(chat, customer);
        }
        // It has just been put there.
        self.customers.get(&chat).ok_or(diesel::result::Error::NotFound)
    }

    fn profile(&mut self, chat: i64) -> QueryResult<Profile> {
        Ok(self.customer(chat)?.profile.clone())
    }

    fn dialogs(&mut self) -> QueryResult<Vec<ReportDialog>> {
        let Border { dialog: after, .. } = self.period.after;
        let words: Vec<Words> = dialogs::table
            .filter(dialogs::id.gt(after))
            .filter(dialogs::id.le(self.period.upto.dialog))
            .order(dialogs::id.asc())
            .select(Words::as_select())
            .load(self.conn)?;
        let fates = fates(self.conn, self.period, self.now)?;
        let mut all: Vec<ReportDialog> = Vec::new();
        let mut places: HashMap<i64, usize> = HashMap::new();
        for words in words {
            let chat = words.user_id;
            let place = match places.get(&chat) {
                Some(place) => *place,
                None => {
                    let dialog = self.dialog(chat)?;
                    all.push(dialog);
                    places.insert(chat, all.len() - 1);
                    all.len() - 1
                }
            };
            if let Some(dialog) = all.get_mut(place) {
                dialog.lines.push(line(words, &fates));
            }
        }
        Ok(all)
    }

    fn dialog(&mut self, chat: i64) -> QueryResult<ReportDialog> {
        let (after, upto) = (self.period.after, self.period.upto);
        let earlier = dialogs::table
            .filter(dialogs::user_id.eq(chat))
            .filter(dialogs::id.le(after.dialog));
        let is_new = !diesel::select(diesel::dsl::exists(earlier)).get_result::<bool>(self.conn)?;
        let lead: Option<(i64, String, NaiveDateTime)> = successful_dialogs::table
            .filter(successful_dialogs::user_id.eq(chat))
            .filter(successful_dialogs::id.le(upto.lead))
            .order(successful_dialogs::id.desc())
            .select((
                successful_dialogs::id,
                successful_dialogs::contact_info,
                successful_dialogs::updated_at,
            ))
            .first(self.conn)
            .optional()?;
        let Period { since, until, .. } = self.period;
        let is_changed = |at: NaiveDateTime| (since..=until).contains(&utc(at));
        let has_left_contact = lead
            .as_ref()
            .is_some_and(|(id, _, at)| *id > after.lead || is_changed(*at));
        let (lead, facts) = lead.map(|(id, facts, _)| (id, known(&facts))).unzip();
        let customer = self.customer(chat)?;
        Ok(ReportDialog {
            chat: ChatId(chat),
            profile: customer.profile.clone(),
            came_from: customer.source.clone(),
            is_new,
            lead: lead.map(LeadId),
            is_lead_new: lead.is_some_and(|lead| lead > after.lead),
            has_left_contact,
            facts,
            lines: Vec::new(),
        })
    }

    /// A turn belongs to the period in which its reply was stored.
    fn turns(&mut self) -> QueryResult<Vec<ReportTurn>> {
        type Row = (
            String,
            String,
            Option<String>,
            NaiveDateTime,
            Option<NaiveDateTime>,
            i64,
            i64,
        );
        let rows: Vec<Row> = dialogs::table
            .inner_join(inbox::table.on(inbox::id.nullable().eq(dialogs::turn_id)))
            .filter(dialogs::id.gt(self.period.after.dialog))
            .filter(dialogs::id.le(self.period.upto.dialog))
            .filter(dialogs::role.ne(USER))
            .order(dialogs::id.asc())
            .select((
                dialogs::kind,
                inbox::state,
                inbox::reason,
                inbox::received_at,
                inbox::finished_at,
                inbox::input_tokens,
                inbox::output_tokens,
            ))
            .load(self.conn)?;
        let turn = |(kind, state, reason, received, finished, input_tokens, output_tokens): Row| ReportTurn {
            outcome: match kind.as_str() {
                _ if state == inbox_state::FAILED => TurnOutcome::Failed {
                    reason: reason.unwrap_or_default(),
                    is_form: kind == dialog_kind::FORM,
                },
                dialog_kind::ANSWER => TurnOutcome::Answered,
                _ => TurnOutcome::Service,
            },
            took: finished.map_or(TimeDelta::zero(), |finished| {
                (finished - received).max(TimeDelta::zero())
            }),
            input_tokens,
            output_tokens,
        };
        Ok(rows.into_iter().map(turn).collect())
    }

    fn unanswered(&mut self) -> QueryResult<Vec<Unanswered>> {
        let rows: Vec<(i64, Option<i64>, NaiveDateTime, Option<String>)> = dialogs::table
            .inner_join(inbox::table.on(inbox::id.nullable().eq(dialogs::turn_id)))
            .filter(dialogs::id.gt(self.period.after.dialog))
            .filter(dialogs::id.le(self.period.upto.dialog))
            .filter(dialogs::role.ne(USER))
            .filter(inbox::state.eq(inbox_state::FAILED))
            .order(dialogs::id.asc())
            .select((dialogs::user_id, dialogs::turn_id, dialogs::timestamp, inbox::reason))
            .load(self.conn)?;
        let told = rows.into_iter().map(|(chat, turn, at, reason)| {
            let words: Vec<String> = dialogs::table
                .filter(dialogs::user_id.eq(chat))
                .filter(dialogs::turn_id.eq(turn))
                .filter(dialogs::role.eq(USER))
                .order(dialogs::id.asc())
                .select(dialogs::message)
                .load(self.conn)?;
            Ok(Unanswered {
                profile: self.profile(chat)?,
                at: utc(at),
                question: words.join("\n"),
                reason: reason.unwrap_or_default(),
            })
        });
        told.collect()
    }

    fn leads(&mut self) -> QueryResult<Vec<ReportLead>> {
        let rows: Vec<LeadRow> = successful_dialogs::table
            .filter(successful_dialogs::id.gt(self.period.after.lead))
            .filter(successful_dialogs::id.le(self.period.upto.lead))
            .order(successful_dialogs::id.asc())
            .select(LeadRow::as_select())
            .load(self.conn)?;
        let mut leads = Vec::new();
        for row in rows {
            let customer = self.customer(row.user_id)?;
            leads.push(ReportLead {
                lead: LeadId(row.id),
                chat: ChatId(row.user_id),
                profile: customer.profile.clone(),
                came_from: customer.source.clone(),
                at: utc(row.created_at),
                source: LeadSource::from_word(&row.source).unwrap_or(LeadSource::Text),
                facts: known(&row.contact_info),
            });
        }
        Ok(leads)
    }

    fn gaps(&mut self) -> QueryResult<Vec<ReportGap>> {
        let rows: Vec<(i64, String, NaiveDateTime)> = gaps::table
            .filter(gaps::id.gt(self.period.after.gap))
            .filter(gaps::id.le(self.period.upto.gap))
            .order(gaps::id.asc())
            .select((gaps::chat_id, gaps::question, gaps::created_at))
            .load(self.conn)?;
        let told = rows.into_iter().map(|(chat, question, at)| {
            Ok(ReportGap {
                at: utc(at),
                profile: self.profile(chat)?,
                question,
            })
        });
        told.collect()
    }

    fn dead(&mut self) -> QueryResult<Vec<DeadLetter>> {
        // Groups are no customers: what they did not get is nobody's loss.
        let dead = outbox::table
            .filter(outbox::state.eq(state::DEAD))
            .filter(outbox::key.not_like("notice:leave:%"))
            .filter(outbox::key.not_like("notice:group:%"))
            .order(outbox::id.asc())
            .select(DeadRow::as_select())
            .into_boxed();
        let rows = match self.period.report {
            Some(report) => dead.filter(outbox::report_id.eq(report.0)),
            None => dead.filter(outbox::report_id.is_null()),
        };
        let rows: Vec<DeadRow> = rows.load(self.conn)?;
        let told = rows.into_iter().map(|row| {
            let profile = match row.chat_id {
                0 => None,
                chat => Some(self.profile(chat)?),
            };
            Ok(DeadLetter {
                delivery: DeliveryId(row.id),
                dialog: row.dialog_id,
                to: row.address.as_deref().map(Email::normalised),
                profile,
                at: row.finished_at.map(utc),
                reason: row.reason.unwrap_or_default(),
            })
        });
        told.collect()
    }
}

/// What a lead knows. One that cannot be read must not hold back the whole report.
fn known(contact_info: &str) -> LeadFacts {
    from_json(contact_info).unwrap_or_default()
}

/// What became of replies of which a part has not arrived.
fn fates(conn: &mut Conn, period: Period, now: DateTime<Utc>) -> QueryResult<HashMap<i64, Fate>> {
    let rows: Vec<(Option<i64>, String, NaiveDateTime)> = outbox::table
        .filter(outbox::dialog_id.gt(period.after.dialog))
        .filter(outbox::dialog_id.le(period.upto.dialog))
        .filter(outbox::state.ne(state::COMPLETED))
        .select((outbox::dialog_id, outbox::state, outbox::created_at))
        .load(conn)?;
    let mut parts: HashMap<i64, Vec<(String, NaiveDateTime)>> = HashMap::new();
    for (dialog, part, since) in rows {
        parts.entry(dialog.unwrap_or_default()).or_default().push((part, since));
    }
    let told = parts.into_iter().map(|(dialog, parts)| (dialog, fate(&parts, now)));
    Ok(told.collect())
}

fn line(words: Words, fates: &HashMap<i64, Fate>) -> DialogLine {
    let fate = || match words.delivered_at {
        Some(_) => Fate::Sent,
        None => fates.get(&words.id).copied().unwrap_or(Fate::Sent),
    };
    DialogLine {
        at: utc(words.timestamp),
        speaker: match words.role == USER {
            true => Speaker::Customer,
            false => Speaker::Us(fate()),
        },
        is_edit: words.kind == dialog_kind::EDIT,
        is_markdown: words.kind == dialog_kind::ANSWER,
        text: words.message,
    }
}

/// Letters that nobody took for an hour, those behind them included. Reports do not count themselves.
fn held_letters(conn: &mut Conn, now: DateTime<Utc>) -> QueryResult<u64> {
    let hour_ago = (now - HELD).naive_utc();
    let is_overdue = outbox::state.eq(state::RETRYABLE).or(outbox::due_at.lt(hour_ago));
    let held: i64 = outbox::table
        .filter(outbox::state.eq_any(state::UNFINISHED))
        .filter(outbox::address.is_not_null())
        .filter(outbox::key.not_like("report%"))
        .filter(outbox::created_at.lt(hour_ago))
        .filter(is_overdue)
        .count()
        .get_result(conn)?;
    Ok(held.unsigned_abs())
}

fn absences(conn: &mut Conn, period: Period) -> QueryResult<Vec<Absence>> {
    let rows: Vec<(String, NaiveDateTime, NaiveDateTime)> = absences::table
        .filter(absences::id.gt(period.after.absence))
        .filter(absences::id.le(period.upto.absence))
        .order(absences::id.asc())
        .select((absences::kind, absences::began_at, absences::ended_at))
        .load(conn)?;
    let told = rows.into_iter().map(|(kind, began, ended)| Absence {
        kind: AbsenceKind::from_word(&kind).unwrap_or(AbsenceKind::Unreachable),
        began: utc(began),
        ended: utc(ended),
    });
    Ok(told.collect())
}
