//! ReportSchedulerActor: checks the clock at least once a minute, so that it notices a suspended machine and a changed clock,
//! and closes the period that is due. It also stores the time of the last poll: Telegram drops updates that are not fetched
//! for 24 hours, and the report says so.

use std::convert::Infallible;
use std::time::Duration;

use base::Event;
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use domain::AbsenceKind;
use store::{BeginReporting, CloseReportPeriod, DbError, LoadReportLedger, RecordPoll, ReportLedger, SharedLeadRules};

use super::schedule::{Next, next};
use crate::config::ReportCron;
use crate::db::messages::persist;
use crate::outbox::messages::DeliveriesQueued;
use crate::runtime::{Loop, Port, Queue, Runtime, StartReason};
use crate::telegram::messages::LoadPollTime;

/// The longest time between two checks.
const LOOK_AGAIN: TimeDelta = TimeDelta::minutes(1);
const READ_LIMIT: Duration = Duration::from_secs(10);

/// The recipients the reports send to.
#[derive(Clone)]
pub(crate) struct Ports {
    /// DbActor: the first period, and the schedule.
    pub begin: Port<BeginReporting>,
    /// DbActor: which due times have had their report.
    pub ledger: Port<LoadReportLedger>,
    /// DbActor: ends a period.
    pub close: Port<CloseReportPeriod>,
    /// DbActor: keeps when updates were last fetched.
    pub record: Port<RecordPoll>,
    /// TelegramPoller: when that was.
    pub poll: Port<LoadPollTime>,
    /// OutboxActor: letters that may leave.
    pub deliveries: Port<DeliveriesQueued>,
}

/// What the reports have to know.
#[derive(Clone)]
pub(crate) struct Settings {
    /// `REPORT_CRON`.
    pub cron: ReportCron,
    /// `TIME_ZONE`.
    pub zone: Tz,
    /// The recipients of reports.
    pub rules: SharedLeadRules,
    /// The longest polling gap that is not reported.
    pub unpolled: TimeDelta,
}

/// The actor.
#[derive(Clone)]
pub(crate) struct ReportSchedulerActor {
    ports: Ports,
    settings: Settings,
    runtime: Runtime,
}

impl ReportSchedulerActor {
    /// A scheduler that begins with what was missed.
    pub(crate) fn new(runtime: &Runtime, settings: Settings, ports: Ports) -> Self {
        Self {
            ports,
            settings,
            runtime: runtime.clone(),
        }
    }

    async fn begin(&self) -> Result<(), DbError> {
        let schedule = format!("{} {}", self.settings.cron.words(), self.settings.zone);
        persist(&self.ports.begin, &BeginReporting { schedule }).await
    }

    async fn look(&self) -> Result<Next, DbError> {
        let now = self.runtime.clock.now();
        let mut ledger = self.ledger().await?;
        if ledger.reported > now {
            // The clock was ahead when reporting began.
            self.begin().await?;
            ledger = self.ledger().await?;
        }
        let now = self.runtime.clock.now();
        Ok(next(&self.settings.cron, self.settings.zone, &ledger, now))
    }

    async fn ledger(&self) -> Result<ReportLedger, DbError> {
        let ledger = self.ports.ledger.ask(LoadReportLedger, READ_LIMIT).await;
        ledger.unwrap_or_else(|no_answer| Err(DbError::Refused(no_answer.to_string())))
    }

    /// Answers how long to wait: not at all after a report, because another one may be due.
    async fn close(&self, due: DateTime<Utc>, is_catch_up: bool) -> Result<TimeDelta, DbError> {
        let close = CloseReportPeriod {
            due,
            is_catch_up,
            rules: self.settings.rules.clone(),
        };
        let Some(closed) = persist(&self.ports.close, &close).await? else {
            return Ok(LOOK_AGAIN);
        };
        let event = Event::info(Self::NAME, "report_queued")
            .with_some("report", closed.period.report)
            .with("since", closed.period.since.to_rfc3339())
            .with("until", due.to_rfc3339())
            .with("catch_up", is_catch_up);
        self.runtime.events.emit(event);
        let deliveries = closed.deliveries;
        self.ports.deliveries.hint(DeliveriesQueued { deliveries });
        Ok(TimeDelta::zero())
    }

    /// Stores the time of the last poll; `attended` is the begin of this actor's checks without a break. Nothing was fetched
    /// while the actor itself did not run: after suspend, the gap goes into the report that is due, which must not also say
    /// "currently offline".
    async fn watch(&self, looked: DateTime<Utc>, attended: DateTime<Utc>) -> DateTime<Utc> {
        let now = self.runtime.clock.now();
        if now - looked > self.settings.unpolled {
            self.record(now, AbsenceKind::Unreachable).await;
            return now;
        }
        if let Ok(polled) = self.ports.poll.ask(LoadPollTime, READ_LIMIT).await {
            let at = polled.max(attended).min(now);
            self.record(at, AbsenceKind::Unreachable).await;
        }
        // Earlier, if the clock was set back.
        attended.min(now)
    }

    async fn record(&self, at: DateTime<Utc>, kind: AbsenceKind) {
        let record = RecordPoll {
            at,
            kind,
            allowed: self.settings.unpolled,
        };
        match persist(&self.ports.record, &record).await {
            Ok(Some(absence)) => {
                let event = Event::warn(Self::NAME, "polling_gap").with("kind", absence.kind.word());
                let event = event.with("since", absence.began.to_rfc3339());
                self.runtime
                    .events
                    .emit(event.with("gap_s", absence.span().num_seconds()));
            }
            Ok(None) => {}
            // Incoming again in a minute.
            Err(error) => self.tell_trouble(&error),
        }
    }

    fn tell_trouble(&self, error: &DbError) {
        // At the end of the service the database closes before this actor.
        if *error != DbError::Stopped {
            let event = Event::error(Self::NAME, "report_failed");
            self.runtime.events.emit(event.with("reason", error));
        }
    }
}

impl Loop for ReportSchedulerActor {
    const NAME: &'static str = "report_scheduler";
    /// It receives no messages.
    type Incoming = Infallible;

    async fn run(self, reason: StartReason, _queue: Queue<Infallible>) {
        if reason == StartReason::Initial {
            // Nothing was fetched so far: a report that is due now must contain this gap.
            self.record(self.runtime.clock.now(), AbsenceKind::Stopped).await;
        }
        while let Err(error) = self.begin().await {
            self.tell_trouble(&error);
            self.runtime.clock.after(LOOK_AGAIN).await;
        }
        let mut looked = self.runtime.clock.now();
        let mut attended = looked;
        loop {
            let wait = match self.look().await {
                Ok(Next::Close { due, is_catch_up }) => self.close(due, is_catch_up).await,
                Ok(Next::WaitUntil(due)) => Ok(due - self.runtime.clock.now()),
                Err(error) => Err(error),
            };
            let wait = wait.unwrap_or_else(|error| {
                self.tell_trouble(&error);
                LOOK_AGAIN
            });
            self.runtime.clock.after(wait.min(LOOK_AGAIN)).await;
            attended = self.watch(looked, attended).await;
            looked = self.runtime.clock.now();
        }
    }
}
