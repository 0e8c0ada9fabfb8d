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
        /// Maximum time to produce a reply, including retries, 1s to 1h
        turn_deadline: TimeDelta = value("TURN_DEADLINE", "TIME", "90s", |text| {
            time_delta(text, SECOND, Duration::from_hours(1))
        }),
        /// Milliseconds to wait after a customer's last message before answering all of them in one reply, at most 5000
        /// (0: answer each separately)
        merge_wait: TimeDelta = value("MERGE_WAIT_MS", "MS", "1200", merge_wait),
        /// Idle time before a conversation is unloaded from memory, 1s to 7d
        idle_after: TimeDelta = value("IDLE_AFTER", "TIME", "10min", |text| {
            time_delta(text, SECOND, Duration::from_hours(7 * 24))
        }),
        /// Maximum messages answered per customer per minute (0: no limit)
        rate_limit_per_minute: u32 = value("RATE_LIMIT_PER_MINUTE", "N", "20", |text| number(text, 0, 10_000)),
        /// Maximum turns (replies by the model) per customer per day (0: no limit)
        turns_per_customer_per_day: u32 = value("TURNS_PER_CUSTOMER_PER_DAY", "N", "100", |text| {
            number(text, 0, 100_000)
        }),
        /// Maximum model tokens per day across all customers (default: no limit)
        tokens_per_day: Option<u64> = optional("TOKENS_PER_DAY", "N", positive),
    }
}

fn merge_wait(text: &str) -> Result<TimeDelta, Problem> {
    // A longer pause would have no effect.
    let most = Limits::default().merge_max.num_milliseconds();
    number(text, 0, most).map(TimeDelta::milliseconds)
}
