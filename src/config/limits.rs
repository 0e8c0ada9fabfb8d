//! Every bound of the service that is not a setting, in one place: nothing is unbounded, and what happens at
//! a bound is said beside it.

use chrono::TimeDelta;

/// Each bound is one entry: what it bounds, its type, what `run` uses.
macro_rules! limits {
    ($($(#[$words:meta])+ $name:ident: $type:ty = $bound:expr;)+) => {
        /// The bounds. `Default` is what `run` uses; tests make them small.
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
    /// Turns open at the same time. Beyond it rows wait in the database and are handed over oldest first.
    open_turns: usize = 4_096;
    /// Unanswered rows one customer may have, and edits of his that the model was not told of yet. Beyond it his messages
    /// and edits are stored as `ignored (flood)`; a contact in them is a lead all the same.
    waiting_rows_per_customer: usize = 50;
    /// Messages of one customer within 24 hours beyond which they are a flood as well, however slowly they come; none where
    /// `RATE_LIMIT_PER_MINUTE` is 0.
    messages_per_day: u32 = 1_000;
    /// Messages of a flood that are kept of one customer within an hour. The others are counted, and the report tells how many.
    flood_kept_per_hour: u32 = 200;
    /// The same within 24 hours.
    flood_kept_per_day: u32 = 1_000;
    /// Characters of such a message that are kept.
    flood_chars: usize = 500;
    /// Live conversation actors without work, and the places kept for them beyond those of open turns. Beyond it the
    /// longest idle one retires at once.
    idle_conversations: usize = 2_000;
    /// Chats that wait in line for a place among the live conversations, when each of those has work. Beyond it the sweep
    /// finds their rows.
    waiting_chats: usize = 20_000;
    /// Characters of a customer's text that the model is given. The whole text is stored.
    model_text_chars: usize = 8_000;
    /// Characters of one reply of the model that are sent. The rest is cut off.
    reply_chars: usize = 16_000;
    /// Age at which an undelivered reply becomes a dead letter.
    reply_age: TimeDelta = TimeDelta::hours(24);
    /// Connections to the mail server at a time. More letters wait as rows.
    smtp_connections: usize = 4;
    /// Age at which an undelivered letter becomes a dead letter, which the log tells.
    mail_age: TimeDelta = TimeDelta::days(7);
    /// Rest after which a lead is closed: what its customer leaves then is a new lead with a letter of its own.
    lead_open: TimeDelta = TimeDelta::hours(72);
    /// Longest time a lead's letter waits for the end of its turn, to tell the whole of it. Then it leaves without.
    letter_delay: TimeDelta = TimeDelta::seconds(60);
    /// Lead letters to one address within an hour. The others wait and leave together in one.
    letters_per_hour: u32 = 20;
    /// Time within which the operator gets one alert of a kind. The same trouble again is only logged.
    alert_pause: TimeDelta = TimeDelta::hours(1);
    /// Lines of dialog kept with a lead and shown in its letter, the newest, of 300,000 characters together. Older ones
    /// stay in the database: the letter says how many. Of one line it shows 8,000 characters and "…".
    letter_lines: usize = 2_000;
    /// Time within which a customer is reminded of the open form once. His other messages get no reminder.
    form_pause: TimeDelta = TimeDelta::hours(1);
    /// How often a row may be met by a new start of the service before it is `failed (poison)`.
    turn_attempts: u32 = 5;
    /// A start this soon after the recovery of a process that did not end in order counts as an attempt of the rows that
    /// wait. A later one does not: rows that bring the service down do so at once, again and again.
    quick_death: TimeDelta = TimeDelta::minutes(10);
    /// Rounds of tool calls in one turn. After them one last run is made without tools.
    tool_rounds: u32 = 5;
    /// Lines of dialog a new thread is told.
    history_lines: usize = 40;
    /// Characters of dialog a new thread is told; the oldest lines are left out first.
    history_chars: usize = 24_000;
    /// Input tokens of a thread's last run beyond which the next turn begins a new thread.
    thread_input_tokens: i64 = 30_000;
    /// Rest after which the next turn begins a new thread.
    thread_rest: TimeDelta = TimeDelta::days(30);
    /// Bound of one answer of the model, reasoning included, in tokens. Doubled once if nothing came out.
    max_output_tokens: u32 = 2_000;
    /// Longest time a turn waits, from its first message, for the customer to finish writing.
    merge_max: TimeDelta = TimeDelta::seconds(5);
    /// Time without a fetched update beyond which the next report says that nobody fetched any. Shorter ones are not told.
    unpolled: TimeDelta = TimeDelta::minutes(3);
    /// How often rows are looked for that no actor has in hand: what a lost hint costs at most.
    sweep: TimeDelta = TimeDelta::seconds(10);
    /// Age at which ended updates and deliveries, tool effects and absences go. What a report may still tell stays longer.
    row_age: TimeDelta = TimeDelta::days(30);
    /// The same for questions the facts did not answer and for the borders of reports.
    long_row_age: TimeDelta = TimeDelta::days(400);
    /// How often rows that can go are looked for.
    upkeep: TimeDelta = TimeDelta::hours(1);
    /// Rows that are removed in one transaction; others write between two of them.
    upkeep_rows: u32 = 500;
    /// Restarts of one actor within [`Limits::restart_window`]. One more ends the process with exit code 1.
    restarts: u32 = 5;
    /// The window in which restarts are counted.
    restart_window: TimeDelta = TimeDelta::seconds(60);
    /// Commands (durable writes above all) under way to all actors of one name. Who gives one more waits.
    command_permits: usize = 8_192;
    /// Deliveries handed to the edges at a time. The others wait as rows.
    deliveries_in_hand: usize = 512;
    /// Letters handed to the mail edge at a time. The others wait as rows.
    letters_in_hand: usize = 16;
    /// Chats that are shown "typing…" at the same moment. The others are not shown it until a place is free.
    typing_in_hand: usize = 64;
    /// Bytes of log lines that wait for the reader of stderr. Beyond it the oldest are lost, and a line says how many.
    log_bytes: usize = 1024 * 1024;
    /// The whole of an orderly stop. What is not finished by then is a row that the next start takes up.
    stop: TimeDelta = TimeDelta::seconds(8);
    /// The part of a stop that open turns may use.
    stop_turns: TimeDelta = TimeDelta::seconds(5);
    /// The part of a stop that deliveries in hand may use.
    stop_deliveries: TimeDelta = TimeDelta::seconds(2);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Requirements, Settings};

    /// What the product promises; another number is another promise.
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
