//! The text of nested content: a rich message (Bot API 10.1: blocks, lists, tables), a checklist, a poll, and unknown content. It is read
//! leniently: a text may be a string, a list of runs or an object, and blocks may contain blocks of types newer than this code.

use serde_json::Value;

use super::links::beside;
use super::object::Object;

/// Members that contain text, in reading order.
const WORDS: &[&str] = &[
    "summary",
    "title",
    "heading",
    "header",
    "question",
    "text",
    "expression",
    "alternative_text",
    "description",
    "explanation",
    "message",
    "body",
    "content",
    "caption",
    "blocks",
    "items",
    "cells",
    "rows",
    "options",
    "tasks",
    "buttons",
    "children",
    "elements",
    "footer",
    "credit",
    "address",
];
/// Members whose list is one run of text, not a list of lines.
const RUNS: &[&str] = &[
    "text", "summary", "title", "heading", "header", "credit", "caption", "question",
];
/// Strings that are never text, in any block.
const NOT_WORDS: &[&str] = &[
    "type",
    "language",
    "align",
    "valign",
    "style",
    "format",
    "date_time_format",
    "mime_type",
];

/// The members to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// All but those known to contain no text: nothing a customer wrote may be lost.
    Everything,
    /// Only those known to contain text: in unknown content the other members are Telegram's.
    KnownWords,
}

/// The text, one line per block, item and row; empty if there is none.
pub(super) fn words(value: &Value, reading: Reading) -> String {
    let text = Tree { reading }.block(value);
    let lines = text.lines().map(str::trim_end).filter(|line| !line.trim().is_empty());
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}

struct Tree {
    reading: Reading,
}

impl Tree {
    /// A block, or a list of blocks.
    fn block(&self, value: &Value) -> String {
        match value {
            Value::String(text) => text.clone(),
            Value::Array(blocks) => joined(blocks.iter().map(|block| self.block(block)), "\n"),
            Value::Object(block) => self.object(block),
            _ => String::new(),
        }
    }

    fn object(&self, block: &Object) -> String {
        // An anchor is a link target and shows nothing.
        if block.get("type").is_some_and(|kind| kind == "anchor") {
            return String::new();
        }
        let known = WORDS.iter().filter_map(|name| Some((*name, block.get(*name)?)));
        let parts = known.map(|(name, value)| self.member(name, value));
        let mut text = joined(parts, "\n");
        if self.reading == Reading::Everything {
            let others = block.iter().filter(|(name, value)| self.may_hold_words(name, value));
            let others = joined(others.map(|(_, value)| self.block(value)), "\n");
            text = joined([text, others].into_iter(), "\n");
        }
        if let Some(Value::String(label)) = block.get("label") {
            text = joined([label.clone(), text].into_iter(), " ");
        }
        beside(&text, block)
    }

    fn member(&self, name: &str, value: &Value) -> String {
        match (name, value) {
            ("cells" | "rows", Value::Array(rows)) => joined(rows.iter().map(|row| self.row(row)), "\n"),
            ("caption", Value::Object(caption)) if caption.contains_key("credit") => self.object(caption),
            (name, value) if RUNS.contains(&name) => self.run(value),
            (_, value) => self.block(value),
        }
    }

    fn row(&self, row: &Value) -> String {
        match row {
            Value::Array(cells) => {
                let cells = cells.iter().map(|cell| self.block(cell).replace('\n', " "));
                joined(cells, " | ")
            }
            row => self.block(row),
        }
    }

    /// Styled text: its parts are joined without separators.
    fn run(&self, value: &Value) -> String {
        match value {
            Value::Array(parts) => parts.iter().map(|part| self.run(part)).collect(),
            Value::Object(part) => {
                let shown = ["text", "expression", "alternative_text"]
                    .iter()
                    .find_map(|name| part.get(*name));
                shown.map_or_else(|| self.object(part), |shown| beside(&self.run(shown), part))
            }
            value => self.block(value),
        }
    }

    fn may_hold_words(&self, name: &str, value: &Value) -> bool {
        let is_read = WORDS.contains(&name) || name == "label";
        // Entities and users describe text that is read elsewhere; a member with a file id is a file.
        let is_description = name.ends_with("entities") || matches!(name, "user" | "from" | "thumbnail");
        let is_word = match value {
            Value::String(_) => !NOT_WORDS.contains(&name) && !name.ends_with("_id") && !super::links::is_target(name),
            Value::Object(file) => !file.contains_key("file_id"),
            Value::Array(_) => !matches!(name, "photo"),
            _ => false,
        };
        is_word && !is_read && !is_description && name != "id"
    }
}

fn joined(parts: impl Iterator<Item = String>, between: &str) -> String {
    let parts: Vec<String> = parts.filter(|part| !part.trim().is_empty()).collect();
    parts.join(between)
}
