//! The contract of the state tables, kept by tests: what is promised by each statement, told as
//! rules and tried on a real file. Whoever brings a second database makes these pass.

mod alerts;
mod bench;
mod samples;

mod earlier;
mod edits;
mod flood;
mod intake;
mod keeping;

mod history;
mod threads;
mod turns;

mod claims;
mod corrupted;
mod cost;
mod starts;
mod unreadable;
mod verdicts;

mod lead_letters;
mod lead_sequences;
mod leads;
mod long_reports;

mod past_weeks;
mod plans;
mod questions;
mod records;
mod removal;
mod report_pages;
mod reports;
mod requeue;
mod sequences;
mod spelling;
mod writer;
