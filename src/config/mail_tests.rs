//! Rules of the mail settings.

use std::io::Write as _;

use domain::Language;

use super::super::mail_values::SENDER_CHARS;
use super::*;
use crate::config::{Config, ConfigErrors, Settings};

fn nothing(_name: &str) -> Option<String> {
    None
}

/// Valid settings for `run`, without mail.
fn bare() -> Settings {
    let mut settings = Settings::default();
    settings.set("TELEGRAM_BOT_TOKEN", "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw");
    settings.set("OPENAI_API_KEY", "sk-proj-0123456789abcdef");
    settings
}

/// Valid settings for `run`, with these mail settings added.
fn with(named: &[(&str, &str)]) -> Settings {
    let mut settings = bare();
    let base = [
        ("OWNER_EMAIL", "owner@example.org"),
        ("SMTP_HOST", "smtp.example.org"),
        ("SMTP_FROM", "robot@example.org"),
    ];
    for (name, value) in base.iter().chain(named) {
        settings.set(name, *value);
    }
    settings
}

fn run(settings: &Settings) -> Result<MailConfig, ConfigErrors> {
    Config::resolve(settings, Requirements::Run, &nothing).map(|config| config.mail)
}

fn smtp(named: &[(&str, &str)]) -> SmtpConfig {
    run(&with(named)).unwrap().smtp.unwrap()
}

/// The names of the settings with errors.
fn errors(named: &[(&str, &str)]) -> Vec<String> {
    let errors = run(&with(named)).unwrap_err();
    assert!(errors.0.iter().all(|error| !error.fix.is_empty()));
    errors.0.into_iter().map(|error| error.name).collect()
}

fn texts(addresses: &[Email]) -> Vec<&str> {
    addresses.iter().map(Email::as_str).collect()
}

#[test]
fn all_errors_of_mail_are_reported_at_once() {
    let found = errors(&[
        ("OWNER_EMAIL", "owner"),
        ("OPERATOR_EMAIL", "ops@"),
        ("OWNER_LANGUAGE", "de"),
        ("SMTP_HOST", "https://smtp.example.org"),
        ("SMTP_PRESET", "hotmail"),
        ("SMTP_SECURITY", "tls"),
        ("SMTP_PORT", "0"),
        ("SMTP_PASSWORD", "open-sesame"),
        ("SMTP_FROM", "Robot <robot@example.org>"),
        ("SMTP_TIMEOUT", "1s"),
    ]);
    let expected = "OWNER_EMAIL OPERATOR_EMAIL OWNER_LANGUAGE SMTP_HOST SMTP_PRESET SMTP_SECURITY SMTP_PORT SMTP_USERNAME \
                    SMTP_FROM SMTP_TIMEOUT";
    assert_eq!(found.join(" "), expected);
}

#[test]
fn an_owner_a_server_and_a_sender_are_required_to_run() {
    let missing = run(&bare()).unwrap_err();
    let names: Vec<&str> = missing.0.iter().map(|error| error.name.as_str()).collect();
    assert_eq!(names, ["OWNER_EMAIL", "SMTP_HOST", "SMTP_FROM"]);
}

#[test]
fn a_blank_value_of_mail_counts_as_not_set() {
    assert_eq!(
        errors(&[("OWNER_EMAIL", " "), ("SMTP_HOST", ""), ("SMTP_FROM", " ")]).len(),
        3
    );
    let smtp = smtp(&[
        ("SMTP_PRESET", " "),
        ("SMTP_PORT", ""),
        ("SMTP_USERNAME", ""),
        ("SMTP_PASSWORD", " "),
    ]);
    assert_eq!((smtp.port, smtp.username, smtp.password), (587, None, None));
}

#[test]
fn read_only_commands_need_no_mail_settings_but_check_those_given() {
    let read = |settings: &Settings| Config::resolve(settings, Requirements::ReadOnly, &nothing);
    let mail = read(&Settings::default()).unwrap().mail;
    assert!(mail.owners.is_empty() && mail.operators.is_empty() && mail.smtp.is_none());
    assert_eq!(read(&with(&[])).unwrap().mail.smtp.unwrap().host, "smtp.example.org");
    assert!(read(&with(&[("SMTP_PORT", "smtp")])).is_err());
    let without_password = read(&with(&[("SMTP_USERNAME", "robot")])).unwrap();
    assert!(without_password.mail.smtp.unwrap().password.unwrap().is_empty());
}

#[test]
fn a_repeated_owner_address_is_used_once() {
    let owners = " b@example.org, a@Example.ORG ,B@example.org,, root@localhost";
    let mail = run(&with(&[("OWNER_EMAIL", owners)])).unwrap();
    assert_eq!(
        texts(&mail.owners),
        ["b@example.org", "a@example.org", "root@localhost"]
    );
}

