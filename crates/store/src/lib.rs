//! Rows in SQLite. Each message is a [`Statement`]: one function over the connection, in one transaction. One thread makes all
//! writes and answers them after COMMIT; reads run beside it. Every write is idempotent, because after a disk error it is
//! unknown whether the write took effect. No other crate names diesel or SQLite; code specific to SQLite is in the folder
//! `sqlite`.
//!
//! ```
//! use base::{Clock, Events};
//! use store::{CountWork, Database, Host, LoadInstallation};
//!
//! let folder = tempfile::tempdir().unwrap();
//! let host = Host::new(Clock::system(), Events::default(), |reason| panic!("{reason}"));
//! let database = Database::open(&folder.path().join("rows.db"), host).unwrap();
//! let writer = database.writer().unwrap();
//! let (answer, committed) = std::sync::mpsc::channel();
//! let proposal = "a name".to_owned();
//! writer.write(LoadInstallation { proposal }, move |kept| answer.send(kept).unwrap());
//! assert_eq!(committed.recv().unwrap().unwrap().name, "a name");
//! assert_eq!(database.read(&CountWork).unwrap().waiting, 0);
//! ```

#[cfg(test)]
mod contract;
mod customer;
mod database;
mod delivery;
pub mod extra_report;
mod host;
mod lead;
mod payload;
pub mod records;
pub mod requeue;
mod schema;
mod sqlite;
mod statement;
mod statements;
mod update;
mod writer;

pub use customer::{Customer, Edit, FormState, ThreadState, WaitingRow};
pub use database::Database;
pub use delivery::{Delivery, DeliveryState, Reason, UnreadableDelivery, Verdict};
pub use host::Host;
pub use lead::{LeadOutcome, LeadRules, SharedLeadRules};
pub use payload::{EachWay, Lane, Payload, ToChat, Way};
pub use sqlite::read_only;
pub use statement::{Access, Statement};
pub use statements::absences::RecordPoll;
pub use statements::conversations::{
    ConversationState, EndUnreadable, FindWaitingChats, History, LoadConversation, LoadHistory, RecoverConversation,
    WaitingChat, WaitingChats,
};
pub use statements::deliveries::{ClaimDeliveries, ClaimedDeliveries, RecordVerdict, RecoverDeliveries};
pub use statements::effects::RecordGap;
pub use statements::intake::StoreUpdates;
pub use statements::leads::RecordLead;
pub use statements::letters::{LoadLetter, RaiseAlert, ReleaseHeldLetters};
pub use statements::recovery::{RecordOrderlyEnd, RecoverAfterStart};
pub use statements::report_ledger::{BeginReporting, LoadReportLedger, ReportLedger};
pub use statements::reports::CloseReportPeriod;
pub use statements::spent::{FindSpent, RemoveSpent};
pub use statements::spent_table::SpentTable;
pub use statements::threads::{ImportThreads, LoadThreads, RecordThreadsMark, ThreadsPage};
pub use statements::turns::{
    Ending, FinishTurn, FinishedReply, FinishedTurn, FormUpdate, LeftContacts, ReplyKind, ThreadUpdate, TurnFigures,
};
pub use statements::upkeep::{CountTokens, CountWork, Installation, LoadInstallation};
pub use update::{Admission, FloodBounds, FloodNotices, Outcome, StoredUpdate, StoredUpdates};
pub use writer::Writer;

/// The connection queries run on: the only type to change for another database.
pub(crate) type Conn = diesel::SqliteConnection;

/// Why the database gave no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DbError {
    /// The statement broke a rule of the schema, or a read failed.
    #[error("the database refused: {0}")]
    Refused(String),
    /// The statement panicked; only this statement was rolled back.
    #[error("the statement panicked")]
    Panicked,
    /// The service stopped before the commit.
    #[error("the service is stopping")]
    Stopped,
}
