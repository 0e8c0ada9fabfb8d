//! Customers in a closed loop. Events of the stand-ins drive them on the stand-ins' thread. They record when each message was
//! written, how long the model took and when the answer arrived.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sandbox::{Event, Listener, Sandbox, Telegram};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::case::Case;

/// The first chat id.
const FIRST: u32 = 1;

pub(super) struct Customers {
    is_new_each_time: bool,
    next: UnboundedSender<u32>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Messages without an answer, by customer.
    waiting: HashMap<u32, Waiting>,
    /// Messages written so far; the next one's number.
    written: u32,
    last_customer: u32,
    /// Customers write again after an answer while this is true.
    is_open: bool,
    first_poll: Option<Instant>,
    answered: u64,
    delays: Vec<Duration>,
    surprises: Vec<String>,
}

struct Waiting {
    message: u32,
    written_at: Instant,
    asked_at: Option<Instant>,
    model: Duration,
}

impl Customers {
    pub(super) fn new(case: Case) -> (Arc<Self>, UnboundedReceiver<u32>) {
        let (next, turns) = unbounded_channel();
        let customers = Self {
            is_new_each_time: case == Case::Once,
            next,
            state: Mutex::default(),
        };
        (Arc::new(customers), turns)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn listener(self: &Arc<Self>) -> Listener {
        let customers = Arc::clone(self);
        Listener::new(move |event| customers.hear(event))
    }

    /// Queues one message before the bot starts: the bot gets it with its first poll.
    pub(super) fn first_message(&self, telegram: &Telegram) {
        self.write(telegram, FIRST);
    }

    /// Lets `count` customers write within this time, and again after each answer.
    pub(super) fn begin(
        self: &Arc<Self>,
        sandbox: &Sandbox,
        mut turns: UnboundedReceiver<u32>,
        count: u32,
        over: Duration,
    ) {
        {
            let mut state = self.state();
            (state.is_open, state.last_customer) = (true, FIRST + count);
        }
        let (customers, telegram) = (Arc::clone(self), sandbox.telegram().clone());
        sandbox.spawn(async move {
            let began = tokio::time::Instant::now();
            for n in 1..=count {
                tokio::time::sleep_until(began + over * n / count).await;
                customers.write(&telegram, FIRST + n);
            }
            while let Some(customer) = turns.recv().await {
                customers.write(&telegram, customer);
            }
        });
    }

    fn write(&self, telegram: &Telegram, customer: u32) {
        let message = {
            let mut state = self.state();
            state.written += 1;
            let waiting = Waiting {
                message: state.written,
                written_at: Instant::now(),
                asked_at: None,
                model: Duration::ZERO,
            };
            state.waiting.insert(customer, waiting);
            state.written
        };
        let text = format!("How much is it to clean a flat? message {message} of customer {customer}");
        telegram.say(i64::from(customer), &text);
    }

    /// Called by the stand-ins, under their locks.
    fn hear(&self, event: &Event) {
        match event {
            Event::UpdateDelivered { .. } => {
                self.state().first_poll.get_or_insert_with(Instant::now);
            }
            Event::RunAsked { text, .. } => {
                if let Some(waiting) = self.state().named(text) {
                    waiting.asked_at = Some(Instant::now());
                }
            }
            Event::RunCompleted { text, .. } => {
                if let Some(waiting) = self.state().named(text) {
                    waiting.model += waiting.asked_at.take().map(|at| at.elapsed()).unwrap_or_default();
                }
            }
            Event::MessageDelivered { chat, text, .. } => self.answered_with(*chat, text),
            Event::Violation { text } => self.state().surprises.push(text.clone()),
            _ => {}
        }
    }

    fn answered_with(&self, chat: i64, text: &str) {
        let mut state = self.state();
        let customer = u32::try_from(chat).unwrap_or_default();
        let is_own = audit::names(text).pop().is_some_and(|(_, named)| named == customer);
        let Some(waiting) = state.named(text).filter(|_| is_own) else {
            return state.surprises.push(format!("customer {chat} got {text:?}"));
        };
        let delay = waiting.written_at.elapsed().saturating_sub(waiting.model);
        state.waiting.remove(&customer);
        state.answered += 1;
        state.delays.push(delay);
        if state.is_open {
            state.last_customer += u32::from(self.is_new_each_time);
            let next = if self.is_new_each_time {
                state.last_customer
            } else {
                customer
            };
            // The receiver is dropped with the stand-ins.
            let _ = self.next.send(next);
        }
    }

    /// Time of the bot's first `getUpdates`.
    pub(super) fn first_poll(&self) -> Option<Instant> {
        self.state().first_poll
    }

    pub(super) fn answered(&self) -> u64 {
        self.state().answered
    }

    /// The delays since the last call.
    pub(super) fn take_delays(&self) -> Vec<Duration> {
        std::mem::take(&mut self.state().delays)
    }

    /// Stops the customers from writing.
    pub(super) fn close(&self) {
        self.state().is_open = false;
    }

    pub(super) fn unanswered(&self) -> usize {
        self.state().waiting.len()
    }

    pub(super) fn surprises(&self) -> Vec<String> {
        let state = self.state();
        let unanswered = state
            .waiting
            .keys()
            .map(|customer| format!("customer {customer} got no answer"));
        state.surprises.iter().cloned().chain(unanswered).collect()
    }
}

impl State {
    /// The unanswered message a text names.
    fn named(&mut self, text: &str) -> Option<&mut Waiting> {
        let (message, customer) = audit::names(text).pop()?;
        let waiting = self.waiting.get_mut(&customer);
        waiting.filter(|waiting| waiting.message == message)
    }
}
