//! Settings of conversations: how turns begin, end and are limited.

use std::time::Duration;

use chrono::TimeDelta;

use super::Limits;
use super::entry::{optional, value};
use super::group::settings;
use super::values::{Problem, number, positive, time_delta};

const SECOND: Duration = Duration::from_secs(1);

settings! {
    /// How turns begin, end and are limited.
    pub struct ConversationConfig in "Conversation" {
        /// Longest time from the start of a turn to its reply, retries included, 1 s to 1 h
        turn_deadline: TimeDelta = value("TURN_DEADLINE", "TIME", "90s", |text| {
            time_delta(text, SECOND, Duration::from_hours(1))
        }),
        /// How long a customer is quiet before all he wrote is answered together, in milliseconds, at most 5000;
        /// 0: every message has its own reply
        merge_wait: TimeDelta = value("MERGE_WAIT_MS", "MS", "1200", merge_wait),
        /// Rest after which a conversation leaves the memory (its rows stay), 1 s to 7 d
        idle_after: TimeDelta = value("IDLE_AFTER", "TIME", "10min", |text| {
            time_delta(text, SECOND, Duration::from_hours(7 * 24))
        }),
        /// Messages of one customer that are answered in a minute; 0: no limit
        rate_limit_per_minute: u32 = value("RATE_LIMIT_PER_MINUTE", "N", "20", |text| number(text, 0, 10_000)),
        /// Turns of one customer that the model answers in a day; 0: no limit
        turns_per_customer_per_day: u32 = value("TURNS_PER_CUSTOMER_PER_DAY", "N", "100", |text| {
            number(text, 0, 100_000)
        }),
        /// Tokens the model may use in a day, over all customers; unset: no limit
        tokens_per_day: Option<u64> = optional("TOKENS_PER_DAY", "N", positive),
    }
}

fn merge_wait(text: &str) -> Result<TimeDelta, Problem> {
    // Longer than the longest merge it would have no meaning.
    let most = Limits::default().merge_max.num_milliseconds();
    number(text, 0, most).map(TimeDelta::milliseconds)
}
