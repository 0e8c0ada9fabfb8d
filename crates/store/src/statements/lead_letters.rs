//! The letters of a lead. Each waits for the end of its turn, so that one turn causes one letter that includes the last answer.
//! Until it is sent, new facts are added to it. Beyond the hourly limit further leads are gathered in one letter.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::dsl::{case_when, exists, not};
use diesel::prelude::*;
use diesel::sql_types::{Integer, Text, Timestamp};
use domain::{ChatId, Email, InboxId, LeadChange, LeadFacts, LeadId, LeadNotice, Letter};

use super::lanes::{DeliveryRow, NewDelivery, claim_next, gathered, schedule};
use super::rows::{from_json, outbox_state as state, to_json};
use super::snapshot::{last_words, snapshot};
use super::stored::{StoredText, StoredTime};
use super::times::Stamped as _;
use crate::schema::{outbox, successful_dialogs};
use crate::sqlite::prepared::{Keep as _, here};
use crate::{Conn, Delivery, Lane, LeadRules, Payload};

/// The window in which letters to one address are counted.
pub(super) const HOUR: TimeDelta = TimeDelta::hours(1);

/// Maximum wait before a letter's first attempt, including gathered letters.
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(2);

/// A letter without an attempt yet.
struct Waiting {
    id: i64,
    lane: Lane,
    payload: Payload,
}

/// Writes a lead's letters, one per address, or adds the news to letters that still wait.
pub(super) fn write_letters(
    conn: &mut Conn,
    now: DateTime<Utc>,
    rules: &LeadRules,
    notice: &LeadNotice,
) -> QueryResult<()> {
    for to in &rules.owners {
        match waiting_letter(conn, to, notice.lead)? {
            Some(waiting) => amend(conn, waiting, notice)?,
            // If a gathered letter about the lead was already tried, the update must not arrive before it.
            None if is_over_bound(conn, now, rules, to)? || is_gathered(conn, to, notice.lead)? => {
                gather(conn, now, to, notice)?;
            }
            None => {
                let payload = Payload::by_mail(to, Letter::Lead(Box::new(notice.clone())));
                let lane = Lane::lead(notice.lead, to);
                let due = now + rules.letter_delay;
                let key = format!("lead:{}:{}:{to}", notice.lead, notice.revision);
                let new = NewDelivery {
                    lead: Some(notice.lead),
                    ..NewDelivery::new(key, lane, notice.chat, payload, due)
                };
                schedule(conn, now, &new)?;
            }
        }
    }
    Ok(())
}

/// Corrects the facts in waiting letters, without new letters.
pub(super) fn amend_waiting(conn: &mut Conn, rules: &LeadRules, lead: LeadId, facts: &LeadFacts) -> QueryResult<()> {
    for mut waiting in waiting_about(conn, &rules.owners, lead)? {
        for notice in notices(&mut waiting.payload).filter(|notice| notice.lead == lead) {
            notice.facts.clone_from(facts);
        }
        store(conn, &waiting)?;
    }
    Ok(())
}

/// Whether the letters to all owners can still be amended.
pub(super) fn all_wait(conn: &mut Conn, rules: &LeadRules, lead: LeadId) -> QueryResult<bool> {
    let waiting = waiting_about(conn, &rules.owners, lead)?;
    let waits_for = |to: &Email| waiting.iter().any(|letter| letter.payload.address() == Some(to));
    Ok(rules.owners.iter().all(waits_for))
}

/// At the end of a turn makes the letters it caused due at once and adds the last messages to them. Returns those that may be
/// sent now.
pub(super) fn release(
    conn: &mut Conn,
    now: DateTime<Utc>,
    rules: &LeadRules,
    chat: ChatId,
    causes: &[InboxId],
) -> QueryResult<Vec<Delivery>> {
    let columns = (
        successful_dialogs::id,
        successful_dialogs::turn_id,
        successful_dialogs::updated_at,
    );
    let of_chat = successful_dialogs::table.filter(successful_dialogs::user_id.eq(chat.0));
    let mut leads: Vec<(i64, i64, StoredTime)> = of_chat.select(columns).load(conn)?;
    let is_new = |at: StoredTime| at.utc().is_none_or(|at| at > now - LONGEST_WAIT);
    leads.retain(|(_, turn, updated_at)| is_new(*updated_at) || causes.contains(&InboxId(*turn)));
    let mut deliveries = Vec::new();
    if leads.is_empty() {
        return Ok(deliveries);
    }
    let upto = last_words(conn, chat)?;
    for (lead, turn, _) in leads {
        let mut is_updated = causes.contains(&InboxId(turn));
        for mut waiting in waiting_about(conn, &rules.owners, LeadId(lead))? {
            let is_own = |notice: &LeadNotice| notice.lead == LeadId(lead) && causes.contains(&notice.cause);
            let Some(notice) = notices(&mut waiting.payload).find(|notice| is_own(notice)) else {
                continue;
            };
            notice.upto = upto;
            is_updated = true;
            match waiting.payload.letter() {
                Some(Letter::Leads(_)) => store(conn, &waiting)?,
                _ => deliveries.extend(release_one(conn, now, &waiting)?),
            }
        }
        if is_updated {
            diesel::update(successful_dialogs::table.find(lead))
                .set(successful_dialogs::messages.eq(snapshot(conn, now, (chat, upto), rules)?))
                .once(here!())
                .run(conn)?;
        }
    }
    Ok(deliveries)
}

