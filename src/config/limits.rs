//! Every limit of the service that is not a setting, with what happens at the limit.

use chrono::TimeDelta;

/// Each limit is one entry: its meaning, its type, the value that `run` uses.
macro_rules! limits {
    ($($(#[$words:meta])+ $name:ident: $type:ty = $bound:expr;)+) => {
        /// The limits. `run` uses `Default`; tests use smaller values.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct Limits {
            $($(#[$words])+ pub $name: $type,)+
        }

        impl Default for Limits {
            fn default() -> Self {
                Self { $($name: $bound,)+ }
            }
        }
    };
}

limits! {
    /// Open turns at the same time. Further rows wait in the database and are handed over oldest first.
    open_turns: usize = 4_096;
    /// Unanswered rows per customer, and edits per customer that the model has not seen yet. Further messages and edits are
    /// stored as `ignored (flood)`; a contact in them still becomes a lead.
    waiting_rows_per_customer: usize = 50;
    /// Messages of one customer within 24 hours; further ones are a flood too. No limit if `RATE_LIMIT_PER_MINUTE` is 0.
    messages_per_day: u32 = 1_000;
    /// Flood messages stored per customer per hour. The others are only counted, and the report shows how many.
    flood_kept_per_hour: u32 = 200;
    /// The same within 24 hours.
    flood_kept_per_day: u32 = 1_000;
    /// Characters stored of a flood message.
    flood_chars: usize = 500;
    /// Idle conversation actors in memory, in addition to those with open turns. Beyond it the one idle for longest retires at
    /// once.
    idle_conversations: usize = 2_000;
    /// Chats queued for a conversation actor while all of them are busy. Beyond it the sweep finds their rows.
    waiting_chats: usize = 20_000;
    /// Characters of a customer's text passed to the model. The whole text is stored.
    model_text_chars: usize = 8_000;
    /// Characters of a model reply that are sent. The rest is cut off.
    reply_chars: usize = 16_000;
    /// Age at which an undelivered reply becomes a dead letter.
    reply_age: TimeDelta = TimeDelta::hours(24);
    /// Concurrent connections to the mail server. Further emails wait as rows.
    smtp_connections: usize = 4;
    /// Age at which an undelivered email becomes a dead letter, which is logged.
    mail_age: TimeDelta = TimeDelta::days(7);
    /// Idle time after which a lead is closed. A contact the customer leaves later is a new lead with its own email.
    lead_open: TimeDelta = TimeDelta::hours(72);
    /// Longest time a lead's email waits for the end of its turn, to include the whole turn. Then it is sent without it.
    letter_delay: TimeDelta = TimeDelta::seconds(60);
    /// Lead emails per address per hour. The others wait and are sent together in one email.
    letters_per_hour: u32 = 20;
    /// Time between two alerts of one kind to the operator. In between, the problem is only logged.
    alert_pause: TimeDelta = TimeDelta::hours(1);
    /// Newest dialog lines kept with a lead and shown in its email, of at most 300,000 characters together and 8,000 each. Older
    /// ones stay in the database, and the email says how many.
    letter_lines: usize = 2_000;
    /// Time between two reminders of the open form to one customer.
    form_pause: TimeDelta = TimeDelta::hours(1);
    /// Starts of the service that may find a row unfinished before it is `failed (poison)`.
    turn_attempts: u32 = 5;
    /// A start this soon after the recovery of a process that was not shut down cleanly counts as an attempt of the pending
    /// rows. A later one does not: a row that crashes the service does so quickly, again and again.
    quick_death: TimeDelta = TimeDelta::minutes(10);
    /// Rounds of tool calls in one turn. Then one last run is made without tools.
    tool_rounds: u32 = 5;
    /// Dialog lines passed to a new thread.
    history_lines: usize = 40;
    /// Dialog characters passed to a new thread; the oldest lines are left out first.
    history_chars: usize = 24_000;
    /// Input tokens of a thread's last run beyond which the next turn begins a new thread.
    thread_input_tokens: i64 = 30_000;
    /// Idle time after which the next turn begins a new thread.
    thread_idle: TimeDelta = TimeDelta::days(30);
    /// Tokens of one model answer, including reasoning. Doubled once if the answer is empty.
    max_output_tokens: u32 = 2_000;
    /// Longest time a turn waits, from its first message, for the customer to finish writing.
    merge_max: TimeDelta = TimeDelta::seconds(5);
    /// Polling gap from which the next report mentions it.
    unpolled: TimeDelta = TimeDelta::minutes(3);
    /// Interval of the scan for unclaimed rows: the longest delay a lost hint can cause.
    sweep: TimeDelta = TimeDelta::seconds(10);
    /// Age at which finished updates and deliveries, tool effects and polling gaps are deleted. Rows that a report may still need
    /// stay longer.
    row_age: TimeDelta = TimeDelta::days(30);
    /// The same for unanswered questions and report periods.
    long_row_age: TimeDelta = TimeDelta::days(400);
    /// Interval of the scan for expired rows.
    upkeep: TimeDelta = TimeDelta::hours(1);
    /// Rows deleted in one transaction; other writes run between two of them.
    upkeep_rows: u32 = 500;
    /// Restarts of one actor within [`Limits::restart_window`]. One more ends the process with exit code 1.
    restarts: u32 = 5;
    /// The window in which restarts are counted.
    restart_window: TimeDelta = TimeDelta::seconds(60);
    /// Commands (mostly durable writes) in progress to all actors of one name. The sender of a further one waits.
    command_permits: usize = 8_192;
    /// Deliveries in progress at the edges. The others wait as rows.
    deliveries_in_progress: usize = 512;
    /// Emails in progress at the mail edge. The others wait as rows.
    emails_in_progress: usize = 16;
    /// Chats that show "typing…" at the same time. The others show it when a place is free.
    typing_in_progress: usize = 64;
    /// Bytes of log lines buffered for stderr. Beyond it the oldest are dropped, and a line says how many.
    log_bytes: usize = 1024 * 1024;
    /// Time limit of a graceful shutdown. Unfinished work is a row that the next start continues.
    stop: TimeDelta = TimeDelta::seconds(8);
    /// The part of it for open turns.
    stop_turns: TimeDelta = TimeDelta::seconds(5);
    /// The part of it for deliveries in progress.
    stop_deliveries: TimeDelta = TimeDelta::seconds(2);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Requirements, Settings};

    /// These numbers are documented guarantees.
    #[test]
    fn the_limits_are_those_that_are_documented() {
        let limits = Limits::default();
        assert_eq!((limits.open_turns, limits.waiting_rows_per_customer), (4_096, 50));
        assert_eq!((limits.messages_per_day, limits.flood_kept_per_hour), (1_000, 200));
        assert_eq!((limits.flood_kept_per_day, limits.flood_chars), (1_000, 500));
        assert_eq!(limits.idle_conversations, 2_000);
        assert_eq!((limits.model_text_chars, limits.reply_chars), (8_000, 16_000));
        assert_eq!(limits.smtp_connections, 4);
        assert_eq!(
            (limits.reply_age, limits.mail_age),
            (TimeDelta::hours(24), TimeDelta::days(7))
        );
        assert_eq!((limits.turn_attempts, limits.tool_rounds), (5, 5));
        assert_eq!(limits.quick_death, TimeDelta::minutes(10));
        assert_eq!(limits.stop, TimeDelta::seconds(8));
        assert!(limits.stop_turns + limits.stop_deliveries < limits.stop);
        assert_eq!((limits.history_lines, limits.history_chars), (40, 24_000));
        assert_eq!((limits.thread_input_tokens, limits.max_output_tokens), (30_000, 2_000));
        assert_eq!(
            (limits.thread_idle, limits.lead_open),
            (TimeDelta::days(30), TimeDelta::hours(72))
        );
        assert_eq!(
            (limits.letters_per_hour, limits.letter_delay),
            (20, TimeDelta::seconds(60))
        );
        assert_eq!(
            (limits.alert_pause, limits.form_pause),
            (TimeDelta::hours(1), TimeDelta::hours(1))
        );
        assert_eq!(
            (limits.merge_max, limits.sweep),
            (TimeDelta::seconds(5), TimeDelta::seconds(10))
        );
        assert_eq!((limits.row_age, limits.upkeep_rows), (TimeDelta::days(30), 500));
        assert_eq!((limits.restarts, limits.restart_window), (5, TimeDelta::seconds(60)));
    }

    #[test]
    fn numeric_settings_have_the_documented_defaults() {
        let config = Config::resolve(&Settings::default(), Requirements::ReadOnly, &|_| None).unwrap();
        assert_eq!(config.openai.timeout.as_secs(), 60);
        assert_eq!(config.openai.concurrency, 256);
        let conversation = &config.conversation;
        assert_eq!(conversation.turn_deadline, TimeDelta::seconds(90));
        assert_eq!(conversation.merge_wait, TimeDelta::milliseconds(1_200));
        assert_eq!(conversation.idle_after, TimeDelta::minutes(10));
        assert_eq!(conversation.rate_limit_per_minute, 20);
        assert_eq!(
            (conversation.turns_per_customer_per_day, conversation.tokens_per_day),
            (100, None)
        );
        assert_eq!(
            (config.telegram.rate_per_second, config.telegram.chat_rate_per_second),
            (30, 1)
        );
    }
}
