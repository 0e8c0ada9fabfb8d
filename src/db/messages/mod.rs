//! What DbActor is asked, in domain types. A message that writes is one transaction, answered after COMMIT, and
//! harmless when it is made again: after an error of the disk nobody can say whether it took effect.

mod alerts;
mod deliveries;
mod effects;
mod intake;
mod leads;
mod letters;
mod reports;
mod threads;
mod turns;
mod upkeep;

pub use alerts::{RaiseAlert, RaisedAlert};
pub use deliveries::{ClaimDeliveries, ClaimedDeliveries, RecordVerdict, RecoverDeliveries, UnreadableDelivery};
pub use effects::RecordGap;
pub use intake::{Admission, FloodBounds, FloodNotices, Outcome, StoreUpdates, StoredUpdate, StoredUpdates};
pub use leads::{LeadNews, LeadOutcome, LoadLetter, RecordLead, RecordedLead};
pub use letters::ReleaseHeldLetters;
pub use reports::{BeginReporting, CloseReportPeriod, ClosedPeriod, LoadReportLedger, RecordPoll, ReportLedger};
pub use threads::{ImportThreads, LoadThreads};
pub use turns::{
    ConversationState, EndUnreadable, Ending, FindWaitingChats, FinishTurn, FinishedReply, FinishedTurn, FormUpdate,
    History, LeftContacts, LoadConversation, LoadHistory, RecoverConversation, ReplyKind, ThreadUpdate, WaitingChat,
    WaitingChats,
};
pub use upkeep::{
    CloseDatabase, CountTokens, CountWork, FindSpent, LoadInstallation, RecordOrderlyEnd, RecoverAfterStart, Recovered,
    RemoveSpent, Spent, SpentTable, Work,
};

pub use super::DbError;
use super::statement::Statement;
use crate::runtime::{Port, PortError, requests};

requests! {
    CloseDatabase => (),
}

const PANICS: u32 = 3;

/// Gives a write until it is committed or refused: a database actor that panicked has lost the message but not
/// its meaning, so it is given again.
///
/// # Errors
/// If the write itself is refused, panics each time, or the service stops.
pub async fn persist<S: Statement + Clone>(port: &Port<S>, write: S) -> Result<S::Output, DbError> {
    let mut panics = 0;
    loop {
        match port.command(write.clone()).await {
            // "Stopped" is also what a writer says that was replaced while the disk refused: its successor takes it.
            Ok(Err(DbError::Panicked | DbError::Stopped)) | Err(PortError::NoAnswer | PortError::Late)
                if panics < PANICS =>
            {
                panics += 1;
            }
            Ok(outcome) => return outcome,
            Err(_no_answer) => return Err(DbError::Stopped),
        }
    }
}
