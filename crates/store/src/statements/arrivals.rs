//! Counts a customer's recent messages, stored or not. One row per customer decides whether another message is a flood and
//! whether it may still be stored; otherwise it is only counted for a report.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use domain::{ChatId, IncomingUpdate};

use super::rows::{from_json, to_json};
use super::stored::{StoredNumber, StoredText, StoredTime};
use super::times::{Stamp, Stamped as _};
use crate::schema::{arrivals, floods, reports};
use crate::sqlite::prepared::{Keep as _, here};
use crate::{Conn, FloodBounds};

pub(super) const MINUTE: TimeDelta = TimeDelta::minutes(1);
pub(super) const HOUR: TimeDelta = TimeDelta::hours(1);
const DAY: TimeDelta = TimeDelta::hours(24);
/// Telegram redelivers nothing older than a day, and restarts update ids only after a week without updates.
const REDELIVERED: TimeDelta = TimeDelta::hours(48);

/// A customer's row with the update counted in.
pub(super) struct Arrivals {
    row: Row,
    recent: Vec<i64>,
    now: DateTime<Utc>,
}

/// The stored row, if any; read together with the inserted update.
#[derive(Debug, Default, Queryable)]
pub(super) struct Known {
    recent: Option<StoredText>,
    day_began: Option<StoredTime>,
    day_messages: Option<StoredNumber>,
    day_kept: Option<StoredNumber>,
    hour_began: Option<StoredTime>,
    hour_kept: Option<StoredNumber>,
    counted_bot: Option<StoredText>,
    counted_update: Option<i64>,
    counted_at: Option<StoredTime>,
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = arrivals, treat_none_as_null = true, treat_none_as_default_value = false)]
struct Row {
    chat_id: i64,
    recent: String,
    day_began: Stamp,
    day_messages: i64,
    day_kept: i64,
    hour_began: Stamp,
    hour_kept: i64,
    counted_bot: Option<String>,
    counted_update: Option<i64>,
    counted_at: Option<Stamp>,
}

impl Arrivals {
    /// The row, or a new one. Windows that have ended restart, and so do values that do not parse.
    pub(super) fn new(chat: ChatId, known: Known, now: DateTime<Utc>) -> Self {
        let time = |stored: Option<StoredTime>| stored.and_then(StoredTime::utc).map(|at| at.stamp());
        let number = |stored: Option<StoredNumber>| stored.and_then(StoredNumber::get).unwrap_or_default();
        let mut row = Row {
            chat_id: chat.0,
            recent: known.recent.map(Into::into).unwrap_or_default(),
            day_began: time(known.day_began).unwrap_or_else(|| now.stamp()),
            day_messages: number(known.day_messages),
            day_kept: number(known.day_kept),
            hour_began: time(known.hour_began).unwrap_or_else(|| now.stamp()),
            hour_kept: number(known.hour_kept),
            counted_bot: known.counted_bot.map(Into::into),
            counted_update: known.counted_update,
            counted_at: time(known.counted_at),
        };
        // A time in the future is from a clock that has been set back since.
        let is_over = |began: Stamp, length| !(TimeDelta::zero()..length).contains(&(now - began.utc()));
        if is_over(row.day_began, DAY) {
            (row.day_began, row.day_messages, row.day_kept) = (now.stamp(), 0, 0);
        }
        if is_over(row.hour_began, HOUR) {
            (row.hour_began, row.hour_kept) = (now.stamp(), 0);
        }
        let mut recent: Vec<i64> = from_json(&row.recent).unwrap_or_default();
        let minute = (now - MINUTE).timestamp_millis()..=now.timestamp_millis();
        recent.retain(|at| minute.contains(at) && *at > *minute.start());
        Self { row, recent, now }
    }

    /// Whether the update is a duplicate of one that was only counted. Updates arrive in the order of their ids.
    pub(super) fn has_counted(&self, update: &IncomingUpdate) -> bool {
        let Row {
            counted_bot: Some(bot),
            counted_update: Some(newest),
            counted_at: Some(at),
            ..
        } = &self.row
        else {
            return false;
        };
        bot == bot_of(update) && update.update.0 <= *newest && self.now - at.utc() < REDELIVERED
    }

    /// Counts a message and returns whether it is over the limit. Further parts of an album do not count; they are a flood if the
    /// first part is.
    pub(super) fn is_flood(&mut self, counts: bool, max_per_minute: Option<u32>, bounds: &FloodBounds) -> bool {
        let Some(most) = max_per_minute else { return false };
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        if counts {
            self.recent.push(self.now.timestamp_millis());
            self.row.day_messages += 1;
        }
        // One more than allowed is enough to know.
        let surplus = self.recent.len().saturating_sub(most.saturating_add(1));
        self.recent.drain(..surplus);
        self.recent.len() > most || self.is_beyond_day(bounds)
    }

    /// Whether the customer is over the limit per day, so that waiting a minute does not help.
    pub(super) fn is_beyond_day(&self, bounds: &FloodBounds) -> bool {
        self.row.day_messages > i64::from(bounds.per_day)
    }

    /// Whether another unanswered row may be stored; if so, counts it.
    pub(super) fn keep(&mut self, bounds: &FloodBounds) -> bool {
        let has_room =
            self.row.hour_kept < i64::from(bounds.kept_per_hour) && self.row.day_kept < i64::from(bounds.kept_per_day);
        if has_room {
            self.row.hour_kept += 1;
            self.row.day_kept += 1;
        }
        has_room
    }

    /// Remembers an update that is not stored.
    pub(super) fn note_unstored(&mut self, update: &IncomingUpdate) {
        self.row.counted_bot = Some(bot_of(update).to_owned());
        self.row.counted_update = Some(update.update.0);
        self.row.counted_at = Some(self.now.stamp());
    }

    pub(super) fn store(mut self, conn: &mut Conn) -> QueryResult<()> {
        self.row.recent = to_json(&self.recent)?;
        diesel::insert_into(arrivals::table)
            .values(&self.row)
            .on_conflict(arrivals::chat_id)
            .do_update()
            .set(&self.row)
            .once(here!())
            .run(conn)?;
        Ok(())
    }
}

/// Counts a message in the open report period.
pub(super) fn count(conn: &mut Conn, chat: i64) -> QueryResult<()> {
    let open: Option<i64> = reports::table.select(diesel::dsl::max(reports::id)).first(conn)?;
    diesel::insert_into(floods::table)
        .values((
            // The first period will have the id 1.
            floods::report_id.eq(open.unwrap_or(1)),
            floods::chat_id.eq(chat),
            floods::messages.eq(1),
        ))
        .on_conflict((floods::report_id, floods::chat_id))
        .do_update()
        .set(floods::messages.eq(floods::messages + 1))
        .execute(conn)?;
    Ok(())
}

/// Update ids are unique only per bot.
fn bot_of(update: &IncomingUpdate) -> &str {
    update.key.split(':').next().unwrap_or_default()
}
