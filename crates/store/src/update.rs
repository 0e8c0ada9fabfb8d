//! An update on its way into rows: what it may be answered on the spot, what a flood leaves of it, and what became of it.

use domain::{ChatId, FoundContact, IgnoreReason, InboxId, IncomingUpdate, OutgoingMessage};

use crate::lead::LeadEvent;
use crate::{Delivery, Edit, WaitingRow};

/// How much of a flood is stored. A customer floods who sends more than `max_per_minute`, has more than `max_waiting`
/// waiting, or sends more than this a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FloodBounds {
    /// Messages of one customer within a day beyond which they are not answered; none where there is no bound a minute.
    pub per_day: u32,
    /// Rows without an answer that one chat may add within an hour; messages beyond it are only counted.
    pub kept_per_hour: u32,
    /// The same within a day.
    pub kept_per_day: u32,
    /// Characters that are kept of a message.
    pub chars: usize,
}

/// An update with what it may be answered on the spot.
#[derive(Debug, Clone)]
pub struct Admission {
    /// The update.
    pub update: IncomingUpdate,
    /// The contacts its message holds.
    pub contacts: Vec<FoundContact>,
    /// It counts for `max_per_minute`. The further parts of an album and updates without a message of the customer do not.
    pub counts: bool,
    /// What a customer who floods is told.
    pub flood_notices: Option<FloodNotices>,
    /// What a group hears before the bot leaves it.
    pub farewell: Option<OutgoingMessage>,
}

/// What is said to a customer who floods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FloodNotices {
    /// Beyond the bounds a minute and of waiting messages; once a minute.
    pub minute: OutgoingMessage,
    /// Beyond [`FloodBounds::per_day`]; once an hour.
    pub day: OutgoingMessage,
}

/// What became of a batch.
#[derive(Debug, Clone, Default)]
pub struct StoredUpdates {
    /// One for each update, in the same order.
    pub updates: Vec<StoredUpdate>,
    /// Notices whose lane was free: claimed, to be handed to the outbox.
    pub deliveries: Vec<Delivery>,
}

/// What became of one update.
#[derive(Debug, Clone)]
pub struct StoredUpdate {
    /// The chat it came from.
    pub chat: ChatId,
    /// Telegram's id of it.
    pub update: i64,
    /// The chat's row before this one, by which a reader notices that it missed some.
    pub previous: Option<InboxId>,
    /// What it is now.
    pub outcome: Outcome,
    /// The lead it made or changed.
    pub lead: Option<LeadEvent>,
}

/// The fate of an update.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// Waits for its turn.
    Waiting(WaitingRow),
    /// Changed a message: one that still waited has its new text.
    Edited(Edit),
    /// Stored, and needs no answer.
    Ignored(IgnoreReason, InboxId),
    /// Left no row: a message beyond what a flood may leave is counted, an update that says nothing is not even that.
    Counted,
    /// Was stored or counted before.
    Duplicate,
}
