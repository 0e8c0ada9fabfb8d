//! Wall time as a value: the system clock, or a clock that a test moves. Every time that people see goes through here. Waits on
//! the system clock check it at least once a minute, to notice a suspended machine or a changed clock. The clock is compared with
//! the time of a server; while they differ, nothing expires by age.

#![expect(
    clippy::disallowed_methods,
    reason = "the only place that reads and awaits the system time"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;

const CHECK_INTERVAL: Duration = Duration::from_secs(60);
/// Larger differences are a wrong clock: synchronised clocks differ by seconds.
const MAX_SKEW: TimeDelta = TimeDelta::minutes(5);

/// A source of time.
#[derive(Clone)]
pub struct Clock {
    source: Source,
    /// Seconds this clock is ahead of the server's last time; 0 while they agree. Shared by clones.
    ahead: Arc<AtomicI64>,
}

#[derive(Clone)]
enum Source {
    System,
    ByHand(watch::Receiver<DateTime<Utc>>),
}

/// Moves a clock by hand.
#[derive(Clone)]
pub struct ClockHand(watch::Sender<DateTime<Utc>>);

impl Clock {
    /// The system clock.
    pub fn system() -> Self {
        Self::of(Source::System)
    }

    /// A clock that only moves with its hand.
    pub fn by_hand(start: DateTime<Utc>) -> (Self, ClockHand) {
        let (hand, time) = watch::channel(start);
        (Self::of(Source::ByHand(time)), ClockHand(hand))
    }

    fn of(source: Source) -> Self {
        let ahead = Arc::new(AtomicI64::new(0));
        Self { source, ahead }
    }

    /// Compares this clock with a server's time, `shown` at some moment between `began` and now. Time that passes between them,
    /// even in suspend, does not count as a difference.
    pub fn compare(&self, began: DateTime<Utc>, shown: DateTime<Utc>) {
        let now = self.now();
        let (began, now) = (began.min(now), began.max(now));
        let ahead = match shown {
            shown if began - shown > MAX_SKEW => began - shown,
            shown if shown - now > MAX_SKEW => now - shown,
            _ => TimeDelta::zero(),
        };
        self.ahead.store(ahead.num_seconds(), Ordering::Relaxed);
    }

    /// How far this clock is ahead of the server's last time (negative: behind), if more than five minutes.
    pub fn skew(&self) -> Option<TimeDelta> {
        let ahead = self.ahead.load(Ordering::Relaxed);
        (ahead != 0).then(|| TimeDelta::seconds(ahead))
    }

    /// The time, to the microsecond, which is the precision of the database.
    pub fn now(&self) -> DateTime<Utc> {
        let now = match &self.source {
            Source::System => Utc::now(),
            Source::ByHand(time) => *time.borrow(),
        };
        DateTime::from_timestamp_micros(now.timestamp_micros()).unwrap_or(now)
    }

    /// Waits until `due`; returns at once if it has passed. If the clock is set back meanwhile, the wait does not get longer, so
    /// the clock then shows an earlier time than `due`.
    pub async fn until(&self, due: DateTime<Utc>) {
        self.after(due - self.now()).await;
    }

    /// Waits for `span`; returns at once if it is not positive.
    pub async fn after(&self, span: TimeDelta) {
        // Every message causes some waits of length zero.
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
                    // This one stops during suspend; the other jumps when the clock is set.
                    let by_machine = span.saturating_sub(began.elapsed());
                    let left = by_clock.min(by_machine);
                    if left.is_zero() {
                        return;
                    }
                    tokio::time::sleep(left.min(CHECK_INTERVAL)).await;
                }
            }
            Source::ByHand(time) => after_by_hand(time.clone(), span).await,
        }
    }
}

/// When the hand moves back, the due time moves back by the same amount.
async fn after_by_hand(mut time: watch::Receiver<DateTime<Utc>>, span: TimeDelta) {
    let mut shown = *time.borrow_and_update();
    let mut due = shown.checked_add_signed(span).unwrap_or(DateTime::<Utc>::MAX_UTC);
    while shown < due {
        if time.changed().await.is_err() {
            // The hand was dropped, so the time never comes.
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

    /// The clock's time.
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
    async fn a_clock_set_back_does_not_prolong_a_wait() {
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
    async fn a_wait_longer_than_any_date_does_not_panic() {
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
            assert_eq!(clock.skew(), expected, "{shown}");
        }
        // The machine was suspended during the call.
        hand.advance(TimeDelta::hours(8));
        clock.compare(began, began + TimeDelta::hours(1));
        assert_eq!(clock.skew(), None);
        // The clock was set back during the call.
        hand.advance(-TimeDelta::hours(9));
        clock.compare(began, began);
        assert_eq!(clock.skew(), None);
    }

    #[tokio::test]
    async fn a_time_already_past_does_not_wait() {
        let clock = Clock::system();
        clock.until(clock.now() - TimeDelta::days(1)).await;
        clock.until(clock.now()).await;
    }
}
