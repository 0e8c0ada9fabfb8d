//! Configuration: flag > environment > `.env` > default. Each setting is one entry in the file of its group, which
//! [`group`] explains; [`Config`] is the result, [`ConfigErrors`] lists all errors at once.

mod authorities;
mod business;
mod conversation;
mod definition;
mod entry;
mod errors;
mod group;
mod limits;
mod locale;
mod log;
mod mail;
mod mail_values;
mod network;
mod old_names;
mod openai;
mod origin;
mod reader;
mod resolve;
mod schedule;
mod secret;
mod source;
mod storage;
mod telegram;
mod values;

pub(crate) use self::authorities::Authorities;
pub(crate) use self::business::BusinessConfig;
pub(crate) use self::conversation::ConversationConfig;
pub(crate) use self::definition::{all_settings, env_example, reference};
pub(crate) use self::errors::{ConfigErrors, SettingError};
pub use self::limits::Limits;
pub(crate) use self::locale::LocaleConfig;
pub(crate) use self::log::{LogConfig, LogFormat};
pub(crate) use self::mail::{MailConfig, SmtpConfig, SmtpPreset, SmtpSecurity};
pub(crate) use self::old_names::{Notice, notices};
pub(crate) use self::openai::{DEFAULT_MODEL, DEFAULT_MODEL_CHOSEN, OpenAiConfig, ReasoningEffort};
#[cfg(test)]
pub(crate) use self::origin::Origin;
pub(crate) use self::origin::{Shown, shown};
pub use self::resolve::Config;
pub use self::schedule::ReportCron;
pub(crate) use self::secret::Secret;
pub use self::source::{Requirements, Settings};
pub(crate) use self::storage::StorageConfig;
pub(crate) use self::telegram::TelegramConfig;
