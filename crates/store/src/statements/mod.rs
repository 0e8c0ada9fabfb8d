//! One function over the connection for each message, beside the message; every decision that depends on a row is taken here,
//! inside the transaction that acts on it.

pub(super) mod absences;
mod arrivals;
pub(super) mod conversations;
pub(super) mod deliveries;
pub(super) mod delivery_records;
mod edits;
pub(super) mod effects;
mod fates;
mod floods;
pub(super) mod intake;
pub(super) mod lanes;
mod lead_letters;
mod lead_origins;
pub(super) mod lead_records;
mod lead_rows;
pub(super) mod leads;
pub(super) mod letters;
mod meta;
mod past_week;
pub(super) mod recovery;
mod refused;
mod report_dialogs;
pub(super) mod report_ledger;
pub(super) mod report_page;
pub(super) mod report_reader;
mod report_turns;
pub(super) mod reports;
pub(super) mod rows;
mod snapshot;
pub(super) mod spent;
pub(super) mod spent_table;
mod stored;
pub(super) mod threads;
mod turn_leads;
pub(super) mod turns;
pub(super) mod upkeep;
