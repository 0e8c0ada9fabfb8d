//! How much of the longest tests runs: all of it with `FRONTDESK_SUITE=full`, as `.ci/run` does, else a share chosen by
//! `FRONTDESK_SEED` (default 1). Both show the same rule.

/// Whether the longest tests run in full.
pub(crate) fn is_full() -> bool {
    std::env::var("FRONTDESK_SUITE").is_ok_and(|suite| suite == "full")
}

/// All values in a full run, else at most `most` of them, in their order, chosen by the seed and by `what`.
pub(crate) fn share<T: Copy>(values: &[T], most: usize, what: &str) -> Vec<T> {
    if is_full() || values.len() <= most {
        return values.to_vec();
    }
    let salted = what.bytes().fold(seed(), |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let first = usize::try_from(salted >> 16).unwrap_or_default();
    // Spread evenly, so that early and late ones are covered.
    let mut places: Vec<usize> = (0..most)
        .map(|n| (first + n * values.len() / most) % values.len())
        .collect();
    places.sort_unstable();
    places.into_iter().map(|place| values[place]).collect()
}

fn seed() -> u64 {
    let seed = std::env::var("FRONTDESK_SEED").ok();
    let seed = seed.map_or(1, |seed| seed.parse().expect("FRONTDESK_SEED is a number"));
    0xcbf2_9ce4_8422_2325_u64.wrapping_add(seed)
}
