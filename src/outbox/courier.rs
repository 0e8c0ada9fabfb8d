//! The outbox's view of a delivery channel ("way"). A courier converts a delivery to a message of its edge and the edge's answer to
//! an [`Outcome`], which is the same for all edges; it also defines the limits of its way. Edges do not depend on it.

use std::rc::Rc;

use base::Event;
use base::backoff::Backoff;
use chrono::{DateTime, TimeDelta, Utc};
use domain::AlertKind;
use futures_util::future::{LocalBoxFuture, ready};
use store::{Delivery, EachWay, Verdict};

/// One courier per way.
pub(crate) type Couriers = EachWay<Rc<dyn Courier>>;

/// A running attempt.
pub(crate) type Attempt = LocalBoxFuture<'static, (Outcome, Option<Alarm>)>;

/// A problem for the operators, with its reason.
pub(crate) type Alarm = (AlertKind, String);

/// Sends the deliveries of one way.
pub(crate) trait Courier {
    /// The current limits.
    fn terms(&self) -> Terms;

    /// Starts one attempt.
    fn start_attempt(self: Rc<Self>, delivery: &Delivery) -> Attempt;

    /// The log event of a verdict; the outbox adds the fields.
    fn event(&self, verdict: &Verdict) -> Event;
}

/// The limits of one way.
#[derive(Clone, Copy)]
pub(crate) struct Terms {
    /// Deliveries in flight at a time. The others wait as rows.
    pub max_in_flight: usize,
    /// The age at which a delivery becomes a dead letter.
    pub age: TimeDelta,
    /// How long beyond that age it may wait for its last attempt. Zero: a refused delivery gets no last attempt.
    pub last_try: TimeDelta,
    /// The delays between attempts.
    pub backoff: Backoff,
    /// The pause after a refusal, by the number of earlier refusals; `None` makes it a dead letter.
    pub pause: fn(u32) -> Option<TimeDelta>,
    /// Prefix of the stored reason while a refused delivery is retried.
    pub refused_prefix: &'static str,
}

/// The outcome of an attempt, with the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Accepted, with the remote id.
    Sent(Option<i64>),
    /// Accepted only without its styles.
    SentPlain(Option<i64>),
    /// Certainly not sent. Retried at that time, or after the usual backoff.
    Delayed(Option<DateTime<Utc>>, String),
    /// Not attempted: the edge has paused this way until that time and logged it.
    Held(DateTime<Utc>, String),
    /// It may have been sent.
    Unknown(&'static str),
    /// Refused because of its content or recipient; retried within the terms.
    Refused(String),
    /// Refused for good.
    Dead(&'static str),
    /// The bot cannot reach the chat.
    Closed,
}

/// The outcome for a payload of another way.
pub(super) fn misrouted() -> Attempt {
    Box::pin(ready((Outcome::Dead("unreadable"), None)))
}
