//! Faults: rules that make the stand-ins fail on purpose, added and removed while they run.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize};
use tokio::sync::watch;

use crate::fault::Fault;
use crate::ids::Dice;
use crate::journal::{Event, Journal};
use crate::lock::locked;

/// Which stand-in a rule belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Edge {
    /// The Bot API; a point is a method name, in any case.
    Telegram,
    /// The OpenAI API; a point is `responses`, `conversations`, `items` or `models`.
    OpenAi,
    /// The mail server; a point is `connect`, `ehlo`, `auth`, `mail`, `rcpt` or `data`, which is the answer to the final
    /// dot.
    Smtp,
}

/// When a fault is injected: all conditions that are set must hold.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    edge: Edge,
    point: String,
    chat: Option<i64>,
    containing: Option<String>,
    times: Option<u32>,
    #[serde(default)]
    skip: u32,
    probability: Option<f64>,
    #[serde(default, rename = "seed")]
    dice: Dice,
    #[serde(deserialize_with = "named")]
    fault: Option<Fault>,
}

/// A rule written as JSON must name its fault.
fn named<'de, D: Deserializer<'de>>(fault: D) -> Result<Option<Fault>, D::Error> {
    Fault::deserialize(fault).map(Some)
}

impl Rule {
    /// A rule for one method of the Bot API or one point of OpenAI or SMTP. Without [`Rule::with`] it
    /// only counts its hits.
    #[must_use]
    pub fn on(edge: Edge, point: &str) -> Self {
        Self {
            edge,
            point: point.to_owned(),
            chat: None,
            containing: None,
            times: None,
            skip: 0,
            probability: None,
            dice: Dice::default(),
            fault: None,
        }
    }

    /// Only calls with this `chat_id`. Calls to OpenAI and SMTP name no chat and never match.
    #[must_use]
    pub const fn chat(mut self, chat: i64) -> Self {
        self.chat = Some(chat);
        self
    }

    /// Only requests that contain this text, in the body or in any decoded JSON string. SMTP searches the client's name at
    /// `ehlo`, the username at `auth`, the address at `mail` and `rcpt`, and at `data` the raw letter and its decoded subject,
    /// text and HTML.
    #[must_use]
    pub fn containing(mut self, text: &str) -> Self {
        self.containing = Some(text.to_owned());
        self
    }

    /// Maximum number of hits; without it the rule applies until it is removed.
    #[must_use]
    pub const fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Only this share (0 to 1) of the matching calls, by reproducible dice.
    #[must_use]
    pub const fn probability(mut self, share: f64, seed: u64) -> Self {
        self.probability = Some(share);
        self.dice = Dice::new(seed);
        self
    }

    /// Lets the first `n` matching calls through.
    #[must_use]
    pub const fn skip(mut self, n: u32) -> Self {
        self.skip = n;
        self
    }

    /// Sets the fault.
    #[must_use]
    pub fn with(mut self, fault: Fault) -> Self {
        self.fault = Some(fault);
        self
    }

    fn matches(&self, seen: &Seen<'_>) -> bool {
        self.edge == seen.edge
            && self.point.eq_ignore_ascii_case(seen.point)
            && self.chat.is_none_or(|chat| seen.chat == Some(chat))
            && self.containing.as_deref().is_none_or(|text| seen.text.contains(text))
    }

    /// Whether the fault is injected into this matching call; consumes skips, dice and times.
    fn strikes(&mut self) -> bool {
        if self.times == Some(0) {
            return false;
        }
        if self.skip > 0 {
            self.skip -= 1;
            return false;
        }
        if let Some(share) = self.probability
            && !self.dice.falls(share)
        {
            return false;
        }
        if let Some(times) = &mut self.times {
            *times -= 1;
        }
        true
    }
}

/// Identifies a rule, even after it was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RuleId(pub u64);

/// A call as the rules see it.
pub(crate) struct Seen<'a> {
    pub(crate) edge: Edge,
    pub(crate) point: &'a str,
    pub(crate) chat: Option<i64>,
    pub(crate) text: &'a str,
}

/// An injected fault, and the rule to wait for if it is [`Fault::Hold`].
#[derive(Debug, Clone)]
pub(crate) struct Hit {
    pub(crate) rule: RuleId,
    pub(crate) fault: Fault,
}

