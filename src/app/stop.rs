//! Stopping in the order a message travels: nothing new is taken, what is stored is confirmed, open turns and
//! deliveries get their time, the file is closed in what is left of it. What was cut off is a row that the next start takes up.

use std::time::{Duration, Instant};

use actix::Message;
use chrono::TimeDelta;

use super::Service;
use crate::config::Limits;
use crate::conversation::messages::MirrorThreads;
use crate::db::messages::{CloseDatabase, RecordOrderlyEnd};
use crate::inbox::messages::StopInbox;
use crate::outbox::messages::StopDelivering;
use crate::runtime::{Event, Port};
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

impl Service {
    /// Stops within about eight seconds. Whatever does not end in its time is left as a row.
    pub async fn stop(self) {
        let (stops, began) = (&self.stops, Instant::now());
        self.runtime.events.emit(Event::info("app", "stopping"));
        if !self.runtime.is_failed() {
            let start = stops.start.clone();
            // Queued now, so that it is written before whatever cuts this stop short. Nothing depends on the answer: without
            // it the next start counts one attempt.
            drop(stops.end.command(RecordOrderlyEnd { start }));
        }
        self.end("poller", &stops.poller, StopPolling, CONFIRM).await;
        let turns = span(stops.limits.stop_turns);
        self.end("turns", &stops.inbox, StopInbox, turns).await;
        let deliveries = span(stops.limits.stop_deliveries);
        self.end("deliveries", &stops.outbox, StopDelivering, deliveries).await;
        self.end("threads_file", &stops.mirror, MirrorThreads, CLOSE).await;
        // A slow disk has the time that nobody else needed: each verdict that is not written is a message sent twice.
        let left = span(stops.limits.stop).saturating_sub(began.elapsed());
        self.end("database", &stops.db, CloseDatabase, left.max(CLOSE)).await;
        self.runtime.events.emit(Event::info("app", "stopped"));
    }

    async fn end<M>(&self, what: &'static str, port: &Port<M>, message: M, limit: Duration)
    where
        M: Message<Result = ()> + Send + 'static,
    {
        if let Err(error) = port.ask(message, limit).await {
            let cut = Event::warn("app", "cut_off").with("what", what).with("reason", error);
            self.runtime.events.emit(cut);
        }
    }
}

fn span(limit: TimeDelta) -> Duration {
    limit.to_std().unwrap_or_default()
}
