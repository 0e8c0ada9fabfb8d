//! Letters that wait for somebody to change a setting.

use actix::Message;

use crate::db::DbError;

/// Makes letters that waited for somebody to put a setting right due now: at a start it may have been done. Answers how
/// many.
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "Result<usize, DbError>")]
pub struct ReleaseHeldLetters;
