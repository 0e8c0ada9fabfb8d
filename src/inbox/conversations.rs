//! The live conversations: one per chat, created for its first row. A conversation retires when it has been idle for long
//! enough, when too many are idle, or when a queued chat needs its place; the longest idle one retires first. A chat
//! never has two conversations: while one is being asked to retire, its hints wait here.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use chrono::{DateTime, TimeDelta, Utc};
use domain::ChatId;

use crate::config::Limits;
use crate::conversation::messages::{CheckRows, Retire, StopTurns, TakeRow};
use crate::runtime::{Port, Reach};

/// The handle of one conversation; dropping it ends the conversation.
pub(crate) trait Conversation: Reach<TakeRow> + Reach<CheckRows> + Reach<Retire> + Reach<StopTurns> {}

impl<T: Reach<TakeRow> + Reach<CheckRows> + Reach<Retire> + Reach<StopTurns>> Conversation for T {}

/// Creates the conversation of a chat.
pub(super) type Make = Box<dyn Fn(ChatId) -> Box<dyn Conversation>>;

/// Conversations to ask for their retirement.
pub(super) type Chosen = Vec<(ChatId, Port<Retire>)>;

pub(crate) struct Conversations {
    make: Make,
    live: HashMap<ChatId, Live>,
    /// In the order in which they became idle, so that a choice does not scan all of them.
    idle: BTreeMap<u64, ChatId>,
    next_place: u64,
    retiring: usize,
    /// Chats with rows but without a conversation, in order of arrival.
    queue: VecDeque<ChatId>,
    queued: HashSet<ChatId>,
    max_live: usize,
    max_idle: usize,
    max_queued: usize,
}

struct Live {
    conversation: Box<dyn Conversation>,
    used_at: DateTime<Utc>,
    state: State,
}

enum State {
    /// It has work, or was just sent a hint.
    Busy,
    /// It reported to be idle; its place in the order.
    Idle(u64),
    /// It was asked to retire and has not answered. Boxed because few retire at a time and thousands are idle.
    Retiring(Box<Retiring>),
}

/// Messages for and from a conversation since it was asked to retire.
#[derive(Default)]
struct Retiring {
    missed: Vec<TakeRow>,
    became_idle: bool,
}

impl Conversations {
    pub(crate) fn new(make: Make, limits: &Limits) -> Self {
        Self {
            make,
            live: HashMap::new(),
            idle: BTreeMap::new(),
            next_place: 0,
            retiring: 0,
            queue: VecDeque::new(),
            queued: HashSet::new(),
            max_live: limits.open_turns + limits.idle_conversations,
            max_idle: limits.idle_conversations,
            max_queued: limits.waiting_chats,
        }
    }

    /// Passes a hint to the chat's conversation. If there is no place for one, the chat is queued; a new conversation reads
    /// the row itself.
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

    /// The port that makes the chat's conversation read its rows. `None` if it is retiring or the chat is queued.
    pub(super) fn work_port(&mut self, chat: ChatId, now: DateTime<Utc>) -> Option<Port<CheckRows>> {
        let live = self.wake(chat, now)?;
        let is_retiring = matches!(live.state, State::Retiring(_));
        (!is_retiring).then(|| live.conversation.port())
    }

    fn wake(&mut self, chat: ChatId, now: DateTime<Utc>) -> Option<&mut Live> {
        if !self.live.contains_key(&chat) {
            if self.live.len() >= self.max_live {
                self.enqueue(chat);
                return None;
            }
            self.create(chat, now);
        }
        let live = self.live.get_mut(&chat)?;
        live.used_at = now;
        if let State::Idle(place) = live.state {
            self.idle.remove(&place);
            live.state = State::Busy;
        }
        Some(live)
    }

    fn create(&mut self, chat: ChatId, now: DateTime<Utc>) {
        let live = Live {
            conversation: (self.make)(chat),
            used_at: now,
            state: State::Busy,
        };
        self.live.insert(chat, live);
    }

    fn enqueue(&mut self, chat: ChatId) {
        if self.queue.len() < self.max_queued && self.queued.insert(chat) {
            self.queue.push_back(chat);
        }
    }

