//! What is out of reach, slow or broken costs time, never a message: Telegram, OpenAI, and hints between actors.

mod hints;
mod openai;
mod refusals;
mod telegram;
mod threads;
