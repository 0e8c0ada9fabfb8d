//! The outbox: claiming what is due, recording how it went.

use chrono::{DateTime, Utc};
use domain::{ChatId, Delivery, DeliveryId, EachWay, Verdict, Way};

/// Claims lanes' oldest rows that are due, and hands over again what is `executing` in nobody's hands because a
/// hint was lost. Each row is parsed alone: one that does not parse ends `dead (unreadable)`, and its lane goes on.
#[derive(Debug, Clone)]
pub struct ClaimDeliveries {
    /// What the caller works on.
    pub held: Vec<DeliveryId>,
    /// At most so many by each way: a mail server that hangs must not keep replies waiting.
    pub room: EachWay<u32>,
}

/// What may be handed to an edge now.
#[derive(Debug, Clone, Default)]
pub struct ClaimedDeliveries {
    /// `executing`, one a lane.
    pub deliveries: Vec<Delivery>,
    /// When the next lane is due, if any.
    pub next_due: Option<DateTime<Utc>>,
    /// Rows that were ended because they do not parse.
    pub unreadable: Vec<UnreadableDelivery>,
}

/// A row that does not parse, with what can be told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadableDelivery {
    /// The row.
    pub id: DeliveryId,
    /// The chat it went to or was about.
    pub chat: Option<ChatId>,
    /// The update whose answer it was.
    pub update: Option<i64>,
    /// How often it was tried.
    pub attempt: u32,
    /// By which way it would have gone.
    pub way: Way,
}

/// Records how a delivery went and claims the next of its lane in the same transaction. Once given it is committed
/// until it succeeds; a second time it finds the row no longer `executing` and does nothing. `Blocked` gives up the
/// whole lane and marks the customer, unless he was heard of after the row was claimed: then this row alone.
#[derive(Debug, Clone)]
pub struct RecordVerdict {
    /// The row.
    pub id: DeliveryId,
    /// Its attempt, so that a verdict that comes late never hits another attempt.
    pub attempt: u32,
    /// How it went.
    pub verdict: Verdict,
}

/// After the outbox panicked: what was in its hands may have been sent. Answers how many rows that were.
#[derive(Debug, Clone, Copy)]
pub struct RecoverDeliveries;
