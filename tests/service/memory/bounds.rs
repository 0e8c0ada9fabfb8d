//! Memory left after a load. `cargo bench --bench memory` does the same with ten thousand and prints its figures.
//!
//! The database's page caches fill while the file grows, and the memory of the process does not show their share. But their
//! limits are known, and so is the number of loads they can hide.

use super::growth::{Growth, of_customers, of_messages};

/// Total page cache of the four connections, in KiB.
const CACHES: u64 = 28 * 1024;
/// KiB that may remain after a load; covers what the allocator keeps of a burst. A fifth of the text in a load of messages,
/// 14 KiB per customer.
const LEFT: u64 = 4 * 1024;
/// The first load fills everything that is filled once. Each of this many later loads may be page cache; one must not be.
const LOADS: u64 = 1 + CACHES / LEFT + 1;

/// At least one load left nothing.
fn levels_off(growth: &Growth) -> bool {
    let mut left = growth.0.windows(2).map(|two| two[1].now.saturating_sub(two[0].now));
    left.any(|left| left < LEFT)
}

fn is_enough(growth: &Growth) -> bool {
    levels_off(growth) || growth.0.len() as u64 == LOADS
}

#[actix_rt::test]
async fn twenty_megabytes_of_one_customer_leave_nothing_in_memory() {
    let Some(growth) = of_messages(400, is_enough).await else {
        return;
    };

    assert!(levels_off(&growth), "{growth:?}");
}

#[actix_rt::test]
async fn idle_customers_take_no_memory() {
    let Some(growth) = of_customers(300, is_enough).await else {
        return;
    };

    assert!(levels_off(&growth), "{growth:?}");
}
