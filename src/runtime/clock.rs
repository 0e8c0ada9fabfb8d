//! Wall time as a value: the system's, or one that a test moves by hand. Whatever a customer, owner or operator
//! would call a time goes through here. Waiting on the system clock looks again at least once a minute, so that
//! a machine that slept or a clock that was set is noticed.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;

const LOOK_AGAIN: Duration = Duration::from_secs(60);

/// A source of time.
#[derive(Clone)]
pub struct Clock(Source);

#[derive(Clone)]
enum Source {
    System,
    ByHand(watch::Receiver<DateTime<Utc>>),
}

/// The hand that moves a clock.
#[derive(Clone)]
pub struct ClockHand(watch::Sender<DateTime<Utc>>);

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands still until its hand is moved.
    pub fn by_hand(start: DateTime<Utc>) -> (Self, ClockHand) {
        let (hand, time) = watch::channel(start);
        (Self(Source::ByHand(time)), ClockHand(hand))
    }

    /// The time it shows, to the microsecond: what the database keeps.
    pub fn now(&self) -> DateTime<Utc> {
        let now = match &self.0 {
            Source::System => Utc::now(),
            Source::ByHand(time) => *time.borrow(),
        };
        DateTime::from_timestamp_micros(now.timestamp_micros()).unwrap_or(now)
    }

    /// Waits until it shows `due` or later; at once if it already does. A clock that is set back meanwhile makes nobody
    /// wait longer than it looked like from here: then it shows an earlier time when the wait is over.
    pub async fn until(&self, due: DateTime<Utc>) {
        self.after(due - self.now()).await;
    }

    /// Waits for `span` from now; not at all if it is negative.
    pub async fn after(&self, span: TimeDelta) {
        match &self.0 {
            Source::System => {
                let (began, due) = (Instant::now(), Utc::now() + span);
                let span = span.to_std().unwrap_or_default();
                loop {
                    let by_clock = (due - Utc::now()).to_std().unwrap_or_default();
                    // This one stands still while the machine sleeps, the other jumps when it is set.
                    let by_machine = span.saturating_sub(began.elapsed());
                    let left = by_clock.min(by_machine);
                    if left.is_zero() {
                        return;
                    }
                    tokio::time::sleep(left.min(LOOK_AGAIN)).await;
                }
            }
            Source::ByHand(time) => after_by_hand(time.clone(), span).await,
        }
    }
}

/// Each step back of the hand brings the time that is waited for nearer by as much.
async fn after_by_hand(mut time: watch::Receiver<DateTime<Utc>>, span: TimeDelta) {
    let mut shown = *time.borrow_and_update();
    let mut due = shown + span;
    while shown < due {
        if time.changed().await.is_err() {
            // The hand is gone: this time never comes.
            std::future::pending::<()>().await;
        }
        let now = *time.borrow_and_update();
        due += (now - shown).min(TimeDelta::zero());
        shown = now;
    }
}

impl ClockHand {
    /// Moves the clock, forward or back.
    pub fn advance(&self, span: TimeDelta) {
        self.0.send_modify(|now| *now += span);
    }

    /// The time the clock shows.
    pub fn now(&self) -> DateTime<Utc> {
        *self.0.borrow()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn waiting_ends_when_the_hand_reaches_the_time() {
        let (clock, hand) = Clock::by_hand(DateTime::UNIX_EPOCH);
        let due = clock.now() + TimeDelta::hours(5);
        let waiting = tokio::spawn({
            let clock = clock.clone();
            async move { clock.until(due).await }
        });
        hand.advance(TimeDelta::hours(4));
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        hand.advance(TimeDelta::hours(1));
        waiting.await.unwrap();
    }

    #[tokio::test]
    async fn a_clock_that_is_set_back_prolongs_no_wait() {
        let (clock, hand) = Clock::by_hand(DateTime::UNIX_EPOCH + TimeDelta::days(1));
        let waiting = tokio::spawn({
            let clock = clock.clone();
            async move { clock.after(TimeDelta::minutes(10)).await }
        });
        tokio::task::yield_now().await;
        hand.advance(TimeDelta::minutes(9));
        tokio::task::yield_now().await;
        hand.advance(-TimeDelta::hours(5));
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        hand.advance(TimeDelta::minutes(1));
        waiting.await.unwrap();
    }

    #[tokio::test]
    async fn a_time_already_past_does_not_wait() {
        let clock = Clock::system();
        clock.until(clock.now() - TimeDelta::days(1)).await;
        clock.until(clock.now()).await;
    }
}