/// A handle on the rules; cheap to clone.
#[derive(Debug, Clone)]
pub struct Faults(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    rules: Mutex<Rules>,
    /// Changes whenever rules are removed, for the held calls.
    removals: watch::Sender<u64>,
    journal: Journal,
}

#[derive(Debug, Default)]
struct Rules {
    last: u64,
    active: BTreeMap<RuleId, Rule>,
    hits: BTreeMap<RuleId, u32>,
}

impl Faults {
    pub(crate) fn new(journal: Journal) -> Self {
        let removals = watch::Sender::new(0);
        Self(Arc::new(Shared {
            rules: Mutex::default(),
            removals,
            journal,
        }))
    }

    /// Adds a rule. If several match a call, the oldest applies.
    pub fn add(&self, rule: Rule) -> RuleId {
        let mut rules = locked(&self.0.rules);
        rules.last += 1;
        let id = RuleId(rules.last);
        rules.active.insert(id, rule);
        id
    }

    /// Removes a rule and releases the calls it holds. Its hits stay known.
    pub fn remove(&self, id: RuleId) {
        locked(&self.0.rules).active.remove(&id);
        self.0.removals.send_modify(|n| *n += 1);
    }

    /// Changes the share (0 to 1) of the matching calls a rule applies to. Its dice continue; a rule without dice or a removed one
    /// does not change.
    pub fn set_probability(&self, id: RuleId, share: f64) {
        if let Some(rule) = locked(&self.0.rules).active.get_mut(&id)
            && let Some(old) = &mut rule.probability
        {
            *old = share;
        }
    }

    /// Removes all rules.
    pub fn clear(&self) {
        locked(&self.0.rules).active.clear();
        self.0.removals.send_modify(|n| *n += 1);
    }

    /// How many calls a rule hit.
    #[must_use]
    pub fn hits(&self, id: RuleId) -> u32 {
        locked(&self.0.rules).hits.get(&id).copied().unwrap_or(0)
    }

    /// The [`Seen::text`] of a body and its JSON. A large body costs more to copy than to answer, so it is empty while no rule
    /// reads it.
    pub(crate) fn text_of(&self, raw: &[u8], value: impl FnOnce() -> serde_json::Value) -> String {
        let is_read = locked(&self.0.rules)
            .active
            .values()
            .any(|rule| rule.containing.is_some());
        match is_read {
            true => decoded_text(raw, &value()),
            false => String::new(),
        }
    }

    /// The fault to inject into this call, if any.
    pub(crate) fn hit(&self, seen: &Seen<'_>) -> Option<Hit> {
        let mut rules = locked(&self.0.rules);
        let (rule, fault) = rules
            .active
            .iter_mut()
            .find_map(|(id, rule)| (rule.matches(seen) && rule.strikes()).then(|| (*id, rule.fault.clone())))?;
        *rules.hits.entry(rule).or_default() += 1;
        drop(rules);
        self.0.journal.record(Event::FaultHit { rule: rule.0 });
        fault.map(|fault| Hit { rule, fault })
    }

    /// Waits until a held call is released, or for the delay of the fault.
    pub(crate) async fn wait_out(&self, hit: Option<&Hit>) {
        match hit {
            Some(Hit {
                rule,
                fault: Fault::Hold,
            }) => self.released(*rule).await,
            Some(Hit {
                fault: Fault::Delay(ms),
                ..
            }) => tokio::time::sleep(Duration::from_millis(*ms)).await,
            _ => {}
        }
    }

    async fn released(&self, id: RuleId) {
        let mut removals = self.0.removals.subscribe();
        while locked(&self.0.rules).active.contains_key(&id) {
            if removals.changed().await.is_err() {
                return;
            }
        }
    }
}

/// The raw body followed by all strings of its JSON value, one per line: the text [`Rule::containing`] searches.
fn decoded_text(raw: &[u8], value: &serde_json::Value) -> String {
    let mut text = String::from_utf8_lossy(raw).into_owned();
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        match value {
            serde_json::Value::String(string) => {
                text.push('\n');
                text.push_str(string);
            }
            serde_json::Value::Array(items) => open.extend(items),
            serde_json::Value::Object(members) => open.extend(members.values()),
            _ => {}
        }
    }
    text
}
