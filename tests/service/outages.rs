//! Unreachable, slow or broken systems cost time, never a message: Telegram, OpenAI, the mail server, and wake-ups between
//! actors.

mod answers;
mod calls;
mod database;
mod descriptors;
mod hints;
mod mail;
mod openai;
mod refusals;
mod start;
mod telegram;
mod telegram_errors;
mod threads;
