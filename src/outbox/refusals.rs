//! Counts the refusals of each pending delivery. A restart resets the counts, which costs one more attempt.

use std::collections::HashMap;

use domain::DeliveryId;

use super::courier::Outcome;

/// At this bound all counts are reset, so a delivery may get more attempts.
const MAX_COUNTED: usize = 10_000;

#[derive(Debug, Default)]
pub(super) struct Refusals(HashMap<DeliveryId, u32>);

impl Refusals {
    /// Returns the number of earlier refusals and counts this outcome if it is one.
    pub(super) fn before(&mut self, id: DeliveryId, outcome: &Outcome) -> u32 {
        let known = self.0.get(&id).copied().unwrap_or_default();
        if matches!(outcome, Outcome::Refused(_)) {
            if self.0.len() >= MAX_COUNTED {
                self.0.clear();
            }
            self.0.insert(id, known + 1);
        }
        known
    }

    /// To be called when the delivery has ended.
    pub(super) fn forget(&mut self, id: DeliveryId) {
        self.0.remove(&id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_refusals_are_counted() {
        let (mut refusals, id) = (Refusals::default(), DeliveryId(1));
        let (refused, failed) = (Outcome::Refused("550".into()), Outcome::Unknown("timeout"));
        let seen = [&failed, &refused, &failed, &refused, &refused].map(|outcome| refusals.before(id, outcome));
        assert_eq!(seen, [0, 0, 1, 1, 2]);
        refusals.forget(id);
        assert_eq!(refusals.before(id, &refused), 0);
    }
}
