//! EDGE to SQLite; diesel is named nowhere else.

pub mod read_only;
