//! The rules of resolving, on an environment of the test's own.

use std::io::Write as _;

use clap::ValueEnum as _;
use clap::{Args as _, Command, FromArgMatches as _};
use domain::{Language, Region};

use super::*;
use crate::config::LogFormat;
use crate::config::ReasoningEffort;

const TOKEN: &str = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw";
const KEY: &str = "sk-proj-0123456789abcdef";

fn nothing(_name: &str) -> Option<String> {
    None
}

fn complete() -> Settings {
    let mut settings = Settings::default();
    settings.telegram.telegram_bot_token = Some(TOKEN.to_owned());
    settings.openai.openai_api_key = Some(KEY.to_owned());
    settings.mail.owner_email = Some("owner@example.org".to_owned());
    settings.mail.smtp_host = Some("smtp.example.org".to_owned());
    settings.mail.smtp_from = Some("robot@example.org".to_owned());
    settings
}

fn run(settings: &Settings) -> Result<Config, Faults> {
    Config::resolve(settings, Requirements::Run, &nothing)
}

#[test]
fn two_secrets_an_owner_and_a_mail_server_are_enough() {
    let config = run(&complete()).unwrap();
    assert_eq!(config.telegram.token.expose(), TOKEN);
    assert_eq!(config.telegram.rate_per_second, 30);
    assert_eq!(config.openai.base_url, "https://api.openai.com/v1");
    assert_eq!(config.openai.timeout, Duration::from_secs(60));
    assert_eq!(config.conversation.turn_deadline, TimeDelta::seconds(90));
    assert_eq!(config.conversation.merge_wait, TimeDelta::milliseconds(1_200));
    assert_eq!(config.storage.database, PathBuf::from("data/frontdesk.db"));
    assert_eq!(config.conversation.turns_per_customer_per_day, 100);
    assert_eq!(config.conversation.tokens_per_day, None);
    assert_eq!(config.locale.bot_language, Language::Ru);
    assert_eq!(config.locale.phone_region, Region::new("RU"));
    assert_eq!(config.log.format, LogFormat::Pretty);
    assert_eq!(config.openai.reasoning_effort, None);
}

#[test]
fn all_faults_are_told_at_once_each_with_its_fix() {
    let mut settings = Settings::default();
    settings.telegram.telegram_bot_token = Some("my-private-token".to_owned());
    settings.openai.openai_base_url = Some("https://api.openai.com".to_owned());
    settings.openai.openai_reasoning_effort = Some("hard".to_owned());
    settings.mail.smtp_timeout = Some("1h".to_owned());
    settings.conversation.turn_deadline = Some("soon".to_owned());
    settings.conversation.tokens_per_day = Some("0".to_owned());
    settings.storage.database_url = Some("postgres://bob:hunter2@db/shop".to_owned());
    settings.locale.time_zone = Some("Moscow".to_owned());
    settings.locale.phone_region = Some("XX".to_owned());
    settings.business.assistant_prompt_file = Some("no/such/prompt.md".to_owned());
    settings.log.log_format = Some("xml".to_owned());
    let faults = run(&settings).unwrap_err();
    let names: Vec<&str> = faults.0.iter().map(|fault| fault.name.as_str()).collect();
    let expected = [
        "TELEGRAM_BOT_TOKEN",
        "OPENAI_API_KEY",
        "OPENAI_BASE_URL",
        "OPENAI_REASONING_EFFORT",
        "ASSISTANT_PROMPT_FILE",
        "OWNER_EMAIL",
        "SMTP_HOST",
        "SMTP_FROM",
        "SMTP_TIMEOUT",
        "TURN_DEADLINE",
        "TOKENS_PER_DAY",
        "DATABASE_URL",
        "TIME_ZONE",
        "PHONE_REGION",
        "LOG_FORMAT",
    ];
    assert_eq!(names, expected);
    assert!(faults.0.iter().all(|fault| !fault.fix.is_empty()));
    let told = faults.to_string();
    assert!(
        !told.contains("my-private-token") && !told.contains("hunter2"),
        "{told}"
    );
    assert!(told.contains("frontdesk demo"), "{told}");
}

