//! What the outbox has in hand, and how much more it may take: so many deliveries by each way at a time. A row
//! that is born claimed when there is no room goes back among those that wait; who was kept waiting is asked for as
//! soon as a quarter of the room is free again, not only with the next sweep.

use std::collections::{HashMap, VecDeque};

use domain::DeliveryId;
use store::{EachWay, Way};

/// How a row came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Came {
    /// It was asked for, or follows the part of its reply that has just left.
    Claimed,
    /// It was written already claimed, whether or not there is room.
    Born,
}

/// The rows in hand.
#[derive(Debug)]
pub(super) struct InHand {
    held: HashMap<DeliveryId, Way>,
    rooms: EachWay<Room>,
}

#[derive(Debug)]
struct Room {
    most: usize,
    taken: usize,
    /// Rows may wait for nothing but room.
    is_behind: bool,
}

impl Room {
    fn new(most: usize) -> Self {
        Self {
            most,
            taken: 0,
            is_behind: false,
        }
    }

    fn left(&self) -> u32 {
        u32::try_from(self.most.saturating_sub(self.taken)).unwrap_or(u32::MAX)
    }

    /// A quarter, so that a long queue costs a few claims and not one for each of its rows.
    fn is_wanted(&self) -> bool {
        self.is_behind && self.taken * 4 <= self.most * 3
    }
}

impl InHand {
    /// Nothing in hand, and so many places.
    pub(super) fn new(places: &EachWay<usize>) -> Self {
        Self {
            held: HashMap::new(),
            rooms: EachWay::of(|way| Room::new(places[way])),
        }
    }

    /// Takes a row; `false` if it has to be handed back: it is one too many, or new while others wait for room, who would
    /// otherwise wait for as long as new ones come.
    pub(super) fn take(&mut self, id: DeliveryId, way: Way, came: Came) -> bool {
        self.held.insert(id, way);
        let room = &mut self.rooms[way];
        room.taken += 1;
        let pushes_in = came == Came::Born && room.is_behind;
        let is_one_too_many = room.taken > room.most;
        room.is_behind |= is_one_too_many;
        !is_one_too_many && !pushes_in
    }

    /// A row has left.
    pub(super) fn put_down(&mut self, id: DeliveryId) {
        if let Some(way) = self.held.remove(&id) {
            let room = &mut self.rooms[way];
            room.taken = room.taken.saturating_sub(1);
        }
    }

    pub(super) fn holds(&self, id: DeliveryId) -> bool {
        self.held.contains_key(&id)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    pub(super) fn ids(&self) -> Vec<DeliveryId> {
        self.held.keys().copied().collect()
    }

    /// How many more it may take.
    pub(super) fn left(&self) -> EachWay<u32> {
        EachWay::of(|way| self.rooms[way].left())
    }

    /// Rows that go these ways were claimed for the room that was `left`: if they fill it, more may wait.
    pub(super) fn claimed(&mut self, left: &EachWay<u32>, ways: impl Iterator<Item = Way>) {
        let mut unused = left.clone();
        ways.for_each(|way| unused[way] = unused[way].saturating_sub(1));
        for way in Way::ALL {
            self.rooms[way].is_behind = unused[way] == 0;
        }
    }

    /// Whether rows wait for nothing but the room there is now.
    pub(super) fn is_room_wanted(&self) -> bool {
        Way::ALL.into_iter().any(|way| self.rooms[way].is_wanted())
    }
}

/// Attempts that ended lately: a hint about one that comes after the sweep found its row must not send it again.
#[derive(Debug)]
pub(super) struct Ended {
    latest: VecDeque<(DeliveryId, u32)>,
    most: usize,
}

impl Ended {
    /// None yet, and at most so many.
    pub(super) fn new(most: usize) -> Self {
        let latest = VecDeque::new();
        Self { latest, most }
    }

    pub(super) fn remember(&mut self, id: DeliveryId, attempt: u32) {
        self.latest.push_back((id, attempt));
        if self.latest.len() > self.most {
            self.latest.pop_front();
        }
    }

