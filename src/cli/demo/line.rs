//! One line of the service's log, taken apart: what happened, to which actor, with which figures.

use serde_json::{Map, Value};

/// What the service told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Told {
    /// An event of an actor.
    Event(Line),
    /// Anything else: what a process says before it has a log, or as it ends.
    Words(String),
}

/// An event as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// The actor it happened to.
    pub(super) actor: String,
    /// What happened.
    pub(super) name: String,
    /// Its figures, those one looks for first in front.
    pub(super) figures: Vec<(String, String)>,
    /// It is more than an information.
    pub(super) is_warning: bool,
}

/// What the eye looks for first.
const FIRST: [&str; 4] = ["chat", "row", "turn", "rows"];
/// Members of every line, told otherwise or only of use to a machine.
const NO_FIGURES: [&str; 5] = ["ts", "level", "target", "event", "upd"];

/// Reads one line of the log in its JSON form.
pub(super) fn read(text: &str) -> Told {
    let Ok(members) = serde_json::from_str::<Map<String, Value>>(text) else {
        return Told::Words(text.to_owned());
    };
    let word = |name: &str| members.get(name).map(shown).unwrap_or_default();
    let mut figures: Vec<_> = members
        .iter()
        .filter(|(key, _)| !NO_FIGURES.contains(&key.as_str()))
        .map(|(key, value)| (key.clone(), shown(value)))
        .collect();
    let rank = |key: &str| FIRST.iter().position(|first| *first == key).unwrap_or(FIRST.len());
    figures.sort_by_key(|(key, _)| rank(key));
    Told::Event(Line {
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
    fn an_event_is_told_by_its_actor_name_and_figures() {
        let text =
            r#"{"ts":"t","level":"warn","target":"conversation","event":"turn_failed","ms":"6","chat":"7","upd":"9"}"#;
        let line = Line {
            actor: "conversation".to_owned(),
            name: "turn_failed".to_owned(),
            figures: vec![("chat".to_owned(), "7".to_owned()), ("ms".to_owned(), "6".to_owned())],
            is_warning: true,
        };
        assert_eq!(read(text), Told::Event(line));
    }

    #[test]
    fn what_is_no_event_is_kept_as_words() {
        assert_eq!(read("frontdesk: no"), Told::Words("frontdesk: no".to_owned()));
    }
}
