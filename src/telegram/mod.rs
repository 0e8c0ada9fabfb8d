//! EDGE to the Telegram Bot API; teloxide is named nowhere else.

mod answer;
mod api;
mod client;
mod convert;
mod gate;
pub mod messages;
mod pacing;
mod poller;
mod sender;
mod setup;

pub use client::{Clients, Rival, TelegramError};
pub use poller::{Ports as PollerPorts, Settings as PollerSettings, TelegramPoller};
pub use sender::TelegramSender;
pub use setup::{Identity, MenuLine, identify};