    /// A conversation reported to be idle. If a hint was sent to it meanwhile, its answer to [`Retire`] corrects this.
    pub(super) fn became_idle(&mut self, chat: ChatId, now: DateTime<Utc>) {
        let Some(live) = self.live.get_mut(&chat) else {
            return;
        };
        match &mut live.state {
            State::Idle(_) => {}
            State::Retiring(retiring) => retiring.became_idle = true,
            State::Busy => {
                live.used_at = now;
                live.state = State::Idle(self.next_place);
                self.idle.insert(self.next_place, chat);
                self.next_place += 1;
            }
        }
    }

    /// Chooses the conversations to retire now: the idle ones above the bound, and one per queued chat.
    pub(super) fn surplus(&mut self) -> Chosen {
        let beyond = self.idle.len().saturating_sub(self.max_idle);
        let needed = self.queue.len().saturating_sub(self.retiring);
        let count = beyond.max(needed).min(self.idle.len());
        let chats: Vec<ChatId> = self.idle.values().take(count).copied().collect();
        self.choose(chats)
    }

    /// Chooses the conversations unused for `idle`, and one of the longest unused per queued chat. It ignores idle reports,
    /// because a report may be lost.
    pub(super) fn unused(&mut self, now: DateTime<Utc>, idle: TimeDelta) -> Chosen {
        let candidates = self.live.iter().filter(|(_, live)| !live.is_retiring());
        let mut candidates: Vec<(DateTime<Utc>, ChatId)> =
            candidates.map(|(chat, live)| (live.used_at, *chat)).collect();
        candidates.sort_unstable();
        let needed = self.queue.len();
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

    /// Handles the answer to [`Retire`].
    pub(super) fn retired(&mut self, chat: ChatId, has_retired: bool, now: DateTime<Utc>) {
        let Some(live) = self.live.get_mut(&chat) else {
            return;
        };
        let State::Retiring(retiring) = std::mem::replace(&mut live.state, State::Busy) else {
            return;
        };
        let Retiring { missed, became_idle } = *retiring;
        self.retiring -= 1;
        let is_wanted = !missed.is_empty();
        if has_retired {
            self.live.remove(&chat);
            if is_wanted {
                self.enqueue(chat);
            }
            return;
        }
        for take in missed {
            live.take(take);
        }
        if became_idle && !is_wanted {
            self.became_idle(chat, now);
        }
    }

    /// Gives the free places to the queued chats, in order.
    pub(super) fn serve_queue(&mut self, now: DateTime<Utc>) {
        while self.live.len() < self.max_live {
            let Some(chat) = self.queue.pop_front() else {
                return;
            };
            self.queued.remove(&chat);
            if !self.live.contains_key(&chat) {
                self.create(chat, now);
            }
        }
    }

    /// After a panic the answers to [`Retire`] are lost, so all retiring conversations are kept.
    pub(super) fn keep_all(&mut self, now: DateTime<Utc>) {
        let retiring = self.live.iter().filter(|(_, live)| live.is_retiring());
        let retiring: Vec<ChatId> = retiring.map(|(chat, _)| *chat).collect();
        for chat in retiring {
            self.retired(chat, false, now);
            // If it has work, it will refuse to retire and report later.
            self.became_idle(chat, now);
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

    /// A conversation that never answers.
    struct Silent;

    impl Behaviour for Silent {
        const NAME: &'static str = "silent";
    }

    impl<M: Request> Receive<M> for Silent {
        fn receive(&mut self, _message: M, _answer: Answer<M::Answer>, _ctx: &mut Ctx<'_, Self>) {}
    }

    #[actix_rt::test]
    async fn a_chat_gets_a_second_conversation_only_after_the_first_has_retired() {
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
        // Columns: whether it retires, and the number of conversations created until then.
        for (has_retired, created) in [(false, 1), (true, 2)] {
            assert!(conversations.work_port(chat, now).is_some());
            assert_eq!(
                conversations.unused(now + idle * 2, idle).len(),
                1,
                "it is asked to retire"
            );
            assert!(conversations.work_port(chat, now).is_none(), "it has not answered");
            assert_eq!(made.get(), 1);
            conversations.retired(chat, has_retired, now);
            assert!(conversations.work_port(chat, now).is_some());
            assert_eq!(made.get(), created);
        }
    }
}
