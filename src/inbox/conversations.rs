//! The live conversations: one for each chat, born with its first row. It retires when it has been idle for long enough,
//! when too many are idle, or when a chat without a conversation needs the place: the longest idle one first, at once. A
//! chat never has two conversations: while one is asked to retire, its hints wait here.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use chrono::{DateTime, TimeDelta, Utc};
use domain::ChatId;

use crate::config::Limits;
use crate::conversation::messages::{LookForWork, Retire, StopTurns, TakeRow};
use crate::runtime::{Port, Reach};

/// The way into one conversation; dropping it lets the conversation end.
pub(crate) trait Conversation: Reach<TakeRow> + Reach<LookForWork> + Reach<Retire> + Reach<StopTurns> {}

impl<T: Reach<TakeRow> + Reach<LookForWork> + Reach<Retire> + Reach<StopTurns>> Conversation for T {}

/// Makes the conversation of a chat.
pub(super) type Make = Box<dyn Fn(ChatId) -> Box<dyn Conversation>>;

/// Conversations that are to be asked whether they retire.
pub(super) type Chosen = Vec<(ChatId, Port<Retire>)>;

/// All of them.
pub(crate) struct Conversations {
    make: Make,
    live: HashMap<ChatId, Live>,
    /// The idle ones, in the order in which they became idle: a choice costs the same however many there are.
    idle: BTreeMap<u64, ChatId>,
    next_place: u64,
    retiring: usize,
    /// Chats with rows and without a conversation, in the order in which they came.
    line: VecDeque<ChatId>,
    in_line: HashSet<ChatId>,
    max_live: usize,
    max_idle: usize,
    max_in_line: usize,
}

struct Live {
    conversation: Box<dyn Conversation>,
    used_at: DateTime<Utc>,
    state: State,
}

enum State {
    /// It has work, or a hint is on its way to it.
    Busy,
    /// It reported that it has nothing to do; its place in the order.
    Idle(u64),
    /// It was asked to retire and has not answered. Boxed: few are asked at a time, and thousands are idle.
    Retiring(Box<Retiring>),
}

/// What came for a conversation since it was asked to retire.
#[derive(Default)]
struct Retiring {
    missed: Vec<TakeRow>,
    has_rested: bool,
}

impl Conversations {
    /// None yet, within these bounds, each made by `make`.
    pub(crate) fn new(make: Make, limits: &Limits) -> Self {
        Self {
            make,
            live: HashMap::new(),
            idle: BTreeMap::new(),
            next_place: 0,
            retiring: 0,
            line: VecDeque::new(),
            in_line: HashSet::new(),
            max_live: limits.open_turns + limits.idle_conversations,
            max_idle: limits.idle_conversations,
            max_in_line: limits.waiting_chats,
        }
    }

    /// Hands a hint to the chat's conversation. Without a place for one the chat waits in line: the conversation reads
    /// the row itself when it is born.
    pub(super) fn take(&mut self, chat: ChatId, take: TakeRow, now: DateTime<Utc>) {
        match self.wake(chat, now) {
            Some(Live {
                state: State::Retiring(retiring),
                ..
            }) => retiring.missed.push(take),
            Some(live) => live.take(take),
            None => {}
        }
    }

    /// The way to make the chat's conversation look at its rows. `None`: it is retiring, or waits in line.
    pub(super) fn look(&mut self, chat: ChatId, now: DateTime<Utc>) -> Option<Port<LookForWork>> {
        let live = self.wake(chat, now)?;
        let is_retiring = matches!(live.state, State::Retiring(_));
        (!is_retiring).then(|| live.conversation.port())
    }

    fn wake(&mut self, chat: ChatId, now: DateTime<Utc>) -> Option<&mut Live> {
        if !self.live.contains_key(&chat) {
            if self.live.len() >= self.max_live {
                self.wait_in_line(chat);
                return None;
            }
            self.bear(chat, now);
        }
        let live = self.live.get_mut(&chat)?;
        live.used_at = now;
        if let State::Idle(place) = live.state {
            self.idle.remove(&place);
            live.state = State::Busy;
        }
        Some(live)
    }

    fn bear(&mut self, chat: ChatId, now: DateTime<Utc>) {
        let live = Live {
            conversation: (self.make)(chat),
            used_at: now,
            state: State::Busy,
        };
        self.live.insert(chat, live);
    }

    fn wait_in_line(&mut self, chat: ChatId) {
        if self.line.len() < self.max_in_line && self.in_line.insert(chat) {
            self.line.push_back(chat);
        }
    }

    /// A conversation reported that it has nothing to do. A report that crossed a hint is corrected by the answer to
    /// [`Retire`].
    pub(super) fn rested(&mut self, chat: ChatId, now: DateTime<Utc>) {
        let Some(live) = self.live.get_mut(&chat) else {
            return;
        };
        match &mut live.state {
            State::Idle(_) => {}
            State::Retiring(retiring) => retiring.has_rested = true,
            State::Busy => {
                live.used_at = now;
                live.state = State::Idle(self.next_place);
                self.idle.insert(self.next_place, chat);
                self.next_place += 1;
            }
        }
    }

