//! What `check` says of a mail server: a stand-in that lets in or refuses, and each kind of failure with its fix.

use std::sync::Arc;

use sandbox::{Edge, Fault, Options, Rule, Sandbox};

use super::super::findings::State;
use super::*;
use crate::config::{Requirements, Settings};

fn config(host: &str, port: u16, password: &str) -> Config {
    let mut settings = Settings::default();
    settings.mail.owner_email = Some("owner@example.org".to_owned());
    settings.mail.smtp_host = Some(host.to_owned());
    settings.mail.smtp_port = Some(port.to_string());
    settings.mail.smtp_username = Some("robot@example.org".to_owned());
    settings.mail.smtp_password = Some(password.to_owned());
    let mut config = Config::resolve(&settings, Requirements::ReadOnly, &|_| None).unwrap();
    config.mail.smtp.as_mut().unwrap().security = SmtpSecurity::Off;
    config
}

fn smtp(host: &str) -> SmtpConfig {
    config(host, 587, "open-sesame").mail.smtp.unwrap()
}

#[test]
fn a_mail_server_that_lets_us_in_is_in_order() {
    let sandbox = Sandbox::start(Options {
        script: Arc::new(sandbox::Echo),
        ..Options::default()
    })
    .unwrap();
    let server = sandbox.smtp();
    let mut config = config(server.host(), server.port(), server.password());
    config.mail.smtp.as_mut().unwrap().username = Some(server.username().to_owned());
    let found = mail_server(&config);
    assert_eq!(found.state, State::Ok, "{found:?}");
    assert!(server.letters().is_empty());
    let refused = Fault::Smtp {
        code: 535,
        text: "5.7.8 no".into(),
    };
    sandbox.faults().add(Rule::on(Edge::Smtp, "auth").with(refused));
    let found = mail_server(&config);
    assert_eq!(found.state, State::Fail, "{found:?}");
    assert!(
        found.detail.contains("535") && found.detail.contains("SMTP_PASSWORD"),
        "{found:?}"
    );
    assert!(!found.detail.contains(server.password()));
    server.close_port();
    let found = mail_server(&config);
    assert!(found.detail.contains("firewall"), "{found:?}");
}

#[test]
fn each_failure_of_the_mail_server_comes_with_its_fix() {
    let refused = |said: &str| MailError::Account(said.to_owned());
    let cases = [
        (
            "smtp.example.org",
            refused("certificate of an authority that is not known; put its certificate into TLS_CA_FILE"),
            "set TLS_CA_FILE",
        ),
        (
            "smtp.example.org",
            refused("certificate of another name; SMTP_HOST must be a name in it"),
            "SMTP_HOST must be a name",
        ),
        (
            "smtp.example.org",
            refused("504 5.5.2 … Helo command rejected: need fully-qualified hostname"),
            "SMTP_HELO",
        ),
        ("smtp.gmail.com", refused("535 5.7.8 bad"), "apppasswords"),
        ("smtp.yandex.ru", refused("535 5.7.8 bad"), "id.yandex.ru"),
        ("smtp.mail.ru", refused("535 5.7.8 bad"), "account.mail.ru"),
        ("smtp.example.org", refused("530 5.7.0 log in"), "SMTP_USERNAME"),
        (
            "smtp.example.org",
            refused("the server does not offer STARTTLS"),
            "force_tls",
        ),
        (
            "smtp.example.org",
            refused("no encrypted connection: certificate, SMTP_PORT or SMTP_SECURITY"),
            "certificate",
        ),
        (
            "smtp.example.org",
            MailError::Transient("no connection".into()),
            "firewall",
        ),
        (
            "smtp.example.org",
            MailError::Transient("421 4.3.2 busy".into()),
            "later",
        ),
    ];
    for (host, error, fix) in cases {
        let told = mail_fix(&smtp(host), &error);
        assert!(told.contains(fix), "{error}: {told}");
    }
}
