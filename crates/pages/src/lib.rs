//! The page of a letter: its whole content as plain values. The store fills a page from rows when the letter is sent, and
//! the letter is rendered from the page alone. Nothing here is stored.
//!
//! ```
//! use chrono::{DateTime, TimeDelta};
//! use pages::{DialogLine, Figures, PastWeek, Speaker};
//!
//! let line = DialogLine {
//!     at: DateTime::UNIX_EPOCH,
//!     speaker: Speaker::Customer,
//!     text: "/start avito3".into(),
//!     is_edit: false,
//!     is_markdown: false,
//! };
//! assert!(!line.has_words(), "a command is not a message to the assistant");
//! let week = PastWeek { span: TimeDelta::days(7), dialogs: 70, ..PastWeek::default() };
//! assert_eq!(week.usual(week.dialogs, TimeDelta::days(1)), 10);
//! assert_eq!(Figures::default().dialogs, 0);
//! ```

mod absence;
mod beyond;
mod dialog;
mod figures;
mod hours;
mod letter;
mod line;
mod report;
mod turn;
mod usual;

pub use absence::Absence;
pub use beyond::{Beyond, DialogsBeyond, Unstored};
pub use dialog::{ReportDialog, Rest};
pub use figures::{FIGURES, Figure, Figures, Value};
pub use letter::{LeadPage, LetterPage, PageBody};
pub use line::{DialogLine, Fate, Speaker};
pub use report::{DeadLetter, RefusedAddress, ReportGap, ReportLead, ReportPage, Unanswered};
pub use turn::{ReportTurn, TurnOutcome};
pub use usual::PastWeek;
