//! The resolved configuration: one small struct an edge, types instead of strings. Values here are valid;
//! whoever holds a `Config` checks nothing again.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use chrono_tz::Tz;
use clap::ValueEnum;
use domain::{Email, Language, LeadRules, Region, SharedLeadRules};

use super::{Authorities, Limits, ReportCron, Secret};

/// Everything the composition root hands out.
#[derive(Debug, Clone)]
pub struct Config {
    /// The Telegram edge.
    pub telegram: TelegramConfig,
    /// The OpenAI edge.
    pub openai: OpenAiConfig,
    /// How turns begin, end and are limited.
    pub conversation: ConversationConfig,
    /// What the assistant knows of the business.
    pub business: BusinessConfig,
    /// Who gets letters, and how they leave.
    pub mail: MailConfig,
    /// Where rows and threads are kept.
    pub storage: StorageConfig,
    /// Time zone and language.
    pub locale: LocaleConfig,
    /// The log.
    pub log: LogConfig,
    /// Every bound that is not a setting.
    pub limits: Limits,
}

impl Config {
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

/// What the Telegram edge needs.
#[derive(Debug, Clone)]
pub struct TelegramConfig {
    /// `TELEGRAM_BOT_TOKEN`; empty only where secrets were not required.
    pub token: Secret,
    /// `TELEGRAM_API_URL`, http(s), without a trailing slash; `None` is Telegram's own server.
    pub api_url: Option<String>,
    /// `TELEGRAM_PROXY`, an http(s) or socks5(h) URL, which may hold a password.
    pub proxy: Option<Secret>,
    /// `TELEGRAM_RATE_PER_SECOND`, messages a second over all chats; 0 is unlimited.
    pub rate_per_second: u32,
    /// `TELEGRAM_CHAT_RATE_PER_SECOND`, messages a second to one chat after a burst of 3; 0 is unlimited.
    pub chat_rate_per_second: u32,
    /// `TLS_CA_FILE`.
    pub authorities: Authorities,
}

/// What the OpenAI edge needs.
#[derive(Debug, Clone)]
pub struct OpenAiConfig {
    /// `OPENAI_API_KEY`; empty only where secrets were not required.
    pub api_key: Secret,
    /// `OPENAI_BASE_URL`, http(s), ends with `/v1`, no trailing slash.
    pub base_url: String,
    /// `OPENAI_PROXY`, an http(s) or socks5(h) URL, which may hold a password.
    pub proxy: Option<Secret>,
    /// `OPENAI_MODEL`.
    pub model: String,
    /// `OPENAI_REASONING_EFFORT`; `None` sends nothing and leaves the choice to the model.
    pub reasoning_effort: Option<ReasoningEffort>,
    /// `OPENAI_TIMEOUT`: one request, from connecting to its last byte.
    pub timeout: Duration,
    /// `OPENAI_CONCURRENCY`: requests under way at the same time; more wait for their turn.
    pub concurrency: usize,
    /// `TLS_CA_FILE`.
    pub authorities: Authorities,
}

/// How much a reasoning model may think before it answers; the words are OpenAI's, least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "lowercase")]
pub enum ReasoningEffort {
    None,
    Minimal,
    Low,
    Medium,
    High,
    Xhigh,
    Max,
}

impl ReasoningEffort {
    /// The word on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Minimal => "minimal",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Xhigh => "xhigh",
            Self::Max => "max",
        }
    }
}

/// How turns begin, end and are limited.
#[derive(Debug, Clone)]
pub struct ConversationConfig {
    /// `TURN_DEADLINE`: from a turn's start to its reply, all retries included.
    pub turn_deadline: TimeDelta,
    /// `MERGE_WAIT_MS`: how long a customer must be quiet before his turn begins; zero gives each message its own.
    pub merge_wait: TimeDelta,
    /// `IDLE_AFTER`: rest after which a conversation actor may retire.
    pub idle_after: TimeDelta,
    /// `RATE_LIMIT_PER_MINUTE`: updates of one customer that are answered; 0 is no limit.
    pub rate_limit_per_minute: u32,
    /// `TURNS_PER_CUSTOMER_PER_DAY`: turns of one customer that the model answers; 0 is no limit.
    pub turns_per_customer_per_day: u32,
    /// `TOKENS_PER_DAY`: tokens the model may use over all customers; `None` is no limit.
    pub tokens_per_day: Option<u64>,
}

/// What the assistant knows of the business.
#[derive(Debug, Clone)]
pub struct BusinessConfig {
    /// `BUSINESS_NAME`; `None` is the bot's own name.
    pub name: Option<String>,
    /// `BUSINESS_FILE`: the facts; may be absent, then the assistant only takes requests and contacts.
    pub file: PathBuf,
    /// `ASSISTANT_PROMPT_FILE`: replaces the built-in instructions; must exist if named.
    pub prompt_file: Option<PathBuf>,
    /// `TEMPLATES_DIR`: templates here replace the built-in ones of the same name.
    pub templates_dir: Option<PathBuf>,
}