diesel::alias!(outbox as others: Others);

/// Stores a letter as due now, and claims it if nothing else of its lane is unfinished.
fn release_one(
    conn: &mut Conn,
    now: DateTime<Utc>,
    Waiting { id, lane, payload }: &Waiting,
) -> QueryResult<Option<Delivery>> {
    let is_alone = || {
        let state = others.field(outbox::state);
        let [scheduled, executing, retryable] = state::unfinished().map(|unfinished| state.eq(unfinished));
        let in_lane = others.filter(others.field(outbox::lane).eq(&lane.0));
        let other = in_lane.filter(others.field(outbox::id).ne(id));
        not(exists(other.filter(scheduled.or(executing).or(retryable))))
    };
    let row: DeliveryRow = diesel::update(outbox::table.find(id))
        .set((
            outbox::payload.eq(to_json(payload)?),
            outbox::lead_ids.eq(gathered(payload)?),
            outbox::due_at.eq(now.stamp()),
            outbox::state.eq(case_when(is_alone(), state::EXECUTING.into_sql::<Text>()).otherwise(state::SCHEDULED)),
            outbox::attempts.eq(case_when(is_alone(), 1.into_sql::<Integer>()).otherwise(0)),
            outbox::claimed_at.eq(case_when(is_alone(), now.stamp().into_sql::<Timestamp>())),
        ))
        .returning(DeliveryRow::as_returning())
        .once(here!())
        .get_result(conn)?;
    match row.claimed_at {
        Some(_) => Ok(row.into_executing().ok()),
        None => claim_next(conn, &lane.0, now),
    }
}

fn notices(payload: &mut Payload) -> Box<dyn Iterator<Item = &mut LeadNotice> + '_> {
    match payload.letter_mut() {
        Some(Letter::Lead(notice)) => Box::new(std::iter::once(&mut **notice)),
        Some(Letter::Leads(notices)) => Box::new(notices.iter_mut()),
        Some(Letter::Report(_) | Letter::Alert(_)) | None => Box::new(std::iter::empty()),
    }
}

fn mentions(payload: &Payload, lead: LeadId) -> bool {
    match payload.letter() {
        Some(Letter::Lead(notice)) => notice.lead == lead,
        Some(Letter::Leads(notices)) => notices.iter().any(|notice| notice.lead == lead),
        Some(Letter::Report(_) | Letter::Alert(_)) | None => false,
    }
}

/// The waiting letters about the lead: first those about it alone, then the gathered ones.
fn waiting_about(conn: &mut Conn, owners: &[Email], lead: LeadId) -> QueryResult<Vec<Waiting>> {
    let own: Vec<StoredText> = outbox::table
        .filter(outbox::lead_id.eq(lead.0))
        .filter(outbox::state.eq(state::SCHEDULED))
        .order(outbox::id.asc())
        .select(outbox::lane)
        .load(conn)?;
    let own = own.into_iter().map(|lane| Lane(lane.into()));
    let mut waiting = Vec::new();
    for lane in own.chain(owners.iter().map(Lane::leads)) {
        waiting.extend(untried(conn, &lane)?.filter(|letter| mentions(&letter.payload, lead)));
    }
    Ok(waiting)
}

/// The waiting letter about the lead alone, or the gathered one that includes it.
fn waiting_letter(conn: &mut Conn, to: &Email, lead: LeadId) -> QueryResult<Option<Waiting>> {
    let mut waiting = waiting_about(conn, std::slice::from_ref(to), lead)?.into_iter();
    Ok(waiting.find(|letter| letter.payload.address() == Some(to)))
}

/// The lane's newest waiting letter without an attempt. One that does not parse is skipped; its claim ends it.
fn untried(conn: &mut Conn, lane: &Lane) -> QueryResult<Option<Waiting>> {
    let [scheduled, _, _] = state::unfinished();
    let row: Option<(i64, StoredText)> = outbox::table
        .filter(outbox::lane.eq(&lane.0))
        .filter(outbox::state.eq(scheduled))
        .filter(outbox::attempts.eq(0))
        .order(outbox::id.desc())
        .limit(1)
        .select((outbox::id, outbox::payload))
        .once(here!())
        .get_result(conn)
        .optional()?;
    Ok(row.and_then(|(id, payload)| {
        let payload = from_json(&payload)
            .ok()
            .filter(|payload: &Payload| payload.letter().is_some())?;
        let lane = lane.clone();
        Some(Waiting { id, lane, payload })
    }))
}

/// Whether an unfinished gathered letter includes the lead.
fn is_gathered(conn: &mut Conn, to: &Email, lead: LeadId) -> QueryResult<bool> {
    let [scheduled, executing, retryable] = state::unfinished().map(|state| outbox::state.eq(state));
    let payloads: Vec<StoredText> = outbox::table
        .filter(outbox::lane.eq(Lane::leads(to).0))
        .filter(scheduled.or(executing).or(retryable))
        .select(outbox::payload)
        .once(here!())
        .load(conn)?;
    let mut payloads = payloads.iter().filter_map(|payload| from_json::<Payload>(payload).ok());
    Ok(payloads.any(|payload| mentions(&payload, lead)))
}

