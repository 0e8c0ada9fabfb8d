//! Rules of resolving the configuration.

use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use chrono_tz::Tz;
use clap::ValueEnum as _;
use clap::{Args as _, Command, FromArgMatches as _};
use domain::{Language, Region};

use super::*;
use crate::config::LogFormat;
use crate::config::ReasoningEffort;
use crate::config::all_settings;

const TOKEN: &str = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw";
const KEY: &str = "sk-proj-0123456789abcdef";

fn nothing(_name: &str) -> Option<String> {
    None
}

fn complete() -> Settings {
    let mut settings = Settings::default();
    settings.set("TELEGRAM_BOT_TOKEN", TOKEN);
    settings.set("OPENAI_API_KEY", KEY);
    settings.set("OWNER_EMAIL", "owner@example.org");
    settings.set("SMTP_HOST", "smtp.example.org");
    settings.set("SMTP_FROM", "robot@example.org");
    settings
}

fn run(settings: &Settings) -> Result<Config, ConfigErrors> {
    Config::resolve(settings, Requirements::Run, &nothing)
}

#[test]
fn two_secrets_an_owner_and_a_mail_server_are_enough() {
    let config = run(&complete()).unwrap();
    assert_eq!(config.telegram.token.expose(), TOKEN);
    assert_eq!(config.openai.base_url, "https://api.openai.com/v1");
    assert_eq!(config.storage.database, PathBuf::from("data/frontdesk.db"));
    assert_eq!(config.locale.bot_language, Language::Ru);
    assert_eq!(config.locale.phone_region, Region::new("RU"));
    assert_eq!(config.log.format, LogFormat::Pretty);
    assert_eq!(config.openai.reasoning_effort, None);
}

#[test]
fn all_errors_are_reported_at_once_with_fixes() {
    let mut settings = Settings::default();
    settings.set("TELEGRAM_BOT_TOKEN", "my-private-token");
    settings.set("OPENAI_BASE_URL", "https://api.openai.com");
    settings.set("OPENAI_REASONING_EFFORT", "hard");
    settings.set("SMTP_TIMEOUT", "1h");
    settings.set("TURN_DEADLINE", "soon");
    settings.set("TOKENS_PER_DAY", "0");
    settings.set("DATABASE_URL", "postgres://bob:hunter2@db/shop");
    settings.set("TIME_ZONE", "Moscow");
    settings.set("PHONE_REGION", "XX");
    settings.set("ASSISTANT_PROMPT_FILE", "no/such/prompt.md");
    settings.set("LOG_FORMAT", "xml");
    let errors = run(&settings).unwrap_err();
    let names: Vec<&str> = errors.0.iter().map(|error| error.name.as_str()).collect();
    let expected = "TELEGRAM_BOT_TOKEN OPENAI_API_KEY OPENAI_BASE_URL OPENAI_REASONING_EFFORT ASSISTANT_PROMPT_FILE \
                    OWNER_EMAIL SMTP_HOST SMTP_FROM SMTP_TIMEOUT TURN_DEADLINE TOKENS_PER_DAY DATABASE_URL TIME_ZONE \
                    PHONE_REGION LOG_FORMAT";
    assert_eq!(names.join(" "), expected);
    assert!(errors.0.iter().all(|error| !error.fix.is_empty()));
    let message = errors.to_string();
    assert!(
        !message.contains("my-private-token") && !message.contains("hunter2"),
        "{message}"
    );
    assert!(message.contains("frontdesk demo"), "{message}");
}

#[test]
fn read_only_commands_need_no_secret() {
    let config = Config::resolve(&Settings::default(), Requirements::ReadOnly, &nothing).unwrap();
    assert!(config.telegram.token.is_empty() && config.secrets().is_empty());
}

#[test]
fn a_secret_may_be_read_from_a_file() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    writeln!(file, "{TOKEN}").unwrap();
    let path = file.path().display().to_string();
    let env = |name: &str| (name == "TELEGRAM_BOT_TOKEN_FILE").then(|| path.clone());
    let mut settings = complete();
    settings.set("TELEGRAM_BOT_TOKEN", "");
    let config = Config::resolve(&settings, Requirements::Run, &env).unwrap();
    assert_eq!(config.telegram.token.expose(), TOKEN);
    let errors = Config::resolve(&complete(), Requirements::Run, &env).unwrap_err();
    assert!(errors.to_string().contains("keep only one of them"));
    let marked: Vec<u16> = format!("\u{feff}{TOKEN}\r\n").encode_utf16().collect();
    for windows in [
        format!("\u{feff}{TOKEN}\r\n").into_bytes(),
        marked.iter().flat_map(|unit| unit.to_le_bytes()).collect(),
        marked.iter().flat_map(|unit| unit.to_be_bytes()).collect(),
    ] {
        std::fs::write(file.path(), windows).unwrap();
        let config = Config::resolve(&settings, Requirements::Run, &env).unwrap();
        assert_eq!(config.telegram.token.expose(), TOKEN);
    }
}

