//! The story: two customers write at the same time. One asks, is answered, and leaves a number. The other asks a question
//! without an answer in the facts, and gets a long reply in parts. The owner gets the lead letter, and the report at nine.
//! Then the service is stopped cleanly.

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::sync::LazyLock;
use std::time::Duration;

use base::StepName;
use chrono::{DateTime, TimeDelta, Utc};
use sandbox::{Answer, Edge, Entry, Fault, Rule, Run};
use serde_json::json;
use tokio::time::{Interval, MissedTickBehavior};

use super::child::{STOP, TEST, begun, was_hit};
use super::plan::{Plan, Trouble, VARIABLE};
use super::zeros::{Zeros, count};
use super::{Outcome, zeros};
use crate::harness::saving::saving;
use crate::harness::{OWNER, PATIENCE, ServiceProcess};

pub(super) const ANNA: i64 = 1;
pub(super) const BORIS: i64 = 2;

/// How often the clock moves on.
const TICK: Duration = Duration::from_millis(20);

const QUESTION: &str = "сколько стоит уборка";
const NUMBER: &str = "мой номер 8 912 345-67-89";
const ANSWER: &str = "echo: сколько стоит уборка";
const SAVED: &str = "записал: мой номер 8 912 345-67-89";
const GAP: &str = "моете ли вы слонов";

/// Each part has the maximum length of a Telegram message without formatting.
static PARTS: LazyLock<[String; 2]> = LazyLock::new(|| {
    ["Слонов мы ещё не мыли", "Спросим у хозяина"].map(|beginning| {
        let numbers: Vec<String> = (1..=600).map(|n| n.to_string()).collect();
        format!("{beginning}: {}.", numbers.join(" "))
    })
});

