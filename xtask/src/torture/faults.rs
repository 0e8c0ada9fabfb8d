//! Injected faults: each edge fails in every way a client can encounter, at set shares of its calls. The figures contain how often
//! each fault was injected: a fault that was not injected has shown nothing.

use std::time::{Duration, Instant};

use fastrand::Rng;
use sandbox::{Edge, Fault, Oddity, Rule, RuleId, Sandbox};

use super::script::GAP;

/// A kind of fault.
struct Line {
    /// Its name among the figures.
    name: &'static str,
    /// The call it applies to.
    point: &'static str,
    /// Its initial share of these calls, in per mille. It grows while the fault is injected too rarely.
    share: u32,
    fault: Fault,
    /// Applies only to requests that contain this.
    containing: Option<&'static str>,
    /// Too few calls of its kind are made for the required minimum.
    is_rare: bool,
}

/// A fault at this share of the calls of a point.
const fn line(name: &'static str, point: &'static str, share: u32, fault: Fault) -> Line {
    Line {
        name,
        point,
        share,
        fault,
        containing: None,
        is_rare: false,
    }
}

impl Line {
    /// For calls made once per run, or faults that stop the service for long.
    const fn rare(mut self) -> Self {
        self.is_rare = true;
        self
    }

    const fn containing(mut self, text: &'static str) -> Self {
        self.containing = Some(text);
        self
    }
}

/// How often a fault was injected in a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Met {
    pub(super) name: String,
    pub(super) times: u32,
    pub(super) is_rare: bool,
}

impl Met {
    /// A fault that must reach the minimum.
    pub(super) fn of(name: &str, times: u32) -> Self {
        Self {
            name: name.to_owned(),
            times,
            is_rare: false,
        }
    }
}

/// Minimum injections of each fault in ten minutes, proportional for other durations.
const LEAST_IN_TEN_MINUTES: f64 = 30.0;
/// Target of the shares. They grow only by the missing part, so that a run ends between the two.
const AIM_IN_TEN_MINUTES: f64 = 75.0;
/// Maximum share of failing calls of a point: failed calls are retried later, so a larger share would reduce their number.
const MOST_OF_POINT: f64 = 0.75;
/// Interval of changes to the shares.
const PACE: Duration = Duration::from_secs(1);

/// Growth factor of the share of a fault injected this often in this time. Squared, because the faults of a busy point share
/// `MOST_OF_POINT` and are tried in order: the last ones see only the calls that the others let pass.
fn growth(times: u32, elapsed: Duration) -> f64 {
    let aim = AIM_IN_TEN_MINUTES * elapsed.as_secs_f64() / 600.0;
    ((aim + 3.0) / (f64::from(times) + 3.0)).max(1.0).powi(2)
}

/// A shorter run has too few calls to reach the shares.
const LONG_ENOUGH_MINUTES: f64 = 5.0;

/// Faults injected too rarely for the run to show anything about them.
pub(super) fn too_seldom(met: &[Met], minutes: f64) -> Vec<String> {
    if minutes < LONG_ENOUGH_MINUTES {
        return Vec::new();
    }
    let least = LEAST_IN_TEN_MINUTES * minutes / 10.0;
    let seldom = met
        .iter()
        .filter(|one| !one.is_rare && f64::from(one.times) < least.floor());
    seldom
        .map(|one| format!("{} ({} times)", one.name, one.times))
        .collect()
}

/// Maximum downtime of the mail server.
const CLOSED_MS: u64 = 3_000;
/// Maximum uptime of the mail server.
const OPEN_MS: u64 = 30_000;

/// The active rules, and the port of the mail server.
pub(super) struct FaultPlan {
    sandbox: Sandbox,
    dice: Rng,
    rules: Vec<(Edge, Line, RuleId)>,
    is_calm: bool,
    is_closed: bool,
    turns_at: Instant,
    began: Instant,
    paced_at: Instant,
}

