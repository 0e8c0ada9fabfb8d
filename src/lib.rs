//! frontdesk answers a small business's customers in Telegram with an AI consultant and keeps every word.

pub mod domain;
pub mod text;

pub mod config;
pub mod logging;
pub mod runtime;

pub mod assistant;
pub mod db;
pub mod mailer;
pub mod telegram;

pub mod outbox;
pub mod tools;

pub mod conversation;
pub mod reports;

pub mod inbox;

pub mod app;
pub mod cli;
