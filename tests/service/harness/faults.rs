//! Faults that a test switches on at the stand-ins.

use sandbox::{Rule, RuleId};

use super::{ServiceProcess, TestService};

impl TestService {
    /// Switches a fault on.
    pub(crate) fn fault(&self, rule: Rule) -> RuleId {
        self.sandbox().faults().add(rule)
    }
}

impl ServiceProcess {
    /// Switches a fault on.
    pub(crate) fn fault(&self, rule: Rule) -> RuleId {
        self.sandbox().faults().add(rule)
    }
}
