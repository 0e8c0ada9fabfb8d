//! How often the mail server has refused each letter that still waits. A new life begins to count anew: that costs a try
//! more, an hour after the next refusal.

use std::collections::HashMap;

use domain::DeliveryId;

use crate::mailer::messages::MailError;

/// More letters than these are counted as if they were refused for the first time.
const MOST: usize = 10_000;

#[derive(Debug, Default)]
pub(super) struct Refusals(HashMap<DeliveryId, u32>);

impl Refusals {
    /// How often the letter was refused before it came to this; a refusal is counted, an end forgotten.
    pub(super) fn before(&mut self, id: DeliveryId, outcome: &Result<(), MailError>) -> u32 {
        let known = self.0.get(&id).copied().unwrap_or_default();
        match outcome {
            Ok(()) => {
                self.0.remove(&id);
            }
            Err(MailError::Refused(_) | MailError::TooLarge(_)) if known > 0 || self.0.len() < MOST => {
                self.0.insert(id, known + 1);
            }
            Err(_) => {}
        }
        known
    }

    /// The letter is at an end.
    pub(super) fn forget(&mut self, id: DeliveryId) {
        self.0.remove(&id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_counted_and_other_failures_are_not() {
        let mut refusals = Refusals::default();
        let id = DeliveryId(1);
        let refused = Err(MailError::Refused("550".into()));
        let failed = Err(MailError::Transient("connect".into()));
        let seen: Vec<u32> = [&failed, &refused, &failed, &refused, &refused, &Ok(()), &refused]
            .map(|outcome| refusals.before(id, outcome))
            .to_vec();
        assert_eq!(seen, [0, 0, 1, 1, 2, 3, 0]);
        refusals.forget(id);
        assert_eq!(refusals.before(id, &refused), 0);
    }
}