#[test]
fn commands_that_read_need_no_secret() {
    let config = Config::resolve(&Settings::default(), Requirements::ReadOnly, &nothing).unwrap();
    assert!(config.telegram.token.is_empty() && config.secrets().is_empty());
}

#[test]
fn a_secret_may_be_read_from_a_named_file() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    writeln!(file, "{TOKEN}").unwrap();
    let path = file.path().display().to_string();
    let env = |name: &str| (name == "TELEGRAM_BOT_TOKEN_FILE").then(|| path.clone());
    let mut settings = complete();
    settings.telegram.telegram_bot_token = None;
    let config = Config::resolve(&settings, Requirements::Run, &env).unwrap();
    assert_eq!(config.telegram.token.expose(), TOKEN);
    let faults = Config::resolve(&complete(), Requirements::Run, &env).unwrap_err();
    assert!(faults.to_string().contains("keep one of the two"));
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
    settings.openai.openai_model = Some(" ".to_owned());
    settings.telegram.telegram_proxy = Some(String::new());
    settings.conversation.tokens_per_day = Some(" ".to_owned());
    settings.locale.phone_region = Some(String::new());
    let config = run(&settings).unwrap();
    assert_eq!(config.conversation.tokens_per_day, None);
    assert_eq!(config.locale.phone_region, Region::new("RU"));
    assert_eq!(config.openai.model, crate::config::DEFAULT_MODEL);
    assert!(config.telegram.proxy.is_none());
}

#[test]
fn the_zone_falls_back_to_tz_where_it_names_one() {
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
    settings.locale.time_zone = Some("Europe/Moscow".to_owned());
    let env = |name: &str| (name == "TZ").then(|| "Asia/Omsk".to_owned());
    let config = Config::resolve(&settings, Requirements::Run, &env).unwrap();
    assert_eq!(config.locale.time_zone, Tz::Europe__Moscow);
}

#[test]
fn the_words_of_reasoning_effort_are_those_sent() {
    for effort in ReasoningEffort::value_variants() {
        let mut settings = complete();
        settings.openai.openai_reasoning_effort = Some(effort.word().to_uppercase());
        assert_eq!(run(&settings).unwrap().openai.reasoning_effort, Some(*effort));
    }
}

#[test]
fn a_region_is_a_country_with_phone_numbers_of_its_own() {
    let region = |code: &str| {
        let mut settings = complete();
        settings.locale.phone_region = Some(code.to_owned());
        run(&settings).map(|config| config.locale.phone_region)
    };
    assert_eq!(region("kz").unwrap(), Region::new("KZ"));
    for code in ["XX", "AQ", "RUS", "7", "Россия"] {
        let faults = region(code).unwrap_err();
        assert_eq!(
            (faults.0.len(), faults.0[0].name.as_str()),
            (1, "PHONE_REGION"),
            "{code}"
        );
    }
}

#[test]
fn zero_turns_a_day_is_no_limit_and_zero_tokens_a_fault() {
    let mut settings = complete();
    settings.conversation.turns_per_customer_per_day = Some("0".to_owned());
    settings.conversation.tokens_per_day = Some("5000000000".to_owned());
    let config = run(&settings).unwrap();
    assert_eq!(config.conversation.turns_per_customer_per_day, 0);
    assert_eq!(config.conversation.tokens_per_day, Some(5_000_000_000));
    for text in ["0", "-1", "1.5", "many"] {
        settings.conversation.tokens_per_day = Some(text.to_owned());
        assert!(run(&settings).is_err(), "{text}");
    }
}

#[test]
fn a_flag_reaches_the_field_that_bears_its_name() {
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
fn neither_settings_nor_configuration_print_a_secret() {
    let mut settings = complete();
    settings.telegram.telegram_proxy = Some("socks5h://bob:hunter2@proxy:1080".to_owned());
    settings.mail.smtp_username = Some("robot@example.org".to_owned());
    settings.mail.smtp_password = Some("open-sesame".to_owned());
    let config = run(&settings).unwrap();
    let printed = format!("{settings:?} {config:?}");
    for secret in [TOKEN, KEY, "hunter2", "open-sesame"] {
        assert!(!printed.contains(secret), "{printed}");
    }
    assert_eq!(config.secrets().len(), 4);
}
