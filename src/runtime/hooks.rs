//! Fault injection for actors: panics, which each actor must survive in place, and lost hints.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

type Counts = Arc<Vec<(&'static str, AtomicI64)>>;

/// Panics at the n-th message that actors of a name take, or at the first start of one.
#[derive(Clone, Default)]
pub struct PanicPlan {
    messages: Counts,
    starts: Counts,
}

impl PanicPlan {
    /// The actor of that name panics when it takes its n-th message, counted from 1. A name may occur several times.
    pub fn at(messages: &[(&'static str, i64)]) -> Self {
        Self {
            messages: counted(messages),
            starts: Arc::default(),
        }
    }

    /// The first actor of each of these names panics at its start. Also works for actors that get no messages.
    #[must_use]
    pub fn and_starts(self, names: &[&'static str]) -> Self {
        let starts: Vec<_> = names.iter().map(|name| (*name, 1)).collect();
        Self {
            starts: counted(&starts),
            ..self
        }
    }

    pub(super) fn message_is_taken(&self, name: &str) {
        assert!(!is_due(&self.messages, name), "panic raised on purpose");
    }

    pub(super) fn actor_starts(&self, name: &str) {
        assert!(!is_due(&self.starts, name), "panic raised on purpose");
    }
}

/// Whether hints arrive. A test drops them all to show that rows, not hints, carry the messages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Hints {
    /// As in `run`.
    #[default]
    Delivered,
    /// Every hint is lost.
    Dropped,
}

impl Hints {
    pub(super) fn arrive(self) -> bool {
        self == Self::Delivered
    }
}

fn counted(panics: &[(&'static str, i64)]) -> Counts {
    Arc::new(panics.iter().map(|(name, n)| (*name, AtomicI64::new(*n))).collect())
}

fn is_due(panics: &Counts, name: &str) -> bool {
    let own = panics.iter().filter(|(of, _)| *of == name);
    // Every entry is counted down, also after one that is due.
    own.fold(false, |is_due, (_, left)| {
        left.fetch_sub(1, Ordering::Relaxed) == 1 || is_due
    })
}
