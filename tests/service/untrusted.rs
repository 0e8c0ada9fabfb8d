//! Customer input is only text: for the service, for its files, for the model's tools, and for the next thread that contains
//! it.

mod injection;
mod words;
