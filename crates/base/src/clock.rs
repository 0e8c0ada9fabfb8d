//! Wall time as a value: the system's, or one that a test moves by hand. Whatever a customer, owner or operator
//! would call a time goes through here. Waiting on the system clock looks again at least once a minute, so that
//! a machine that slept or a clock that was set is noticed. What a server shows as its time is compared with it: while the two are apart, no
//! age may be judged by it.

#![expect(clippy::disallowed_methods, reason = "here time is asked and waited for")]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;

const LOOK_AGAIN: Duration = Duration::from_secs(60);
/// Clocks that are further apart do not agree: two that are synchronised differ by seconds.
const AGREEMENT: TimeDelta = TimeDelta::minutes(5);

/// A source of time.
#[derive(Clone)]
pub struct Clock {
    source: Source,
    /// Seconds it is ahead of the time a server showed last; 0 while they agree. Clones share it.
    ahead: Arc<AtomicI64>,
}

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
        Self::of(Source::System)
    }

    /// A clock that stands still until its hand is moved.
    pub fn by_hand(start: DateTime<Utc>) -> (Self, ClockHand) {
        let (hand, time) = watch::channel(start);
        (Self::of(Source::ByHand(time)), ClockHand(hand))
    }

    fn of(source: Source) -> Self {
        let ahead = Arc::new(AtomicI64::new(0));
        Self { source, ahead }
    }

    /// Compares it with the time that a server showed at some moment between `began` and now. Whatever passed meanwhile, a sleep of the
    /// machine as well, is no difference.
    pub fn compare(&self, began: DateTime<Utc>, shown: DateTime<Utc>) {
        let now = self.now();
        let (began, now) = (began.min(now), began.max(now));
        let ahead = match shown {
            shown if began - shown > AGREEMENT => began - shown,
            shown if shown - now > AGREEMENT => now - shown,
            _ => TimeDelta::zero(),
        };
        self.ahead.store(ahead.num_seconds(), Ordering::Relaxed);
    }

    /// How far it is ahead of the time a server showed last (negative: behind), where that is more than five minutes.
    pub fn disagreement(&self) -> Option<TimeDelta> {
        let ahead = self.ahead.load(Ordering::Relaxed);
        (ahead != 0).then(|| TimeDelta::seconds(ahead))
    }

    /// The time it shows, to the microsecond: what the database keeps.
    pub fn now(&self) -> DateTime<Utc> {
        let now = match &self.source {
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
        // Each message asks for some waits of no length.
        if span <= TimeDelta::zero() {
            return;
        }
        match &self.source {
            Source::System => {
                let due = Utc::now().checked_add_signed(span).unwrap_or(DateTime::<Utc>::MAX_UTC);
                let began = Instant::now();
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
    let mut due = shown.checked_add_signed(span).unwrap_or(DateTime::<Utc>::MAX_UTC);
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
    async fn a_wait_beyond_all_times_does_not_panic() {
        for clock in [Clock::system(), Clock::by_hand(DateTime::UNIX_EPOCH).0] {
            let wait = tokio::spawn(async move { clock.after(TimeDelta::MAX).await });
            tokio::task::yield_now().await;
            assert!(!wait.is_finished());
            wait.abort();
        }
    }

    #[test]
    fn a_clock_agrees_with_a_server_within_five_minutes_of_the_call() {
        let minutes = TimeDelta::minutes;
        let (clock, hand) = Clock::by_hand(DateTime::UNIX_EPOCH + TimeDelta::days(9));
        let began = clock.now();
        let cases = [
            (minutes(0), None),
            (minutes(5), None),
            (minutes(-5), None),
            (minutes(6), Some(minutes(-6))),
            (TimeDelta::days(-1), Some(TimeDelta::days(1))),
            (minutes(1), None),
        ];
        for (shown, expected) in cases {
            clock.clone().compare(began, began + shown);
            assert_eq!(clock.disagreement(), expected, "{shown}");
        }
        // The machine slept during the call.
        hand.advance(TimeDelta::hours(8));
        clock.compare(began, began + TimeDelta::hours(1));
        assert_eq!(clock.disagreement(), None);
        // It was set back during the call.
        hand.advance(-TimeDelta::hours(9));
        clock.compare(began, began);
        assert_eq!(clock.disagreement(), None);
    }

    #[tokio::test]
    async fn a_time_already_past_does_not_wait() {
        let clock = Clock::system();
        clock.until(clock.now() - TimeDelta::days(1)).await;
        clock.until(clock.now()).await;
    }
}
