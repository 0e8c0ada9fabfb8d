//! The composition root: starts the actors in order of dependence, gives each its ports, and stops them in the order a message
//! travels. A service is a value; one process can run several.

mod lock;
mod parts;
mod start;
mod status;
mod stop;
mod upkeep;

use crate::assistant::AssistantActor;
use crate::conversation::{ConversationActor, ThreadsMirror};
use crate::db::DbActor;
use crate::inbox::InboxActor;
use crate::mailer::MailerActor;
use crate::outbox::OutboxActor;
use crate::reports::ReportSchedulerActor;
use crate::runtime::{Behaviour, Loop};
use crate::telegram::{TelegramPoller, TelegramSender};

pub use parts::StartError;
pub use start::Service;

/// The names of all actors of a service, as used in logs and panic plans.
pub const ACTORS: [&str; 11] = [
    DbActor::NAME,
    TelegramPoller::NAME,
    InboxActor::NAME,
    ConversationActor::NAME,
    AssistantActor::NAME,
    OutboxActor::NAME,
    TelegramSender::NAME,
    MailerActor::NAME,
    ThreadsMirror::NAME,
    ReportSchedulerActor::NAME,
    status::Status::NAME,
];
