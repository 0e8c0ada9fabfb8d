//! Graceful shutdown in the order a message travels: polling stops, stored updates are confirmed, open turns and deliveries get
//! time to finish, and the database is closed in the remaining time. The next start continues unfinished rows.

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

/// Time limit for confirming stored updates to Telegram.
const CONFIRM: Duration = Duration::from_millis(500);
/// Time limit for the threads file, and the minimum for the last commits.
const CLOSE: Duration = Duration::from_millis(500);

/// The ports of the shutdown.
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
    /// Stops each part in turn within its time limit.
    pub(super) async fn stop(&self, runtime: &Runtime) {
        let began = Instant::now();
        runtime.events.emit(Event::info("app", "stopping"));
        if !runtime.is_failed() {
            let start = self.start.clone();
            // Queued first, so that it is written even if the shutdown is cut short. The answer does not matter: without the row
            // the next start counts one attempt.
            drop(self.end.command(RecordOrderlyEnd { start }));
        }
        end(runtime, "poller", &self.poller, StopPolling, CONFIRM).await;
        let turns = span(self.limits.stop_turns);
        end(runtime, "turns", &self.inbox, StopInbox, turns).await;
        let deliveries = span(self.limits.stop_deliveries);
        end(runtime, "deliveries", &self.outbox, StopDelivering, deliveries).await;
        end(runtime, "threads_file", &self.mirror, MirrorThreads, CLOSE).await;
        // A slow disk gets all remaining time, because a verdict that is not written means a message sent twice.
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
