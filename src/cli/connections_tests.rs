//! `check` against a mail server that accepts or rejects, and the fix for each kind of error.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;

use domain::Email;
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use sandbox::{Edge, Fault, Rule, Sandbox};

use super::super::findings::State;
use super::*;
use crate::config::{Requirements, Settings};

fn config(host: &str, port: u16, password: &str) -> Config {
    let mut settings = Settings::default();
    settings.set("OWNER_EMAIL", "owner@example.org");
    settings.set("SMTP_HOST", host);
    settings.set("SMTP_PORT", port.to_string());
    settings.set("SMTP_USERNAME", "robot@example.org");
    settings.set("SMTP_PASSWORD", password);
    let mut config = Config::resolve(&settings, Requirements::ReadOnly, &|_| None).unwrap();
    config.mail.smtp.as_mut().unwrap().security = SmtpSecurity::Off;
    config
}

fn smtp(host: &str) -> SmtpConfig {
    config(host, 587, "open-sesame").mail.smtp.unwrap()
}

#[test]
fn a_mail_server_that_accepts_the_login_is_ok() {
    let sandbox = Sandbox::answering(sandbox::Echo).unwrap();
    let server = sandbox.smtp();
    let mut config = config(server.host(), server.port(), server.password());
    config.mail.smtp.as_mut().unwrap().username = Some(server.username().to_owned());
    let found = mail_server(&config);
    assert_eq!(found.state, State::Ok, "{found:?}");
    assert!(server.letters().is_empty());
    sandbox
        .faults()
        .add(Rule::on(Edge::Smtp, "auth").with(Fault::smtp(535, "5.7.8 no")));
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
fn every_mail_server_error_is_reported_with_its_fix() {
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
        let shown = mail_fix(&smtp(host), &error);
        assert!(shown.contains(fix), "{error}: {shown}");
    }
}

#[test]
fn a_non_ascii_address_that_the_server_does_not_support_is_an_error() {
    let sandbox = Sandbox::answering(sandbox::Echo).unwrap();
    let server = sandbox.smtp();
    let asked = |[owner, operator, from]: [&str; 3]| {
        let mut config = config(server.host(), server.port(), server.password());
        config.mail.owners = vec![Email::normalised(owner)];
        config.mail.operators = vec![Email::normalised(operator)];
        let smtp = config.mail.smtp.as_mut().unwrap();
        smtp.username = Some(server.username().to_owned());
        smtp.from = Email::normalised(from);
        mail_server(&config)
    };
    let plain = "ops@example.org";
    let cases = [
        // A domain has an ASCII form, which every server supports.
        (["info@почта.рф", plain, "bot@почта.рф"], None),
        (["инфо@почта.рф", plain, plain], Some("OWNER_EMAIL инфо@почта.рф")),
        (
            ["müller@example.org", plain, plain],
            Some("OWNER_EMAIL müller@example.org"),
        ),
        (
            [plain, "админ@example.org", plain],
            Some("OPERATOR_EMAIL админ@example.org"),
        ),
        ([plain, plain, "бот@example.org"], Some("SMTP_FROM бот@example.org")),
    ];
    for (addresses, _) in cases {
        let found = asked(addresses);
        assert_eq!(found.state, State::Ok, "with SMTPUTF8: {found:?}");
    }
    sandbox
        .faults()
        .add(Rule::on(Edge::Smtp, "ehlo").with(Fault::NoSmtpUtf8));
    for (addresses, error) in cases {
        let found = asked(addresses);
        let Some(named) = error else {
            assert_eq!(found.state, State::Ok, "{found:?}");
            continue;
        };
        assert_eq!(found.state, State::Fail, "{found:?}");
        assert!(
            found.detail.contains(named) && found.detail.contains("Latin letters"),
            "{found:?}"
        );
    }
}

/// A server with a self-signed certificate that answers every request with 401; its port and certificate.
fn private_server() -> (u16, String) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut line = StreamOwned::new(connection, stream);
            // The request is short and arrives at once. A client that does not trust the certificate sends none.
            if line.read(&mut [0; 4096]).is_ok_and(|read| read > 0) {
                let body = r#"{"ok":false,"error_code":401,"description":"Unauthorized"}"#;
                let head = "HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\nConnection: close";
                let answer = format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
                let _ = line.write_all(answer.as_bytes());
                line.conn.send_close_notify();
                let _ = line.flush();
            }
        }
    });
    (port, made.cert.pem())
}

#[test]
fn an_untrusted_certificate_is_reported_with_the_setting_that_trusts_it() {
    let (port, certificate) = private_server();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), certificate).unwrap();
    let asked = |file: Option<&std::path::Path>| {
        let mut settings = Settings::default();
        settings.set("OWNER_EMAIL", "owner@example.org");
        settings.set("SMTP_HOST", "localhost");
        settings.set("SMTP_FROM", "robot@example.org");
        settings.set("TELEGRAM_BOT_TOKEN", "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw");
        settings.set("TELEGRAM_API_URL", format!("https://localhost:{port}"));
        settings.set("OPENAI_API_KEY", "sk-proj-0123456789abcdef");
        settings.set("OPENAI_BASE_URL", format!("https://localhost:{port}/v1"));
        if let Some(file) = file {
            settings.set("TLS_CA_FILE", file.display().to_string());
        }
        let config = Config::resolve(&settings, Requirements::Run, &|_| None).unwrap();
        [telegram(&config), openai(&config)]
    };
    for found in asked(None) {
        assert_eq!(found.state, State::Fail, "{found:?}");
        assert!(found.detail.contains("unknown authority; TLS_CA_FILE"), "{found:?}");
    }
    for found in asked(Some(file.path())) {
        assert_eq!(found.state, State::Fail, "it answers 401: {found:?}");
        assert!(!found.detail.contains("TLS_CA_FILE"), "{found:?}");
        assert!(
            found.detail.contains("TELEGRAM_BOT_TOKEN") || found.detail.contains("OPENAI_API_KEY"),
            "{found:?}"
        );
    }
}