#[test]
fn every_invalid_address_of_a_list_is_reported() {
    let errors = run(&with(&[("OWNER_EMAIL", "a@example.org, b@shop, c")])).unwrap_err();
    let message = errors.to_string();
    assert!(
        message.contains("\"b@shop\", \"c\"") && !message.contains("a@example.org"),
        "{message}"
    );
    let empty = run(&with(&[("OWNER_EMAIL", " , ,")])).unwrap_err();
    assert!(empty.to_string().contains("contains no address"));
}

#[test]
fn alerts_go_to_the_owners_unless_an_operator_is_set() {
    let mail = run(&with(&[])).unwrap();
    assert_eq!(mail.operators, mail.owners);
    let mail = run(&with(&[
        ("OPERATOR_EMAIL", "ops@example.org"),
        ("OWNER_LANGUAGE", "en"),
    ]))
    .unwrap();
    assert_eq!(texts(&mail.operators), ["ops@example.org"]);
    assert_eq!(
        (texts(&mail.owners), mail.language),
        (vec!["owner@example.org"], Language::En)
    );
}

#[test]
fn the_default_port_depends_on_the_security() {
    let port = |named: &[(&str, &str)]| smtp(named).port;
    assert_eq!(port(&[]), 587);
    assert_eq!(port(&[("SMTP_SECURITY", "FORCE_TLS")]), 465);
    assert_eq!(port(&[("SMTP_SECURITY", "off")]), 25);
    assert_eq!(port(&[("SMTP_SECURITY", "force_tls"), ("SMTP_PORT", "2465")]), 2_465);
    assert_eq!(errors(&[("SMTP_PORT", "65536")]), ["SMTP_PORT"]);
}

#[test]
fn a_preset_sets_server_security_and_port() {
    for (preset, host) in [
        ("gmail", "smtp.gmail.com"),
        ("Yandex", "smtp.yandex.ru"),
        ("mailru", "smtp.mail.ru"),
    ] {
        let smtp = smtp(&[("SMTP_HOST", ""), ("SMTP_PRESET", preset)]);
        assert_eq!(
            (smtp.host.as_str(), smtp.port, smtp.security),
            (host, 465, SmtpSecurity::ForceTls)
        );
        assert!(smtp.provider().is_some());
    }
}

#[test]
fn explicit_settings_override_a_preset() {
    let preset = [("SMTP_HOST", ""), ("SMTP_PRESET", "gmail")];
    let starttls = smtp(&[preset.as_slice(), &[("SMTP_SECURITY", "starttls")]].concat());
    assert_eq!((starttls.security, starttls.port), (SmtpSecurity::Starttls, 587));
    let port = smtp(&[preset.as_slice(), &[("SMTP_PORT", "2525")]].concat());
    assert_eq!((port.security, port.port), (SmtpSecurity::ForceTls, 2_525));
}

#[test]
fn a_host_together_with_a_preset_is_an_error() {
    let errors = run(&with(&[("SMTP_PRESET", "gmail")])).unwrap_err();
    assert_eq!(errors.0.len(), 1);
    assert!(
        errors
            .to_string()
            .contains("SMTP_PRESET is set together with SMTP_HOST; keep only one of them")
    );
}

#[test]
fn an_unknown_preset_is_not_also_reported_as_a_missing_server() {
    assert_eq!(
        errors(&[("SMTP_HOST", ""), ("SMTP_PRESET", "hotmail")]),
        ["SMTP_PRESET"]
    );
}

#[test]
fn user_name_and_password_must_be_set_together() {
    assert_eq!(errors(&[("SMTP_USERNAME", "robot")]), ["SMTP_PASSWORD"]);
    assert_eq!(errors(&[("SMTP_PASSWORD", "open-sesame")]), ["SMTP_USERNAME"]);
    let both = smtp(&[("SMTP_USERNAME", "robot"), ("SMTP_PASSWORD", "open sesame")]);
    assert_eq!(both.username.as_deref(), Some("robot"));
    assert_eq!(both.password.unwrap().expose(), "open sesame");
}

#[test]
fn a_mail_password_may_be_read_from_a_file() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    writeln!(file, "open-sesame").unwrap();
    let path = file.path().display().to_string();
    let env = |name: &str| (name == "SMTP_PASSWORD_FILE").then(|| path.clone());
    let settings = with(&[("SMTP_USERNAME", "robot")]);
    let config = Config::resolve(&settings, Requirements::Run, &env).unwrap();
    assert!(config.secrets().iter().any(|secret| secret.expose() == "open-sesame"));
}

