//! Configuration of a service under test. Defaults: an echoing script, each message its own turn, no pacing, no limit on
//! updates, the system's clock.

use std::path::PathBuf;
use std::sync::Arc;

use base::{Clock, ClockHand, DiskPlan, Event, Events, StepHook, Steps};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use frontdesk::{Config, Limits, ReportCron, Requirements, Settings};
use frontdesk::{Hints, PanicPlan, Runtime};
use sandbox::{Sandbox, Script};
use tokio::sync::broadcast;

use super::{NEVER, OPERATOR, OWNER, TestService};

/// A service that has not been started.
pub(crate) struct Builder {
    pub(super) sandbox: Sandbox,
    pub(super) folder: tempfile::TempDir,
    pub(super) config: Config,
    pub(super) parts: Parts,
    pub(super) events: Events,
}

/// Parts shared by every run of the service.
#[derive(Clone, Default)]
pub(super) struct Parts {
    clock: Option<Clock>,
    pub(super) hand: Option<ClockHand>,
    hints: Hints,
    panics: PanicPlan,
    pub(super) disk: DiskPlan,
    hook: Option<Arc<dyn StepHook>>,
}

impl Builder {
    pub(super) fn new() -> Self {
        let sandbox = Sandbox::answering(sandbox::Echo).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let mut settings = Settings::default();
        for (name, value) in quick(&sandbox) {
            settings.set(name, value);
        }
        settings.set("BUSINESS_NAME", "Чистый дом");
        let mut config = Config::resolve(&settings, Requirements::ReadOnly, &|_| None).unwrap();
        config.business.file = folder.path().join("business.md");
        config.storage.database = folder.path().join("frontdesk.db");
        config.storage.threads_file = folder.path().join("threads.json");
        Self {
            sandbox,
            folder,
            config,
            parts: Parts::default(),
            events: Events::default(),
        }
    }

    pub(crate) fn config(mut self, change: impl FnOnce(&mut Config)) -> Self {
        change(&mut self.config);
        self
    }

    pub(crate) fn script(self, script: impl Script + 'static) -> Self {
        self.sandbox.openai().script(Arc::new(script));
        self
    }

    pub(crate) fn facts(self, facts: &str) -> Self {
        std::fs::write(&self.config.business.file, facts).unwrap();
        self
    }

    /// Uses a clock that only [`TestService::advance`] moves.
    pub(crate) fn manual_clock(mut self) -> Self {
        let (clock, hand) = Clock::by_hand(start_of_time());
        self.sandbox.telegram().set_time(hand.now().timestamp());
        self.parts.clock = Some(clock);
        self.parts.hand = Some(hand);
        self
    }

    /// A manual clock that may advance for hours during a wait without a turn reaching its deadline.
    pub(crate) fn running_clock(self) -> Self {
        self.manual_clock()
            .config(|config| config.conversation.turn_deadline = TimeDelta::hours(12))
    }

    /// Starts the manual clock at this time, in seconds since 1970.
    pub(crate) fn starting_at(self, unix_seconds: i64) -> Self {
        let hand = self.parts.hand.as_ref().expect("a clock by hand");
        hand.advance(TimeDelta::seconds(unix_seconds - hand.now().timestamp()));
        self.sandbox.telegram().set_time(unix_seconds);
        self
    }

    /// Reports are due at nine, in that zone.
    pub(crate) fn reports_at_nine(self, zone: Tz) -> Self {
        self.config(|config| {
            config.locale.report_cron = ReportCron::parse("0 9 * * *").unwrap();
            config.locale.time_zone = zone;
        })
    }

    /// Drops every wake-up between actors.
    pub(crate) fn without_hints(mut self) -> Self {
        self.parts.hints = Hints::Dropped;
        self
    }

    /// Makes actors panic on their n-th message, in the first run only.
    pub(crate) fn panics(mut self, plan: &[(&'static str, i64)]) -> Self {
        self.parts.panics = PanicPlan::at(plan);
        self
    }

    /// Makes the first actor of each of these names panic when it starts, in the first run only.
    pub(crate) fn panics_at_start(mut self, names: &[&'static str]) -> Self {
        self.parts.panics = self.parts.panics.and_starts(names);
        self
    }

    pub(crate) fn listen(&self) -> broadcast::Receiver<Event> {
        self.events.listen()
    }

    /// Calls this hook at each step.
    pub(crate) fn steps(mut self, hook: impl StepHook + 'static) -> Self {
        self.parts.hook = Some(Arc::new(hook));
        self
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// The stand-ins, before the service starts.
    pub(crate) fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    pub(crate) async fn start(self) -> TestService {
        TestService::begin(self).await
    }
}

impl Parts {
    pub(super) fn runtime(&self, events: Events, limits: &Limits) -> Runtime {
        let mut runtime = Runtime::new(self.clock.clone().unwrap_or_else(Clock::system), events, limits);
        runtime.hints = self.hints;
        runtime.panics = self.panics.clone();
        runtime.disk = self.disk.clone();
        if let Some(hook) = &self.hook {
            runtime.steps = Steps::watched_by(Arc::clone(hook));
        }
        runtime
    }
}

/// Settings for the stand-ins: no pacing and no delays, and no report in tests of other things.
pub(super) fn quick(sandbox: &Sandbox) -> impl Iterator<Item = (&'static str, String)> + use<> {
    let fixed = [
        ("OWNER_EMAIL", OWNER),
        ("OPERATOR_EMAIL", OPERATOR),
        ("TELEGRAM_RATE_PER_SECOND", "0"),
        ("TELEGRAM_CHAT_RATE_PER_SECOND", "0"),
        ("RATE_LIMIT_PER_MINUTE", "0"),
        ("MERGE_WAIT_MS", "0"),
        ("REPORT_CRON", NEVER),
    ];
    let fixed = fixed.map(|(name, value)| (name, value.to_owned()));
    sandbox.environment().into_iter().chain(fixed)
}

fn start_of_time() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap()
}
