//! Claims and verdicts.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::dsl::{case_when, exists, not};
use diesel::prelude::*;
use diesel::sql_types::Text;
use domain::DeliveryId;

use super::lanes::{self, DeliveryRow};
use super::rows::outbox_state as state;
use super::stored::{StoredText, StoredTime};
use super::times::Stamped as _;
use crate::schema::{customers, dialogs, outbox, successful_dialogs};
use crate::sqlite::prepared::{Keep as _, here};
use crate::{Access, Conn, Delivery, EachWay, Lane, Statement, UnreadableDelivery, Verdict, Way};

/// A row claimed more recently than this may still be on its way to the outbox as a hint.
const HINT_UNDER_WAY: TimeDelta = TimeDelta::seconds(5);

/// Claims the oldest due row of each lane, and returns again `executing` rows that no caller works on because a hint was lost.
/// Each row is parsed separately: one that does not parse becomes `dead (unreadable)`, and its lane continues.
#[derive(Debug, Clone)]
pub struct ClaimDeliveries {
    /// Rows the caller is working on.
    pub held: Vec<DeliveryId>,
    /// Maximum rows per channel: a mail server that hangs must not delay replies.
    pub room: EachWay<u32>,
}

/// Deliveries to send now.
#[derive(Debug, Clone, Default)]
pub struct ClaimedDeliveries {
    /// `executing`, one per lane.
    pub deliveries: Vec<Delivery>,
    /// When the next lane is due, if any.
    pub next_due: Option<DateTime<Utc>>,
    /// Rows ended because they do not parse.
    pub unreadable: Vec<UnreadableDelivery>,
}

impl Statement for ClaimDeliveries {
    type Output = ClaimedDeliveries;
    const ACCESS: Access = Access::Write;

    fn run(&self, conn: &mut Conn, now: DateTime<Utc>) -> QueryResult<ClaimedDeliveries> {
        let (mut deliveries, mut unreadable) = (Vec::new(), Vec::new());
        let mut room = self.room.clone();
        for row in stray_rows(conn, now)? {
            let room = &mut room[row.way()];
            if self.held.contains(&DeliveryId(row.id)) || *room == 0 {
                continue;
            }
            *room -= 1;
            match row.into_executing() {
                Ok(delivery) => deliveries.push(delivery),
                Err(row) => unreadable.push(lanes::end_unreadable(conn, row, now)?),
            }
        }
        end_never_due(conn, now, &mut unreadable)?;
        for way in Way::ALL {
            for head in due_heads(conn, now, way, room[way])? {
                deliveries.extend(lanes::take_head(conn, head, now, &mut unreadable)?);
            }
        }
        Ok(ClaimedDeliveries {
            deliveries,
            next_due: next_due(conn, now)?,
            unreadable,
        })
    }
}

/// Records the verdict on a delivery and claims the next one of its lane in the same transaction. The writer retries it until
/// it succeeds; a repeat finds the row no longer `executing` and does nothing. `Blocked` cancels the whole lane and marks the
/// customer as blocked, unless they wrote after the row was claimed: then it cancels only this row.
#[derive(Debug, Clone)]
pub struct RecordVerdict {
    /// The row.
    pub id: DeliveryId,
    /// Its attempt, so that a late verdict never affects another attempt.
    pub attempt: u32,
    /// The outcome.
    pub verdict: Verdict,
}

impl Statement for RecordVerdict {
    type Output = Option<Delivery>;
    const ACCESS: Access = Access::Write;

    fn run(&self, conn: &mut Conn, now: DateTime<Utc>) -> QueryResult<Option<Delivery>> {
        let ended = match &self.verdict {
            Verdict::Sent { remote_id } => self.sent(conn, *remote_id, now)?,
            Verdict::RetryAt {
                due,
                reason,
                maybe_sent,
            } => self.retry(conn, *due, reason, *maybe_sent)?,
            Verdict::Dead { reason } => self.dead(conn, reason, now)?,
            Verdict::Blocked => self.blocked(conn, now)?,
        };
        match ended {
            Some(row) => lanes::claim_next(conn, &row.lane, now),
            None => Ok(None),
        }
    }
}

/// After a panic of the outbox: `executing` rows may have been sent. Returns their number.
#[derive(Debug, Clone, Copy)]
pub struct RecoverDeliveries;

impl Statement for RecoverDeliveries {
    type Output = usize;
    const ACCESS: Access = Access::Write;

    fn run(&self, conn: &mut Conn, now: DateTime<Utc>) -> QueryResult<usize> {
        retry_executing(conn, now, "panicked")
    }
}

