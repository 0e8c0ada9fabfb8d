//! The five cases: how many customers write at once, and how long the model takes.

use std::time::Duration;

use clap::ValueEnum;
use serde::Serialize;

/// Customers who write once come in groups of this size.
const GROUP: u32 = 200;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Case {
    /// All customers, who write again as soon as they are answered; the model takes no time
    Tput,
    /// Twice as many, and the model takes a second
    Llm1s,
    /// One customer, and the model takes no time
    Single,
    /// Every message is from a new customer; up to 200 wait at a time
    Once,
    /// Start, one message, two seconds of rest, stop
    Start,
}

impl Case {
    pub(super) const ALL: [Self; 5] = [Self::Tput, Self::Llm1s, Self::Single, Self::Once, Self::Start];

    /// Number of messages waiting for an answer at the same time.
    pub(super) fn at_once(self, customers: u32) -> u32 {
        match self {
            Self::Tput => customers,
            Self::Llm1s => customers.saturating_mul(2),
            Self::Single => 1,
            Self::Once => customers.min(GROUP),
            Self::Start => 0,
        }
    }

    /// Duration of a run. The customers' first messages are spread over this time; otherwise all of them would be answered at once
    /// in every round.
    pub(super) const fn model(self) -> Duration {
        match self {
            Self::Llm1s => Duration::from_secs(1),
            _ => Duration::ZERO,
        }
    }
}
