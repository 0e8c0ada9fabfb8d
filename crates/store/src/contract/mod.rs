//! The contract of the state tables: the rules of each statement, tested on a real file. A second database must pass the
//! same tests.

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
