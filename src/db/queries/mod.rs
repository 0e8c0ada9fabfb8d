//! One function over the connection for each message; every decision that depends on a row is taken here, inside
//! the transaction that acts on it.

mod conversations;
mod deliveries;
mod effects;
mod intake;
mod lanes;
mod lead_letters;
mod leads;
mod letters;
mod rows;
mod snapshot;
mod threads;
mod turn_leads;
mod turns;
mod upkeep;
