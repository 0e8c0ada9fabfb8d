//! frontdesk answers a small business's customers in Telegram with an AI consultant and keeps every word.

pub mod domain;

pub mod config;
pub mod logging;

pub mod assistant;
pub mod db;
pub mod telegram;

pub mod cli;
