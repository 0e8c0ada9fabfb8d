//! What became of a reply, from its parts in the outbox.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};

use super::rows::{outbox_state as state, utc};
use crate::domain::Fate;

/// A part that is younger is simply on its way.
const ON_ITS_WAY: TimeDelta = TimeDelta::minutes(1);

/// The fate of a reply whose parts have not all arrived: state and age of each part that has not. A part that waits behind
/// another one which does not get through waits as long as that.
pub(super) fn fate(parts: &[(String, NaiveDateTime)], now: DateTime<Utc>) -> Fate {
    let is_given_up = |part: &str| part == state::DEAD || part == state::CANCELLED;
    let is_stuck = |part: &str, since: NaiveDateTime| {
        state::UNFINISHED.contains(&part) && (part == state::RETRYABLE || now - utc(since) > ON_ITS_WAY)
    };
    match parts {
        _ if parts.iter().any(|(part, _)| is_given_up(part)) => Fate::NotDelivered,
        _ if parts.iter().any(|(part, since)| is_stuck(part, *since)) => Fate::Waiting,
        _ => Fate::Sent,
    }
}
