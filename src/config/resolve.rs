//! The resolved configuration: one small struct per edge, types instead of strings. All values in a `Config` are valid.

use std::sync::Arc;

use store::{LeadRules, SharedLeadRules};

use super::network::NetworkConfig;
use super::reader::Reader;
use super::source::{Env, Requirements};
use super::{
    BusinessConfig, ConfigErrors, ConversationConfig, Limits, LocaleConfig, LogConfig, MailConfig, OpenAiConfig,
    Secret, Settings, StorageConfig, TelegramConfig,
};

/// Everything the composition root passes to the actors.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "each part is documented by its type")]
pub struct Config {
    pub telegram: TelegramConfig,
    pub openai: OpenAiConfig,
    pub business: BusinessConfig,
    pub mail: MailConfig,
    pub conversation: ConversationConfig,
    pub storage: StorageConfig,
    pub locale: LocaleConfig,
    pub log: LogConfig,
    pub limits: Limits,
}

impl Config {
    /// Parses every setting. `env` is used for `NAME_FILE` variables and `TZ`; clap has already read all others.
    ///
    /// # Errors
    /// All errors, in the order of definition.
    pub fn resolve(settings: &Settings, requirements: Requirements, env: Env<'_>) -> Result<Self, ConfigErrors> {
        let mut reader = Reader::new(settings, requirements, env);
        let config = Self::read(&mut reader);
        reader.finish(config)
    }

    /// Reads every group before it returns, so that all errors are found.
    pub(super) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let telegram = TelegramConfig::read(reader);
        let openai = OpenAiConfig::read(reader);
        let business = BusinessConfig::read(reader);
        let mail = MailConfig::read(reader);
        let conversation = ConversationConfig::read(reader);
        let storage = StorageConfig::read(reader);
        let locale = LocaleConfig::read(reader);
        let network = NetworkConfig::read(reader);
        let log = LogConfig::read(reader);
        let mut config = Self {
            telegram: telegram?,
            openai: openai?,
            business: business?,
            mail: mail?,
            conversation: conversation?,
            storage: storage?,
            locale: locale?,
            log: log?,
            limits: Limits::default(),
        };
        let NetworkConfig { authorities } = network?;
        if let Some(smtp) = &mut config.mail.smtp {
            smtp.authorities = authorities.clone();
        }
        config.telegram.authorities = authorities.clone();
        config.openai.authorities = authorities;
        Some(config)
    }

    /// All values that must not appear in a log, including proxies, whose URLs may contain a password.
    pub fn secrets(&self) -> Vec<Secret> {
        let password = self.mail.smtp.as_ref().and_then(|smtp| smtp.password.as_ref());
        [Some(&self.telegram.token), Some(&self.openai.api_key), password]
            .into_iter()
            .chain([self.telegram.proxy.as_ref(), self.openai.proxy.as_ref()])
            .flatten()
            .filter(|secret| !secret.is_empty())
            .cloned()
            .collect()
    }

    /// Lead timing and recipients; passed to every write that may affect a lead.
    pub fn lead_rules(&self) -> SharedLeadRules {
        Arc::new(LeadRules {
            owners: self.mail.owners.clone(),
            operators: self.mail.operators.clone(),
            open_for: self.limits.lead_open,
            letter_delay: self.limits.letter_delay,
            letters_per_hour: self.limits.letters_per_hour,
            alert_pause: self.limits.alert_pause,
            dialog_lines: self.limits.letter_lines,
        })
    }
}

impl StorageConfig {
    /// Only the storage, for commands that read rows and ignore other configuration errors.
    ///
    /// # Errors
    /// Errors of `DATABASE_URL` and `THREADS_FILE`.
    pub fn resolve(settings: &Settings, env: Env<'_>) -> Result<Self, ConfigErrors> {
        let mut reader = Reader::new(settings, Requirements::ReadOnly, env);
        let storage = Self::read(&mut reader);
        reader.finish(storage)
    }
}

impl LocaleConfig {
    /// Only time zone, language and country, for commands that read rows and ignore other configuration errors.
    ///
    /// # Errors
    /// Errors of `TIME_ZONE`, `REPORT_CRON`, `BOT_LANGUAGE` and `PHONE_REGION`.
    pub fn resolve(settings: &Settings, env: Env<'_>) -> Result<Self, ConfigErrors> {
        let mut reader = Reader::new(settings, Requirements::ReadOnly, env);
        let locale = Self::read(&mut reader);
        reader.finish(locale)
    }
}

#[cfg(test)]
impl Config {
    /// All defaults; a test changes the settings it needs.
    pub(crate) fn defaults() -> Self {
        Self::resolve(&Settings::default(), Requirements::ReadOnly, &|_name| None).unwrap()
    }
}

#[cfg(test)]
#[path = "resolve_tests.rs"]
mod tests;
