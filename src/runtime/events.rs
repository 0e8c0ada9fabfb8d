//! What happens, told once: to the log, and to whoever listens (the demo, a test). A listener that is slow
//! misses events; nothing waits for it. Names and fields are stable and listed in `docs/logs.md`.

use std::fmt::Display;

use log::kv::{Error, Key, Source, Value, VisitSource};
use log::{Level, Record};
use tokio::sync::broadcast;

use crate::domain::{ChatId, TurnId};

const LISTENER_ROOM: usize = 4096;

/// One thing that happened. Never holds a phone or a secret, and a message's text only by [`Events::quote`].
#[derive(Debug, Clone)]
pub struct Event {
    /// How grave it is.
    pub level: Level,
    /// The actor it happened to: `conversation`.
    pub actor: &'static str,
    /// What happened: `turn_started`.
    pub name: &'static str,
    /// Its figures, in the order in which they are read.
    pub fields: Vec<(&'static str, String)>,
}

impl Event {
    fn new(level: Level, actor: &'static str, name: &'static str) -> Self {
        Self {
            level,
            actor,
            name,
            fields: Vec::new(),
        }
    }

    /// Something an operator may want to follow one message by.
    pub fn debug(actor: &'static str, name: &'static str) -> Self {
        Self::new(Level::Debug, actor, name)
    }

    /// Something that is part of a good day.
    pub fn info(actor: &'static str, name: &'static str) -> Self {
        Self::new(Level::Info, actor, name)
    }

    /// Something that went wrong and mends itself.
    pub fn warn(actor: &'static str, name: &'static str) -> Self {
        Self::new(Level::Warn, actor, name)
    }

    /// Something an operator has to look at.
    pub fn error(actor: &'static str, name: &'static str) -> Self {
        Self::new(Level::Error, actor, name)
    }

    /// Adds a figure.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: impl Display) -> Self {
        self.fields.push((key, value.to_string()));
        self
    }

    /// Adds a figure if there is one.
    #[must_use]
    pub fn with_some(self, key: &'static str, value: Option<impl Display>) -> Self {
        match value {
            Some(value) => self.with(key, value),
            None => self,
        }
    }

    /// Adds `chat=`.
    #[must_use]
    pub fn chat(self, chat: ChatId) -> Self {
        self.with("chat", chat)
    }

    /// Adds `upd=`, the update that caused it.
    #[must_use]
    pub fn upd(self, update: impl Display) -> Self {
        self.with("upd", update)
    }

    /// Adds `turn=`.
    #[must_use]
    pub fn turn(self, turn: TurnId) -> Self {
        self.with("turn", turn)
    }

    /// The value of a figure.
    pub fn field(&self, key: &str) -> Option<&str> {
        let (_, value) = self.fields.iter().find(|(name, _)| *name == key)?;
        Some(value)
    }

    fn target(&self) -> String {
        format!("frontdesk::{}", self.actor)
    }
}

impl Source for Event {
    fn visit<'kvs>(&'kvs self, visitor: &mut dyn VisitSource<'kvs>) -> Result<(), Error> {
        for (key, value) in &self.fields {
            visitor.visit_pair(Key::from_str(key), typed(value))?;
        }
        Ok(())
    }

    fn get(&self, key: Key<'_>) -> Option<Value<'_>> {
        self.field(key.as_str()).map(Value::from)
    }
}

/// Numbers and truths stay what they are where the log has types (`LOG_FORMAT=json`).
fn typed(value: &str) -> Value<'_> {
    match (value.parse::<i64>(), value.parse::<bool>()) {
        (Ok(number), _) if number.to_string() == value => Value::from(number),
        (_, Ok(truth)) => Value::from(truth),
        _ => Value::from(value),
    }
}

/// Where events go.
#[derive(Clone)]
pub struct Events {
    listeners: broadcast::Sender<Event>,
    shows_texts: bool,
}

impl Default for Events {
    fn default() -> Self {
        Self {
            listeners: broadcast::Sender::new(LISTENER_ROOM),
            shows_texts: false,
        }
    }
}

impl Events {
    /// Events that also tell what was said: only where the operator asked for it (`LOG_MESSAGE_TEXT`).
    pub fn with_texts(self) -> Self {
        Self {
            shows_texts: true,
            ..self
        }
    }

    /// Adds words that were said, if they may be told.
    pub fn quote(&self, event: Event, words: impl FnOnce() -> String) -> Event {
        match self.shows_texts {
            true => event.with("text", words()),
            false => event,
        }
    }

    /// Tells the log and every listener.
    pub fn emit(&self, event: Event) {
        let target = event.target();
        if log::log_enabled!(target: &target, event.level) {
            log::logger().log(
                &Record::builder()
                    .target(&target)
                    .level(event.level)
                    .args(format_args!("{}", event.name))
                    .key_values(&event)
                    .build(),
            );
        }
        // Nobody listening is the usual case, not a failure.
        let _ = self.listeners.send(event);
    }

    /// Listens from now on; the oldest unread events are lost beyond 4096.
    pub fn listen(&self) -> broadcast::Receiver<Event> {
        self.listeners.subscribe()
    }
}
