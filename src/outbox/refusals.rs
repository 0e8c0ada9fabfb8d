//! How often each delivery that still waits has been refused. A new life begins to count anew: that costs a try more.

use std::collections::HashMap;

use domain::DeliveryId;

use super::courier::Outcome;

/// At this bound all counts begin anew: a delivery may be tried more often.
const MOST: usize = 10_000;

#[derive(Debug, Default)]
pub(super) struct Refusals(HashMap<DeliveryId, u32>);

impl Refusals {
    /// How often it was refused before it came to this outcome. A refusal is counted.
    pub(super) fn before(&mut self, id: DeliveryId, outcome: &Outcome) -> u32 {
        let known = self.0.get(&id).copied().unwrap_or_default();
        if matches!(outcome, Outcome::Refused(_)) {
            if self.0.len() >= MOST {
                self.0.clear();
            }
            self.0.insert(id, known + 1);
        }
        known
    }

    /// The delivery has ended.
    pub(super) fn forget(&mut self, id: DeliveryId) {
        self.0.remove(&id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_counted_and_other_failures_are_not() {
        let (mut refusals, id) = (Refusals::default(), DeliveryId(1));
        let (refused, failed) = (Outcome::Refused("550".into()), Outcome::Unknown("timeout"));
        let seen = [&failed, &refused, &failed, &refused, &refused].map(|outcome| refusals.before(id, outcome));
        assert_eq!(seen, [0, 0, 1, 1, 2]);
        refusals.forget(id);
        assert_eq!(refusals.before(id, &refused), 0);
    }
}
