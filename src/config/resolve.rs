//! From raw settings to [`Config`]. Every value is read before the first fault ends anything, so that the
//! operator is told all of them at once.

use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::TimeDelta;
use chrono_tz::Tz;

use super::mail::mail;
use super::origin::ambient_zone;
use super::reader::{Env, Reader, Requirements, word};
use super::values::{self, Problem};
use super::{
    Authorities, BusinessConfig, Config, ConversationConfig, Faults, Limits, LocaleConfig, LogConfig, OpenAiConfig,
    ReportCron, Secret, Settings, StorageConfig, TelegramConfig,
};

impl Config {
    /// Gives every setting its type. `env` is asked for `NAME_FILE` forms and `TZ`; names with a flag have
    /// been read by clap already.
    ///
    /// # Errors
    /// All faults, in the order of the definition.
    pub fn resolve(settings: &Settings, requirements: Requirements, env: Env<'_>) -> Result<Self, Faults> {
        let mut reader = Reader::new(env, requirements);
        let telegram = reader.telegram(settings);
        let openai = reader.openai(settings);
        let business = reader.business(settings);
        let mail = mail(&mut reader, settings);
        let conversation = reader.conversation(settings);
        let storage = reader.storage(settings);
        let locale = reader.locale(settings);
        let authorities = reader.authorities(settings);
        let log = reader.log(settings);
        let config = || {
            let (authorities, mut mail) = (authorities?, mail?);
            if let Some(smtp) = &mut mail.smtp {
                smtp.authorities = authorities.clone();
            }
            Some(Self {
                telegram: TelegramConfig {
                    authorities: authorities.clone(),
                    ..telegram?
                },
                openai: OpenAiConfig { authorities, ..openai? },
                business: business?,
                mail,
                conversation: conversation?,
                storage: storage?,
                locale: locale?,
                log: log?,
                limits: Limits::default(),
            })
        };
        config().ok_or(Faults(reader.faults))
    }
}

impl StorageConfig {
    /// The storage alone, for commands that read rows whatever else is misconfigured.
    ///
    /// # Errors
    /// The faults of `DATABASE_URL` and `THREADS_FILE`.
    pub fn resolve(settings: &Settings, env: Env<'_>) -> Result<Self, Faults> {
        let mut reader = Reader::new(env, Requirements::ReadOnly);
        reader.storage(settings).ok_or(Faults(reader.faults))
    }
}

impl LocaleConfig {
    /// Time zone, language and country alone, for commands that read rows whatever else is misconfigured.
    ///
    /// # Errors
    /// The faults of `TIME_ZONE`, `BOT_LANGUAGE` and `PHONE_REGION`.
    pub fn resolve(settings: &Settings, env: Env<'_>) -> Result<Self, Faults> {
        let mut reader = Reader::new(env, Requirements::ReadOnly);
        reader.locale(settings).ok_or(Faults(reader.faults))
    }
}

