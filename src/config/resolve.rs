//! The resolved configuration: one small struct an edge, types instead of strings. Values here are valid; whoever holds a
//! `Config` checks nothing again.

use std::sync::Arc;

use store::{LeadRules, SharedLeadRules};

use super::network::NetworkConfig;
use super::reader::Reader;
use super::source::{Env, Requirements};
use super::{
    BusinessConfig, ConversationConfig, Faults, Limits, LocaleConfig, LogConfig, MailConfig, OpenAiConfig, Secret,
    Settings, StorageConfig, TelegramConfig,
};

/// Everything the composition root hands out.
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
    /// Gives every setting its type. `env` is asked for `NAME_FILE` forms and `TZ`; names with a flag have
    /// been read by clap already.
    ///
    /// # Errors
    /// All faults, in the order of the definition.
    pub fn resolve(settings: &Settings, requirements: Requirements, env: Env<'_>) -> Result<Self, Faults> {
        let mut reader = Reader::new(settings, requirements, env);
        let config = Self::read(&mut reader);
        reader.finish(config)
    }

    /// Reads every group before the first fault ends anything, in the order in which they are printed.
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

    /// All values that must not appear in a log, proxies (their URLs may hold a password) included.
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

    /// When leads are open and when their letters leave to whom: what every write that may touch a lead is given.
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
    /// The storage alone, for commands that read rows whatever else is misconfigured.
    ///
    /// # Errors
    /// The faults of `DATABASE_URL` and `THREADS_FILE`.
    pub fn resolve(settings: &Settings, env: Env<'_>) -> Result<Self, Faults> {
        let mut reader = Reader::new(settings, Requirements::ReadOnly, env);
        let storage = Self::read(&mut reader);
        reader.finish(storage)
    }
}

impl LocaleConfig {
    /// Time zone, language and country alone, for commands that read rows whatever else is misconfigured.
    ///
    /// # Errors
    /// The faults of `TIME_ZONE`, `BOT_LANGUAGE` and `PHONE_REGION`.
    pub fn resolve(settings: &Settings, env: Env<'_>) -> Result<Self, Faults> {
        let mut reader = Reader::new(settings, Requirements::ReadOnly, env);
        let locale = Self::read(&mut reader);
        reader.finish(locale)
    }
}

#[cfg(test)]
impl Config {
    /// What comes of no settings at all: a test changes the few that it is about.
    pub(crate) fn defaults() -> Self {
        Self::resolve(&Settings::default(), Requirements::ReadOnly, &|_name| None).unwrap()
    }
}

#[cfg(test)]
#[path = "resolve_tests.rs"]
mod tests;
