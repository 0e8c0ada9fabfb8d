//! What a test makes go wrong at the stand-ins.

use sandbox::{Rule, RuleId};

use super::{ServiceProcess, TestService};

impl TestService {
    /// Makes something go wrong from now on.
    pub(crate) fn fault(&self, rule: Rule) -> RuleId {
        self.sandbox().faults().add(rule)
    }
}

impl ServiceProcess {
    /// Makes something go wrong from now on.
    pub(crate) fn fault(&self, rule: Rule) -> RuleId {
        self.sandbox().faults().add(rule)
    }
}