/// Updates a waiting letter to the current facts and joins its changes, because the reader has not seen those in between.
fn amend(conn: &mut Conn, mut waiting: Waiting, notice: &LeadNotice) -> QueryResult<()> {
    for old in notices(&mut waiting.payload).filter(|old| old.lead == notice.lead) {
        // The first letter of a lead lists no changes: it shows all facts.
        if !old.changes.is_empty() {
            old.changes = joined(&old.changes, &notice.changes);
        }
        old.facts.clone_from(&notice.facts);
        old.upto = notice.upto;
    }
    store(conn, &waiting)
}

/// Several replacements of one fact become one change from the first `before` to the last `after`, or none if both are equal.
/// Added values stay separate changes.
fn joined(earlier: &[LeadChange], later: &[LeadChange]) -> Vec<LeadChange> {
    let mut joined = earlier.to_vec();
    for change in later {
        let is_replaced =
            |known: &&mut LeadChange| known.field == change.field && change.before.as_ref() == Some(&known.after);
        let is_listed = joined.contains(change);
        match joined.iter_mut().find(is_replaced) {
            Some(known) => known.after.clone_from(&change.after),
            None if is_listed => {}
            None => joined.push(change.clone()),
        }
    }
    // A change that was reverted is left out, unless the letter has no other change.
    let is_real = |change: &LeadChange| change.before.as_ref() != Some(&change.after);
    if joined.iter().any(is_real) {
        joined.retain(is_real);
    }
    joined
}

fn store(conn: &mut Conn, Waiting { id, payload, .. }: &Waiting) -> QueryResult<()> {
    diesel::update(outbox::table.find(id))
        .set((
            outbox::payload.eq(to_json(payload)?),
            outbox::lead_ids.eq(gathered(payload)?),
        ))
        .once(here!())
        .run(conn)?;
    Ok(())
}

fn is_over_bound(conn: &mut Conn, now: DateTime<Utc>, rules: &LeadRules, to: &Email) -> QueryResult<bool> {
    let (count, _) = lately(conn, now, to)?;
    Ok(count >= i64::from(rules.letters_per_hour))
}

/// The number of lead letters to an address within the hour, and when the first was written.
fn lately(conn: &mut Conn, now: DateTime<Utc>, to: &Email) -> QueryResult<(i64, Option<StoredTime>)> {
    outbox::table
        .filter(outbox::address.eq(to.as_str()))
        .filter(outbox::created_at.gt((now - HOUR).stamp()))
        .filter(outbox::lead_id.is_not_null())
        .select((diesel::dsl::count_star(), diesel::dsl::min(outbox::created_at)))
        .first(conn)
}

/// Adds the lead to the gathered letter, which is due when the hourly limit allows it.
fn gather(conn: &mut Conn, now: DateTime<Utc>, to: &Email, notice: &LeadNotice) -> QueryResult<()> {
    if let Some(mut waiting) = untried(conn, &Lane::leads(to))? {
        if let Some(Letter::Leads(notices)) = waiting.payload.letter_mut() {
            notices.push(notice.clone());
        }
        return store(conn, &waiting);
    }
    let first = lately(conn, now, to)?.1.and_then(StoredTime::utc).unwrap_or(now);
    let payload = Payload::by_mail(to, Letter::Leads(vec![notice.clone()]));
    let key = format!("leads:{}:{}:{to}", notice.lead, notice.revision);
    let new = NewDelivery::new(key, Lane::leads(to), notice.chat, payload, first + HOUR);
    schedule(conn, now, &new)
}

#[cfg(test)]
mod tests {
    use domain::LeadField;

    use super::*;

    fn change(field: LeadField, before: Option<&str>, after: &str) -> LeadChange {
        LeadChange {
            field,
            before: before.map(str::to_owned),
            after: after.to_owned(),
        }
    }

    #[test]
    fn several_changes_of_one_fact_are_joined() {
        use LeadField::{Email, Phone, PreferredTime};
        let first = change(Phone, Some("1"), "2");
        let joined = |later: &[LeadChange]| joined(std::slice::from_ref(&first), later);
        assert_eq!(
            joined(&[change(Phone, Some("2"), "3")]),
            [change(Phone, Some("1"), "3")]
        );
        let other = change(Phone, None, "4");
        assert_eq!(
            joined(std::slice::from_ref(&other)),
            [first.clone(), other],
            "his wife's number is not his new one"
        );
        let mails = [change(Email, None, "a@b.c"), change(Email, None, "d@e.f")];
        assert_eq!(joined(&mails)[1..], mails);
        let back = [change(Phone, Some("2"), "1"), change(PreferredTime, None, "завтра")];
        assert_eq!(joined(&back), back[1..], "there and back again");
        assert_eq!(joined(&back[..1]).len(), 1, "but no letter is empty");
    }
}
