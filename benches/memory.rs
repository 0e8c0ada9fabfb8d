//! What ten thousand customers, and ten thousand messages of one, leave in the memory of a process that serves them: nothing
//! that grows with them. Told is what it takes after each load, once everybody is idle.
//!
//! `cargo bench --bench memory`; a number behind `--` changes the count of customers and of messages. Far beyond ten thousand the
//! C library's allocator shows: it keeps what `threads.json` took on its way in each of its arenas.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a measurement that cannot go on fails"
)]
#![expect(clippy::print_stdout, reason = "its figures are its output")]

#[path = "../tests/service/memory/growth.rs"]
mod growth;
#[expect(
    dead_code,
    unused_imports,
    reason = "the harness of the service tests has more than is needed here"
)]
#[path = "../tests/service/harness/mod.rs"]
mod harness;

use growth::{Growth, of_customers, of_messages};
use harness::Memory;

/// In so many loads.
const LOADS: usize = 10;
/// What those behind the first may have left, in KiB: the page caches fill up to their bounds (28 MiB), and nothing else may grow.
const MOST: u64 = 64 * 1024;

#[actix_rt::main]
async fn main() {
    let count: usize = std::env::args()
        .filter_map(|argument| argument.parse().ok())
        .next()
        .unwrap_or(10_000);
    let load = count / LOADS;
    let customers = of_customers(i64::try_from(load).unwrap(), is_enough).await;
    tell("customers", load, customers.as_ref());
    let messages = of_messages(load, is_enough).await;
    tell("messages of one customer", load, messages.as_ref());
}

fn is_enough(growth: &Growth) -> bool {
    growth.0.len() == LOADS
}

fn tell(what: &str, load: usize, growth: Option<&Growth>) {
    let Some(growth) = growth else {
        println!("{what}: nobody tells here what a process takes");
        return;
    };
    for (n, memory) in (1..).zip(&growth.0) {
        println!(
            "{:>7} {what}: {:>4} MiB, at most {:>4}",
            n * load,
            memory.now / 1024,
            memory.most / 1024
        );
    }
    let now = |memory: Option<&Memory>| memory.map_or(0, |memory| memory.now);
    let left = now(growth.0.last()).saturating_sub(now(growth.0.first()));
    assert!(left < MOST, "{what} stay in memory");
}
