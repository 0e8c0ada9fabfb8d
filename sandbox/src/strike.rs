//! How a fault changes what becomes of a call, the same way at both interfaces that speak HTTP.

use crate::fault::Fault;
use crate::server::{Answer, Outcome};

/// What becomes of a call that must not take effect and gets no answer.
pub(crate) const fn before(fault: &Fault) -> Option<Outcome> {
    match fault {
        Fault::CutBefore => Some(Outcome::Cut),
        Fault::Hang => Some(Outcome::Never),
        _ => None,
    }
}

/// What reaches the client of the answer once the effect has taken place.
pub(crate) fn after(fault: Option<&Fault>, answer: Answer) -> Outcome {
    match fault {
        Some(Fault::CutAfter) => Outcome::Cut,
        Some(Fault::HangAfter) => Outcome::Never,
        Some(Fault::CutBody) => Outcome::Half(answer),
        _ => Outcome::Whole(answer),
    }
}
