//! Reads a JSON object of the Bot API field by field. A field of another type counts as absent.

use serde_json::{Map, Value};

pub(super) type Object = Map<String, Value>;

pub(super) fn object<'a>(of: &'a Object, name: &str) -> Option<&'a Object> {
    of.get(name)?.as_object()
}

/// `None` if the text is empty.
pub(super) fn text<'a>(of: &'a Object, name: &str) -> Option<&'a str> {
    of.get(name)?.as_str().filter(|text| !text.is_empty())
}

pub(super) fn int(of: &Object, name: &str) -> Option<i64> {
    of.get(name)?.as_i64()
}

pub(super) fn is_true(of: &Object, name: &str) -> bool {
    of.get(name).and_then(Value::as_bool).unwrap_or(false)
}
