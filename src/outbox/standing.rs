//! What the outbox knows of Telegram beyond one row.

use std::collections::HashMap;

use domain::DeliveryId;

use crate::telegram::messages::{SendError, SentMessage};

/// Rejected rows whose refusals are counted. At this bound all counts begin anew: a row may be tried more often.
const COUNTED: usize = 10_000;

/// What is known of Telegram beyond one row.
#[derive(Debug, Default)]
pub(super) struct Standing {
    /// The last message was refused for the token.
    pub is_token_refused: bool,
    pub is_clock_wrong: bool,
    rejected: HashMap<DeliveryId, u32>,
}

impl Standing {
    /// How often this delivery has been rejected, this outcome included.
    pub(super) fn rejections(&mut self, id: DeliveryId, outcome: &Result<SentMessage, SendError>) -> u32 {
        match outcome {
            Err(SendError::Rejected) => {
                if self.rejected.len() >= COUNTED {
                    self.rejected.clear();
                }
                let count = self.rejected.entry(id).or_default();
                *count += 1;
                *count
            }
            Ok(_) | Err(SendError::Blocked | SendError::Muted) => {
                self.rejected.remove(&id);
                0
            }
            Err(_) => self.rejected.get(&id).copied().unwrap_or(0),
        }
    }
}