#[test]
fn a_blank_value_counts_as_not_set() {
    let mut settings = complete();
    settings.set("OPENAI_MODEL", " ");
    settings.set("TELEGRAM_PROXY", "");
    settings.set("TOKENS_PER_DAY", " ");
    settings.set("PHONE_REGION", "");
    let config = run(&settings).unwrap();
    assert_eq!(config.conversation.tokens_per_day, None);
    assert_eq!(config.locale.phone_region, Region::new("RU"));
    assert_eq!(config.openai.model, crate::config::DEFAULT_MODEL);
    assert!(config.telegram.proxy.is_none());
}

#[test]
fn the_time_zone_falls_back_to_a_valid_tz() {
    let zone = |tz: &'static str| {
        let env = move |name: &str| (name == "TZ").then(|| tz.to_owned());
        Config::resolve(&complete(), Requirements::Run, &env)
            .unwrap()
            .locale
            .time_zone
    };
    assert_eq!(zone("Asia/Omsk"), Tz::Asia__Omsk);
    assert_eq!(zone(":Asia/Omsk"), Tz::Asia__Omsk);
    let mut settings = complete();
    settings.set("TIME_ZONE", "Europe/Moscow");
    let env = |name: &str| (name == "TZ").then(|| "Asia/Omsk".to_owned());
    let config = Config::resolve(&settings, Requirements::Run, &env).unwrap();
    assert_eq!(config.locale.time_zone, Tz::Europe__Moscow);
}

#[test]
fn values_of_reasoning_effort_are_those_of_the_api() {
    for effort in ReasoningEffort::value_variants() {
        let mut settings = complete();
        settings.set("OPENAI_REASONING_EFFORT", effort.word().to_uppercase());
        assert_eq!(run(&settings).unwrap().openai.reasoning_effort, Some(*effort));
    }
}

#[test]
fn a_region_must_be_a_country_with_known_phone_numbers() {
    let region = |code: &str| {
        let mut settings = complete();
        settings.set("PHONE_REGION", code);
        run(&settings).map(|config| config.locale.phone_region)
    };
    assert_eq!(region("kz").unwrap(), Region::new("KZ"));
    for code in ["XX", "AQ", "RUS", "7", "Россия"] {
        let errors = region(code).unwrap_err();
        assert_eq!(
            (errors.0.len(), errors.0[0].name.as_str()),
            (1, "PHONE_REGION"),
            "{code}"
        );
    }
}

#[test]
fn zero_turns_per_day_mean_no_limit_and_zero_tokens_are_an_error() {
    let mut settings = complete();
    settings.set("TURNS_PER_CUSTOMER_PER_DAY", "0");
    settings.set("TOKENS_PER_DAY", "5000000000");
    let config = run(&settings).unwrap();
    assert_eq!(config.conversation.turns_per_customer_per_day, 0);
    assert_eq!(config.conversation.tokens_per_day, Some(5_000_000_000));
    for text in ["0", "-1", "1.5", "many"] {
        settings.set("TOKENS_PER_DAY", text);
        assert!(run(&settings).is_err(), "{text}");
    }
}

#[test]
fn a_flag_sets_the_field_of_its_name() {
    let command = Settings::augment_args(Command::new("x"));
    let args = [
        "x",
        "--telegram-api-url",
        "http://127.0.0.1:8081/",
        "--openai-timeout",
        "5",
    ];
    let matches = command.try_get_matches_from(args).unwrap();
    let settings = Settings::from_arg_matches(&matches).unwrap();
    let config = Config::resolve(&settings, Requirements::ReadOnly, &nothing).unwrap();
    assert_eq!(config.telegram.api_url.as_deref(), Some("http://127.0.0.1:8081"));
    assert_eq!(config.openai.timeout, Duration::from_secs(5));
}

#[test]
fn settings_and_configuration_never_print_a_secret() {
    let mut settings = complete();
    settings.set("TELEGRAM_PROXY", "socks5h://bob:hunter2@proxy:1080");
    settings.set("SMTP_USERNAME", "robot@example.org");
    settings.set("SMTP_PASSWORD", "open-sesame");
    let config = run(&settings).unwrap();
    let printed = format!("{settings:?} {config:?}");
    for secret in [TOKEN, KEY, "hunter2", "open-sesame"] {
        assert!(!printed.contains(secret), "{printed}");
    }
    assert_eq!(config.secrets().len(), 4);
}

#[test]
fn every_secret_is_hidden_from_the_log() {
    let mut settings = complete();
    settings.set("SMTP_USERNAME", "robot@example.org");
    let secrets: Vec<&str> = all_settings().iter().filter(|s| s.is_secret).map(|s| s.name).collect();
    for (n, name) in secrets.iter().enumerate() {
        settings.set(name, format!("{n}{TOKEN}"));
    }
    let kept = run(&settings).unwrap().secrets();
    for (n, name) in secrets.iter().enumerate() {
        let secret = Secret::new(format!("{n}{TOKEN}"));
        assert!(kept.contains(&secret), "{name} is not among Config::secrets");
    }
}
