//! What a load may leave in memory. `cargo bench --bench memory` does the same with ten thousand and prints its figures.
//!
//! The database's page caches fill while the file grows, in whichever load, and what the process takes does not say how much of
//! it is theirs. But their own bounds are known, and so is how many loads can hide behind them.

use super::growth::{Growth, of_customers, of_messages};

/// The page caches of the four connections together, in KiB.
const CACHES: u64 = 28 * 1024;
/// Nothing that a load brought may stay. In KiB, and above what the allocator keeps of a burst: a fifth of the text that a load
/// of messages brings, 14 KiB of a customer.
const LEFT: u64 = 4 * 1024;
/// The first load fills what is filled once; so many behind it may each fill the caches by as much as that; one may not.
const LOADS: u64 = 1 + CACHES / LEFT + 1;

/// One of the loads left nothing behind.
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
async fn customers_who_left_take_no_memory_with_them() {
    let Some(growth) = of_customers(300, is_enough).await else {
        return;
    };

    assert!(levels_off(&growth), "{growth:?}");
}
