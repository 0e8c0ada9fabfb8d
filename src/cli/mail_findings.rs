//! The checks of the mail settings that need no connection: recipients, sender, encryption.

use domain::Email;

use super::findings::Finding;
use crate::config::{Config, SmtpConfig, SmtpSecurity};

/// Shows the recipients and the language.
pub(super) fn owners(config: &Config) -> Finding {
    let mail = &config.mail;
    let language = mail.language.code();
    let (owners, operators) = (list(&mail.owners), list(&mail.operators));
    Finding::ok(
        "letters",
        match owners == operators {
            true => format!("leads, reports and alerts to {owners}, in {language}"),
            false => format!("leads and reports to {owners}, alerts to {operators}, in {language}"),
        },
    )
}

fn list(addresses: &[Email]) -> String {
    let texts: Vec<&str> = addresses.iter().map(Email::as_str).collect();
    texts.join(", ")
}

/// Shows the sender; warns if the provider will not accept it.
pub(super) fn sender(config: &Config) -> Finding {
    const NAME: &str = "sender";
    let Some(smtp) = &config.mail.smtp else {
        return no_server(NAME);
    };
    let shown = match &smtp.from_name {
        Some(name) => format!("{name} <{}>", smtp.from),
        None => smtp.from.to_string(),
    };
    match foreign_login(smtp) {
        Some(login) => Finding::warn(
            NAME,
            format!(
                "{shown} is not in the domain of the login ({login}), and {} rejects or replaces such a sender; remove SMTP_FROM",
                smtp.host
            ),
        ),
        None => Finding::ok(NAME, shown),
    }
}

/// The domain of the login, if the provider does not allow senders of another domain and the sender has one.
fn foreign_login(smtp: &SmtpConfig) -> Option<String> {
    smtp.provider()?;
    // A login without an @ belongs to one of the provider's domains, and a provider may have several.
    let login = smtp.username.as_deref().filter(|name| name.contains('@'))?;
    let login = Email::normalised(login);
    (login.ascii_domain() != smtp.from.ascii_domain()).then(|| login.domain().to_owned())
}

/// Warns if the password or the emails are sent without encryption, or a required login is missing.
pub(super) fn mail_login(config: &Config) -> Finding {
    const NAME: &str = "mail login";
    let Some(smtp) = &config.mail.smtp else {
        return no_server(NAME);
    };
    let way = format!("{} port {}, {}", smtp.host, smtp.port, smtp.security.word());
    let is_open = smtp.security == SmtpSecurity::Off && !smtp.is_local();
    match (&smtp.username, is_open) {
        (Some(_), true) => Finding::warn(
            NAME,
            format!("{way}: the password is sent unencrypted; set SMTP_SECURITY to starttls or force_tls"),
        ),
        (None, true) => Finding::warn(
            NAME,
            format!("{way}: emails are sent unencrypted; set SMTP_SECURITY to starttls or force_tls"),
        ),
        (None, false) if smtp.provider().is_some() => Finding::warn(
            NAME,
            format!("{way}: this provider requires a login; set SMTP_USERNAME and SMTP_PASSWORD"),
        ),
        (Some(name), false) => Finding::ok(NAME, format!("{way}, as {name}")),
        (None, false) => Finding::ok(NAME, format!("{way}, without login")),
    }
}

/// The error for addresses with a non-ASCII local part, if the server does not offer SMTPUTF8 (RFC 6531).
pub(super) fn non_ascii(config: &Config, takes_utf8: bool) -> Option<String> {
    let mail = &config.mail;
    let named = [
        ("OWNER_EMAIL", mail.owners.as_slice()),
        ("OPERATOR_EMAIL", mail.operators.as_slice()),
        (
            "SMTP_FROM",
            mail.smtp.as_ref().map_or(&[], |smtp| std::slice::from_ref(&smtp.from)),
        ),
    ];
    let all = named
        .iter()
        .flat_map(|(name, addresses)| addresses.iter().map(move |address| (*name, address)));
    let mut wrong: Vec<String> = Vec::new();
    for (name, address) in all.filter(|(_, address)| address.needs_utf8()) {
        let is_known = wrong.iter().any(|known| known.contains(address.as_str()));
        if !is_known {
            wrong.push(format!("{name} {address}"));
        }
    }
    let is_error = !takes_utf8 && !wrong.is_empty();
    is_error.then(|| {
        format!(
            "does not support non-ASCII characters before the @ ({}); use an address in Latin letters, or another mail server",
            wrong.join(", ")
        )
    })
}

