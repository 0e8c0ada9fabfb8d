//! The service crashes, is stopped, or a step fails: afterwards everything is answered, and possible repeats are marked.

mod hangs;
mod kills;
mod starts;
mod steps;
mod stops;
mod sweep;
