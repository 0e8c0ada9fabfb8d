//! Stopping in the order a message travels: nothing new is taken, what is stored is confirmed, open turns and
//! deliveries get their time, the file is closed in what is left of it. What was cut off is a row that the next start takes up.

use std::time::{Duration, Instant};

use base::Event;
use chrono::TimeDelta;
use store::RecordOrderlyEnd;

use crate::config::Limits;
use crate::conversation::messages::MirrorThreads;
use crate::db::messages::CloseDatabase;
use crate::inbox::messages::StopInbox;
use crate::outbox::messages::StopDelivering;
use crate::runtime::{Port, Request, Runtime};
use crate::telegram::messages::StopPolling;

/// What the poller may take to confirm what is stored.
const CONFIRM: Duration = Duration::from_millis(500);
/// What the mirror may take, and what the last commits may take at least.
const CLOSE: Duration = Duration::from_millis(500);

/// The ways to a service's end.
pub(super) struct Stops {
    pub(super) poller: Port<StopPolling>,
    pub(super) inbox: Port<StopInbox>,
    pub(super) outbox: Port<StopDelivering>,
    pub(super) mirror: Port<MirrorThreads>,
    pub(super) end: Port<RecordOrderlyEnd>,
    pub(super) db: Port<CloseDatabase>,
    /// The name of this start.
    pub(super) start: String,
    pub(super) limits: Limits,
}

impl Stops {
    /// Each has its time in turn; what does not end in it is cut off.
    pub(super) async fn stop(&self, runtime: &Runtime) {
        let began = Instant::now();
        runtime.events.emit(Event::info("app", "stopping"));
        if !runtime.is_failed() {
            let start = self.start.clone();
            // Queued now, so that it is written before whatever cuts this stop short. Nothing depends on the answer: without
            // it the next start counts one attempt.
            drop(self.end.command(RecordOrderlyEnd { start }));
        }
        end(runtime, "poller", &self.poller, StopPolling, CONFIRM).await;
        let turns = span(self.limits.stop_turns);
        end(runtime, "turns", &self.inbox, StopInbox, turns).await;
        let deliveries = span(self.limits.stop_deliveries);
        end(runtime, "deliveries", &self.outbox, StopDelivering, deliveries).await;
        end(runtime, "threads_file", &self.mirror, MirrorThreads, CLOSE).await;
        // A slow disk has the time that nobody else needed: each verdict that is not written is a message sent twice.
        let left = span(self.limits.stop).saturating_sub(began.elapsed());
        end(runtime, "database", &self.db, CloseDatabase, left.max(CLOSE)).await;
        runtime.events.emit(Event::info("app", "stopped"));
    }
}

async fn end<M>(runtime: &Runtime, part: &'static str, port: &Port<M>, message: M, limit: Duration)
where
    M: Request<Answer = ()>,
{
    if let Err(error) = port.ask(message, limit).await {
        let cut = Event::warn("app", "shutdown_timeout")
            .with("part", part)
            .with("reason", error);
        runtime.events.emit(cut);
    }
}

fn span(limit: TimeDelta) -> Duration {
    limit.to_std().unwrap_or_default()
}
