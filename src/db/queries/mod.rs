//! One function over the connection for each message; every decision that depends on a row is taken here, inside
//! the transaction that acts on it.

mod absences;
mod arrivals;
mod conversations;
mod deliveries;
pub(super) mod delivery_records;
mod edits;
mod effects;
mod fates;
mod floods;
mod intake;
mod lanes;
mod lead_letters;
mod lead_origins;
pub(super) mod lead_records;
mod leads;
pub(super) mod letters;
mod meta;
mod past_week;
mod recovery;
mod refused;
mod report_dialogs;
pub(super) mod report_page;
pub(super) mod report_reader;
mod report_turns;
pub(super) mod reports;
pub(super) mod rows;
mod snapshot;
mod spent;
mod stored;
mod threads;
mod turn_leads;
mod turns;
mod upkeep;