impl FaultPlan {
    /// `is_calm`: no faults at the edges, so that the effect of the kills is isolated.
    pub(super) fn start(sandbox: &Sandbox, seed: u64, is_calm: bool) -> Self {
        let mut dice = Rng::with_seed(seed);
        let mut rules = Vec::new();
        let edges = [
            (Edge::Telegram, telegram()),
            (Edge::OpenAi, openai()),
            (Edge::Smtp, smtp()),
        ];
        for (edge, lines) in edges.into_iter().filter(|_| !is_calm) {
            for line in lines {
                let share = f64::from(line.share) / 1_000.0;
                let mut rule = Rule::on(edge, line.point).probability(share, dice.u64(..));
                if let Some(text) = line.containing {
                    rule = rule.containing(text);
                }
                let id = sandbox.faults().add(rule.with(line.fault.clone()));
                rules.push((edge, line, id));
            }
        }
        Self {
            sandbox: sandbox.clone(),
            dice,
            rules,
            is_calm,
            is_closed: false,
            turns_at: Instant::now(),
            began: Instant::now(),
            paced_at: Instant::now(),
        }
    }

    /// Grows shares and opens or closes the port of the mail server when due.
    pub(super) fn advance(&mut self) -> std::io::Result<()> {
        if self.paced_at.elapsed() >= PACE {
            self.paced_at = Instant::now();
            self.adjust_shares();
        }
        if self.is_calm || Instant::now() < self.turns_at {
            return Ok(());
        }
        self.toggle_port()
    }

    /// The number of letters and polls depends on the machine; growing shares compensate for it.
    fn adjust_shares(&self) {
        let faults = self.sandbox.faults();
        let elapsed = self.began.elapsed();
        let wanted = |line: &Line, rule| f64::from(line.share) / 1_000.0 * growth(faults.hits(rule), elapsed);
        let of_point = |edge: Edge, point: &str| -> f64 {
            let is_here = |other: &Line| other.point == point && other.containing.is_none();
            let here = self.rules.iter().filter(|(at, other, _)| *at == edge && is_here(other));
            here.map(|(_, line, rule)| wanted(line, *rule)).sum()
        };
        for (edge, line, rule) in self.rules.iter().filter(|(_, line, _)| !line.is_rare) {
            let scale = match line.containing {
                None => (MOST_OF_POINT / of_point(*edge, line.point)).min(1.0),
                // It does not apply to other requests of the point.
                Some(_) => 1.0,
            };
            faults.set_probability(*rule, wanted(line, *rule) * scale);
        }
    }

    /// Opens or closes the port of the mail server.
    fn toggle_port(&mut self) -> std::io::Result<()> {
        self.is_closed = !self.is_closed;
        let longest = if self.is_closed { CLOSED_MS } else { OPEN_MS };
        self.turns_at = Instant::now() + Duration::from_millis(self.dice.u64(500..longest));
        match self.is_closed {
            true => self.sandbox.smtp().close_port(),
            false => self.sandbox.smtp().open_port()?,
        }
        Ok(())
    }

    /// Removes all faults; returns how often each was injected.
    pub(super) fn stop(&mut self) -> std::io::Result<Vec<Met>> {
        self.sandbox.faults().clear();
        self.sandbox.smtp().open_port()?;
        let met = self.rules.iter().map(|(edge, line, rule)| Met {
            name: format!("{} {} {}", edge_name(*edge), line.point, line.name),
            times: self.sandbox.faults().hits(*rule),
            is_rare: line.is_rare,
        });
        Ok(met.collect())
    }
}

const fn edge_name(edge: Edge) -> &'static str {
    match edge {
        Edge::Telegram => "telegram",
        Edge::OpenAi => "openai",
        Edge::Smtp => "smtp",
    }
}

fn status(status: u16) -> Fault {
    Fault::status(status, "<html>upstream</html>")
}

fn reply(code: u16) -> Fault {
    Fault::smtp(code, "try again later")
}

