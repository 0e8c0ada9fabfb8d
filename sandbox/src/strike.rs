//! How a fault changes the outcome of a call, the same at both HTTP interfaces.

use crate::fault::Fault;
use crate::server::{Answer, Outcome};

/// The outcome of a call without effect and without an answer.
pub(crate) const fn before(fault: &Fault) -> Option<Outcome> {
    match fault {
        Fault::CutBefore => Some(Outcome::Cut),
        Fault::Hang => Some(Outcome::Never),
        _ => None,
    }
}

/// The part of the answer the client receives after the effect.
pub(crate) fn after(fault: Option<&Fault>, answer: Answer) -> Outcome {
    match fault {
        Some(Fault::CutAfter) => Outcome::Cut,
        Some(Fault::HangAfter) => Outcome::Never,
        Some(Fault::CutBody) => Outcome::Half(answer),
        _ => Outcome::Whole(answer),
    }
}
