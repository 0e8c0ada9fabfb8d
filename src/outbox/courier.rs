//! A way out as the outbox sees it. A courier makes a delivery a message of its edge and sorts what the edge answers into
//! an [`Outcome`], which names no edge; the bounds of its way are its own. Edges do not know it.

use std::rc::Rc;

use base::Event;
use base::backoff::Backoff;
use chrono::{DateTime, TimeDelta, Utc};
use domain::AlertKind;
use futures_util::future::{LocalBoxFuture, ready};
use store::{Delivery, EachWay, Verdict};

/// The courier of each way.
pub(crate) type Couriers = EachWay<Rc<dyn Courier>>;

/// An attempt under way.
pub(crate) type Attempt = LocalBoxFuture<'static, (Outcome, Option<Alarm>)>;

/// Trouble an operator has to hear of, with its reason.
pub(crate) type Alarm = (AlertKind, String);

/// What carries the deliveries of one way.
pub(crate) trait Courier {
    /// As things are now.
    fn terms(&self) -> Terms;

    /// One attempt.
    fn hand_over(self: Rc<Self>, delivery: &Delivery) -> Attempt;

    /// The event of a verdict. The outbox adds the delivery and the reason.
    fn event(&self, verdict: &Verdict) -> Event;
}

/// How many deliveries are tried at a time, how long and how often.
#[derive(Clone, Copy)]
pub(crate) struct Terms {
    /// Deliveries in hand at a time. The others wait as rows.
    pub places: usize,
    /// The age at which a delivery is given up.
    pub age: TimeDelta,
    /// How long beyond its age it may wait for its last try. Zero: what is refused has no last try at that age.
    pub last_try: TimeDelta,
    /// The delays between attempts.
    pub backoff: Backoff,
    /// The pause after a refusal, given the number of refusals before; `None` gives it up.
    pub pause: fn(u32) -> Option<TimeDelta>,
    /// What is put before the reason of a refusal while it is tried again.
    pub refused: &'static str,
}

/// How an attempt went, with the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The far side has it, and gave it this number.
    Sent(Option<i64>),
    /// The same, without its styles, which were refused.
    SentPlain(Option<i64>),
    /// Surely not sent. Tried again at that time, without one after the usual delay.
    Delayed(Option<DateTime<Utc>>, String),
    /// Not tried: nothing leaves this way before that time, which the edge has logged itself.
    Held(DateTime<Utc>, String),
    /// It may have been sent.
    Unknown(&'static str),
    /// Refused for what it is, and tried again as its terms say.
    Refused(String),
    /// Refused for good.
    Dead(&'static str),
    /// The chat is closed to us.
    Closed,
}

/// The attempt of a courier that got what it does not carry.
pub(super) fn misrouted() -> Attempt {
    Box::pin(ready((Outcome::Dead("unreadable"), None)))
}
