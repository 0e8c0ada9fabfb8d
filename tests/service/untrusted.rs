//! What strangers write is text and never more: not to the service, not to its files, not to the model's tools, and
//! not to the next thread that is told of it.

mod injection;
mod words;