fn telegram() -> Vec<Line> {
    vec![
        line("429", "sendMessage", 10, Fault::RetryAfter(1)),
        line("502", "sendMessage", 4, status(502)),
        line("cut before", "sendMessage", 10, Fault::CutBefore),
        line("cut after", "sendMessage", 10, Fault::CutAfter),
        line("cut body", "sendMessage", 5, Fault::CutBody),
        line("garbage", "sendMessage", 5, Fault::Garbage),
        line("hang", "sendMessage", 8, Fault::Hang),
        line("hang after", "sendMessage", 8, Fault::HangAfter),
        // Only a message with entities can be rejected for them.
        line("bad entities", "sendMessage", 10, Fault::BadEntities).containing("\"entities\""),
        line("delay", "sendMessage", 30, Fault::Delay(200)),
        line(
            "JSON 500",
            "sendMessage",
            8,
            Fault::api_error(500, "Internal Server Error: restart"),
        ),
        line("JSON 502", "sendMessage", 8, Fault::api_error(502, "Bad Gateway")),
        line("JSON 504", "sendMessage", 8, Fault::api_error(504, "Gateway Timeout")),
        line(
            "unknown 400",
            "sendMessage",
            8,
            Fault::api_error(400, "Bad Request: MESSAGE_ODD"),
        ),
        line(
            "unknown 403",
            "sendMessage",
            8,
            Fault::api_error(403, "Forbidden: not at this hour"),
        ),
        line("429", "getUpdates", 45, Fault::RetryAfter(1)),
        line("502", "getUpdates", 45, status(502)),
        line("cut before", "getUpdates", 45, Fault::CutBefore),
        line("cut after", "getUpdates", 45, Fault::CutAfter),
        line("cut body", "getUpdates", 45, Fault::CutBody),
        line("garbage", "getUpdates", 45, Fault::Garbage),
        line("conflict", "getUpdates", 1, Fault::Conflict).rare(),
        line("502", "getMe", 100, status(502)).rare(),
        line("cut before", "getMe", 100, Fault::CutBefore).rare(),
        line("cut after", "sendChatAction", 50, Fault::CutAfter),
        line("502", "sendChatAction", 60, status(502)),
        line("cut before", "getWebhookInfo", 100, Fault::CutBefore).rare(),
        line("garbage", "getMyCommands", 100, Fault::Garbage).rare(),
    ]
}

