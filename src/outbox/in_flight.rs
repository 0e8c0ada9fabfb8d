//! The deliveries in flight and the remaining capacity of each way. A row written as claimed while there is no capacity
//! is handed back to the waiting rows. Waiting rows are claimed as soon as a quarter of the capacity is free, not only
//! by the next sweep.

use std::collections::{HashMap, VecDeque};

use domain::DeliveryId;
use store::{EachWay, Way};

/// How the outbox got a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// Claimed by the outbox, or the next row of a lane whose row has just ended.
    Claimed,
    /// Written as claimed, regardless of the capacity.
    Fresh,
}

#[derive(Debug)]
pub(super) struct InFlight {
    rows: HashMap<DeliveryId, Way>,
    capacities: EachWay<Capacity>,
}

#[derive(Debug)]
struct Capacity {
    max: usize,
    used: usize,
    /// Due rows may be waiting only for capacity.
    has_backlog: bool,
}

impl Capacity {
    fn new(max: usize) -> Self {
        Self {
            max,
            used: 0,
            has_backlog: false,
        }
    }

    fn free(&self) -> u32 {
        u32::try_from(self.max.saturating_sub(self.used)).unwrap_or(u32::MAX)
    }

    /// A quarter, so that a long queue needs a few claims, not one per row.
    fn is_wanted(&self) -> bool {
        self.has_backlog && self.used * 4 <= self.max * 3
    }
}

impl InFlight {
    pub(super) fn new(max: &EachWay<usize>) -> Self {
        Self {
            rows: HashMap::new(),
            capacities: EachWay::of(|way| Capacity::new(max[way])),
        }
    }

    /// Adds a row. `false` if it must be handed back: it exceeds the capacity, or it is fresh while older rows wait, which
    /// new rows would otherwise starve.
    pub(super) fn add(&mut self, id: DeliveryId, way: Way, origin: Origin) -> bool {
        self.rows.insert(id, way);
        let capacity = &mut self.capacities[way];
        capacity.used += 1;
        let jumps_queue = origin == Origin::Fresh && capacity.has_backlog;
        let is_excess = capacity.used > capacity.max;
        capacity.has_backlog |= is_excess;
        !is_excess && !jumps_queue
    }

    pub(super) fn remove(&mut self, id: DeliveryId) {
        if let Some(way) = self.rows.remove(&id) {
            let capacity = &mut self.capacities[way];
            capacity.used = capacity.used.saturating_sub(1);
        }
    }

    pub(super) fn contains(&self, id: DeliveryId) -> bool {
        self.rows.contains_key(&id)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub(super) fn ids(&self) -> Vec<DeliveryId> {
        self.rows.keys().copied().collect()
    }

    pub(super) fn free(&self) -> EachWay<u32> {
        EachWay::of(|way| self.capacities[way].free())
    }

    /// Updates the backlog after a claim for the capacity that was `free`: if the claimed rows fill it, more may wait.
    pub(super) fn claimed(&mut self, free: &EachWay<u32>, ways: impl Iterator<Item = Way>) {
        let mut unused = free.clone();
        ways.for_each(|way| unused[way] = unused[way].saturating_sub(1));
        for way in Way::ALL {
            self.capacities[way].has_backlog = unused[way] == 0;
        }
    }

    /// Whether waiting rows could use the free capacity now.
    pub(super) fn should_claim(&self) -> bool {
        Way::ALL.into_iter().any(|way| self.capacities[way].is_wanted())
    }
}

/// The last ended attempts. If the sweep finds a row before its hint arrives, the late hint must not send it again.
#[derive(Debug)]
pub(super) struct EndedAttempts {
    latest: VecDeque<(DeliveryId, u32)>,
    max: usize,
}

impl EndedAttempts {
    pub(super) fn new(max: usize) -> Self {
        let latest = VecDeque::new();
        Self { latest, max }
    }

    pub(super) fn add(&mut self, id: DeliveryId, attempt: u32) {
        self.latest.push_back((id, attempt));
        if self.latest.len() > self.max {
            self.latest.pop_front();
        }
    }

