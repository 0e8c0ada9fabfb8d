//! Telling an operator of trouble that belongs to no turn.

use domain::{Alert, Delivery, SharedLeadRules};

/// Mails an alert to each operator who got none of its kind within `alert_pause`.
#[derive(Debug, Clone)]
pub struct RaiseAlert {
    /// What is wrong.
    pub alert: Alert,
    /// Who the operators are.
    pub rules: SharedLeadRules,
}

/// What became of an alert.
#[derive(Debug, Clone, Default)]
pub struct RaisedAlert {
    /// An operator gets it.
    pub is_raised: bool,
    /// Its letters, claimed, to be handed to the outbox.
    pub deliveries: Vec<Delivery>,
}
