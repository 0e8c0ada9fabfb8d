//! Waiting for what the stand-ins saw, and reading it.

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
