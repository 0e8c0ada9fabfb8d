//! Every bound of the service that is not a setting, in one place: nothing is unbounded, and what happens at
//! a bound is said beside it.

use chrono::TimeDelta;

/// The bounds. `Default` is what `run` uses; tests make them small.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Turns open at the same time. Beyond it rows wait in the database and are handed over oldest first.
    pub open_turns: usize,
    /// Unanswered rows one customer may have, and edits of his that the model was not told of yet. Beyond it his messages
    /// and edits are stored as `ignored (flood)`; a contact in them is a lead all the same.
    pub waiting_rows_per_customer: usize,
    /// Messages of one customer within 24 hours beyond which they are a flood as well, however slowly they come; none where
    /// `RATE_LIMIT_PER_MINUTE` is 0.
    pub messages_per_day: u32,
    /// Messages of a flood that are kept of one customer within an hour. The others are counted, and the report tells how many.
    pub flood_kept_per_hour: u32,
    /// The same within 24 hours.
    pub flood_kept_per_day: u32,
    /// Characters of such a message that are kept.
    pub flood_chars: usize,
    /// Live conversation actors without work, and the places kept for them beyond those of open turns. Beyond it the
    /// longest idle one retires at once.
    pub idle_conversations: usize,
    /// Chats that wait in line for a place among the live conversations, when each of those has work. Beyond it the sweep
    /// finds their rows.
    pub waiting_chats: usize,
    /// Characters of a customer's text that the model is given. The whole text is stored.
    pub model_text_chars: usize,
    /// Characters of one reply of the model that are sent. The rest is cut off.
    pub reply_chars: usize,
    /// Age at which an undelivered reply becomes a dead letter.
    pub reply_age: TimeDelta,
    /// Connections to the mail server at a time. More letters wait as rows.
    pub smtp_connections: usize,
    /// Age at which an undelivered letter becomes a dead letter, which the log tells.
    pub mail_age: TimeDelta,
    /// Rest after which a lead is closed: what its customer leaves then is a new lead with a letter of its own.
    pub lead_open: TimeDelta,
    /// Longest time a lead's letter waits for the end of its turn, to tell the whole of it. Then it leaves without.
    pub letter_delay: TimeDelta,
    /// Lead letters to one address within an hour. The others wait and leave together in one.
    pub letters_per_hour: u32,
    /// Time within which the operator gets one alert of a kind. The same trouble again is only logged.
    pub alert_pause: TimeDelta,
    /// Lines of dialog kept with a lead and shown in its letter, the newest, of 300,000 characters together. Older ones
    /// stay in the database: the letter says how many. Of one line it shows 8,000 characters and "…".
    pub letter_lines: usize,
    /// Time within which a customer is reminded of the open form once. His other messages get no reminder.
    pub form_pause: TimeDelta,
    /// How often a row may be met by a new start of the service before it is `failed (poison)`.
    pub turn_attempts: u32,
    /// A start this soon after the recovery of a process that did not end in order counts as an attempt of the rows that
    /// wait. A later one does not: rows that bring the service down do so at once, again and again.
    pub quick_death: TimeDelta,
    /// Rounds of tool calls in one turn. After them one last run is made without tools.
    pub tool_rounds: u32,
    /// Lines of dialog a new thread is told.
    pub history_lines: usize,
    /// Characters of dialog a new thread is told; the oldest lines are left out first.
    pub history_chars: usize,
    /// Input tokens of a thread's last run beyond which the next turn begins a new thread.
    pub thread_input_tokens: i64,
    /// Rest after which the next turn begins a new thread.
    pub thread_rest: TimeDelta,
    /// Bound of one answer of the model, reasoning included, in tokens. Doubled once if nothing came out.
    pub max_output_tokens: u32,
    /// Longest time a turn waits, from its first message, for the customer to finish writing.
    pub merge_max: TimeDelta,
    /// Time without a fetched update beyond which the next report says that nobody fetched any. Shorter ones are not told.
    pub unpolled: TimeDelta,
    /// How often rows are looked for that no actor has in hand: what a lost hint costs at most.
    pub sweep: TimeDelta,
    /// Age at which ended updates and deliveries, tool effects and absences go. What a report may still tell stays longer.
    pub row_age: TimeDelta,
    /// The same for questions the facts did not answer and for the borders of reports.
    pub long_row_age: TimeDelta,
    /// How often rows that can go are looked for.
    pub upkeep: TimeDelta,
    /// Rows that are removed in one transaction; others write between two of them.
    pub upkeep_rows: u32,
    /// Restarts of one actor within [`Limits::restart_window`]. One more ends the process with exit code 1.
    pub restarts: u32,
    /// The window in which restarts are counted.
    pub restart_window: TimeDelta,
    /// Commands (durable writes above all) under way to all actors of one name. Who gives one more waits.
    pub command_permits: usize,
    /// Deliveries handed to the edges at a time. The others wait as rows.
    pub deliveries_in_hand: usize,
    /// Letters handed to the mail edge at a time. The others wait as rows.
    pub letters_in_hand: usize,
    /// Chats that are shown "typing…" at the same moment. The others are not shown it until a place is free.
    pub typing_in_hand: usize,
    /// Bytes of log lines that wait for the reader of stderr. Beyond it the oldest are lost, and a line says how many.
    pub log_bytes: usize,
    /// The whole of an orderly stop. What is not finished by then is a row that the next start takes up.
    pub stop: TimeDelta,
    /// The part of a stop that open turns may use.
    pub stop_turns: TimeDelta,
    /// The part of a stop that deliveries in hand may use.
    pub stop_deliveries: TimeDelta,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            open_turns: 4_096,
            waiting_rows_per_customer: 50,
            messages_per_day: 1_000,
            flood_kept_per_hour: 200,
            flood_kept_per_day: 1_000,
            flood_chars: 500,
            idle_conversations: 2_000,
            waiting_chats: 20_000,
            model_text_chars: 8_000,
            reply_chars: 16_000,
            reply_age: TimeDelta::hours(24),
            smtp_connections: 4,
            mail_age: TimeDelta::days(7),
            lead_open: TimeDelta::hours(72),
            letter_delay: TimeDelta::seconds(60),
            letters_per_hour: 20,
            alert_pause: TimeDelta::hours(1),
            letter_lines: 2_000,
            form_pause: TimeDelta::hours(1),
            turn_attempts: 5,
            quick_death: TimeDelta::minutes(10),
            tool_rounds: 5,
            history_lines: 40,
            history_chars: 24_000,
            thread_input_tokens: 30_000,
            thread_rest: TimeDelta::days(30),
            max_output_tokens: 2_000,
            merge_max: TimeDelta::seconds(5),
            unpolled: TimeDelta::minutes(3),
            sweep: TimeDelta::seconds(10),
            row_age: TimeDelta::days(30),
            long_row_age: TimeDelta::days(400),
            upkeep: TimeDelta::hours(1),
            upkeep_rows: 500,
            restarts: 5,
            restart_window: TimeDelta::seconds(60),
            command_permits: 8_192,
            deliveries_in_hand: 512,
            letters_in_hand: 16,
            typing_in_hand: 64,
            log_bytes: 1024 * 1024,
            stop: TimeDelta::seconds(8),
            stop_turns: TimeDelta::seconds(5),
            stop_deliveries: TimeDelta::seconds(2),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Requirements, Settings};

    /// What the product promises (PRODUCT, section 6); another number is another promise.
    #[test]
    fn the_bounds_are_those_that_are_promised() {
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
            (limits.thread_rest, limits.lead_open),
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
    fn the_settings_with_numbers_have_the_defaults_that_are_promised() {
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