    pub(super) fn contains(&self, id: DeliveryId, attempt: u32) -> bool {
        self.latest.contains(&(id, attempt))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn each<T: Copy>(chat: T, mail: T) -> EachWay<T> {
        EachWay::of(|way| if way == Way::Mail { mail } else { chat })
    }

    fn in_flight(messages: usize, letters: usize) -> InFlight {
        InFlight::new(&each(messages, letters))
    }

    fn free(rows: &InFlight) -> (u32, u32) {
        (rows.free()[Way::Chat], rows.free()[Way::Mail])
    }

    fn claimed(rows: &mut InFlight, free: (u32, u32), messages: usize, letters: usize) {
        let ways = [vec![Way::Chat; messages], vec![Way::Mail; letters]];
        rows.claimed(&each(free.0, free.1), ways.into_iter().flatten());
    }

    fn add(rows: &mut InFlight, ids: std::ops::RangeInclusive<i64>, way: Way) -> Vec<bool> {
        ids.map(|id| rows.add(DeliveryId(id), way, Origin::Fresh)).collect()
    }

    #[test]
    fn a_row_above_the_capacity_is_handed_back() {
        let mut rows = in_flight(2, 1);
        assert_eq!(add(&mut rows, 1..=3, Way::Chat), [true, true, false]);
        assert_eq!(add(&mut rows, 11..=12, Way::Mail), [true, false]);
        assert_eq!(free(&rows), (0, 0));
        rows.remove(DeliveryId(3));
        rows.remove(DeliveryId(12));
        assert_eq!(free(&rows), (0, 0), "the rows within the capacity are still in flight");
        rows.remove(DeliveryId(1));
        assert_eq!(free(&rows), (1, 0));
    }

    #[test]
    fn waiting_rows_are_claimed_when_a_quarter_of_the_capacity_is_free() {
        let mut rows = in_flight(8, 4);
        add(&mut rows, 1..=9, Way::Chat);
        for id in [9, 1] {
            rows.remove(DeliveryId(id));
            assert!(!rows.should_claim());
        }
        rows.remove(DeliveryId(2));
        assert!(rows.should_claim());
        claimed(&mut rows, (2, 4), 1, 0);
        assert!(!rows.should_claim(), "no other row waits");
    }

    #[test]
    fn a_fresh_row_waits_behind_rows_that_wait_for_capacity() {
        let mut rows = in_flight(2, 1);
        add(&mut rows, 1..=3, Way::Chat);
        for id in [3, 1, 2] {
            rows.remove(DeliveryId(id));
        }
        assert!(
            !rows.add(DeliveryId(4), Way::Chat, Origin::Fresh),
            "the free capacity is for older rows"
        );
        rows.remove(DeliveryId(4));
        assert!(rows.add(DeliveryId(3), Way::Chat, Origin::Claimed));
        claimed(&mut rows, (2, 1), 1, 0);
        assert!(
            rows.add(DeliveryId(5), Way::Chat, Origin::Fresh),
            "no row waits any more"
        );
    }

    #[test]
    fn a_claim_that_fills_the_capacity_implies_a_backlog() {
        let mut rows = in_flight(4, 4);
        claimed(&mut rows, (4, 4), 4, 3);
        assert!(rows.should_claim());
        add(&mut rows, 1..=4, Way::Chat);
        assert!(!rows.should_claim(), "there is no capacity");
        add(&mut rows, 11..=13, Way::Mail);
        rows.remove(DeliveryId(11));
        assert!(!rows.should_claim(), "no letter waits");
        rows.remove(DeliveryId(1));
        assert!(rows.should_claim());
    }

    #[test]
    fn only_the_latest_ended_attempts_are_remembered() {
        let mut ended = EndedAttempts::new(4);
        (1..=100).for_each(|id| ended.add(DeliveryId(id), 1));
        assert_eq!(ended.latest.len(), 4);
        assert!(ended.contains(DeliveryId(97), 1) && !ended.contains(DeliveryId(97), 2));
    }
}