    /// Those that have to go now: beyond the bound on idle ones, and one for each chat in line.
    pub(super) fn surplus(&mut self) -> Chosen {
        let beyond = self.idle.len().saturating_sub(self.max_idle);
        let needed = self.line.len().saturating_sub(self.retiring);
        let count = beyond.max(needed).min(self.idle.len());
        let chats: Vec<ChatId> = self.idle.values().take(count).copied().collect();
        self.choose(chats)
    }

    /// Those that nobody has used for `idle`, whether they reported to be idle or not: a report may be lost. For the same
    /// reason as many of the longest unused ones as there are chats in line.
    pub(super) fn unused(&mut self, now: DateTime<Utc>, idle: TimeDelta) -> Chosen {
        let candidates = self.live.iter().filter(|(_, live)| !live.is_retiring());
        let mut candidates: Vec<(DateTime<Utc>, ChatId)> =
            candidates.map(|(chat, live)| (live.used_at, *chat)).collect();
        candidates.sort_unstable();
        let needed = self.line.len();
        let chosen = candidates
            .into_iter()
            .enumerate()
            .filter(|(place, (used_at, _))| *place < needed || now - *used_at > idle);
        let chosen = chosen.map(|(_, (_, chat))| chat).collect();
        self.choose(chosen)
    }

    fn choose(&mut self, chats: Vec<ChatId>) -> Chosen {
        let mut chosen = Chosen::with_capacity(chats.len());
        for chat in chats {
            let Some(live) = self.live.get_mut(&chat) else {
                continue;
            };
            if let State::Idle(place) = live.state {
                self.idle.remove(&place);
            }
            live.state = State::Retiring(Box::default());
            self.retiring += 1;
            chosen.push((chat, live.conversation.port()));
        }
        chosen
    }

    /// One of them answered whether it retired.
    pub(super) fn retired(&mut self, chat: ChatId, did: bool, now: DateTime<Utc>) {
        let Some(live) = self.live.get_mut(&chat) else {
            return;
        };
        let State::Retiring(retiring) = std::mem::replace(&mut live.state, State::Busy) else {
            return;
        };
        let Retiring { missed, has_rested } = *retiring;
        self.retiring -= 1;
        let is_wanted = !missed.is_empty();
        if did {
            self.live.remove(&chat);
            if is_wanted {
                self.wait_in_line(chat);
            }
            return;
        }
        for take in missed {
            live.take(take);
        }
        if has_rested && !is_wanted {
            self.rested(chat, now);
        }
    }

    /// Gives the free places to the chats in line, first come, first served.
    pub(super) fn serve(&mut self, now: DateTime<Utc>) {
        while self.live.len() < self.max_live {
            let Some(chat) = self.line.pop_front() else {
                return;
            };
            self.in_line.remove(&chat);
            if !self.live.contains_key(&chat) {
                self.bear(chat, now);
            }
        }
    }

    /// The answers of those that were asked to retire will not come: they stay.
    pub(super) fn keep_all(&mut self, now: DateTime<Utc>) {
        let retiring = self.live.iter().filter(|(_, live)| live.is_retiring());
        let retiring: Vec<ChatId> = retiring.map(|(chat, _)| *chat).collect();
        for chat in retiring {
            self.retired(chat, false, now);
            // One with work refuses to retire and reports later.
            self.rested(chat, now);
        }
    }

    pub(super) fn stops(&self) -> Vec<Port<StopTurns>> {
        self.live.values().map(|live| live.conversation.port()).collect()
    }
}

impl Live {
    fn take(&self, take: TakeRow) {
        self.conversation.hint(take);
    }

    fn is_retiring(&self) -> bool {
        matches!(self.state, State::Retiring(_))
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;

    use base::{Clock, Events};

    use super::*;
    use crate::runtime::{Answer, Behaviour, Ctx, Receive, Request, Runtime, start};

    /// A conversation that never says anything.
    struct Silent;

    impl Behaviour for Silent {
        const NAME: &'static str = "silent";
    }

    impl<M: Request> Receive<M> for Silent {
        fn receive(&mut self, _message: M, _answer: Answer<M::Answer>, _ctx: &mut Ctx<'_, Self>) {}
    }

    #[actix_rt::test]
    async fn a_chat_has_no_second_conversation_before_the_first_has_retired() {
        let limits = Limits::default();
        let runtime = Runtime::new(Clock::system(), Events::default(), &limits);
        let made = Rc::new(Cell::new(0));
        let count = Rc::clone(&made);
        let make = move |_| -> Box<dyn Conversation> {
            count.set(count.get() + 1);
            Box::new(start(&runtime, || Silent))
        };
        let mut conversations = Conversations::new(Box::new(make), &limits);
        let (chat, now, idle) = (ChatId(7), DateTime::UNIX_EPOCH, TimeDelta::minutes(10));
        // Whether it refuses to retire or does, and how many the chat then has had.
        for (did, then) in [(false, 1), (true, 2)] {
            assert!(conversations.look(chat, now).is_some());
            assert_eq!(
                conversations.unused(now + idle * 2, idle).len(),
                1,
                "it is asked to retire"
            );
            assert!(conversations.look(chat, now).is_none(), "it has not answered");
            assert_eq!(made.get(), 1);
            conversations.retired(chat, did, now);
            assert!(conversations.look(chat, now).is_some());
            assert_eq!(made.get(), then);
        }
    }
}
