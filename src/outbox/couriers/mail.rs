//! The courier for letters, using MailerActor. A letter's content is loaded at each attempt, so that it shows the current state of
//! its replies. If the server rejects its size, it is sent again without attachments, with a list of the missing files.

use std::rc::Rc;
use std::time::Duration;

use base::backoff::Backoff;
use base::{Event, Events};
use chrono::TimeDelta;
use domain::{AlertKind, Email, Letter};
use letters::Files;
use store::{Delivery, LoadLetter, Reason, Verdict};
use tokio::sync::Semaphore;

use crate::config::Limits;
use crate::mailer::messages::{MailError, SendMail};
use crate::outbox::courier::{Alarm, Attempt, Courier, Outcome, Terms, misrouted};
use crate::outbox::events::NAME;
use crate::runtime::{Port, Runtime};

/// For loading a letter; a timeout is retried later.
const READ_LIMIT: Duration = Duration::from_secs(30);
/// Lets a letter that reaches its maximum age while it waits still have its last attempt.
const LAST_TRY: TimeDelta = TimeDelta::hours(1);

pub(super) struct Mail {
    letter: Port<LoadLetter>,
    mail: Port<SendMail>,
    events: Events,
    limits: Limits,
    /// A report has megabytes, and each owner gets one. Loading them one by one delays no customer's rows.
    one_report: Semaphore,
}

impl Mail {
    pub(super) fn new(letter: &Port<LoadLetter>, mail: &Port<SendMail>, limits: &Limits, runtime: &Runtime) -> Self {
        Self {
            letter: letter.clone(),
            mail: mail.clone(),
            events: runtime.events.clone(),
            limits: limits.clone(),
            one_report: Semaphore::new(1),
        }
    }

    async fn attempt(&self, load: LoadLetter) -> Result<(), MailError> {
        let _one = match load.letter {
            Letter::Report(_) => self.one_report.acquire().await.ok(),
            Letter::Lead(_) | Letter::Leads(_) | Letter::Alert(_) => None,
        };
        match self.mail(load.clone(), Files::Attached).await {
            Err(MailError::TooLarge(reply)) => {
                let event = Event::warn(NAME, "attachments_omitted").with("delivery", load.delivery);
                self.events.emit(event.with("reason", reply));
                self.mail(load, Files::LeftOut).await
            }
            answer => answer,
        }
    }

    /// Loads the page for each attempt: a report kept for a second one would stay in memory until the server answers.
    async fn mail(&self, load: LoadLetter, files: Files) -> Result<(), MailError> {
        // DbActor logs a failed read.
        let Ok(Ok(page)) = self.letter.ask(load, READ_LIMIT).await else {
            return Err(MailError::Transient("not read".into()));
        };
        let page = Box::new(page);
        let answer = self.mail.command(SendMail { page, files }).await;
        // Before its panic the mailer may have sent it.
        answer.unwrap_or(Err(MailError::Unknown("panicked")))
    }
}

impl Courier for Mail {
    fn terms(&self) -> Terms {
        terms(&self.limits)
    }

    fn start_attempt(self: Rc<Self>, delivery: &Delivery) -> Attempt {
        let Some(load) = LoadLetter::of(delivery, self.limits.letter_lines, self.limits.letters_per_hour) else {
            return misrouted();
        };
        let to = load.to.clone();
        Box::pin(async move { outcome(self.attempt(load).await, to) })
    }

    fn event(&self, verdict: &Verdict) -> Event {
        match verdict {
            Verdict::Sent { .. } => Event::info(NAME, "email_sent"),
            Verdict::RetryAt { reason, .. } if reason.starts_with(Reason::Refused.word()) => {
                Event::error(NAME, "email_rejected")
            }
            Verdict::RetryAt { .. } => Event::warn(NAME, "email_retry_scheduled"),
            Verdict::Dead { .. } | Verdict::Blocked => Event::error(NAME, "email_dead"),
        }
    }
}