/// Not reached: a configuration that `run` accepts has a mail server.
fn no_server(name: &str) -> Finding {
    Finding::warn(name, "no mail server is configured")
}

#[cfg(test)]
mod tests {
    use super::super::findings::State;
    use super::*;
    use crate::config::{Requirements, Settings};

    fn config(host: &str, login: Option<&str>, from: &str) -> Config {
        let mut settings = Settings::default();
        settings.set("OWNER_EMAIL", "owner@example.org");
        settings.set("SMTP_HOST", host);
        if let Some(login) = login {
            settings.set("SMTP_USERNAME", login);
            settings.set("SMTP_PASSWORD", "open-sesame");
        }
        settings.set("SMTP_FROM", from);
        Config::resolve(&settings, Requirements::ReadOnly, &|_| None).unwrap()
    }

    fn with_security(mut config: Config, security: SmtpSecurity) -> Config {
        config.mail.smtp.as_mut().unwrap().security = security;
        config
    }

    #[test]
    fn recipients_and_language_are_shown_in_one_line() {
        let mut config = config("smtp.example.org", None, "robot@example.org");
        assert_eq!(
            owners(&config).detail,
            "leads, reports and alerts to owner@example.org, in ru"
        );
        config.mail.operators = vec![Email::normalised("ops@example.org")];
        assert_eq!(
            owners(&config).detail,
            "leads and reports to owner@example.org, alerts to ops@example.org, in ru"
        );
    }

    #[test]
    fn an_unencrypted_password_over_a_network_is_a_warning() {
        let login = Some("robot@example.org");
        let remote = config("smtp.example.org", login, "robot@example.org");
        assert_eq!(mail_login(&remote).state, State::Ok);
        let open = mail_login(&with_security(remote, SmtpSecurity::Off));
        assert_eq!(open.state, State::Warn);
        assert!(open.detail.contains("the password is sent unencrypted") && !open.detail.contains("open-sesame"));
        for host in ["localhost", "127.0.0.1", "::1"] {
            let local = with_security(config(host, login, "robot@example.org"), SmtpSecurity::Off);
            assert_eq!(mail_login(&local).state, State::Ok, "{host}");
        }
    }

    #[test]
    fn unencrypted_emails_over_a_network_are_a_warning() {
        let config = config("smtp.example.org", None, "robot@example.org");
        assert_eq!(mail_login(&config).state, State::Ok);
        assert_eq!(mail_login(&with_security(config, SmtpSecurity::Off)).state, State::Warn);
    }

    #[test]
    fn a_sender_of_another_domain_is_a_warning_if_the_provider_rejects_it() {
        let state = |host: &str, login: &str, from: &str| sender(&config(host, Some(login), from)).state;
        for host in ["smtp.gmail.com", "smtp.yandex.ru", "smtp.mail.ru"] {
            assert_eq!(state(host, "shop@gmail.com", "shop@example.org"), State::Warn, "{host}");
            assert_eq!(state(host, "a@Example.org", "b@example.org"), State::Ok, "{host}");
            assert_eq!(state(host, "shop", "shop@example.org"), State::Ok, "{host}");
        }
        assert_eq!(
            state("smtp.example.org", "shop@gmail.com", "shop@example.org"),
            State::Ok
        );
    }

    #[test]
    fn a_provider_without_login_is_a_warning() {
        let config = config("smtp.yandex.ru", None, "shop@yandex.ru");
        assert_eq!(mail_login(&config).state, State::Warn);
    }
}
