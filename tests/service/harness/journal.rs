//! Waiting for journal entries or any other observable condition, and reading the journal.

use std::time::Duration;

use sandbox::{Event, Sandbox};

use super::PATIENCE;

/// A message as a customer got it.
pub(super) type Delivered = (i64, String);

/// Every delivered message, in order.
pub(crate) fn deliveries(sandbox: &Sandbox) -> Vec<Delivered> {
    let entries = sandbox.journal().entries().into_iter();
    let delivered = entries.filter_map(|entry| match entry.event {
        Event::MessageDelivered { chat, text, .. } => Some((chat, text)),
        _ => None,
    });
    delivered.collect()
}

/// Polls until a condition holds; `false` on timeout. For rows, files and processes, which send no notification.
pub(crate) async fn becomes(mut is_so: impl FnMut() -> bool) -> bool {
    let mut look = tokio::time::interval(Duration::from_millis(20));
    let waiting = async {
        while !is_so() {
            look.tick().await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.is_ok()
}

/// Waits until `count` journal entries match.
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