/// Makes `executing` rows due again and marks them as possibly sent.
pub(super) fn retry_executing(conn: &mut Conn, now: DateTime<Utc>, reason: &str) -> QueryResult<usize> {
    diesel::update(outbox::table.filter(outbox::state.eq(state::EXECUTING)))
        .set((
            outbox::state.eq(state::RETRYABLE),
            outbox::reason.eq(reason),
            outbox::due_at.eq(now.stamp()),
            outbox::maybe_sent.eq(outbox::maybe_sent + 1),
        ))
        .execute(conn)
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = outbox)]
struct Executing {
    lane: StoredText,
    chat_id: i64,
    dialog_id: Option<i64>,
    claimed_at: Option<StoredTime>,
    lead_id: Option<i64>,
}

/// The row, if it is executing this attempt.
#[diesel::dsl::auto_type]
fn executing_row(id: i64, attempt: i32) -> _ {
    let executing: &'static str = state::EXECUTING;
    outbox::table
        .find(id)
        .filter(outbox::state.eq(executing))
        .filter(outbox::attempts.eq(attempt))
}

impl RecordVerdict {
    fn attempt(&self) -> i32 {
        i32::try_from(self.attempt).unwrap_or(i32::MAX)
    }

    fn sent(&self, conn: &mut Conn, remote_id: Option<i64>, now: DateTime<Utc>) -> QueryResult<Option<Executing>> {
        let of_lead = case_when(outbox::lead_id.is_null(), "".into_sql::<Text>()).otherwise(outbox::payload);
        let is_letter = outbox::lead_id.is_not_null().and(outbox::address.is_not_null());
        let letter = case_when(is_letter, outbox::payload);
        let sent: Option<(Executing, Option<StoredText>)> = executing_row(self.id.0, self.attempt())
            .select((Executing::as_select(), letter))
            .once(here!())
            .get_result(conn)
            .optional()?;
        let Some((row, letter)) = sent else { return Ok(None) };
        diesel::update(outbox::table.find(self.id.0))
            .set((
                outbox::state.eq(state::COMPLETED),
                outbox::payload.eq(of_lead),
                outbox::reason.eq(None::<&str>),
                outbox::remote_id.eq(remote_id),
                outbox::finished_at.eq(now.stamp()),
            ))
            .once(here!())
            .run(conn)?;
        if let Some(lead) = row.lead_id {
            self.keep_letter(conn, lead, letter)?;
        }
        mark_delivered(conn, row.dialog_id, now)?;
        Ok(Some(row))
    }

    /// Moves a sent letter to its lead, so that it can still be shown.
    fn keep_letter(&self, conn: &mut Conn, lead: i64, letter: Option<StoredText>) -> QueryResult<()> {
        let own = outbox::table.find(self.id.0);
        if let Some(letter) = letter {
            diesel::update(successful_dialogs::table.find(lead))
                .set(successful_dialogs::letter.eq(&*letter))
                .once(here!())
                .run(conn)?;
        }
        diesel::update(own)
            .set(outbox::payload.eq(""))
            .once(here!())
            .run(conn)?;
        Ok(())
    }

    /// Keeps the payload for a requeue.
    fn dead(&self, conn: &mut Conn, reason: &str, now: DateTime<Utc>) -> QueryResult<Option<Executing>> {
        diesel::update(executing_row(self.id.0, self.attempt()))
            .set((
                outbox::state.eq(state::DEAD),
                outbox::reason.eq(reason),
                outbox::finished_at.eq(now.stamp()),
            ))
            .returning(Executing::as_returning())
            .once(here!())
            .get_result(conn)
            .optional()
    }

    fn retry(
        &self,
        conn: &mut Conn,
        due: DateTime<Utc>,
        reason: &str,
        maybe_sent: bool,
    ) -> QueryResult<Option<Executing>> {
        diesel::update(executing_row(self.id.0, self.attempt()))
            .set((
                outbox::state.eq(state::RETRYABLE),
                outbox::reason.eq(reason),
                outbox::due_at.eq(due.stamp()),
                outbox::maybe_sent.eq(outbox::maybe_sent + i32::from(maybe_sent)),
            ))
            .returning(Executing::as_returning())
            .once(here!())
            .get_result(conn)
            .optional()
    }

    fn blocked(&self, conn: &mut Conn, now: DateTime<Utc>) -> QueryResult<Option<Executing>> {
        let own = executing_row(self.id.0, self.attempt()).select(Executing::as_select());
        let Some(row) = own.first(conn).optional()? else {
            return Ok(None);
        };
        match has_returned(conn, &row)? {
            true => lanes::cancel_one(conn, self.id, now)?,
            false => close_chat(conn, &row, now)?,
        }
        Ok(Some(row))
    }
}

/// A reply counts as delivered when the last of its parts is.
fn mark_delivered(conn: &mut Conn, dialog: Option<i64>, now: DateTime<Utc>) -> QueryResult<()> {
    let Some(dialog) = dialog else { return Ok(()) };
    let missing = outbox::table
        .filter(outbox::dialog_id.eq(dialog))
        .filter(outbox::state.ne(state::COMPLETED));
    let own = dialogs::table.filter(dialogs::id.eq(dialog));
    diesel::update(own.filter(not(exists(missing.select(outbox::id)))))
        .set(dialogs::delivered_at.eq(now.stamp()))
        .once(here!())
        .run(conn)?;
    Ok(())
}

