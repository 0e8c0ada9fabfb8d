//! A JSON object of the Bot API, read field by field: what is absent or of another type is not there.

use serde_json::{Map, Value};

/// A JSON object.
pub(super) type Object = Map<String, Value>;

/// The object under a name.
pub(super) fn object<'a>(of: &'a Object, name: &str) -> Option<&'a Object> {
    of.get(name)?.as_object()
}

/// The text under a name, unless it is empty.
pub(super) fn text<'a>(of: &'a Object, name: &str) -> Option<&'a str> {
    of.get(name)?.as_str().filter(|text| !text.is_empty())
}

/// The whole number under a name.
pub(super) fn int(of: &Object, name: &str) -> Option<i64> {
    of.get(name)?.as_i64()
}

/// Whether the field under a name is true.
pub(super) fn is_true(of: &Object, name: &str) -> bool {
    of.get(name).and_then(Value::as_bool).unwrap_or(false)
}
