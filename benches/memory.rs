//! Memory after ten thousand customers, and after ten thousand messages of one customer: it must not grow with them. Prints the
//! memory after each load, once all customers are idle.
//!
//! `cargo bench --bench memory`; a number after `--` changes the count of customers and of messages. Far beyond ten thousand the
//! C library's allocator matters: each of its arenas keeps the memory used to write `threads.json`.

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

/// Number of loads.
const LOADS: usize = 10;
/// Allowed growth after the first load, in KiB: the page caches fill up to their limits (28 MiB), and nothing else may grow.
const MOST: u64 = 64 * 1024;

#[actix_rt::main]
async fn main() {
    let count: usize = std::env::args()
        .filter_map(|argument| argument.parse().ok())
        .next()
        .unwrap_or(10_000);
    let load = count / LOADS;
    let customers = of_customers(i64::try_from(load).unwrap(), is_enough).await;
    print("customers", load, customers.as_ref());
    let messages = of_messages(load, is_enough).await;
    print("messages of one customer", load, messages.as_ref());
}

fn is_enough(growth: &Growth) -> bool {
    growth.0.len() == LOADS
}

fn print(what: &str, load: usize, growth: Option<&Growth>) {
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
