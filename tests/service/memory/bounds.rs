//! What the second load may cost. `cargo bench --bench memory` does the same with ten thousand and prints its figures.

use super::growth::{of_customers, of_messages};

/// In KiB. The database's page caches, which have bounds of their own (28 MiB in all, four connections), fill while the file
/// grows; what the allocator keeps of a burst comes on top.
const SLACK: u64 = 16 * 1024;

#[actix_rt::test]
async fn forty_megabytes_of_one_customer_leave_nothing_in_memory() {
    let Some(growth) = of_messages(&[200, 800]).await else {
        return;
    };
    assert!(growth.kib() < SLACK, "{growth:?}");
}

#[actix_rt::test]
async fn customers_who_left_take_no_memory_with_them() {
    let Some(growth) = of_customers(&[600, 600]).await else {
        return;
    };
    assert!(growth.kib() < SLACK, "{growth:?}");
}
