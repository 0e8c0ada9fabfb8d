//! Identifiers and dice. Identifiers differ between two sandboxes, because a service may keep its database while the sandbox is
//! restarted, and an old id must then be unknown.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Deserialize;

/// A small reproducible generator (SplitMix64): the same seed gives the same dice on any machine.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mixed(self.0)
    }

    /// True in `probability` of the calls; `probability` lies between 0 and 1.
    pub(crate) fn falls(&mut self, probability: f64) -> bool {
        let high = u32::try_from(self.roll() >> 32).unwrap_or(u32::MAX);
        f64::from(high) / f64::from(u32::MAX) < probability
    }
}

/// Hands out ids such as `conv_…` that look like the real ones and never repeat.
#[derive(Debug)]
pub(crate) struct Ids {
    seed: u64,
    next: AtomicU64,
}

impl Ids {
    pub(crate) fn new() -> Self {
        // The only randomness the standard library gives: two sandboxes may start in one millisecond.
        let seed = RandomState::new().build_hasher().finish();
        Self {
            seed: mixed(seed),
            next: AtomicU64::new(1),
        }
    }

    pub(crate) fn id(&self, prefix: &str) -> String {
        let n = self.next.fetch_add(1, Ordering::Relaxed);
        let low = mixed(self.seed.wrapping_add(n));
        format!("{prefix}_{:016x}{low:016x}{n:08x}", self.seed)
    }
}

/// Milliseconds since 1970, 0 on an earlier clock.
pub(crate) fn unix_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Seconds since 1970, as both interfaces write dates.
pub(crate) fn unix_seconds() -> i64 {
    i64::try_from(unix_ms() / 1000).unwrap_or(i64::MAX)
}

const fn mixed(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}
