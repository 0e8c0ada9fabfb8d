//! Plain values that every crate may name: what a customer wrote, what we answer, who they are, which row
//! it became. Nothing here does I/O, knows a vendor or an actor; most of it is stored as JSON, so a field
//! that is added later carries `#[serde(default)]`.
//!
//! ```
//! use domain::{ChatId, CustomerMessage, Lane};
//!
//! let message = CustomerMessage::text("How much is a window?");
//! assert_eq!(message.transcript(), "How much is a window?");
//! let row = serde_json::to_string(&message).unwrap();
//! assert_eq!(serde_json::from_str::<CustomerMessage>(&row).unwrap(), message);
//! assert_eq!(Lane::chat(ChatId(7)).0, "tg:7");
//! ```

mod contact;
mod customer;
mod delivery;
mod history;
mod ids;
mod incoming;
mod lead;
mod letter;
mod message;
mod outgoing;
mod own_words;
mod payload;
mod report;
mod turn;
mod wire;

pub use contact::{Email, FoundContact, Origin, Phone, Reach, Region};
pub use customer::{Customer, FormState, Language, Profile, ThreadState};
pub use delivery::{Delivery, DeliveryState, Reason, Verdict};
pub use history::{HistoryLine, Role};
pub use ids::{ChatId, DeliveryId, DialogId, InboxId, LeadId, MessageId, ReportId, ThreadId, TurnId, UpdateId};
pub use incoming::{Change, IgnoreReason, IncomingUpdate};
pub use lead::{
    EarlierLead, KnownPhone, LeadChange, LeadFacts, LeadField, LeadRules, LeadSource, OthersCard, SharedLeadRules,
    Taken, words,
};
pub use letter::{Alert, AlertKind, LeadNotice, Letter};
pub use message::{Body, CONTACT_LABEL, Command, CustomerMessage, Media, MediaKind, SharedContact, split_label};
pub use outgoing::{Answers, Keyboard, OutgoingMessage, Reply, Span, Style};
pub use own_words::own_words;
pub use payload::{Content, EachWay, Lane, Payload, Way};
pub use report::{AbsenceKind, Border, Occasion, Period, ReportNotice};
pub use turn::{Edit, FailReason, TurnFigures, WaitingRow};
