//! Configuration: flag > environment > `.env` > default. [`Settings`] is the one definition of every name,
//! [`Config`] what comes out of it, [`Faults`] everything that is wrong with it at once.

mod authorities;
mod definition;
mod fault;
mod limits;
mod mail;
mod old_names;
mod origin;
mod reader;
mod resolve;
mod schedule;
mod secret;
mod settings;
mod types;
mod values;

pub use authorities::Authorities;
pub(crate) use definition::{Setting, all_settings};
pub use definition::{env_example, markdown_table};
pub(crate) use fault::{Fault, Faults};
pub use limits::Limits;
pub(crate) use old_names::{Notice, notices};
#[cfg(test)]
pub(crate) use origin::Origin;
pub(crate) use origin::{Shown, shown};
pub use reader::Requirements;
pub use schedule::ReportCron;
pub use secret::Secret;
pub use settings::Settings;
pub use types::{
    BusinessConfig, Config, ConversationConfig, LocaleConfig, LogConfig, LogFormat, MailConfig, OpenAiConfig,
    SmtpConfig, SmtpSecurity, StorageConfig, TelegramConfig,
};
pub(crate) use types::{ReasoningEffort, SmtpPreset};

/// The model that answers unless `OPENAI_MODEL` names another: quick and cheap enough for every customer's
/// every question. Models come and go, so the choice carries its date.
pub(crate) const DEFAULT_MODEL: &str = "gpt-5.4-mini";

/// When [`DEFAULT_MODEL`] was chosen.
pub(crate) const DEFAULT_MODEL_CHOSEN: &str = "2026-11";
