//! The trouble of a story, where it happens, and how its process receives the plan.

use base::{Moment, StepName};

/// The variable that passes the plan to the process.
pub(super) const VARIABLE: &str = "SWEEP_PLAN";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The process is killed.
    Kill,
    /// The step fails.
    Once,
    /// The step and every later one of its name fail for some minutes.
    Lasting,
}

/// Trouble at the n-th step of a name, on one side of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub trouble: Trouble,
    pub name: StepName,
    pub moment: Moment,
    /// At which of them, from 1.
    pub n: u64,
}

const TROUBLES: [(Trouble, &str); 3] = [
    (Trouble::Kill, "kill"),
    (Trouble::Once, "once"),
    (Trouble::Lasting, "lasting"),
];
const MOMENTS: [(Moment, &str); 2] = [(Moment::Before, "before"), (Moment::After, "after")];

fn word_of<T: PartialEq>(words: &[(T, &'static str)], value: &T) -> &'static str {
    words.iter().find(|(known, _)| known == value).unwrap().1
}

fn read<T: Copy>(words: &[(T, &'static str)], word: &str) -> T {
    words.iter().find(|(_, known)| *known == word).unwrap().0
}

impl Plan {
    /// No trouble: steps count from 1.
    pub(crate) const NOTHING: Self = Self {
        trouble: Trouble::Once,
        name: StepName::Commit,
        moment: Moment::Before,
        n: 0,
    };

    pub(crate) fn write(&self) -> String {
        let (trouble, moment) = (word_of(&TROUBLES, &self.trouble), word_of(&MOMENTS, &self.moment));
        format!("{trouble} {moment} {} {}", self.name.word(), self.n)
    }

    pub(crate) fn read(text: &str) -> Self {
        let words: Vec<&str> = text.split(' ').collect();
        let names = StepName::ALL.map(|name| (name, name.word()));
        Self {
            trouble: read(&TROUBLES, words[0]),
            moment: read(&MOMENTS, words[1]),
            name: read(&names, words[2]),
            n: words[3].parse().unwrap(),
        }
    }
}
