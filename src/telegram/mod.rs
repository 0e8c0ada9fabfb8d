//! EDGE to the Telegram Bot API; teloxide is named nowhere else.

mod answer;
mod api;
mod client;
mod convert;
mod gate;
pub(crate) mod messages;
mod pacing;
mod poller;
mod sender;
mod setup;

pub(crate) use client::{Clients, TelegramError};
pub(crate) use poller::{Ports as PollerPorts, Settings as PollerSettings, TelegramPoller};
pub(crate) use sender::TelegramSender;
pub(crate) use setup::{Identity, MenuLine, identify};
