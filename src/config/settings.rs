//! The one definition of every setting: its name, its flag, its default, its meaning. Help, `.env.example`
//! and the README's table are printed from here. Values stay text: [`super::resolve`] gives them types, so
//! that all faults are told at once instead of one by one.

use clap::Args;

use super::{DEFAULT_MODEL, DEFAULT_MODEL_CHOSEN};

/// The raw settings as flags and environment gave them; a missing or blank one takes its default.
#[derive(Debug, Clone, Default, Args)]
#[expect(missing_docs, reason = "each part is documented by its type")]
pub struct Settings {
    #[command(flatten, next_help_heading = "Telegram")]
    pub telegram: TelegramSettings,
    #[command(flatten, next_help_heading = "OpenAI")]
    pub openai: OpenAiSettings,
    #[command(flatten, next_help_heading = "Business")]
    pub business: BusinessSettings,
    #[command(flatten, next_help_heading = "Mail")]
    pub mail: MailSettings,
    #[command(flatten, next_help_heading = "Conversation")]
    pub conversation: ConversationSettings,
    #[command(flatten, next_help_heading = "Storage")]
    pub storage: StorageSettings,
    #[command(flatten, next_help_heading = "Language and time")]
    pub locale: LocaleSettings,
    #[command(flatten, next_help_heading = "Network")]
    pub network: NetworkSettings,
    #[command(flatten, next_help_heading = "Log")]
    pub log: LogSettings,
}

// A secret has an id and a long name only because clap needs them: `cli` refuses it on the command line,
// where every user of the machine could read it.

/// Settings of the Telegram edge.
#[derive(Clone, Default, Args)]
pub struct TelegramSettings {
    /// The bot's token as @BotFather gave it, like 123456:ABC… (required)
    #[arg(
        long,
        env = "TELEGRAM_BOT_TOKEN",
        hide = true,
        hide_env_values = true,
        value_name = "TOKEN"
    )]
    pub telegram_bot_token: Option<String>,
    /// Address of another Bot API server; unset: Telegram's own
    #[arg(long, env = "TELEGRAM_API_URL", value_name = "URL")]
    pub telegram_api_url: Option<String>,
    /// Proxy on the way to Telegram: http://, https://, socks5:// or socks5h:// (host names are resolved by the proxy)
    #[arg(long, env = "TELEGRAM_PROXY", hide_env_values = true, value_name = "URL")]
    pub telegram_proxy: Option<String>,
    /// Messages sent a second, over all chats; 0: unlimited
    #[arg(long, env = "TELEGRAM_RATE_PER_SECOND", default_value = "30", value_name = "N")]
    pub telegram_rate_per_second: Option<String>,
    /// Messages sent a second to one chat, after a burst of 3; 0: unlimited
    #[arg(long, env = "TELEGRAM_CHAT_RATE_PER_SECOND", default_value = "1", value_name = "N")]
    pub telegram_chat_rate_per_second: Option<String>,
}

/// Settings of the OpenAI edge.
#[derive(Clone, Default, Args)]
pub struct OpenAiSettings {
    /// The key of the OpenAI project that pays for the answers (required)
    #[arg(
        long,
        env = "OPENAI_API_KEY",
        hide = true,
        hide_env_values = true,
        value_name = "KEY"
    )]
    pub openai_api_key: Option<String>,
    /// Address of the API, ending with /v1
    #[arg(
        long,
        env = "OPENAI_BASE_URL",
        default_value = "https://api.openai.com/v1",
        value_name = "URL"
    )]
    pub openai_base_url: Option<String>,
    /// Proxy on the way to OpenAI: http://, https://, socks5:// or socks5h:// (host names are resolved by the proxy)
    #[arg(long, env = "OPENAI_PROXY", hide_env_values = true, value_name = "URL")]
    pub openai_proxy: Option<String>,
    // Not a doc comment: only `help` can hold the date.
    #[arg(long, env = "OPENAI_MODEL", default_value = DEFAULT_MODEL, value_name = "NAME")]
    #[arg(help = format!("The model that answers; the default was chosen in {DEFAULT_MODEL_CHOSEN}"))]
    pub openai_model: Option<String>,
    /// How much a reasoning model may think: none, minimal, low, medium, high, xhigh or max; unset: the model decides
    #[arg(long, env = "OPENAI_REASONING_EFFORT", value_name = "EFFORT")]
    pub openai_reasoning_effort: Option<String>,
    /// Longest time of one request, 1 s to 10 min
    #[arg(long, env = "OPENAI_TIMEOUT", default_value = "60s", value_name = "TIME")]
    pub openai_timeout: Option<String>,
    /// Requests under way at the same time, 1 to 4096
    #[arg(long, env = "OPENAI_CONCURRENCY", default_value = "256", value_name = "N")]
    pub openai_concurrency: Option<String>,
}

