//! Plain values that every folder may name: what a customer wrote, what we answer, who he is, which row
//! it became. Nothing here does I/O, knows a vendor or an actor; most of it is stored as JSON, so a field
//! that is added later carries `#[serde(default)]`.

mod beyond;
mod contact;
mod customer;
mod delivery;
mod figures;
mod hours;
mod ids;
mod incoming;
mod lead;
mod letter;
mod message;
mod outgoing;
mod own_words;
mod report;
mod run;
mod turn;
mod usual;
mod wire;

pub use beyond::{Beyond, DialogsBeyond, Rest, TurnsBeyond, Unstored};
pub use contact::{Email, FoundContact, Origin, Phone, Reach, Region};
pub use customer::{Customer, FormState, Language, Profile, ThreadState};
pub use delivery::{Delivery, DeliveryState, Payload, Reason, Verdict};
pub use figures::Figures;
pub use ids::{ChatId, DeliveryId, DialogId, InboxId, Lane, LeadId, MessageId, ReportId, ThreadId, TurnId, UpdateId};
pub use incoming::{Change, IgnoreReason, IncomingUpdate};
pub use lead::{
    EarlierLead, KnownPhone, LeadChange, LeadFacts, LeadField, LeadRules, LeadSource, OthersCard, SharedLeadRules,
    Taken, words,
};
pub use letter::{Alert, AlertKind, DialogLine, Fate, LeadNotice, LeadPage, Letter, LetterPage, PageBody, Speaker};
pub use message::{Body, CONTACT_LABEL, Command, CustomerMessage, Media, MediaKind, SharedContact, split_label};
pub use outgoing::{Answers, Keyboard, OutgoingMessage, Reply, Span, Style};
pub use own_words::own_words;
pub use report::{
    Absence, AbsenceKind, Border, DeadLetter, Occasion, Period, RefusedAddress, ReportDialog, ReportGap, ReportLead,
    ReportNotice, ReportPage, ReportTurn, TurnOutcome, Unanswered,
};
pub use run::{HistoryLine, Role, RunStatus, ToolCall, ToolDefinition, ToolOutput, Usage};
pub use turn::{Edit, FailReason, TurnFigures, WaitingRow};
pub use usual::{PastWeek, Tenths, Usual};
