//! The guarantees of the service, tested with real sockets, real SQLite files and real processes. One binary, so that many
//! services run in parallel. Each test is named after its rule.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod harness;

#[global_allocator]
static ALLOCATOR: cap::Cap<std::alloc::System> = cap::Cap::new(std::alloc::System, usize::MAX);

mod chats;
mod commands;
mod contacts;
mod contents;
mod crashes;
mod duplicates;
mod earlier;
mod edits;
mod facts;
mod form;
mod journey;
mod leads;
mod letters;
mod limits;
mod logs;
mod media;
mod memory;
mod operator;
mod order;
mod outages;
mod panics;
mod replies;
mod reports;
mod side_by_side;
mod threads;
mod untrusted;
