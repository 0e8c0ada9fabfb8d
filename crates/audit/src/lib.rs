//! Checks that nothing was lost and nothing was duplicated. The demo, the torture, the crash sweep and `sandbox play` use
//! it. It compares what the far sides [saw](Seen) with the [rows](Rows) of the database. It knows neither the service nor
//! the stand-ins: each caller converts what it has into these records.
//!
//! ```
//! use audit::{Kind, Rows, Said, Seen, verify};
//!
//! let mut seen = Seen::default();
//! seen.said.push(Said { update: 7, chat: 1, text: "hello".into(), is_wordless: false });
//! let rows = Rows::read(|_sql| Ok::<_, std::io::Error>(Vec::new()))?;
//! let verdict = verify(&seen, &rows);
//! assert_eq!(verdict.wrong(&[Kind::Unanswered]), 1);
//! assert!(verdict.complaints().any(|(_, words)| words == "chat 1: update 7 has 0 rows"));
//! # Ok::<_, std::io::Error>(())
//! ```
//!
//! Complaints name chats, rows and letters, never a customer's text. If customers number their messages ([`names`]), each message
//! is followed through requests and replies.

mod letters;
mod names;
mod replies;
mod rows;
mod seen;
#[cfg(test)]
mod tests;
mod verdict;

pub use letters::holds;
pub use names::{Name, names};
pub use rows::{Lead, Rows, Sent, Taken};
pub use seen::{Got, Letter, Said, Seen};
pub use verdict::{Kind, Verdict};

/// Compares what the far sides saw with the rows.
#[must_use]
pub fn verify(seen: &Seen, rows: &Rows) -> Verdict {
    let mut verdict = Verdict::default();
    replies::verify(&mut verdict, seen, rows);
    letters::verify(&mut verdict, seen, rows);
    for Taken { chat, id, state, .. } in &rows.inbox {
        verdict.check(
            Kind::Pending,
            state != "pending",
            format_args!("chat {chat}: row {id} is {state}"),
        );
    }
    for Sent { key, state, .. } in &rows.outbox {
        let is_open = ["scheduled", "executing", "retryable"].contains(&state.as_str());
        verdict.check(Kind::Owed, !is_open, format_args!("{key} is {state}"));
    }
    verdict
}
