//! What is out of reach, slow or broken costs time, never a message: Telegram, OpenAI, the mail server, and hints
//! between actors.

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