impl Reader<'_> {
    fn telegram(&mut self, settings: &Settings) -> Option<TelegramConfig> {
        let raw = &settings.telegram;
        let rate = |text: &str| values::number(text, 0, 1_000);
        let token = self.secret("TELEGRAM_BOT_TOKEN", &raw.telegram_bot_token, values::bot_token);
        let api_url = self.optional("TELEGRAM_API_URL", &raw.telegram_api_url, values::http_url);
        let proxy = self.optional("TELEGRAM_PROXY", &raw.telegram_proxy, values::proxy_url);
        let all = self.value("TELEGRAM_RATE_PER_SECOND", &raw.telegram_rate_per_second, rate);
        let chat = self.value(
            "TELEGRAM_CHAT_RATE_PER_SECOND",
            &raw.telegram_chat_rate_per_second,
            rate,
        );
        Some(TelegramConfig {
            token: token?,
            api_url: api_url?,
            proxy: proxy?.map(Secret::new),
            rate_per_second: all?,
            chat_rate_per_second: chat?,
            authorities: Authorities::default(),
        })
    }

    fn openai(&mut self, settings: &Settings) -> Option<OpenAiConfig> {
        let raw = &settings.openai;
        let range = |text: &str| values::duration(text, Duration::from_secs(1), Duration::from_mins(10));
        let api_key = self.secret("OPENAI_API_KEY", &raw.openai_api_key, values::api_key);
        let base_url = self.value("OPENAI_BASE_URL", &raw.openai_base_url, values::openai_url);
        let proxy = self.optional("OPENAI_PROXY", &raw.openai_proxy, values::proxy_url);
        let model = self.value("OPENAI_MODEL", &raw.openai_model, verbatim);
        let effort = self.optional("OPENAI_REASONING_EFFORT", &raw.openai_reasoning_effort, word);
        let timeout = self.value("OPENAI_TIMEOUT", &raw.openai_timeout, range);
        let concurrency = self.value("OPENAI_CONCURRENCY", &raw.openai_concurrency, |text| {
            values::number(text, 1, 4_096)
        });
        Some(OpenAiConfig {
            api_key: api_key?,
            base_url: base_url?,
            proxy: proxy?.map(Secret::new),
            model: model?,
            reasoning_effort: effort?,
            timeout: timeout?,
            concurrency: usize::try_from(concurrency?).ok()?,
            authorities: Authorities::default(),
        })
    }

    fn business(&mut self, settings: &Settings) -> Option<BusinessConfig> {
        let raw = &settings.business;
        let must_exist = self.requirements == Requirements::Run;
        let existing = |text: &str, exists: fn(&Path) -> bool, what: &str| {
            let path = PathBuf::from(text);
            match must_exist && !exists(&path) {
                true => Err((
                    format!("names no {what}: {text:?}"),
                    "mend the path or unset it".to_owned(),
                )),
                false => Ok(path),
            }
        };
        let name = self.optional("BUSINESS_NAME", &raw.business_name, verbatim);
        let file = self.value("BUSINESS_FILE", &raw.business_file, path);
        let prompt = self.optional("ASSISTANT_PROMPT_FILE", &raw.assistant_prompt_file, |text| {
            existing(text, Path::is_file, "file")
        });
        let templates = self.optional("TEMPLATES_DIR", &raw.templates_dir, |text| {
            existing(text, Path::is_dir, "folder")
        });
        Some(BusinessConfig {
            name: name?,
            file: file?,
            prompt_file: prompt?,
            templates_dir: templates?,
        })
    }

    fn conversation(&mut self, settings: &Settings) -> Option<ConversationConfig> {
        let raw = &settings.conversation;
        let second = Duration::from_secs(1);
        let deadline = self.value("TURN_DEADLINE", &raw.turn_deadline, |text| {
            values::duration(text, second, Duration::from_hours(1)).and_then(time_delta)
        });
        // Longer than the longest merge it would have no meaning.
        let most_ms = u32::try_from(Limits::default().merge_max.num_milliseconds()).unwrap_or(u32::MAX);
        let merge = self.value("MERGE_WAIT_MS", &raw.merge_wait_ms, |text| {
            values::number(text, 0, most_ms)
        });
        let idle = self.value("IDLE_AFTER", &raw.idle_after, |text| {
            values::duration(text, second, Duration::from_hours(7 * 24)).and_then(time_delta)
        });
        let rate = self.value("RATE_LIMIT_PER_MINUTE", &raw.rate_limit_per_minute, |text| {
            values::number(text, 0, 10_000)
        });
        let turns = self.value("TURNS_PER_CUSTOMER_PER_DAY", &raw.turns_per_customer_per_day, |text| {
            values::number(text, 0, 100_000)
        });
        let tokens = self.optional("TOKENS_PER_DAY", &raw.tokens_per_day, values::positive);
        Some(ConversationConfig {
            turn_deadline: deadline?,
            merge_wait: TimeDelta::milliseconds(merge?.into()),
            idle_after: idle?,
            rate_limit_per_minute: rate?,
            turns_per_customer_per_day: turns?,
            tokens_per_day: tokens?,
        })
    }

    fn storage(&mut self, settings: &Settings) -> Option<StorageConfig> {
        let raw = &settings.storage;
        let database = self.value("DATABASE_URL", &raw.database_url, values::database);
        let threads_file = self.value("THREADS_FILE", &raw.threads_file, path);
        Some(StorageConfig {
            database: database?,
            threads_file: threads_file?,
        })
    }

    fn locale(&mut self, settings: &Settings) -> Option<LocaleConfig> {
        let raw = &settings.locale;
        let zone = self.optional("TIME_ZONE", &raw.time_zone, |text| {
            text.parse::<Tz>().map_err(|_unknown| {
                (
                    format!("is not the name of a time zone: {text:?}"),
                    "write one like Europe/Moscow".to_owned(),
                )
            })
        });
        let report_cron = self.value("REPORT_CRON", &raw.report_cron, ReportCron::parse);
        let language = self.value("BOT_LANGUAGE", &raw.bot_language, values::language);
        let region = self.value("PHONE_REGION", &raw.phone_region, values::region);
        Some(LocaleConfig {
            time_zone: zone?.unwrap_or_else(|| ambient_zone(self.env).0),
            report_cron: report_cron?,
            bot_language: language?,
            phone_region: region?,
        })
    }

    /// Read only where somebody is to be spoken to.
    fn authorities(&mut self, settings: &Settings) -> Option<Authorities> {
        let is_read = self.requirements == Requirements::Run;
        let read = |file: &str| match is_read {
            true => Authorities::read(file),
            false => Ok(Authorities::default()),
        };
        let read = self.optional("TLS_CA_FILE", &settings.network.tls_ca_file, read);
        read.map(Option::unwrap_or_default)
    }

    fn log(&mut self, settings: &Settings) -> Option<LogConfig> {
        let raw = &settings.log;
        let format = self.value("LOG_FORMAT", &raw.log_format, word);
        let filter = self.value("RUST_LOG", &raw.rust_log, |text| {
            values::log_filter(text).map(|()| text.to_owned())
        });
        let message_text = self.value("LOG_MESSAGE_TEXT", &raw.log_message_text, values::boolean);
        Some(LogConfig {
            format: format?,
            filter: filter?,
            message_text: message_text?,
        })
    }
}

fn verbatim(text: &str) -> Result<String, Problem> {
    Ok(text.to_owned())
}

fn path(text: &str) -> Result<PathBuf, Problem> {
    Ok(PathBuf::from(text))
}

fn time_delta(time: Duration) -> Result<TimeDelta, Problem> {
    TimeDelta::from_std(time).map_err(|_too_long| ("is too long".to_owned(), "choose a shorter time".to_owned()))
}

#[cfg(test)]
#[path = "resolve_tests.rs"]
mod tests;
