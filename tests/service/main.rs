//! The promises of the service, kept against real sockets, real SQLite files and real processes. One binary, so that
//! many services run side by side in it, as they may in life. Each test is named after the rule it shows.

mod harness;

mod duplicates;
mod journey;
mod order;
mod side_by_side;
