//! Formats a record as one line. A value of harmless characters is written unchanged. Any other value is quoted, and every
//! character that could end the line or reverse it on a screen is escaped.

use std::fmt::Write as _;

use chrono::{DateTime, SecondsFormat, Utc};
use log::kv::{self, VisitValue};
use log::{Level, Record};

use super::Redactor;

/// Prefix of this crate's targets; lines omit it.
const OURS: &str = "frontdesk::";

/// A field's value, by how it is written.
enum Value {
    /// A number, a boolean or null: never quoted.
    Bare(String),
    /// Quoted in JSON; in the pretty format only if necessary.
    Text(String),
}

/// The parts of a record, with secrets redacted.
struct Line<'a> {
    at: DateTime<Utc>,
    level: Level,
    target: &'a str,
    event: String,
    fields: Vec<(String, Value)>,
}

impl<'a> Line<'a> {
    fn new(at: DateTime<Utc>, record: &'a Record<'_>, redactor: &Redactor) -> Self {
        let mut fields = Fields {
            redactor,
            found: Vec::new(),
        };
        // Our visitor never fails; even then, a line with some of its fields is better than none.
        let _ = record.key_values().visit(&mut fields);
        let target = record.target();
        Self {
            at,
            level: record.level(),
            target: target.strip_prefix(OURS).unwrap_or(target),
            event: redactor.redact(&record.args().to_string()),
            fields: fields.found,
        }
    }

    fn timestamp(&self) -> String {
        self.at.to_rfc3339_opts(SecondsFormat::Millis, true)
    }
}

/// `time LEVEL target event key=value …`
pub(super) fn pretty(at: DateTime<Utc>, record: &Record<'_>, redactor: &Redactor, colours: bool) -> String {
    let line = Line::new(at, record, redactor);
    let level = match (colours, line.level) {
        (false, level) => format!("{level:<5}"),
        (true, Level::Error) => format!("\x1b[31m{:<5}\x1b[0m", line.level),
        (true, Level::Warn) => format!("\x1b[33m{:<5}\x1b[0m", line.level),
        (true, Level::Info) => format!("\x1b[32m{:<5}\x1b[0m", line.level),
        (true, _) => format!("\x1b[2m{:<5}\x1b[0m", line.level),
    };
    let mut text = format!(
        "{} {level} {} {}",
        line.timestamp(),
        safe(line.target),
        safe(&line.event)
    );
    for (key, value) in &line.fields {
        let value = match value {
            Value::Bare(value) => value.clone(),
            Value::Text(value) => safe(value),
        };
        text += &format!(" {}={value}", safe(key));
    }
    text
}

/// One JSON object: `ts`, `level`, `target`, `event`, then the fields. A field whose name is taken gets a `_` appended.
pub(super) fn json(at: DateTime<Utc>, record: &Record<'_>, redactor: &Redactor) -> String {
    let line = Line::new(at, record, redactor);
    let mut taken = vec![
        "ts".to_owned(),
        "level".to_owned(),
        "target".to_owned(),
        "event".to_owned(),
    ];
    let mut text = format!(
        r#"{{"ts":{},"level":{},"target":{},"event":{}"#,
        quoted(&line.timestamp()),
        quoted(&line.level.as_str().to_ascii_lowercase()),
        quoted(line.target),
        quoted(&line.event),
    );
    for (key, value) in line.fields {
        let mut key = key;
        while taken.contains(&key) {
            key.push('_');
        }
        let value = match value {
            Value::Bare(value) => value,
            Value::Text(value) => quoted(&value),
        };
        text += &format!(",{}:{value}", quoted(&key));
        taken.push(key);
    }
    text.push('}');
    text
}

/// The text, quoted unless it is clearly one word.
fn safe(text: &str) -> String {
    let is_word = |c: char| c.is_alphanumeric() || "-_.:/@+*%#…()[]<>,;!?&~^$|{}".contains(c);
    match !text.is_empty() && text.chars().all(is_word) {
        true => text.to_owned(),
        false => quoted(text),
    }
}

/// A JSON string without invisible characters and without characters that reorder the line.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c if is_unruly(c) => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    // Writing into a String cannot fail.
                    let _ = write!(quoted, "\\u{unit:04x}");
                }
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// Control characters, separators of lines and paragraphs, and marks that hide text or change its direction.
fn is_unruly(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{FEFF}'
            | '\u{200B}'..='\u{200F}'
            | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E007F}')
}

struct Fields<'a> {
    redactor: &'a Redactor,
    found: Vec<(String, Value)>,
}

impl<'kvs> kv::VisitSource<'kvs> for Fields<'_> {
    fn visit_pair(&mut self, key: kv::Key<'kvs>, value: kv::Value<'kvs>) -> Result<(), kv::Error> {
        let mut one = OneValue(None);
        // As above; a value that cannot be visited is written as text.
        let _ = value.visit(&mut one);
        let value = match one.0 {
            Some(Value::Bare(bare)) => Value::Bare(bare),
            Some(Value::Text(text)) => Value::Text(self.redactor.redact(&text)),
            None => Value::Text(self.redactor.redact(&value.to_string())),
        };
        self.found.push((self.redactor.redact(key.as_str()), value));
        Ok(())
    }
}

struct OneValue(Option<Value>);

impl OneValue {
    fn bare(&mut self, value: &impl ToString) -> Result<(), kv::Error> {
        self.0 = Some(Value::Bare(value.to_string()));
        Ok(())
    }
}

impl<'v> VisitValue<'v> for OneValue {
    fn visit_any(&mut self, value: kv::Value<'_>) -> Result<(), kv::Error> {
        self.0 = Some(Value::Text(value.to_string()));
        Ok(())
    }

    fn visit_null(&mut self) -> Result<(), kv::Error> {
        self.bare(&"null")
    }

    fn visit_u64(&mut self, value: u64) -> Result<(), kv::Error> {
        self.bare(&value)
    }

    fn visit_i64(&mut self, value: i64) -> Result<(), kv::Error> {
        self.bare(&value)
    }

    fn visit_bool(&mut self, value: bool) -> Result<(), kv::Error> {
        self.bare(&value)
    }

    fn visit_f64(&mut self, value: f64) -> Result<(), kv::Error> {
        match value.is_finite() {
            true => self.bare(&value),
            // JSON has no infinity.
            false => self.visit_str(&value.to_string()),
        }
    }

    fn visit_str(&mut self, value: &str) -> Result<(), kv::Error> {
        self.0 = Some(Value::Text(value.to_owned()));
        Ok(())
    }
}

#[cfg(test)]
#[path = "format_tests.rs"]
mod tests;
