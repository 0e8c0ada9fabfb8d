//! What is wrong with the configuration, each fault with its fix. A fault never repeats a secret's value.

use std::fmt;

/// What whoever has no keys yet can do at once.
const HINT: &str = "To see it work without any configuration: frontdesk demo";

/// One fault of one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The environment variable, or `.env` for the file itself.
    pub name: String,
    /// What is wrong, as the rest of a sentence that begins with the name.
    pub problem: String,
    /// What to do about it, as an imperative sentence without its full stop.
    pub fix: String,
}

impl Fault {
    /// Puts a fault together.
    pub fn new(name: impl Into<String>, problem: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            problem: problem.into(),
            fix: fix.into(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}; {}", self.name, self.problem, self.fix)
    }
}

/// Every fault that was found, at least one: the operator mends them in one go.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Faults(pub Vec<Fault>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "the configuration has {} to mend:", count(self.0.len()))?;
        for fault in &self.0 {
            writeln!(f, "  {fault}")?;
        }
        f.write_str(HINT)
    }
}

fn count(faults: usize) -> String {
    match faults {
        1 => "one fault".to_owned(),
        more => format!("{more} faults"),
    }
}
