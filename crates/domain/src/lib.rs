//! Plain values that every crate may name: what a customer wrote, what we answer, who they are, which row
//! it became. Nothing here does I/O, knows a vendor or an actor; most of it is stored as JSON, so a field
//! that is added later carries `#[serde(default)]`.
//!
//! ```
//! use domain::CustomerMessage;
//!
//! let message = CustomerMessage::text("How much is a window?");
//! assert_eq!(message.transcript(), "How much is a window?");
//! let row = serde_json::to_string(&message).unwrap();
//! assert_eq!(serde_json::from_str::<CustomerMessage>(&row).unwrap(), message);
//! ```

mod contact;
mod customer;
mod history;
mod ids;
mod incoming;
mod lead;
mod letter;
mod message;
mod outgoing;
mod own_words;
mod report;
mod turn;
mod wire;

pub use contact::{Email, FoundContact, Origin, Phone, Reach, Region};
pub use customer::{Language, Profile};
pub use history::{HistoryLine, Role};
pub use ids::{ChatId, DeliveryId, DialogId, InboxId, LeadId, MessageId, ReportId, ThreadId, TurnId, UpdateId};
pub use incoming::{Change, IgnoreReason, IncomingUpdate};
pub use lead::{EarlierLead, KnownPhone, LeadChange, LeadFacts, LeadField, LeadSource, OthersCard, Taken, words};
pub use letter::{Alert, AlertKind, LeadNotice, Letter};
pub use message::{Body, CONTACT_LABEL, Command, CustomerMessage, Media, MediaKind, SharedContact, split_label};
pub use outgoing::{Answers, Keyboard, OutgoingMessage, Reply, Span, Style};
pub use own_words::own_words;
pub use report::{AbsenceKind, Border, Occasion, Period, ReportNotice};
pub use turn::FailReason;