    pub(super) fn knows(&self, id: DeliveryId, attempt: u32) -> bool {
        self.latest.contains(&(id, attempt))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn each<T: Copy>(chat: T, mail: T) -> EachWay<T> {
        EachWay::of(|way| if way == Way::Mail { mail } else { chat })
    }

    fn hands(messages: usize, letters: usize) -> InHand {
        InHand::new(&each(messages, letters))
    }

    fn left(hands: &InHand) -> (u32, u32) {
        (hands.left()[Way::Chat], hands.left()[Way::Mail])
    }

    fn claimed(hands: &mut InHand, left: (u32, u32), messages: usize, letters: usize) {
        let ways = [vec![Way::Chat; messages], vec![Way::Mail; letters]];
        hands.claimed(&each(left.0, left.1), ways.into_iter().flatten());
    }

    fn take(hands: &mut InHand, ids: std::ops::RangeInclusive<i64>, way: Way) -> Vec<bool> {
        ids.map(|id| hands.take(DeliveryId(id), way, Came::Born)).collect()
    }

    #[test]
    fn one_row_too_many_of_a_kind_is_handed_back() {
        let mut hands = hands(2, 1);
        assert_eq!(take(&mut hands, 1..=3, Way::Chat), [true, true, false]);
        assert_eq!(take(&mut hands, 11..=12, Way::Mail), [true, false]);
        assert_eq!(left(&hands), (0, 0));
        hands.put_down(DeliveryId(3));
        hands.put_down(DeliveryId(12));
        assert_eq!(left(&hands), (0, 0), "those within the bound are still in hand");
        hands.put_down(DeliveryId(1));
        assert_eq!(left(&hands), (1, 0));
    }

    #[test]
    fn who_was_kept_waiting_is_asked_for_when_a_quarter_is_free() {
        let mut hands = hands(8, 4);
        take(&mut hands, 1..=9, Way::Chat);
        for id in [9, 1] {
            hands.put_down(DeliveryId(id));
            assert!(!hands.is_room_wanted());
        }
        hands.put_down(DeliveryId(2));
        assert!(hands.is_room_wanted());
        claimed(&mut hands, (2, 4), 1, 0);
        assert!(!hands.is_room_wanted(), "nobody else waits");
    }

    #[test]
    fn who_is_new_waits_behind_those_who_wait_for_room() {
        let mut hands = hands(2, 1);
        take(&mut hands, 1..=3, Way::Chat);
        for id in [3, 1, 2] {
            hands.put_down(DeliveryId(id));
        }
        assert!(
            !hands.take(DeliveryId(4), Way::Chat, Came::Born),
            "there is room, but not for him"
        );
        hands.put_down(DeliveryId(4));
        assert!(hands.take(DeliveryId(3), Way::Chat, Came::Claimed));
        claimed(&mut hands, (2, 1), 1, 0);
        assert!(
            hands.take(DeliveryId(5), Way::Chat, Came::Born),
            "nobody waits any more"
        );
    }

    #[test]
    fn a_claim_that_fills_the_room_may_have_left_somebody_behind() {
        let mut hands = hands(4, 4);
        claimed(&mut hands, (4, 4), 4, 3);
        assert!(hands.is_room_wanted());
        take(&mut hands, 1..=4, Way::Chat);
        assert!(!hands.is_room_wanted(), "there is no room");
        take(&mut hands, 11..=13, Way::Mail);
        hands.put_down(DeliveryId(11));
        assert!(!hands.is_room_wanted(), "no letter was left behind");
        hands.put_down(DeliveryId(1));
        assert!(hands.is_room_wanted());
    }

    #[test]
    fn only_the_latest_of_all_ended_attempts_are_remembered() {
        let mut ended = Ended::new(4);
        (1..=100).for_each(|id| ended.remember(DeliveryId(id), 1));
        assert_eq!(ended.latest.len(), 4);
        assert!(ended.knows(DeliveryId(97), 1) && !ended.knows(DeliveryId(97), 2));
    }
}
