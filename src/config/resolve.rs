//! From raw settings to [`Config`]. Every value is read before the first fault ends anything, so that the
//! operator is told all of them at once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::TimeDelta;
use chrono_tz::Tz;
use clap::ValueEnum;

use super::values::{self, Problem};
use super::{
    BusinessConfig, Config, ConversationConfig, Fault, Faults, Limits, LocaleConfig, LogConfig, OpenAiConfig, Origin,
    Secret, Settings, StorageConfig, TelegramConfig, all_settings,
};
use crate::domain::Language;

/// Looks a name up in the environment; a value of its own, so that tests need no real one.
pub type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// What a command cannot do without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requirements {
    /// Token, key and every file that is named: `run`.
    Run,
    /// Valid values alone: commands that talk to nobody. Absent secrets are empty ones.
    ReadOnly,
}

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
        let conversation = reader.conversation(settings);
        let storage = reader.storage(settings);
        let locale = reader.locale(settings);
        let log = reader.log(settings);
        let config = || {
            Some(Self {
                telegram: telegram?,
                openai: openai?,
                business: business?,
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

/// Reads values one by one and keeps what is wrong. Its methods answer `None` only after noting a fault.
struct Reader<'a> {
    env: Env<'a>,
    requirements: Requirements,
    defaults: BTreeMap<String, String>,
    faults: Vec<Fault>,
}

impl<'a> Reader<'a> {
    fn new(env: Env<'a>, requirements: Requirements) -> Self {
        let defaults = all_settings().into_iter().filter_map(|s| Some((s.name, s.default?)));
        Self {
            env,
            requirements,
            defaults: defaults.collect(),
            faults: Vec::new(),
        }
    }

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
        Some(ConversationConfig {
            turn_deadline: deadline?,
            merge_wait: TimeDelta::milliseconds(merge?.into()),
            idle_after: idle?,
            rate_limit_per_minute: rate?,
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
        let language = self.value("BOT_LANGUAGE", &raw.bot_language, |text| {
            Language::from_tag(text).ok_or_else(|| {
                (
                    format!("is a language the service does not speak: {text:?}"),
                    "write ru or en".to_owned(),
                )
            })
        });
        Some(LocaleConfig {
            time_zone: zone?.unwrap_or_else(|| ambient_zone(self.env).0),
            bot_language: language?,
        })
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

    /// A setting with a default; blank counts as unset, as in `NAME=` of an `.env` file.
    fn value<T>(
        &mut self,
        name: &str,
        raw: &Option<String>,
        parse: impl FnOnce(&str) -> Result<T, Problem>,
    ) -> Option<T> {
        let default = self.defaults.get(name).cloned().unwrap_or_default();
        let text = given(raw).map_or(default, str::to_owned);
        self.noting(name, parse(&text))
    }

    /// A setting that may stay unset.
    fn optional<T>(
        &mut self,
        name: &str,
        raw: &Option<String>,
        parse: impl FnOnce(&str) -> Result<T, Problem>,
    ) -> Option<Option<T>> {
        match given(raw) {
            Some(text) => self.noting(name, parse(text)).map(Some),
            None => Some(None),
        }
    }

    fn secret(
        &mut self,
        name: &str,
        raw: &Option<String>,
        check: impl FnOnce(&str) -> Result<(), Problem>,
    ) -> Option<Secret> {
        let read = self.secret_text(name, raw).and_then(|text| match text {
            Some(text) => check(&text).map(|()| Secret::new(text)),
            None if self.requirements == Requirements::ReadOnly => Ok(Secret::default()),
            None => Err((
                "is not set".to_owned(),
                format!("put it into .env, or its file's path into {name}_FILE"),
            )),
        });
        self.noting(name, read)
    }

    fn secret_text(&self, name: &str, raw: &Option<String>) -> Result<Option<String>, Problem> {
        let file = (self.env)(&format!("{name}_FILE")).filter(|path| !path.trim().is_empty());
        match (given(raw), file) {
            (Some(_), Some(_)) => Err((format!("is set beside {name}_FILE"), "keep one of the two".to_owned())),
            (Some(text), None) => Ok(Some(text.to_owned())),
            (None, None) => Ok(None),
            (None, Some(file)) => match std::fs::read_to_string(&file) {
                Ok(text) if text.trim().is_empty() => Err((
                    format!("is to come from {name}_FILE, but {file} is empty"),
                    "write the value into it".to_owned(),
                )),
                Ok(text) => Ok(Some(text.trim().to_owned())),
                Err(error) => Err((
                    format!(
                        "is to come from {name}_FILE, but {file} cannot be read ({})",
                        error.kind()
                    ),
                    "mend the path or the file's rights".to_owned(),
                )),
            },
        }
    }

    fn noting<T>(&mut self, name: &str, read: Result<T, Problem>) -> Option<T> {
        match read {
            Ok(value) => Some(value),
            Err((problem, fix)) => {
                self.faults.push(Fault::new(name, problem, fix));
                None
            }
        }
    }
}

/// The value as it was given, `None` if it is missing or blank.
pub(super) fn given(raw: &Option<String>) -> Option<&str> {
    raw.as_deref().map(str::trim).filter(|text| !text.is_empty())
}

/// The zone to use where none is configured, and where it was found.
pub(super) fn ambient_zone(env: Env<'_>) -> (Tz, Origin) {
    // `TZ` may also hold a POSIX rule (`MSK-3`) or a path, which are not ours to read.
    let tz = env("TZ").and_then(|tz| tz.trim().trim_start_matches(':').parse().ok());
    let system = || iana_time_zone::get_timezone().ok().and_then(|name| name.parse().ok());
    match tz {
        Some(zone) => (zone, Origin::Tz),
        None => (system().unwrap_or(Tz::UTC), Origin::System),
    }
}

fn verbatim(text: &str) -> Result<String, Problem> {
    Ok(text.to_owned())
}

fn path(text: &str) -> Result<PathBuf, Problem> {
    Ok(PathBuf::from(text))
}

fn word<T: ValueEnum>(text: &str) -> Result<T, Problem> {
    T::from_str(text, true).map_err(|_unknown| {
        let words: Vec<String> = T::value_variants()
            .iter()
            .filter_map(|variant| Some(variant.to_possible_value()?.get_name().to_owned()))
            .collect();
        (
            format!("is none of the known words: {text:?}"),
            format!("write {}", words.join(", ")),
        )
    })
}

fn time_delta(time: Duration) -> Result<TimeDelta, Problem> {
    TimeDelta::from_std(time).map_err(|_too_long| ("is too long".to_owned(), "choose a shorter time".to_owned()))
}

#[cfg(test)]
#[path = "resolve_tests.rs"]
mod tests;