/// Where rows and threads are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StorageConfig {
    /// `DATABASE_URL` as a path to the SQLite file.
    pub database: PathBuf,
    /// `THREADS_FILE`: the mirror of customers and their threads.
    pub threads_file: PathBuf,
}

/// Time zone, language and country.
#[derive(Debug, Clone)]
pub struct LocaleConfig {
    /// `TIME_ZONE`, else `TZ`, else the system's, else UTC: the zone in which times are shown.
    pub time_zone: Tz,
    /// `REPORT_CRON`: when reports are due, in that zone.
    pub report_cron: ReportCron,
    /// `BOT_LANGUAGE`: for customers whose own language we do not speak.
    pub bot_language: Language,
    /// `PHONE_REGION`: whose way of writing phone numbers is meant where one does not say its country.
    pub phone_region: Region,
}

/// Who gets letters, and how they leave.
#[derive(Debug, Clone)]
pub struct MailConfig {
    /// `OWNER_EMAIL`: lead letters and reports go to each of them; empty only where nothing was required.
    pub owners: Vec<Email>,
    /// `OPERATOR_EMAIL`: technical alerts; the owners where nobody else is named.
    pub operators: Vec<Email>,
    /// The server; `None` only where nothing was required and no server or no sender is named.
    pub smtp: Option<SmtpConfig>,
    /// `OWNER_LANGUAGE`: the language of letters.
    pub language: Language,
}

/// The mail server.
#[derive(Debug, Clone)]
pub struct SmtpConfig {
    /// `SMTP_HOST`, or the host of `SMTP_PRESET`.
    pub host: String,
    /// `SMTP_PORT`, else by security: 587, 465, 25.
    pub port: u16,
    /// `SMTP_SECURITY`.
    pub security: SmtpSecurity,
    /// `SMTP_USERNAME`; `None`: the server wants no login.
    pub username: Option<String>,
    /// `SMTP_PASSWORD`; there whenever a user name is, and empty only where secrets were not required.
    pub password: Option<Secret>,
    /// `SMTP_FROM`, else the user name where that is an address: the sender, also of the envelope.
    pub from: Email,
    /// `SMTP_FROM_NAME`, else `BUSINESS_NAME`; `None`: the address alone.
    pub from_name: Option<String>,
    /// `SMTP_TIMEOUT`: from connecting until the server wants the letter; its text and the server's last word on it may
    /// take ten times that.
    pub timeout: Duration,
    /// `SMTP_HELO`: the name we introduce ourselves by; `None`: the machine's full name, else its address.
    pub helo: Option<String>,
    /// `TLS_CA_FILE`.
    pub authorities: Authorities,
}

impl SmtpConfig {
    /// Whether the server is this machine, so that nothing travels over a wire.
    pub fn is_local(&self) -> bool {
        let is_loopback = |address: IpAddr| address.is_loopback();
        self.host == "localhost" || self.host.parse().is_ok_and(is_loopback)
    }

    /// The provider whose server this is, however it was named; `None` for any other server.
    pub fn provider(&self) -> Option<SmtpPreset> {
        SmtpPreset::value_variants()
            .iter()
            .find(|preset| preset.host() == self.host)
            .copied()
    }
}

/// A provider whose server needs not be looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "lowercase")]
pub enum SmtpPreset {
    /// Gmail, also for domains of one's own.
    Gmail,
    /// Yandex Mail, also for domains of one's own.
    Yandex,
    /// Mail.ru with its other domains.
    Mailru,
}

impl SmtpPreset {
    /// The server's name.
    pub fn host(self) -> &'static str {
        match self {
            Self::Gmail => "smtp.gmail.com",
            Self::Yandex => "smtp.yandex.ru",
            Self::Mailru => "smtp.mail.ru",
        }
    }

    /// All three recommend TLS from the first byte.
    pub fn security(self) -> SmtpSecurity {
        SmtpSecurity::ForceTls
    }
}

/// How the connection to the mail server is kept private.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum SmtpSecurity {
    /// STARTTLS, refused if the server does not offer it (RFC 3207); port 587.
    Starttls,
    /// TLS from the first byte (RFC 8314); port 465.
    ForceTls,
    /// None; for a server on the same machine; port 25.
    Off,
}

impl SmtpSecurity {
    /// The port that belongs to it.
    pub fn port(self) -> u16 {
        match self {
            Self::Starttls => 587,
            Self::ForceTls => 465,
            Self::Off => 25,
        }
    }

    /// The word of `SMTP_SECURITY`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Starttls => "starttls",
            Self::ForceTls => "force_tls",
            Self::Off => "off",
        }
    }
}

/// The log.
#[derive(Debug, Clone)]
pub struct LogConfig {
    /// `LOG_FORMAT`.
    pub format: LogFormat,
    /// `RUST_LOG`: a level, or comma-separated `target=level`.
    pub filter: String,
    /// `LOG_MESSAGE_TEXT`: customers' words may be logged.
    pub message_text: bool,
}

/// The form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "lowercase")]
pub enum LogFormat {
    /// For eyes and grep: `time LEVEL target event key=value`.
    Pretty,
    /// For collectors: one JSON object a line.
    Json,
}
