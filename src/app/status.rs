//! The status lines in the log, once a minute. The upkeep runs in the same actor.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use base::Event;
use chrono::TimeDelta;
use store::CountWork;

use super::upkeep::Upkeep;
use crate::config::LocaleConfig;
use crate::conversation::Shared;
use crate::runtime::{Loop, LoopAddress, Port, Queue, Runtime, StartReason, start_loop};
use crate::telegram::messages::LoadPollTime;

const EVERY: TimeDelta = TimeDelta::seconds(60);
const LIMIT: Duration = Duration::from_secs(10);

/// Starts it. Keep the address: an actor without one is not restarted after a panic.
pub(super) fn start_status(
    runtime: &Runtime,
    locale: &LocaleConfig,
    (work, poll): (Port<CountWork>, Port<LoadPollTime>),
    shared: Arc<Shared>,
    upkeep: Upkeep,
) -> LoopAddress<Status> {
    let status = Status {
        runtime: runtime.clone(),
        locale: locale.clone(),
        work,
        poll,
        shared,
        upkeep,
    };
    start_loop(runtime, move || status.clone())
}

#[derive(Clone)]
pub(super) struct Status {
    runtime: Runtime,
    locale: LocaleConfig,
    work: Port<CountWork>,
    poll: Port<LoadPollTime>,
    shared: Arc<Shared>,
    upkeep: Upkeep,
}

impl Loop for Status {
    const NAME: &'static str = "status";
    /// It receives no messages.
    type Incoming = Infallible;

    async fn run(self, _reason: StartReason, _queue: Queue<Infallible>) {
        let reporting = async {
            loop {
                self.runtime.clock.after(EVERY).await;
                self.log_status().await;
            }
        };
        tokio::join!(reporting, self.upkeep.run());
    }
}

impl Status {
    async fn log_status(&self) {
        let now = self.runtime.clock.now();
        let mut event = Event::info(Self::NAME, "status").with("open_turns", self.shared.open_turns());
        // The reader logs its errors; the line is then written without these figures.
        if let Ok(Ok(work)) = self.work.ask(CountWork, LIMIT).await {
            let oldest = work.oldest_undelivered.map(|oldest| (now - oldest).num_seconds());
            event = event
                .with("pending_messages", work.waiting)
                .with("pending_deliveries", work.undelivered)
                .with_some("oldest_delivery_s", oldest)
                .with("dead_deliveries", work.dead);
        }
        if let Ok(polled) = self.poll.ask(LoadPollTime, LIMIT).await {
            event = event.with("last_poll_s", (now - polled).num_seconds());
        }
        let LocaleConfig {
            report_cron, time_zone, ..
        } = &self.locale;
        let report = report_cron.next_after(now, *time_zone).map(|due| due.to_rfc3339());
        self.runtime.events.emit(event.with_some("next_report", report));
        for mailbox in self.runtime.mailboxes() {
            let line = Event::info(Self::NAME, "actor_status")
                .with("name", mailbox.name())
                .with("alive", mailbox.alive())
                .with("queued", mailbox.queued())
                .with("restarts", mailbox.restarts());
            self.runtime.events.emit(line);
        }
    }
}
