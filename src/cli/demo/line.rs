//! Parses one line of the service's log: event, actor, fields.

use serde_json::{Map, Value};

/// A line of output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Output {
    /// A log event.
    Event(Line),
    /// Anything else, before the log starts or after it ends.
    Text(String),
}

/// A log event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// The log target.
    pub(super) actor: String,
    /// The event name.
    pub(super) name: String,
    /// The fields, the most important first.
    pub(super) figures: Vec<(String, String)>,
    /// Above level info.
    pub(super) is_warning: bool,
}

/// Fields shown first.
const FIRST: [&str; 4] = ["chat", "row", "turn", "rows"];
/// Fields that are not shown.
const NO_FIGURES: [&str; 5] = ["ts", "level", "target", "event", "upd"];

/// Reads one line of the JSON log.
pub(super) fn read(text: &str) -> Output {
    let Ok(members) = serde_json::from_str::<Map<String, Value>>(text) else {
        return Output::Text(text.to_owned());
    };
    let word = |name: &str| members.get(name).map(shown).unwrap_or_default();
    let mut figures: Vec<_> = members
        .iter()
        .filter(|(key, _)| !NO_FIGURES.contains(&key.as_str()))
        .map(|(key, value)| (key.clone(), shown(value)))
        .collect();
    let rank = |key: &str| FIRST.iter().position(|first| *first == key).unwrap_or(FIRST.len());
    figures.sort_by_key(|(key, _)| rank(key));
    Output::Event(Line {
        actor: word("target"),
        name: word("event"),
        figures,
        is_warning: word("level") != "info",
    })
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_has_an_actor_a_name_and_fields() {
        let text =
            r#"{"ts":"t","level":"warn","target":"conversation","event":"turn_failed","ms":"6","chat":"7","upd":"9"}"#;
        let line = Line {
            actor: "conversation".to_owned(),
            name: "turn_failed".to_owned(),
            figures: vec![("chat".to_owned(), "7".to_owned()), ("ms".to_owned(), "6".to_owned())],
            is_warning: true,
        };
        assert_eq!(read(text), Output::Event(line));
    }

    #[test]
    fn other_output_is_kept_as_text() {
        assert_eq!(read("frontdesk: no"), Output::Text("frontdesk: no".to_owned()));
    }
}
