//! Configuration errors, each with its fix. An error never repeats the value of a secret.

use std::fmt;

/// For a first try without any keys.
const HINT: &str = "To try it without any configuration, run: frontdesk demo";

/// An error in one setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingError {
    /// The environment variable, or `.env` for the file itself.
    pub name: String,
    /// The problem, as the rest of a sentence that starts with the name.
    pub problem: String,
    /// The fix, in the imperative and without a full stop.
    pub fix: String,
}

impl SettingError {
    /// An error of this setting.
    pub fn new(name: impl Into<String>, problem: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            problem: problem.into(),
            fix: fix.into(),
        }
    }
}

impl fmt::Display for SettingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}; {}", self.name, self.problem, self.fix)
    }
}

/// All errors of a configuration, at least one, so that the operator can fix them together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ConfigErrors(pub Vec<SettingError>);

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}:", count(self.0.len()))?;
        for error in &self.0 {
            writeln!(f, "  {error}")?;
        }
        f.write_str(HINT)
    }
}

fn count(errors: usize) -> String {
    match errors {
        1 => "1 configuration error".to_owned(),
        more => format!("{more} configuration errors"),
    }
}
