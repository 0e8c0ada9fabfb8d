//! MailerActor: one letter per message. It waits for one of the server's connections, has the letter written on the
//! blocking pool, hands it over as a task and says what came of it. It never tries again by itself.

use std::sync::Arc;

use base::{Event, Moment, StepName};
use chrono::{DateTime, Utc};
use pages::PageBody;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::mailing::{Asker, Mailer};
use super::messages::{MailError, SendMail};
use super::wire::Mailing;
use crate::runtime::{Answer, Behaviour, Ctx, LargeWork, Receive, Runtime, offload};

/// The actor.
pub struct MailerActor {
    mailer: Mailer,
    runtime: Runtime,
    permits: Arc<Semaphore>,
}

type Reply = Answer<Result<(), MailError>>;

impl MailerActor {
    /// An actor that has as many letters under way as the mailer has connections.
    pub fn new(mailer: Mailer, runtime: Runtime) -> Self {
        Self {
            permits: Arc::new(Semaphore::new(mailer.connections())),
            mailer,
            runtime,
        }
    }

    fn write(&self, send: SendMail, answer: Reply, permit: OwnedSemaphorePermit, ctx: &mut Ctx<'_, Self>) {
        if !answer.is_wanted() {
            // The outbox was restarted meanwhile and will hand the row over again.
            return;
        }
        let (mailer, now, delivery) = (self.mailer.clone(), self.runtime.clock.now(), send.page.delivery);
        let writing = written(mailer, send, now, self.runtime.large.clone());
        ctx.spawn(offload(writing), move |actor, written, ctx| match written {
            Ok(mailing) => actor.hand_over(mailing, answer, permit, ctx),
            Err(error) => {
                let event = Event::error(Self::NAME, "email_render_failed").with("delivery", delivery);
                actor.runtime.events.emit(event.with("reason", &error));
                answer.give(Err(error));
            }
        });
    }

    fn hand_over(&self, mailing: Mailing, answer: Reply, permit: OwnedSemaphorePermit, ctx: &mut Ctx<'_, Self>) {
        if !answer.is_wanted() {
            return;
        }
        let (mailer, runtime) = (self.mailer.clone(), self.runtime.clone());
        let sending = async move {
            match deliver(&mailer, &mailing, &runtime).await {
                // Without files there is nothing to leave out, so a retry would send the same letter.
                Err(MailError::TooLarge(said)) if !mailing.has_files() => Err(MailError::Refused(said)),
                outcome => outcome,
            }
        };
        ctx.spawn(offload(sending), move |_, outcome, _| {
            answer.give(outcome);
            drop(permit);
        });
    }
}

impl Behaviour for MailerActor {
    const NAME: &'static str = "mailer";
}

impl Receive<SendMail> for MailerActor {
    fn receive(&mut self, send: SendMail, answer: Reply, ctx: &mut Ctx<'_, Self>) {
        let permit = Arc::clone(&self.permits).acquire_owned();
        ctx.spawn(permit, move |actor, permit, ctx| {
            // The semaphore is never closed; if it were, the caller would get an error.
            if let Ok(permit) = permit {
                actor.write(send, answer, permit, ctx);
            }
        });
    }
}

/// Renders on a thread that may block, and frees the page afterwards: a report's takes megabytes.
async fn written(mailer: Mailer, send: SendMail, now: DateTime<Utc>, large: LargeWork) -> Result<Mailing, MailError> {
    let is_large = matches!(send.page.body, PageBody::Report(_));
    let work = move || mailer.write(&send.page, send.files, now);
    let writing = match is_large {
        true => large.run(work),
        false => tokio::task::spawn_blocking(work),
    };
    // A page that makes the writer panic must not take the actor, and with it the process, down at each attempt.
    writing
        .await
        .unwrap_or_else(|_panicked| Err(MailError::Unwritten("panicked".into())))
}

async fn deliver(mailer: &Mailer, mailing: &Mailing, runtime: &Runtime) -> Result<(), MailError> {
    let fault = |moment| match moment {
        Moment::Before => MailError::Transient("step".into()),
        Moment::After => MailError::Unknown("step"),
    };
    let asker = Asker {
        name: MailerActor::NAME,
        clock: &runtime.clock,
        events: &runtime.events,
    };
    let delivering = mailer.deliver(mailing, asker);
    runtime.steps.call(StepName::Mail, fault, delivering).await
}