#[test]
fn the_sender_defaults_to_a_user_name_that_is_an_address() {
    let login = [
        ("SMTP_FROM", ""),
        ("SMTP_PASSWORD", "x"),
        ("SMTP_USERNAME", "robot@Example.org"),
    ];
    assert_eq!(smtp(&login).from.as_str(), "robot@example.org");
    let own = smtp(&[
        ("SMTP_USERNAME", "robot@example.org"),
        ("SMTP_PASSWORD", "x"),
        ("SMTP_FROM", "a@b.org"),
    ]);
    assert_eq!(own.from.as_str(), "a@b.org");
    let nameless = [("SMTP_FROM", ""), ("SMTP_PASSWORD", "x"), ("SMTP_USERNAME", "robot")];
    assert_eq!(errors(&nameless), ["SMTP_FROM"]);
}

#[test]
fn the_sender_name_defaults_to_the_business_name() {
    let mut settings = with(&[]);
    settings.set("BUSINESS_NAME", "Чистый дом");
    let name = |settings: &Settings| run(settings).unwrap().smtp.unwrap().from_name;
    assert_eq!(name(&settings).as_deref(), Some("Чистый дом"));
    settings.set("SMTP_FROM_NAME", "Робот");
    assert_eq!(name(&settings).as_deref(), Some("Робот"));
    assert_eq!(name(&with(&[])), None);
}

#[test]
fn the_sender_name_is_one_short_line() {
    let name = |text: &str| smtp(&[("SMTP_FROM_NAME", text)]).from_name;
    assert_eq!(
        name("Shop\r\nBcc: all@example.org\u{7}").as_deref(),
        Some("Shop Bcc: all@example.org")
    );
    assert_eq!(
        name(&"ш".repeat(500)).map(|name| name.chars().count()),
        Some(SENDER_CHARS)
    );
    assert_eq!(name("\u{1}"), None);
}

#[test]
fn an_address_has_no_display_name_and_its_domain_has_a_dot() {
    for text in "a@example.org|a.b+c@sub.example.org|root@LOCALHOST|анна@пример.рф".split('|') {
        assert!(email(text).is_ok(), "{text}");
    }
    for text in "a|a@|@b.org|a@b|a@[127.0.0.1]|Anna <a@b.org>|a b@c.org|a@b..org|a@b.org\n".split('|') {
        assert!(email(text).is_err(), "{text}");
    }
}

#[test]
fn an_invalid_server_name_is_rejected_and_never_repeated() {
    for (text, name) in [
        ("SMTP.Example.org", "smtp.example.org"),
        ("127.0.0.1", "127.0.0.1"),
        ("::1", "::1"),
        ("[::1]", "::1"),
    ] {
        assert_eq!(host(text), Ok(name.to_owned()));
    }
    for text in "smtp://bob:hunter2@host|smtp.example.org:587|bob:hunter2@host|two words|a/b".split('|') {
        assert!(
            host(text).is_err_and(|(problem, fix)| !(problem + &fix).contains("hunter2")),
            "{text}"
        );
    }
}

#[test]
fn the_ehlo_name_is_a_full_host_name_or_an_address() {
    for (text, name) in [
        ("shop.example.org", "shop.example.org"),
        ("Mail-1.Shop.Example", "mail-1.shop.example"),
        ("почта.рф", "xn--80a1acny.xn--p1ai"),
        ("192.0.2.7", "[192.0.2.7]"),
        ("[192.0.2.7]", "[192.0.2.7]"),
        ("2001:DB8::7", "[IPv6:2001:db8::7]"),
        ("[2001:db8::7]", "[IPv6:2001:db8::7]"),
        ("[IPv6:2001:db8::7]", "[IPv6:2001:db8::7]"),
        ("ipv6:::1", "[IPv6:::1]"),
    ] {
        let config = Config::resolve(&with(&[("SMTP_HELO", text)]), Requirements::Run, &nothing).unwrap();
        assert_eq!(config.mail.smtp.unwrap().helo.as_deref(), Some(name), "{text}");
    }
    let refused = "localhost|box-1|shop.example.org:25|https://shop.example.org|under_score.example|two words.example|\
                   shop.example.org.|[192.0.2]|192.0.2.700|[IPv6:192::0::2]|shop.example\r\nRSET|robot@shop.example|\
                   -shop.example";
    for text in refused.split('|') {
        let (problem, fix) = helo(text).unwrap_err();
        assert!(
            problem.contains("full host name") && fix.contains("192.0.2.7"),
            "{text}"
        );
    }
}

#[test]
fn lead_rules_come_from_the_configuration() {
    let settings = with(&[("OPERATOR_EMAIL", "ops@example.org")]);
    let config = Config::resolve(&settings, Requirements::Run, &nothing).unwrap();
    let rules = config.lead_rules();
    assert_eq!(
        (&rules.owners, &rules.operators),
        (&config.mail.owners, &config.mail.operators)
    );
    assert_eq!(rules.open_for, chrono::TimeDelta::hours(72));
    assert_eq!(rules.letter_delay, chrono::TimeDelta::seconds(60));
    assert_eq!((rules.letters_per_hour, rules.dialog_lines), (20, 2_000));
    assert_eq!(rules.alert_pause, chrono::TimeDelta::hours(1));
}
