//! Events, sent to the log and to listeners (the demo, a test). A slow listener misses events; nothing waits for it. Names and
//! fields are stable and listed in `docs/logs.md`.

use std::fmt::Display;
use std::sync::atomic::{AtomicBool, Ordering};

use log::kv::{Error, Key, Source, Value, VisitSource};
use log::{Level, LevelFilter, Record};
use tokio::sync::broadcast;

const LISTENER_CAPACITY: usize = 4096;
/// Whether this process ever had a listener. Global like the log's level, because an event is built without knowing its
/// [`Events`].
static HAS_LISTENERS: AtomicBool = AtomicBool::new(false);

/// An event. Never contains a contact or a secret, and a message's text only by [`Events::quote`].
#[derive(Debug, Clone)]
pub struct Event {
    /// Severity.
    pub level: Level,
    /// The actor: `conversation`.
    pub actor: &'static str,
    /// The event: `turn_started`.
    pub name: &'static str,
    /// In the order of the log line; empty if the event is not logged and has no listener.
    pub fields: Vec<(&'static str, String)>,
    /// Whether the log or a listener may want it. Otherwise no field is formatted and nothing is allocated.
    is_wanted: bool,
}

impl Event {
    fn new(level: Level, actor: &'static str, name: &'static str) -> Self {
        Self {
            level,
            actor,
            name,
            fields: Vec::new(),
            is_wanted: is_wanted(level, log::max_level(), HAS_LISTENERS.load(Ordering::Relaxed)),
        }
    }

    /// A detail that helps to follow one message.
    pub fn debug(actor: &'static str, name: &'static str) -> Self {
        Self::new(Level::Debug, actor, name)
    }

    /// Normal operation.
    pub fn info(actor: &'static str, name: &'static str) -> Self {
        Self::new(Level::Info, actor, name)
    }

    /// A problem the service recovers from without help.
    pub fn warn(actor: &'static str, name: &'static str) -> Self {
        Self::new(Level::Warn, actor, name)
    }

    /// A problem an operator must investigate.
    pub fn error(actor: &'static str, name: &'static str) -> Self {
        Self::new(Level::Error, actor, name)
    }

    /// Adds a field.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: impl Display) -> Self {
        if self.is_wanted {
            self.fields.push((key, value.to_string()));
        }
        self
    }

    /// Adds a field if it has a value.
    #[must_use]
    pub fn with_some(self, key: &'static str, value: Option<impl Display>) -> Self {
        match value {
            Some(value) => self.with(key, value),
            None => self,
        }
    }

    /// Adds `chat=`.
    #[must_use]
    pub fn chat(self, chat: impl Display) -> Self {
        self.with("chat", chat)
    }

    /// Adds `upd=`, the id of the update that caused it.
    #[must_use]
    pub fn upd(self, update: impl Display) -> Self {
        self.with("upd", update)
    }

    /// Adds `turn=`.
    #[must_use]
    pub fn turn(self, turn: impl Display) -> Self {
        self.with("turn", turn)
    }

    /// The value of a field.
    pub fn field(&self, key: &str) -> Option<&str> {
        let (_, value) = self.fields.iter().find(|(name, _)| *name == key)?;
        Some(value)
    }

    fn target(&self) -> String {
        format!("frontdesk::{}", self.actor)
    }
}

fn is_wanted(level: Level, logged: LevelFilter, has_listeners: bool) -> bool {
    level <= logged || has_listeners
}

impl Source for Event {
    fn visit<'kvs>(&'kvs self, visitor: &mut dyn VisitSource<'kvs>) -> Result<(), Error> {
        for (key, value) in &self.fields {
            visitor.visit_pair(Key::from_str(key), typed(key, value))?;
        }
        Ok(())
    }

    fn get(&self, key: Key<'_>) -> Option<Value<'_>> {
        Some(typed(key.as_str(), self.field(key.as_str())?))
    }
}

/// Fields that are numbers in `LOG_FORMAT=json`. Listed in `docs/logs.md`.
const NUMBERS: &str = "\
    ahead_s alive attempt bytes chat code count dead_deliveries delivery entries gap_s imported_threads input_tokens \
    last_poll_s last_row lead maybe_sent_deliveries newest_upd oldest_delivery_s open_turns outage_s output_tokens parts \
    pending_chats pending_deliveries pending_messages pending_updates pending_writes queued rejections report restarts row \
    rows runs took_ms tool_calls turn upd wait_ms";

/// Fields that are booleans in `LOG_FORMAT=json`.
const FLAGS: &str = "attempt_counted catch_up maybe_sent ok plain silent";

/// The value in the type of its field. The name decides the type, so that a program can rely on it: a reason `401` stays a
/// string.
fn typed<'v>(key: &str, value: &'v str) -> Value<'v> {
    let is_of = |kind: &str| kind.split(' ').any(|name| name == key);
    let typed = match (is_of(NUMBERS), is_of(FLAGS)) {
        (true, _) => value.parse::<i64>().map(Value::from).ok(),
        (_, true) => value.parse::<bool>().map(Value::from).ok(),
        _ => return Value::from(value),
    };
    debug_assert!(typed.is_some(), "the field {key} has another type: {value}");
    typed.unwrap_or_else(|| Value::from(value))
}

