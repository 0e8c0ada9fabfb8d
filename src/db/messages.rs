//! What DbActor is asked besides the statements of the store, and how a write is given that must not be lost.

use store::{DbError, Statement};

use crate::runtime::{Port, PortError, requests};

requests! {
    CloseDatabase => (),
}

/// Ends the writer after what is queued, with a checkpoint; writes after it are refused. Answered when the file is
/// closed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CloseDatabase;

const PANICS: u32 = 3;

/// Gives a write until it is committed or refused: a database actor that panicked has lost the message but not
/// its meaning, so it is given again.
///
/// # Errors
/// If the write itself is refused, panics each time, or the service stops.
pub(crate) async fn persist<S: Statement + Clone>(port: &Port<S>, write: &S) -> Result<S::Output, DbError> {
    let mut panics = 0;
    loop {
        match port.command(write.clone()).await {
            // "Stopped" is also what a writer says that was replaced while the disk refused: its successor takes it.
            Ok(Err(DbError::Panicked | DbError::Stopped)) | Err(PortError::NoAnswer) if panics < PANICS => {
                panics += 1;
            }
            Ok(outcome) => return outcome,
            Err(_no_answer) => return Err(DbError::Stopped),
        }
    }
}
