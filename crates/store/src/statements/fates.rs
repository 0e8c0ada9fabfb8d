//! The delivery outcome of a reply, from its parts in the outbox.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use pages::Fate;

use super::rows::outbox_state as state;
use super::stored::{StoredText, StoredTime};
use crate::Conn;
use crate::schema::outbox;

/// A younger part counts as being sent.
const ON_ITS_WAY: TimeDelta = TimeDelta::minutes(1);

/// From the reply's row in `dialogs` or, if that does not say, from its parts.
pub(super) fn fate_of(
    conn: &mut Conn,
    dialog: i64,
    delivered_at: Option<StoredTime>,
    is_lost: bool,
    now: DateTime<Utc>,
) -> QueryResult<Fate> {
    if delivered_at.is_some() {
        return Ok(Fate::Sent);
    }
    if is_lost {
        return Ok(Fate::NotDelivered);
    }
    let parts: Vec<(StoredText, StoredTime)> = outbox::table
        .filter(outbox::dialog_id.eq(dialog))
        .select((outbox::state, outbox::created_at))
        .load(conn)?;
    Ok(fate(&parts, now))
}

/// The outcome of a reply whose parts are not all delivered, from their states and ages. A part waits as long as the part before
/// it.
fn fate(parts: &[(StoredText, StoredTime)], now: DateTime<Utc>) -> Fate {
    let is_given_up = |part: &str| part == state::DEAD || part == state::CANCELLED;
    let is_late = |since: StoredTime| since.utc().is_none_or(|since| now - since > ON_ITS_WAY);
    let is_stuck =
        |part: &str, since| state::UNFINISHED.contains(&part) && (part == state::RETRYABLE || is_late(since));
    match parts {
        _ if parts.iter().any(|(part, _)| is_given_up(part)) => Fate::NotDelivered,
        _ if parts.iter().any(|(part, since)| is_stuck(part, *since)) => Fate::Waiting,
        _ => Fate::Sent,
    }
}
