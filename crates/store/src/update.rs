//! An update to be stored: possible immediate answers, flood limits, and the outcome.

use domain::{ChatId, FoundContact, IgnoreReason, InboxId, IncomingUpdate, OutgoingMessage};

use crate::lead::LeadEvent;
use crate::{Delivery, Edit, WaitingRow};

/// How much of a flood is stored. A customer floods when they exceed `max_per_minute`, `max_waiting` or `per_day`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FloodBounds {
    /// Messages of one customer within a day that may be answered. Ignored if there is no limit per minute.
    pub per_day: u32,
    /// Unanswered rows one chat may add within an hour; further messages are only counted.
    pub kept_per_hour: u32,
    /// The same within a day.
    pub kept_per_day: u32,
    /// Characters stored of a message.
    pub chars: usize,
}

/// An update with its possible immediate answers.
#[derive(Debug, Clone)]
pub struct Admission {
    /// The update.
    pub update: IncomingUpdate,
    /// The contacts its message holds.
    pub contacts: Vec<FoundContact>,
    /// It counts toward `max_per_minute`. Further parts of an album and updates without a customer message do not.
    pub counts: bool,
    /// Notices for a flooding customer.
    pub flood_notices: Option<FloodNotices>,
    /// The message sent to a group before the bot leaves it.
    pub farewell: Option<OutgoingMessage>,
}

/// Notices for a flooding customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FloodNotices {
    /// Over the limit per minute or of waiting messages; sent once a minute.
    pub minute: OutgoingMessage,
    /// Over [`FloodBounds::per_day`]; sent once an hour.
    pub day: OutgoingMessage,
}

/// The outcome of a batch.
#[derive(Debug, Clone, Default)]
pub struct StoredUpdates {
    /// One for each update, in the same order.
    pub updates: Vec<StoredUpdate>,
    /// Claimed notices for the outbox: those whose lane was free.
    pub deliveries: Vec<Delivery>,
}

/// The outcome of one update.
#[derive(Debug, Clone)]
pub struct StoredUpdate {
    /// The chat it came from.
    pub chat: ChatId,
    /// Telegram's update id.
    pub update: i64,
    /// The chat's previous row, by which the conversation notices that it missed one.
    pub previous: Option<InboxId>,
    /// What was done with it.
    pub outcome: Outcome,
    /// The lead it made or changed.
    pub lead: Option<LeadEvent>,
}

/// What was done with an update.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// Stored; waits for its turn.
    Waiting(WaitingRow),
    /// An edit; a message that still waited got the new text.
    Edited(Edit),
    /// Stored; needs no answer.
    Ignored(IgnoreReason, InboxId),
    /// Not stored: a message over the flood limits is counted, an update without content is not counted either.
    Counted,
    /// Was stored or counted before.
    Duplicate,
}
