//! frontdesk answers a small business's customers in Telegram with an AI consultant and keeps every word.

pub mod domain;
pub mod runtime;

pub mod config;
pub mod logging;

pub mod assistant;
pub mod telegram;
