//! A conversation: one actor per chat. It owns the customer's thread, handles the customer's rows in order, and has one
//! turn open at a time; customers never wait for each other.

mod actor;
mod agenda;
mod budget;
mod chat;
mod direct;
mod direct_turn;
mod form;
mod instructions;
mod listener;
pub(crate) mod messages;
mod model_turn;
mod notes;
mod reply;
mod rows;
mod shared;
mod threads_file;
mod turn;

pub(crate) use actor::ConversationActor;
pub(crate) use budget::day_start;
pub(crate) use instructions::StandingPrompt;
pub(crate) use shared::{Leads, Ports, Shared, Voice};
pub(crate) use threads_file::{Mark, Ports as ThreadsPorts, ThreadsMirror, read_threads};
