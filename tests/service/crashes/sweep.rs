//! The crash sweep: one story, repeated with trouble at the first step of a name, the second, the third, until a story ends
//! without trouble.

mod calls;
mod child;
mod plan;
mod story;
mod zeros;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use base::{Moment, StepName};
use futures_util::future::join_all;
use tokio::sync::{OnceCell, Semaphore};

pub(super) use calls::calls;
pub(super) use plan::{Plan, Trouble};
use zeros::Zeros;

use crate::harness::suite;

/// Stories run in parallel, over all sweeps: more would only wait for each other.
static PLACES: Semaphore = Semaphore::const_new(8);
/// Steps hit by all sweeps of this process.
static HIT: AtomicU64 = AtomicU64::new(0);

/// The outcome of one story.
#[derive(Debug)]
pub(super) struct Outcome {
    /// There was such a step, so the trouble happened.
    pub was_hit: bool,
    /// Messages and letters delivered again.
    pub doubles: u64,
    /// Marks on deliveries that may have been sent before.
    pub marks: u64,
}

/// The outcomes of all stories of one sweep.
#[derive(Default)]
pub(super) struct Sum {
    hit: BTreeMap<StepName, u64>,
    doubles: BTreeMap<StepName, u64>,
    marks: u64,
    zeros: Zeros,
}

impl Sum {
    pub(super) fn doubles(&self, name: StepName) -> u64 {
        self.doubles.get(&name).copied().unwrap_or_default()
    }

    pub(super) fn all_doubles(&self) -> u64 {
        self.doubles.values().sum()
    }

    pub(super) fn marks(&self) -> u64 {
        self.marks
    }

    pub(super) fn hit(&self, name: StepName) -> u64 {
        self.hit.get(&name).copied().unwrap_or_default()
    }

    fn print(&self, trouble: Trouble, moment: Moment) {
        let counts = self.hit.iter().map(|(name, count)| format!("{} {count}", name.word()));
        let counts: Vec<String> = counts.collect();
        let steps: u64 = self.hit.values().sum();
        let so_far = HIT.fetch_add(steps, Ordering::Relaxed) + steps;
        eprintln!(
            "{trouble:?} {moment:?}: {steps} steps hit ({}), {} doubles, {} marks; {}; {so_far} steps hit by all sweeps so far",
            counts.join(", "),
            self.all_doubles(),
            self.marks,
            self.zeros
        );
    }
}

/// Runs the story with trouble on one side of every step of these names. A short run of the suite takes a share of the steps,
/// with every name that a kill can hit.
///
/// Every name must be hit, and every count in [`Zeros`] must be 0.
pub(super) async fn sweep(trouble: Trouble, moment: Moment, names: &[StepName]) -> Sum {
    let what = format!("{trouble:?} {moment:?}");
    let names = match trouble {
        Trouble::Kill => names.to_vec(),
        Trouble::Once | Trouble::Lasting => suite::share(names, NAMES, &what),
    };
    let stories = match suite::is_full() {
        true => {
            let chains = names
                .iter()
                .flat_map(|name| (1..=stride(*name)).map(|first| chain(*name, first, trouble, moment)));
            join_all(chains).await
        }
        false => join_all(names.iter().map(|name| some(*name, trouble, moment))).await,
    };
    let mut sum = Sum::default();
    for (name, outcome) in stories.into_iter().flatten() {
        let (outcome, zeros) = outcome;
        *sum.hit.entry(name).or_default() += u64::from(outcome.was_hit);
        *sum.doubles.entry(name).or_default() += outcome.doubles;
        sum.marks += outcome.marks;
        sum.zeros.add(&zeros);
    }
    sum.print(trouble, moment);
    assert!(sum.zeros.are_zero(), "{what}: {:#?}", sum.zeros);
    let missed: Vec<_> = names.iter().filter(|name| sum.hit(**name) == 0).collect();
    assert!(missed.is_empty(), "no step was called {missed:?}");
    sum
}

/// Names tested for failures in one sweep of a short run.
const NAMES: usize = 6;
/// A short run tests one named step in this many.
const ONE_OF: usize = 5;

async fn some(name: StepName, trouble: Trouble, moment: Moment) -> Vec<(StepName, (Outcome, Zeros))> {
    static BEGUN: OnceCell<BTreeMap<String, u64>> = OnceCell::const_new();
    let begun = BEGUN.get_or_init(|| async { story::run_quietly().await.0 }).await;
    let steps: Vec<u64> = (1..=begun.get(name.word()).copied().unwrap_or(1)).collect();
    let what = format!("{trouble:?} {moment:?} {}", name.word());
    let mut all = Vec::new();
    for n in suite::share(&steps, steps.len().div_ceil(ONE_OF), &what) {
        all.push((name, at(name, n, trouble, moment).await));
    }
    // Trouble changes the number of steps; the first always exists.
    if !all.iter().any(|(_, (outcome, _))| outcome.was_hit) {
        all.push((name, at(name, 1, trouble, moment).await));
    }
    all
}

/// The story with trouble at the n-th step of a name.
async fn at(name: StepName, n: u64, trouble: Trouble, moment: Moment) -> (Outcome, Zeros) {
    let _place = PLACES.acquire().await.unwrap();
    story::run(Plan {
        trouble,
        name,
        moment,
        n,
    })
    .await
}

/// Number of chains that share the steps of a name. Commits are the most frequent step; one chain would be long.
fn stride(name: StepName) -> u64 {
    match name {
        StepName::Commit => 4,
        _ => 1,
    }
}

/// Every n-th step of a name from `first` on, until a story ends without trouble.
async fn chain(name: StepName, first: u64, trouble: Trouble, moment: Moment) -> Vec<(StepName, (Outcome, Zeros))> {
    let mut all = Vec::new();
    for n in (first..).step_by(usize::try_from(stride(name)).unwrap()) {
        let outcome = at(name, n, trouble, moment).await;
        let is_last = !outcome.0.was_hit;
        all.push((name, outcome));
        if is_last {
            break;
        }
    }
    all
}
