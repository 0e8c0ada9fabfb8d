//! Waiting for what the stand-ins saw or for anything else that can be looked at, and reading it.

use std::time::Duration;

use sandbox::{Event, Sandbox};

use super::PATIENCE;

/// A message as a customer got it.
pub(super) type Delivered = (i64, String);

/// Every message that reached a customer, in order.
pub(crate) fn deliveries(sandbox: &Sandbox) -> Vec<Delivered> {
    let entries = sandbox.journal().entries().into_iter();
    let delivered = entries.filter_map(|entry| match entry.event {
        Event::MessageDelivered { chat, text, .. } => Some((chat, text)),
        _ => None,
    });
    delivered.collect()
}

/// Waits until something is so; `false` if it never is. For what gives no sign when it changes: a row, a file, a process.
pub(crate) async fn becomes(mut is_so: impl FnMut() -> bool) -> bool {
    let mut look = tokio::time::interval(Duration::from_millis(20));
    let waiting = async {
        while !is_so() {
            look.tick().await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.is_ok()
}

/// Waits until so many entries of the journal are of a kind.
pub(crate) async fn seen(sandbox: &Sandbox, count: usize, is_meant: impl Fn(&Event) -> bool) {
    let (mut read, mut found) = (0, 0);
    let waiting = sandbox.journal().wait_for(PATIENCE, |entries| {
        found += entries[read..].iter().filter(|entry| is_meant(&entry.event)).count();
        read = entries.len();
        (found >= count).then_some(())
    });
    let outcome = waiting.await;
    assert!(outcome.is_ok(), "{count} entries were awaited: {outcome:?}");
}
