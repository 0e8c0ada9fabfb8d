//! DbActor's vocabulary beyond the statements of the store, and a write that survives a panic of the actor.

use store::{DbError, Statement};

use crate::runtime::{Port, PortError, requests};

requests! {
    CloseDatabase => (),
}

/// Finishes the queued writes, makes a checkpoint and closes the file; later writes are rejected. Answered when the file
/// is closed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CloseDatabase;

const PANICS: u32 = 3;

/// Sends a write until it is committed or rejected. A panic of DbActor loses the message, so it is sent again.
///
/// # Errors
/// If the write itself is rejected, panics each time, or the service stops.
pub(crate) async fn persist<S: Statement + Clone>(port: &Port<S>, write: &S) -> Result<S::Output, DbError> {
    let mut panics = 0;
    loop {
        match port.command(write.clone()).await {
            // "Stopped" is also the answer of a writer that was replaced after a disk error; its successor accepts the write.
            Ok(Err(DbError::Panicked | DbError::Stopped)) | Err(PortError::NoAnswer) if panics < PANICS => {
                panics += 1;
            }
            Ok(outcome) => return outcome,
            Err(_no_answer) => return Err(DbError::Stopped),
        }
    }
}
