//! The service dies, is stopped, or loses a step: afterwards everything is answered, and what may have been sent twice
//! is marked.

mod hangs;
mod kills;
mod starts;
mod steps;
mod stops;
mod sweep;
