//! EDGE to the Telegram Bot API; teloxide is named nowhere else.

pub mod convert;
pub mod messages;