/// What the assistant knows of the business.
#[derive(Debug, Clone, Default, Args)]
pub struct BusinessSettings {
    /// Name of the business in greetings; unset: the bot's name at Telegram
    #[arg(long, env = "BUSINESS_NAME", value_name = "NAME")]
    pub business_name: Option<String>,
    /// The facts the assistant answers from, in your own words; if the file is absent it only takes requests and contacts
    #[arg(long, env = "BUSINESS_FILE", default_value = "business.md", value_name = "FILE")]
    pub business_file: Option<String>,
    /// Instructions that replace the built-in ones; unset: the built-in ones
    #[arg(long, env = "ASSISTANT_PROMPT_FILE", value_name = "FILE")]
    pub assistant_prompt_file: Option<String>,
    /// Folder whose templates replace the built-in ones of the same name; unset: the built-in ones
    #[arg(long, env = "TEMPLATES_DIR", value_name = "FOLDER")]
    pub templates_dir: Option<String>,
}

/// Who gets letters, and how they leave.
#[derive(Clone, Default, Args)]
pub struct MailSettings {
    /// Who is told of leads and gets the report: e-mail addresses, with commas between them (required)
    #[arg(long, env = "OWNER_EMAIL", value_name = "ADDRESSES")]
    pub owner_email: Option<String>,
    /// Who is told of technical trouble: e-mail addresses, with commas between them; unset: OWNER_EMAIL
    #[arg(long, env = "OPERATOR_EMAIL", value_name = "ADDRESSES")]
    pub operator_email: Option<String>,
    /// Language of letters: ru or en
    #[arg(long, env = "OWNER_LANGUAGE", default_value = "ru", value_name = "LANGUAGE")]
    pub owner_language: Option<String>,
    /// The mail server's name, like smtp.example.org (required, unless SMTP_PRESET is set)
    #[arg(long, env = "SMTP_HOST", hide_env_values = true, value_name = "HOST")]
    pub smtp_host: Option<String>,
    /// The server of a provider in place of SMTP_HOST: gmail, yandex or mailru, each by force_tls
    #[arg(long, env = "SMTP_PRESET", value_name = "PROVIDER")]
    pub smtp_preset: Option<String>,
    // The next two have no default here: what is written out must be told from what is not, to win over a preset.
    /// starttls, force_tls (TLS from the first byte) or off; unset: what SMTP_PRESET needs, else starttls
    #[arg(long, env = "SMTP_SECURITY", value_name = "SECURITY")]
    pub smtp_security: Option<String>,
    /// The server's port; unset: 587 for starttls, 465 for force_tls, 25 for off
    #[arg(long, env = "SMTP_PORT", value_name = "PORT")]
    pub smtp_port: Option<String>,
    /// The user name at the mail server; unset: no login
    #[arg(long, env = "SMTP_USERNAME", value_name = "NAME")]
    pub smtp_username: Option<String>,
    /// The password that belongs to SMTP_USERNAME; for gmail, yandex and mailru an app password
    #[arg(
        long,
        env = "SMTP_PASSWORD",
        hide = true,
        hide_env_values = true,
        value_name = "PASSWORD"
    )]
    pub smtp_password: Option<String>,
    /// The sender's address; unset: SMTP_USERNAME, if that is an address
    #[arg(long, env = "SMTP_FROM", value_name = "ADDRESS")]
    pub smtp_from: Option<String>,
    /// The sender's name; unset: BUSINESS_NAME
    #[arg(long, env = "SMTP_FROM_NAME", value_name = "NAME")]
    pub smtp_from_name: Option<String>,
    /// Longest time until the server wants a letter, 5 s to 5 min; its text and the answer may take ten times that
    #[arg(long, env = "SMTP_TIMEOUT", default_value = "30s", value_name = "TIME")]
    pub smtp_timeout: Option<String>,
    /// The name given to the mail server in EHLO, like shop.example.org; unset: this machine's full name, else its address
    #[arg(long, env = "SMTP_HELO", value_name = "NAME")]
    pub smtp_helo: Option<String>,
}