/// No rejection of an owner's letter is final before its maximum age: large providers have rejected live mailboxes and harmless
/// letters for a day. Configuration errors are retried too, so that the letter is sent once an operator has fixed them.
fn terms(limits: &Limits) -> Terms {
    Terms {
        max_in_flight: limits.emails_in_progress,
        age: limits.mail_age,
        last_try: LAST_TRY,
        backoff: Backoff::MAIL,
        pause: |refusals| {
            Some(TimeDelta::hours(match refusals {
                0 => 1,
                1 => 6,
                _ => 24,
            }))
        },
        refused_prefix: Reason::Refused.word(),
    }
}

fn outcome(answer: Result<(), MailError>, to: Email) -> (Outcome, Option<Alarm>) {
    let alarm = match &answer {
        Err(MailError::Refused(reply) | MailError::TooLarge(reply) | MailError::Configuration(reply)) => {
            Some((AlertKind::Letters { to }, reply.clone()))
        }
        _ => None,
    };
    let outcome = match answer {
        Ok(()) => Outcome::Sent(None),
        Err(MailError::Refused(reply) | MailError::TooLarge(reply)) => Outcome::Refused(reply),
        Err(MailError::Transient(reason)) => Outcome::Delayed(None, reason),
        Err(MailError::Configuration(cause) | MailError::Unwritten(cause) | MailError::Account(cause)) => {
            Outcome::Delayed(None, Reason::Held.of(&cause))
        }
        Err(MailError::Held { reason, until }) => Outcome::Held(until, Reason::Held.of(&reason)),
        Err(MailError::Unknown(reason)) => Outcome::Unknown(reason),
    };
    (outcome, alarm)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbox::policy::verdict;
    use crate::outbox::tests::first_attempt;

    fn verdict_on(answer: Result<(), MailError>, age: TimeDelta, refusals: u32) -> Verdict {
        let delivery = first_attempt();
        let (outcome, _) = outcome(answer, Email::normalised("owner@example.org"));
        verdict(
            &outcome,
            &delivery,
            delivery.created_at + age,
            &terms(&Limits::default()),
            refusals,
        )
    }

    #[test]
    fn a_letter_is_retried_until_its_maximum_age() {
        let (five, eight) = (TimeDelta::days(5), TimeDelta::days(8));
        let until = first_attempt().created_at + five + TimeDelta::minutes(30);
        let held = MailError::Held {
            reason: "535".into(),
            until,
        };
        for (error, marked) in [
            (MailError::Transient("connect".into()), false),
            (MailError::Configuration("554 5.7.1 relay".into()), false),
            (MailError::Unwritten("no such word".into()), false),
            (held.clone(), false),
            (MailError::Unknown("timeout"), true),
        ] {
            let verdict = verdict_on(Err(error.clone()), five, 0);
            assert!(matches!(verdict, Verdict::RetryAt { maybe_sent, .. } if maybe_sent == marked));
            let too_old = Verdict::Dead {
                reason: "too old".into(),
            };
            assert_eq!(verdict_on(Err(error), eight, 0), too_old);
        }
        assert!(matches!(verdict_on(Err(held), five, 0), Verdict::RetryAt { due, .. } if due == until));
        assert_eq!(verdict_on(Ok(()), eight, 0), Verdict::Sent { remote_id: None });
    }

    #[test]
    fn a_refused_letter_is_retried_for_seven_days_and_then_dead() {
        let created = first_attempt().created_at;
        for reply in ["550 5.1.1 no such user", "554 5.7.1"] {
            let (mut age, mut tries) = (TimeDelta::zero(), Vec::new());
            let end = loop {
                let refusals = u32::try_from(tries.len()).unwrap();
                tries.push(age.num_hours());
                match verdict_on(Err(MailError::Refused(reply.into())), age, refusals) {
                    Verdict::RetryAt {
                        due,
                        reason,
                        maybe_sent,
                    } => {
                        assert_eq!((reason, maybe_sent), (format!("refused: {reply}"), false));
                        assert!(due > created + age);
                        age = due - created;
                    }
                    end => break end,
                }
            };
            assert_eq!(tries, [0, 1, 7, 31, 55, 79, 103, 127, 151, 168]);
            assert_eq!(end, Verdict::Dead { reason: reply.into() });
        }
        let too_large = Err(MailError::TooLarge("552 5.3.4".into()));
        assert!(matches!(
            verdict_on(too_large, TimeDelta::days(8), 0),
            Verdict::Dead { .. }
        ));
    }
}
