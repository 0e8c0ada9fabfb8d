//! How much of a report its letter has room for: Gmail hides what comes after 102 kB of HTML, so each part has a bound
//! of its own and the dialogs get what is left.

use crate::clean::escaped;
use serde::Serialize;
use serde_json::Value;

/// Bytes of HTML that the parts share; what stands in every letter takes less than fourteen thousand more.
const PARTS: usize = 76_000;
/// Bytes that an item of a list within an item brings along: a phone number has a link and a mark, a text its break.
const LISTED: usize = 260;
const LISTED_TEXT: usize = 10;

/// What one part may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bound {
    pub(crate) items: usize,
    pub(crate) bytes: usize,
    /// Bytes of an item beside its words: tags, and the styles within them.
    pub(crate) markup: usize,
}

/// What is left of a letter.
#[derive(Debug)]
pub(crate) struct Space {
    left: usize,
}

impl Space {
    pub(crate) fn of_a_letter() -> Self {
        Self { left: PARTS }
    }

    pub(crate) fn left(&self) -> usize {
        self.left
    }

    /// Whether there was so much.
    pub(crate) fn take(&mut self, bytes: usize) -> bool {
        let left = self.left.checked_sub(bytes);
        self.left = left.unwrap_or(self.left);
        left.is_some()
    }

    /// Makes the first items ready, as many as the bound has room for; the others are not looked at.
    ///
    /// # Errors
    /// Of an item.
    pub(crate) fn fit<I, T: Serialize>(
        &mut self,
        bound: Bound,
        items: impl IntoIterator<Item = I>,
        ready: impl Fn(I) -> Result<T, String>,
    ) -> Result<Vec<T>, String> {
        let for_others = self.left.saturating_sub(bound.bytes);
        let mut shown = Vec::new();
        for item in items.into_iter().take(bound.items) {
            let item = ready(item)?;
            let bytes = bound.markup + weight(&item)?;
            if self.left < for_others + bytes {
                break;
            }
            self.left -= bytes;
            shown.push(item);
        }
        Ok(shown)
    }
}

/// Bytes that the words of a view take.
///
/// # Errors
/// None that is known: views are plain values.
pub(crate) fn weight(view: &impl Serialize) -> Result<usize, String> {
    let value = serde_json::to_value(view).map_err(|error| error.to_string())?;
    Ok(words(&value))
}

fn words(value: &Value) -> usize {
    match value {
        Value::String(text) => escaped(text),
        Value::Array(values) => {
            let markup = |value: &Value| if value.is_string() { LISTED_TEXT } else { LISTED };
            values.iter().map(|value| markup(value) + words(value)).sum()
        }
        Value::Object(fields) => fields.values().map(words).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}