fn openai() -> Vec<Line> {
    vec![
        line("429", "responses", 10, Fault::RetryAfter(1)),
        line("500", "responses", 10, status(500)),
        line("503", "responses", 10, status(503)),
        line("cut before", "responses", 10, Fault::CutBefore),
        line("cut after", "responses", 10, Fault::CutAfter),
        line("cut body", "responses", 8, Fault::CutBody),
        line("garbage", "responses", 8, Fault::Garbage),
        line("hang", "responses", 8, Fault::Hang),
        line("hang after", "responses", 8, Fault::HangAfter),
        line("locked", "responses", 10, Fault::ConversationLocked),
        line("conversation gone", "responses", 8, Fault::ConversationNotFound),
        line("no tool output", "responses", 8, Fault::NoToolOutput),
        line("context too long", "responses", 8, Fault::ContextTooLong),
        line("incomplete", "responses", 8, Fault::Incomplete),
        line("empty", "responses", 8, Fault::Empty),
        line("refusal", "responses", 5, Fault::Refusal),
        line("unknown item", "responses", 10, Fault::UnknownItem),
        line("delay", "responses", 50, Fault::Delay(500)),
        line("single 401", "responses", 5, Fault::BadKey),
        line(
            "foreign 400",
            "responses",
            6,
            Fault::status(400, r#"{"object":"error","message":"odd","code":400}"#),
        ),
        line(
            "foreign 404",
            "responses",
            8,
            Fault::status(404, r#"{"detail":"Not Found"}"#),
        ),
        line("reasoning item", "responses", 8, Fault::ReasoningItem),
        line("thoughts", "responses", 10, Fault::Thoughts),
        line("cut citation", "responses", 10, Fault::CutCitation),
        line("repeated items", "responses", 10, Fault::Answer(Oddity::RepeatedItems)),
        line(
            "half a surrogate",
            "responses",
            10,
            Fault::Answer(Oddity::HalfSurrogate),
        ),
        line("incomplete text", "responses", 8, Fault::Answer(Oddity::IncompleteText)),
        line("text on top", "responses", 8, Fault::Answer(Oddity::TextOnTop)),
        line("error inside", "responses", 8, Fault::Answer(Oddity::ErrorInside)),
        line("in progress", "responses", 8, Fault::Answer(Oddity::InProgress)),
        odd_call("text beside call", 100, Oddity::TextBesideCall),
        odd_call("arguments twice", 111, Oddity::ArgumentsTwice),
        odd_call("arguments encoded", 125, Oddity::ArgumentsEncoded),
        odd_call("arguments fenced", 143, Oddity::ArgumentsFenced),
        odd_call("arguments followed", 167, Oddity::ArgumentsFollowed),
        odd_call("arguments object", 200, Oddity::ArgumentsObject),
        line("500", "conversations", 20, status(500)),
        line("cut after", "conversations", 20, Fault::CutAfter),
        line("hang", "conversations", 20, Fault::Hang),
    ]
}

/// A malformed tool call. The oldest rule applies first, so shares grow from one to the next.
fn odd_call(name: &'static str, share: u32, oddity: Oddity) -> Line {
    line(name, "responses", share, Fault::Answer(oddity)).containing(GAP)
}

/// A failed letter waits longer after each attempt, and an hour after a rejection: with larger shares there are fewer attempts.
fn smtp() -> Vec<Line> {
    let foreign = |code| Fault::ForeignBytes { code };
    vec![
        line("421", "connect", 28, reply(421)),
        line("cut before", "connect", 28, Fault::CutBefore),
        line("foreign bytes", "connect", 28, foreign(None)),
        line(
            "504",
            "ehlo",
            28,
            Fault::smtp(504, "5.5.2 need fully-qualified hostname"),
        ),
        line("no SMTPUTF8", "ehlo", 28, Fault::NoSmtpUtf8),
        // The account is not used for a minute after each.
        line("454", "auth", 2, reply(454)).rare(),
        line("535", "auth", 2, Fault::smtp(535, "5.7.8 authentication failed")).rare(),
        line("451", "mail", 32, reply(451)),
        line("450", "rcpt", 32, reply(450)),
        line("550", "rcpt", 32, Fault::smtp(550, "5.1.1 no such mailbox")),
        line("foreign bytes", "rcpt", 32, foreign(None)),
        line("foreign 450", "rcpt", 32, foreign(Some(450))),
        line("452", "data", 40, reply(452)),
        line("554", "data", 40, Fault::smtp(554, "5.7.1 suspicion of SPAM")),
        line("552", "data", 40, Fault::smtp(552, "5.3.4 message too big")),
        line("cut before", "data", 40, Fault::CutBefore),
        line("cut after", "data", 40, Fault::CutAfter),
        line("foreign bytes", "data", 40, foreign(None)),
        line("hang", "data", 40, Fault::Hang),
        line("hang after", "data", 40, Fault::HangAfter),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_without_its_planned_faults_has_shown_nothing() {
        let met = |name: &str, times, is_rare| Met {
            name: name.to_owned(),
            times,
            is_rare,
        };
        let faults = [met("often", 30, false), met("seldom", 29, false), met("start", 1, true)];
        assert_eq!(too_seldom(&faults, 10.0), ["seldom (29 times)"]);
        assert!(too_seldom(&faults, 6.0).is_empty());
        assert!(too_seldom(&faults, 1.0).is_empty());
    }
}