/// Whether the customer wrote after this row was claimed. Then the refusal may be older than their return, and the rows behind
/// it may answer what they wrote since. If they blocked the bot again, the next row will show it.
fn has_returned(conn: &mut Conn, row: &Executing) -> QueryResult<bool> {
    let claimed_at = row.claimed_at.and_then(StoredTime::utc).map(|at| at.stamp());
    let heard_of = customers::table
        .find(row.chat_id)
        .filter(customers::blocked_at.is_null())
        .filter(customers::seen_at.nullable().gt(claimed_at));
    diesel::select(diesel::dsl::exists(heard_of)).get_result(conn)
}

fn close_chat(conn: &mut Conn, row: &Executing, now: DateTime<Utc>) -> QueryResult<()> {
    lanes::cancel(conn, &Lane(row.lane.to_string()), &state::UNFINISHED, now)?;
    diesel::update(customers::table.find(row.chat_id))
        .set(customers::blocked_at.eq(now.stamp()))
        .execute(conn)?;
    Ok(())
}

/// `executing` rows whose hint must have been lost: claimed long enough ago, or at an unreadable time.
fn stray_rows(conn: &mut Conn, now: DateTime<Utc>) -> QueryResult<Vec<DeliveryRow>> {
    let mut rows: Vec<DeliveryRow> = outbox::table
        .filter(outbox::state.eq(state::EXECUTING))
        .select(DeliveryRow::as_select())
        .load(conn)?;
    let claimed = |row: &DeliveryRow| row.claimed_at.and_then(StoredTime::utc);
    rows.retain(|row| claimed(row).is_none_or(|at| at <= now - HINT_UNDER_WAY));
    rows.sort_unstable_by_key(|row| row.id);
    Ok(rows)
}

/// Ends rows whose due time does not parse and sorts after every valid time: they would wait forever and block their lanes.
/// An unreadable time that sorts before now is due.
fn end_never_due(conn: &mut Conn, now: DateTime<Utc>, ended: &mut Vec<UnreadableDelivery>) -> QueryResult<()> {
    for state in state::WAITING {
        let last = outbox::table
            .filter(outbox::state.eq(state))
            .filter(outbox::due_at.gt(now.stamp()))
            .order(outbox::due_at.desc())
            .select(DeliveryRow::as_select());
        while let Some(row) = last.first::<DeliveryRow>(conn).optional()? {
            if row.due_at.utc().is_some() {
                break;
            }
            ended.push(lanes::end_unreadable(conn, row.unreadable(), now)?);
        }
    }
    Ok(())
}

diesel::alias!(outbox as older: Older);

fn due_heads(conn: &mut Conn, now: DateTime<Utc>, way: Way, room: u32) -> QueryResult<Vec<DeliveryRow>> {
    let unfinished = || {
        let [scheduled, executing, retryable] = state::unfinished().map(|state| older.field(outbox::state).eq(state));
        scheduled.or(executing).or(retryable)
    };
    let mut heads = outbox::table
        .filter(outbox::state.eq_any(state::WAITING))
        .filter(outbox::due_at.le(now.stamp()))
        .filter(not(exists(
            older
                .filter(older.field(outbox::lane).eq(outbox::lane))
                .filter(older.field(outbox::id).lt(outbox::id))
                .filter(unfinished()),
        )))
        // A requeued dead letter may be older than the executing row.
        .filter(not(exists(
            older
                .filter(older.field(outbox::lane).eq(outbox::lane))
                .filter(older.field(outbox::state).eq(state::EXECUTING))
                .filter(unfinished()),
        )))
        .order(outbox::id.asc())
        .limit(i64::from(room))
        .select(DeliveryRow::as_select())
        .into_boxed();
    // As in `Way::of_lane`: a lane of no other channel belongs to the chat channel.
    for named in Way::ALL.into_iter().filter(|named| *named != Way::Chat) {
        let lanes = format!("{}:%", named.word());
        heads = match named == way {
            true => heads.filter(outbox::lane.like(lanes)),
            false => heads.filter(outbox::lane.not_like(lanes)),
        };
    }
    heads.load(conn)
}

fn next_due(conn: &mut Conn, now: DateTime<Utc>) -> QueryResult<Option<DateTime<Utc>>> {
    let due: Option<StoredTime> = outbox::table
        .filter(outbox::state.eq_any(state::WAITING))
        .filter(outbox::due_at.gt(now.stamp()))
        .select(diesel::dsl::min(outbox::due_at))
        .first(conn)?;
    Ok(due.and_then(StoredTime::utc))
}
