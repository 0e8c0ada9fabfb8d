//! The conversations that live: one for each chat, born with its first row, retired when it has been idle for long
//! enough or when there are too many. A chat never has two: while one is asked to retire, its rows wait.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

use crate::conversation::messages::{LookForWork, Retire, StopTurns, TakeTurn};
use crate::domain::ChatId;
use crate::runtime::Port;

/// The ways into one conversation; dropping them lets it end.
pub struct Conversation {
    /// A row of it was stored.
    pub take: Port<TakeTurn>,
    /// A row of it waits.
    pub look: Port<LookForWork>,
    /// It may be idle.
    pub retire: Port<Retire>,
    /// The service stops.
    pub stop: Port<StopTurns>,
}

/// All of them.
pub struct Conversations {
    make: Box<dyn Fn(ChatId) -> Conversation>,
    live: HashMap<ChatId, Live>,
    most: usize,
}

struct Live {
    conversation: Conversation,
    used_at: DateTime<Utc>,
    is_retiring: bool,
    /// Rows came while it was retiring.
    is_wanted: bool,
}

impl Conversations {
    /// None yet; at most `most`, each made by `make`.
    pub fn new(make: Box<dyn Fn(ChatId) -> Conversation>, most: usize) -> Self {
        Self {
            make,
            live: HashMap::new(),
            most,
        }
    }

    /// The chat's conversation, born if there is room. `None`: it is retiring, or there are too many; its rows are
    /// found later.
    pub(super) fn wake(&mut self, chat: ChatId, now: DateTime<Utc>) -> Option<&Conversation> {
        if !self.live.contains_key(&chat) && self.live.len() >= self.most {
            return None;
        }
        let live = self.live.entry(chat).or_insert_with(|| Live {
            conversation: (self.make)(chat),
            used_at: now,
            is_retiring: false,
            is_wanted: false,
        });
        live.used_at = now;
        live.is_wanted = live.is_retiring;
        (!live.is_retiring).then_some(&live.conversation)
    }

    /// Those to be asked to retire: idle for `idle`, and beyond `room` those that have been idle longest.
    pub(super) fn idle(&mut self, now: DateTime<Utc>, idle: TimeDelta, room: usize) -> Vec<(ChatId, Port<Retire>)> {
        let mut candidates: Vec<(DateTime<Utc>, ChatId)> = self
            .live
            .iter()
            .filter(|(_, live)| !live.is_retiring)
            .map(|(chat, live)| (live.used_at, *chat))
            .collect();
        candidates.sort_unstable();
        let beyond = candidates.len().saturating_sub(room);
        let chosen = candidates
            .into_iter()
            .enumerate()
            .filter(|(place, (used_at, _))| *place < beyond || now - *used_at > idle);
        let chosen: Vec<ChatId> = chosen.map(|(_, (_, chat))| chat).collect();
        chosen
            .into_iter()
            .filter_map(|chat| {
                let live = self.live.get_mut(&chat)?;
                live.is_retiring = true;
                Some((chat, live.conversation.retire.clone()))
            })
            .collect()
    }

    /// One of them answered. `true`: rows of it came meanwhile and nobody has them in hand.
    pub(super) fn retired(&mut self, chat: ChatId, did: bool) -> bool {
        let Some(live) = self.live.get_mut(&chat) else {
            return false;
        };
        let is_wanted = std::mem::take(&mut live.is_wanted);
        live.is_retiring = false;
        if did {
            self.live.remove(&chat);
        }
        is_wanted
    }

    /// Nobody waits any more for those that were asked to retire.
    pub(super) fn keep_all(&mut self) {
        for live in self.live.values_mut() {
            live.is_retiring = false;
        }
    }

    pub(super) fn len(&self) -> usize {
        self.live.len()
    }

    pub(super) fn stops(&self) -> Vec<Port<StopTurns>> {
        self.live.values().map(|live| live.conversation.stop.clone()).collect()
    }
}