/// How turns begin, end and are limited.
#[derive(Debug, Clone, Default, Args)]
pub struct ConversationSettings {
    /// Longest time from the start of a turn to its reply, retries included, 1 s to 1 h
    #[arg(long, env = "TURN_DEADLINE", default_value = "90s", value_name = "TIME")]
    pub turn_deadline: Option<String>,
    /// How long a customer is quiet before all he wrote is answered together, in milliseconds, at most 5000;
    /// 0: every message has its own reply
    #[arg(long, env = "MERGE_WAIT_MS", default_value = "1200", value_name = "MS")]
    pub merge_wait_ms: Option<String>,
    /// Rest after which a conversation leaves the memory (its rows stay), 1 s to 7 d
    #[arg(long, env = "IDLE_AFTER", default_value = "10min", value_name = "TIME")]
    pub idle_after: Option<String>,
    /// Messages of one customer that are answered in a minute; 0: no limit
    #[arg(long, env = "RATE_LIMIT_PER_MINUTE", default_value = "20", value_name = "N")]
    pub rate_limit_per_minute: Option<String>,
    /// Turns of one customer that the model answers in a day; 0: no limit
    #[arg(long, env = "TURNS_PER_CUSTOMER_PER_DAY", default_value = "100", value_name = "N")]
    pub turns_per_customer_per_day: Option<String>,
    /// Tokens the model may use in a day, over all customers; unset: no limit
    #[arg(long, env = "TOKENS_PER_DAY", value_name = "N")]
    pub tokens_per_day: Option<String>,
}

/// Where rows and threads are kept.
#[derive(Clone, Default, Args)]
pub struct StorageSettings {
    /// The SQLite file; sqlite://name is relative to the working directory, sqlite:///name is absolute
    #[arg(
        long,
        env = "DATABASE_URL",
        default_value = "sqlite://data/frontdesk.db",
        value_name = "URL"
    )]
    #[arg(hide_env_values = true)]
    pub database_url: Option<String>,
    /// Mirror of customers and their threads, as JSON
    #[arg(long, env = "THREADS_FILE", default_value = "threads.json", value_name = "FILE")]
    pub threads_file: Option<String>,
}

/// Time zone and language.
#[derive(Debug, Clone, Default, Args)]
pub struct LocaleSettings {
    /// Zone in which times are told, like Europe/Moscow; unset: TZ, else the system's, else UTC
    #[arg(long, env = "TIME_ZONE", value_name = "ZONE")]
    pub time_zone: Option<String>,
    /// When the owner gets the report, in TIME_ZONE: minute, hour, day of the month, month, day of the week
    #[arg(long, env = "REPORT_CRON", default_value = "0 9 * * *", value_name = "CRON")]
    pub report_cron: Option<String>,
    /// Language for customers whose own is neither Russian nor English: ru or en
    #[arg(long, env = "BOT_LANGUAGE", default_value = "ru", value_name = "LANGUAGE")]
    pub bot_language: Option<String>,
    /// Country whose phone numbers are meant where one is written without its +, two letters
    #[arg(long, env = "PHONE_REGION", default_value = "RU", value_name = "COUNTRY")]
    pub phone_region: Option<String>,
}

/// What connections to others have in common.
#[derive(Debug, Clone, Default, Args)]
pub struct NetworkSettings {
    /// Certificates (PEM) of authorities to trust beside the well-known ones, for mail, Telegram and OpenAI; unset: none
    #[arg(long, env = "TLS_CA_FILE", value_name = "FILE")]
    pub tls_ca_file: Option<String>,
}

/// The log.
#[derive(Debug, Clone, Default, Args)]
pub struct LogSettings {
    /// pretty (time LEVEL target event key=value) or json (one object a line)
    #[arg(long, env = "LOG_FORMAT", default_value = "pretty", value_name = "FORMAT")]
    pub log_format: Option<String>,
    /// What is logged: a level (off, error, warn, info, debug, trace) and, after commas, target=level;
    /// libraries are held at warn, because their debug lines hold customers' words
    #[arg(long, env = "RUST_LOG", default_value = "info", value_name = "FILTER")]
    pub rust_log: Option<String>,
    /// Log the words of customers and replies: true or false
    #[arg(long, env = "LOG_MESSAGE_TEXT", default_value = "false", value_name = "BOOL")]
    pub log_message_text: Option<String>,
}

// These may hold a secret (a token, a key, a password, also inside a URL), so their `Debug` names only the type.

impl std::fmt::Debug for TelegramSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TelegramSettings(***)")
    }
}

impl std::fmt::Debug for OpenAiSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OpenAiSettings(***)")
    }
}

impl std::fmt::Debug for MailSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MailSettings(***)")
    }
}

impl std::fmt::Debug for StorageSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StorageSettings(***)")
    }
}
