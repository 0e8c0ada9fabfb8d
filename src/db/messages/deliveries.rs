//! The outbox: claiming what is due, recording how it went.

use actix::Message;
use chrono::{DateTime, Utc};

use crate::db::DbError;
use crate::domain::{Delivery, DeliveryId, Verdict};

/// Claims lanes' oldest rows that are due, and hands over again what is `executing` in nobody's hands because a
/// hint was lost.
#[derive(Debug, Clone, Message)]
#[rtype(result = "Result<ClaimedDeliveries, DbError>")]
pub struct ClaimDeliveries {
    /// What the caller works on.
    pub held: Vec<DeliveryId>,
    /// At most so many for chats.
    pub limit: u32,
    /// At most so many letters: a mail server that hangs must not keep replies waiting.
    pub letters: u32,
}

/// What may be handed to an edge now.
#[derive(Debug, Clone, Default)]
pub struct ClaimedDeliveries {
    /// `executing`, one a lane.
    pub deliveries: Vec<Delivery>,
    /// When the next lane is due, if any.
    pub next_due: Option<DateTime<Utc>>,
}

/// Records how a delivery went and claims the next of its lane in the same transaction. Once given it is committed
/// until it succeeds; a second time it finds the row no longer `executing` and does nothing. `Blocked` gives up the
/// whole lane and marks the customer, unless he was heard of after the row was claimed: then this row alone.
#[derive(Debug, Clone, Message)]
#[rtype(result = "Result<Option<Delivery>, DbError>")]
pub struct RecordVerdict {
    /// The row.
    pub id: DeliveryId,
    /// Its attempt, so that a verdict that comes late never hits another attempt.
    pub attempt: u32,
    /// How it went.
    pub verdict: Verdict,
}

/// After the outbox panicked: what was in its hands may have been sent. Answers how many rows that were.
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "Result<usize, DbError>")]
pub struct RecoverDeliveries;