/// Sends events to the log and to listeners.
#[derive(Clone)]
pub struct Events {
    listeners: broadcast::Sender<Event>,
    shows_texts: bool,
}

impl Default for Events {
    fn default() -> Self {
        Self {
            listeners: broadcast::Sender::new(LISTENER_CAPACITY),
            shows_texts: false,
        }
    }
}

impl Events {
    /// Events with message texts: only if the operator wants them (`LOG_MESSAGE_TEXT`).
    pub fn with_texts(self) -> Self {
        Self {
            shows_texts: true,
            ..self
        }
    }

    /// Adds a message's text, if texts may be logged.
    pub fn quote(&self, event: Event, words: impl FnOnce() -> String) -> Event {
        match self.shows_texts && event.is_wanted {
            true => event.with("text", words()),
            false => event,
        }
    }

    /// Sends an event to the log and to every listener.
    pub fn emit(&self, event: Event) {
        if !event.is_wanted {
            return;
        }
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
        // Having no listener is the normal case, not a failure.
        let _ = self.listeners.send(event);
    }

    /// Listens from now on; beyond 4096 unread events the oldest are dropped.
    pub fn listen(&self) -> broadcast::Receiver<Event> {
        HAS_LISTENERS.store(true, Ordering::Relaxed);
        self.listeners.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use log::kv::VisitValue;
    use serde_json::{Value as Json, json};

    use super::*;

    #[test]
    fn the_log_reference_states_the_type_of_each_field() {
        let page = include_str!("../../../docs/logs.md");
        for (kind, fields) in [("number", NUMBERS), ("boolean", FLAGS)] {
            let rows = page
                .lines()
                .filter_map(|line| line.split_once(&format!("` | {kind} | ")));
            let listed: Vec<_> = rows.map(|(name, _)| name.trim_start_matches("| `")).collect();
            assert_eq!(listed.join(" "), fields);
        }
    }

    struct Seen(Vec<(String, Json)>);

    impl<'kvs> VisitSource<'kvs> for Seen {
        fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), Error> {
            struct One(Json);
            impl<'v> VisitValue<'v> for One {
                fn visit_any(&mut self, value: Value<'_>) -> Result<(), Error> {
                    self.0 = Json::String(value.to_string());
                    Ok(())
                }
                fn visit_i64(&mut self, value: i64) -> Result<(), Error> {
                    self.0 = json!(value);
                    Ok(())
                }
                fn visit_bool(&mut self, value: bool) -> Result<(), Error> {
                    self.0 = json!(value);
                    Ok(())
                }
            }
            let mut one = One(Json::Null);
            value.visit(&mut one)?;
            self.0.push((key.to_string(), one.0));
            Ok(())
        }
    }

    fn event() -> Event {
        drop(Events::default().listen());
        Event::info("x", "y")
    }

    fn seen(event: &Event) -> Vec<Json> {
        let mut seen = Seen(Vec::new());
        event.visit(&mut seen).unwrap();
        seen.0.into_iter().map(|(_, value)| value).collect()
    }

    /// Must not be read.
    struct Unread;

    impl Display for Unread {
        fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            panic!("formatted needlessly")
        }
    }

    #[test]
    fn an_event_below_the_level_of_the_log_costs_nothing() {
        let mut event = Event::debug("x", "y");
        event.is_wanted = is_wanted(Level::Info, LevelFilter::Warn, false);
        let event = event
            .chat(Unread)
            .with("took_ms", Unread)
            .with_some("reason", Some(Unread));
        let event = Events::default()
            .with_texts()
            .quote(event, || panic!("quoted needlessly"));
        assert_eq!((event.fields.capacity(), event.is_wanted), (0, false));
        Events::default().emit(event);
    }

    #[test]
    fn an_event_with_a_log_or_a_listener_has_its_fields() {
        assert!(is_wanted(Level::Warn, LevelFilter::Warn, false));
        assert!(is_wanted(Level::Debug, LevelFilter::Off, true));
        let listener = Events::default().listen();
        assert_eq!(Event::debug("x", "y").chat(7).field("chat"), Some("7"));
        drop(listener);
    }

    #[test]
    fn the_name_of_a_field_decides_its_type_not_its_value() {
        let texts = ["401", "true", "-7", "1e3", "", "null"];
        for key in ["reason", "model", "version", "text", "kind", "thread"] {
            for text in texts {
                assert_eq!(seen(&event().with(key, text)), [json!(text)], "{key}");
            }
        }
        let numbers = event().chat(-100).with("count", 0).with("took_ms", i64::MAX);
        assert_eq!(seen(&numbers), [json!(-100), json!(0), json!(i64::MAX)]);
        let flags = event().with("ok", true).with("silent", false);
        assert_eq!(seen(&flags), [json!(true), json!(false)]);
    }

    #[test]
    #[should_panic(expected = "the field count has another type")]
    fn a_field_of_a_wrong_type_fails_the_tests() {
        seen(&event().with("count", "many"));
    }
}
