//! Whether the server accepts the account. While it rejects the login, the sender or the connection, one letter retries
//! after growing pauses and all others wait: providers lock accounts that retry too often.

use base::Event;
use chrono::{DateTime, TimeDelta, Utc};

use super::messages::MailError;

/// After the first refusal; each further pause is twice as long.
const FIRST_PAUSE: TimeDelta = TimeDelta::minutes(1);
/// No pause is longer.
const LONGEST_PAUSE: TimeDelta = TimeDelta::minutes(30);

/// Whether letters may go to the server now.
#[derive(Debug, Default)]
pub(super) struct Account {
    held: Option<Held>,
}

#[derive(Debug)]
struct Held {
    reason: String,
    since: DateTime<Utc>,
    refusals: u32,
    until: DateTime<Utc>,
}

impl Account {
    /// # Errors
    /// [`MailError::Held`] while the account was refused and its pause is not over.
    pub(super) fn admit(&self, now: DateTime<Utc>) -> Result<(), MailError> {
        match &self.held {
            // A clock that was set back must not make the pause longer.
            Some(held) if held.until > now && held.until - now <= LONGEST_PAUSE => Err(held.error()),
            _ => Ok(()),
        }
    }

    /// The next letter retries for all of them.
    pub(super) const fn is_held(&self) -> bool {
        self.held.is_some()
    }

    /// Records the outcome of an admitted letter. Returns the event to log: one when the refusals begin and one when they
    /// end.
    pub(super) fn settle(
        &mut self,
        outcome: Result<(), MailError>,
        now: DateTime<Utc>,
        actor: &'static str,
    ) -> (Result<(), MailError>, Option<Event>) {
        match outcome {
            Err(MailError::Account(reason)) => {
                let begins = self.held.is_none();
                let held = self.held.get_or_insert_with(|| Held {
                    reason: String::new(),
                    since: now,
                    refusals: 0,
                    until: now,
                });
                held.reason = reason;
                held.refusals += 1;
                held.until = now + pause(held.refusals);
                let event = begins.then(|| Event::error(actor, "emails_paused").with("reason", &held.reason));
                (Err(held.error()), event)
            }
            // The attempt ended before the account could be refused.
            Err(MailError::Transient(_)) => (outcome, None),
            _ => {
                let resumed = self.held.take().map(|held| {
                    let event = Event::info(actor, "emails_resumed").with("rejections", held.refusals);
                    event.with("outage_s", (now - held.since).num_seconds().max(0))
                });
                (outcome, resumed)
            }
        }
    }
}

impl Held {
    fn error(&self) -> MailError {
        MailError::Held {
            reason: self.reason.clone(),
            until: self.until,
        }
    }
}

fn pause(refusals: u32) -> TimeDelta {
    let doublings = refusals.saturating_sub(1).min(10);
    (FIRST_PAUSE * 2_i32.pow(doublings)).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::minutes(minutes)
    }

    fn refused() -> Result<(), MailError> {
        Err(MailError::Account("535 5.7.8 no".into()))
    }

    fn settled(account: &mut Account, outcome: Result<(), MailError>, minutes: i64) -> Option<&'static str> {
        account.settle(outcome, at(minutes), "mailer").1.map(|event| event.name)
    }

    #[test]
    fn a_rejected_account_is_retried_with_backoff_and_logged_once() {
        let mut account = Account::default();
        let (mut now, mut logged) = (0, Vec::new());
        for pause in [1, 2, 4, 8, 16, 30, 30, 30] {
            assert_eq!(account.admit(at(now)), Ok(()));
            logged.extend(settled(&mut account, refused(), now));
            let held = MailError::Held {
                reason: "535 5.7.8 no".into(),
                until: at(now + pause),
            };
            assert_eq!(account.admit(at(now + pause) - TimeDelta::seconds(1)), Err(held));
            now += pause;
        }
        logged.extend(settled(&mut account, Ok(()), now));
        assert_eq!(logged, ["emails_paused", "emails_resumed"]);
        assert_eq!(account.admit(at(now)), Ok(()));
    }

    #[test]
    fn any_word_on_a_letter_itself_says_that_the_account_is_in_order() {
        for (outcome, is_over) in [
            (Ok(()), true),
            (Err(MailError::Refused("550 5.1.1 no".into())), true),
            (Err(MailError::Configuration("554 5.7.1 relay".into())), true),
            (Err(MailError::Unknown("cut")), true),
            (Err(MailError::Transient("no connection".into())), false),
        ] {
            let mut account = Account::default();
            settled(&mut account, refused(), 0);
            settled(&mut account, outcome.clone(), 1);
            assert_eq!(account.is_held(), !is_over, "{outcome:?}");
        }
    }

    #[test]
    fn a_clock_set_back_makes_no_pause_longer() {
        let mut account = Account::default();
        settled(&mut account, refused(), 0);
        assert_eq!(account.admit(at(-60)), Ok(()));
    }
}