/// A customer's message and the parts of the reply.
pub(super) type Exchange = (&'static str, Vec<String>);

/// Each customer's messages and replies, in order.
pub(super) fn dialogs() -> Vec<(i64, Vec<Exchange>)> {
    let short = |text: &str| vec![text.to_owned()];
    vec![
        (ANNA, vec![(QUESTION, short(ANSWER)), (NUMBER, short(SAVED))]),
        (BORIS, vec![(GAP, PARTS.to_vec())]),
    ]
}

fn script(run: &Run) -> Answer {
    if run.last_user_text != GAP {
        return saving(run);
    }
    match run.tool_outputs.is_empty() && run.may_call("report_gap") {
        true => Answer::Call {
            name: "report_gap".into(),
            arguments: json!({ "question": GAP }),
        },
        false => Answer::Text(PARTS.join("\n\n")),
    }
}

/// Runs the story with trouble.
pub(super) async fn run(plan: Plan) -> (Outcome, Zeros) {
    let story = Story::played(plan).await;
    let zeros = zeros::of(&story.service, &plan);
    let sent = "SELECT COALESCE(SUM(maybe_sent), 0) FROM outbox";
    let outcome = Outcome {
        was_hit: was_hit(story.service.folder()),
        doubles: count(story.service.doubles().0 + story.service.sandbox().smtp().doubles().len()),
        marks: story.service.sql(sent)[0].parse().unwrap(),
    };
    (outcome, zeros)
}

/// Runs the story without trouble. Returns how often each step was begun, and the calls that reached the edges.
pub(super) async fn run_quietly() -> (BTreeMap<String, u64>, Vec<Entry>) {
    let story = Story::played(Plan::NOTHING).await;
    (
        begun(story.service.folder()),
        story.service.sandbox().journal().entries(),
    )
}

struct Story {
    plan: Plan,
    service: ServiceProcess,
    now: DateTime<Utc>,
    /// The step of the clock: just enough to end waits, since each minute has its own commit.
    step: TimeDelta,
    deaths: u32,
}

impl Story {
    async fn played(plan: Plan) -> Self {
        let mut story = Self::new(plan);
        story.begin();
        story.say(ANNA, QUESTION);
        story.say(BORIS, GAP);
        let both = |story: &Self| story.has(ANNA, ANSWER) && story.has(BORIS, &PARTS[1]);
        story.until("both answers", both).await;
        story.say(ANNA, NUMBER);
        story.until("the number is saved", |story| story.has(ANNA, SAVED)).await;
        let lead = |story: &Self| story.is_settled() && story.has_letter("lead-");
        story.until("the letter of the lead", lead).await;
        story.jump_to_nine();
        let report = |story: &Self| story.is_settled() && story.has_letter("report-");
        story.until("the report", report).await;
        story.stop().await;
        story
    }

    fn new(plan: Plan) -> Self {
        let written = plan.write();
        let settings = [
            (VARIABLE, written.as_str()),
            ("REPORT_CRON", "0 9 * * *"),
            ("TIME_ZONE", "UTC"),
        ];
        let service = ServiceProcess::new(script, &settings).run_by_test(TEST);
        let sandbox = service.sandbox();
        sandbox.telegram().webhook("https://example.org/left-over");
        // The clock advances meanwhile, so that the customer sees "typing…".
        let slow = Rule::on(Edge::OpenAi, "responses").containing(GAP).times(1);
        sandbox.faults().add(slow.with(Fault::Delay(60)));
        Self {
            plan,
            service,
            // One in the morning: far enough from nine even on the slowest machine.
            now: "2026-09-21T01:00:00Z".parse().unwrap(),
            step: match plan.trouble {
                Trouble::Kill | Trouble::Once => TimeDelta::seconds(2),
                Trouble::Lasting => TimeDelta::seconds(5),
            },
            deaths: 0,
        }
    }

    fn begin(&mut self) {
        self.service.start();
        self.move_clock(TimeDelta::zero());
    }

    fn say(&self, chat: i64, text: &str) {
        self.service.sandbox().telegram().say(chat, text);
    }

    fn move_clock(&mut self, span: TimeDelta) {
        self.now += span;
        self.service.sandbox().telegram().set_time(self.now.timestamp());
        self.service.send(&self.now.timestamp_micros().to_string());
    }

    fn jump_to_nine(&mut self) {
        let nine = self.now.date_naive().and_hms_opt(9, 0, 0).unwrap().and_utc();
        assert!(nine > self.now, "{:?}: the day was too long", self.plan);
        self.move_clock(nine - self.now);
    }

    /// Advances the clock until the condition holds; restarts a process that died meanwhile.
    async fn until(&mut self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let mut ticks = ticks();
        let (plan, began) = (self.plan, self.now);
        let waiting = async {
            while !is_so(self) {
                ticks.tick().await;
                if let Some(status) = self.service.has_ended() {
                    self.check_exit(status);
                    self.begin();
                }
                self.move_clock(self.step);
            }
        };
        let outcome = tokio::time::timeout(PATIENCE, waiting).await;
        assert!(outcome.is_ok(), "{plan:?}: {what} is awaited since {began}");
    }

    /// Only the planned trouble may end a process.
    fn check_exit(&mut self, status: ExitStatus) {
        self.deaths += 1;
        let is_start = matches!(self.plan.name, StepName::Open | StepName::Migrate);
        let is_planned = match self.plan.trouble {
            Trouble::Kill => status.signal() == Some(9) && self.deaths == 1,
            // A service that cannot open its database reports it and exits.
            Trouble::Once | Trouble::Lasting => is_start && status.code() == Some(101),
        };
        assert!(is_planned, "{:?}: {status}, death {}", self.plan, self.deaths);
    }

    /// Stops the service cleanly. If it is killed while it stops, it is started and stopped again.
    async fn stop(&mut self) {
        let mut ticks = ticks();
        self.service.send(STOP);
        let plan = self.plan;
        let stopping = async {
            loop {
                ticks.tick().await;
                self.move_clock(self.step);
                match self.service.has_ended() {
                    Some(status) if status.success() => return,
                    Some(status) => {
                        self.check_exit(status);
                        self.begin();
                        self.service.send(STOP);
                    }
                    None => {}
                }
            }
        };
        let outcome = tokio::time::timeout(PATIENCE, stopping).await;
        assert!(outcome.is_ok(), "{plan:?}: it does not stop");
    }

    fn has(&self, chat: i64, text: &str) -> bool {
        let replies = self.service.sandbox().telegram().replies(chat);
        replies.iter().any(|reply| reply.text.ends_with(text))
    }

    fn has_letter(&self, kind: &str) -> bool {
        let letters = self.service.sandbox().smtp().letters_to(OWNER);
        letters
            .iter()
            .any(|letter| letter.message_id.as_deref().is_some_and(|id| id.starts_with(kind)))
    }

    fn is_settled(&self) -> bool {
        self.service.unfinished() == 0 && self.service.sandbox().telegram().unconfirmed() == 0
    }
}

/// A slow machine must not see hours pass at once.
fn ticks() -> Interval {
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}
