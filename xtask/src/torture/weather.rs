//! What goes wrong outside: each edge fails in every way a client can meet, at set shares of its calls.

use std::time::{Duration, Instant};

use fastrand::Rng;
use sandbox::{Edge, Fault, Rule, RuleId, Sandbox};

/// Point, share of its calls in per mille, fault.
type Line = (&'static str, u32, Fault);

/// How long the mail server is away, at most.
const CLOSED_MS: u64 = 6_000;
/// How long it is there, at most.
const OPEN_MS: u64 = 20_000;

/// The rules in force, and the door of the mail server.
pub(super) struct Weather {
    sandbox: Sandbox,
    dice: Rng,
    rules: Vec<(Edge, RuleId)>,
    is_calm: bool,
    is_closed: bool,
    turns_at: Instant,
}

impl Weather {
    /// `is_calm`: nothing fails at the edges, so that what the kills do is seen by itself.
    pub(super) fn breaks(sandbox: &Sandbox, seed: u64, is_calm: bool) -> Self {
        let mut dice = Rng::with_seed(seed);
        let mut rules = Vec::new();
        let edges = [
            (Edge::Telegram, telegram()),
            (Edge::OpenAi, openai()),
            (Edge::Smtp, smtp()),
        ];
        for (edge, lines) in edges.into_iter().filter(|_| !is_calm) {
            for (point, share, fault) in lines {
                let share = f64::from(share) / 1_000.0;
                let mut rule = Rule::on(edge, point).probability(share, dice.u64(..));
                if fault == Fault::BadEntities {
                    // Of a message without any Telegram has nothing to complain.
                    rule = rule.containing("\"entities\"");
                }
                let rule = rule.with(fault);
                rules.push((edge, sandbox.faults().add(rule)));
            }
        }
        Self {
            sandbox: sandbox.clone(),
            dice,
            rules,
            is_calm,
            is_closed: false,
            turns_at: Instant::now(),
        }
    }

    /// Opens or closes the door of the mail server when its time has come.
    pub(super) fn goes_on(&mut self) -> std::io::Result<()> {
        if self.is_calm || Instant::now() < self.turns_at {
            return Ok(());
        }
        self.is_closed = !self.is_closed;
        let longest = if self.is_closed { CLOSED_MS } else { OPEN_MS };
        self.turns_at = Instant::now() + Duration::from_millis(self.dice.u64(500..longest));
        match self.is_closed {
            true => self.sandbox.smtp().close_port(),
            false => self.sandbox.smtp().open_port()?,
        }
        Ok(())
    }

    /// Nothing fails any more; how often something did, at each edge.
    pub(super) fn clears(&mut self) -> std::io::Result<[(&'static str, u32); 3]> {
        self.sandbox.faults().clear();
        self.sandbox.smtp().open_port()?;
        let struck = |edge: Edge| {
            let rules = self.rules.iter().filter(|(of, _)| *of == edge);
            rules.map(|(_, rule)| self.sandbox.faults().hits(*rule)).sum()
        };
        Ok([
            ("telegram", struck(Edge::Telegram)),
            ("openai", struck(Edge::OpenAi)),
            ("smtp", struck(Edge::Smtp)),
        ])
    }
}

fn status(status: u16) -> Fault {
    Fault::Status {
        status,
        body: "<html>upstream</html>".to_owned(),
        headers: Vec::new(),
    }
}

fn reply(code: u16) -> Fault {
    Fault::Smtp {
        code,
        text: "try again later".to_owned(),
    }
}

fn telegram() -> Vec<Line> {
    vec![
        ("sendMessage", 10, Fault::RetryAfter(1)),
        ("sendMessage", 4, status(502)),
        ("sendMessage", 10, Fault::CutBefore),
        ("sendMessage", 10, Fault::CutAfter),
        ("sendMessage", 5, Fault::CutBody),
        ("sendMessage", 5, Fault::Garbage),
        ("sendMessage", 2, Fault::Hang),
        ("sendMessage", 2, Fault::HangAfter),
        ("sendMessage", 10, Fault::BadEntities),
        ("sendMessage", 30, Fault::Delay(200)),
        ("getUpdates", 10, Fault::RetryAfter(1)),
        ("getUpdates", 10, status(502)),
        ("getUpdates", 20, Fault::CutBefore),
        ("getUpdates", 20, Fault::CutAfter),
        ("getUpdates", 10, Fault::CutBody),
        ("getUpdates", 10, Fault::Garbage),
        ("getUpdates", 1, Fault::Conflict),
        ("getMe", 100, status(502)),
        ("getMe", 100, Fault::CutBefore),
        ("sendChatAction", 50, Fault::CutAfter),
        ("sendChatAction", 20, status(502)),
        ("getWebhookInfo", 100, Fault::CutBefore),
        ("getMyCommands", 100, Fault::Garbage),
    ]
}

fn openai() -> Vec<Line> {
    vec![
        ("responses", 10, Fault::RetryAfter(1)),
        ("responses", 10, status(500)),
        ("responses", 10, status(503)),
        ("responses", 10, Fault::CutBefore),
        ("responses", 10, Fault::CutAfter),
        ("responses", 5, Fault::CutBody),
        ("responses", 5, Fault::Garbage),
        ("responses", 3, Fault::Hang),
        ("responses", 3, Fault::HangAfter),
        ("responses", 10, Fault::ConversationLocked),
        ("responses", 5, Fault::ConversationNotFound),
        ("responses", 3, Fault::NoToolOutput),
        ("responses", 3, Fault::ContextTooLong),
        ("responses", 5, Fault::Incomplete),
        ("responses", 3, Fault::Empty),
        ("responses", 2, Fault::Refusal),
        ("responses", 10, Fault::UnknownItem),
        ("responses", 50, Fault::Delay(500)),
        ("conversations", 20, status(500)),
        ("conversations", 10, Fault::CutAfter),
        ("conversations", 3, Fault::Hang),
    ]
}

fn smtp() -> Vec<Line> {
    vec![
        ("connect", 60, reply(421)),
        ("connect", 40, Fault::CutBefore),
        ("auth", 40, reply(454)),
        ("mail", 40, reply(451)),
        ("rcpt", 40, reply(450)),
        ("data", 40, reply(452)),
        ("data", 40, Fault::CutBefore),
        ("data", 60, Fault::CutAfter),
        ("data", 20, Fault::Hang),
        ("data", 20, Fault::HangAfter),
    ]
}
