//! The letters on leads: one on a lead, with its dialog, and one on the leads of an hour that had too many.

mod excerpt;
mod gathered;
mod history;
mod letter;
mod parts;
mod view;

pub(crate) use gathered::leads_letter;
pub(crate) use letter::lead_letter;
