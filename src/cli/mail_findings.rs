//! What `check` finds in the settings of mail, without asking the server: who is told, in whose name, how safely.

use domain::Email;

use super::findings::Finding;
use crate::config::{Config, SmtpConfig, SmtpSecurity};

/// Who gets what, in which language.
pub(super) fn owners(config: &Config) -> Finding {
    let mail = &config.mail;
    let language = mail.language.code();
    let (owners, operators) = (list(&mail.owners), list(&mail.operators));
    Finding::ok(
        "letters",
        match owners == operators {
            true => format!("leads and alerts to {owners}, in {language}"),
            false => format!("leads to {owners}, alerts to {operators}, in {language}"),
        },
    )
}

fn list(addresses: &[Email]) -> String {
    let texts: Vec<&str> = addresses.iter().map(Email::as_str).collect();
    texts.join(", ")
}

/// In whose name letters leave, and whether the provider will stand that.
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
                "{shown} is not of the login's domain, {login}; {} refuses or replaces such a sender, so unset SMTP_FROM",
                smtp.host
            ),
        ),
        None => Finding::ok(NAME, shown),
    }
}

/// The login's domain, at a provider that lets nobody send in the name of another one.
fn foreign_login(smtp: &SmtpConfig) -> Option<String> {
    smtp.provider()?;
    // Without an @ it is a name at the provider's own domains, of which some have several.
    let login = smtp.username.as_deref().filter(|name| name.contains('@'))?;
    let login = Email::normalised(login);
    (login.ascii_domain() != smtp.from.ascii_domain()).then(|| login.domain().to_owned())
}

/// Whether what is told to the mail server stays between the two.
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
            format!("{way}: the password travels in clear text; set SMTP_SECURITY to starttls or force_tls"),
        ),
        (None, true) => Finding::warn(
            NAME,
            format!("{way}: letters travel in clear text; set SMTP_SECURITY to starttls or force_tls"),
        ),
        (None, false) if smtp.provider().is_some() => Finding::warn(
            NAME,
            format!("{way}: this provider takes no letter without login; set SMTP_USERNAME and SMTP_PASSWORD"),
        ),
        (Some(name), false) => Finding::ok(NAME, format!("{way}, as {name}")),
        (None, false) => Finding::ok(NAME, format!("{way}, without login")),
    }
}

/// Addresses that this server can deliver nothing to or take nothing from: their part before the `@` is beyond ASCII, and
/// it does not offer SMTPUTF8 (RFC 6531).
pub(super) fn beyond_ascii(config: &Config, takes_utf8: bool) -> Option<String> {
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
        let is_told = wrong.iter().any(|told| told.contains(address.as_str()));
        if !is_told {
            wrong.push(format!("{name} {address}"));
        }
    }
    let is_fault = !takes_utf8 && !wrong.is_empty();
    is_fault.then(|| {
        format!(
            "does not take addresses beyond ASCII before the @ ({}); write the mailbox's address in Latin letters, or use \
             another mail server",
            wrong.join(", ")
        )
    })
}

/// Only a configuration that `run` refuses has none, and then its faults are told instead.
fn no_server(name: &str) -> Finding {
    Finding::warn(name, "no mail server is configured")
}

#[cfg(test)]
mod tests {
    use super::super::findings::State;
    use super::*;
    use crate::config::{Requirements, Settings};

    /// A configuration with this server, user name and sender.
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
    fn owners_operators_and_language_stand_in_one_line() {
        let mut config = config("smtp.example.org", None, "robot@example.org");
        assert_eq!(owners(&config).detail, "leads and alerts to owner@example.org, in ru");
        config.mail.operators = vec![Email::normalised("ops@example.org")];
        assert_eq!(
            owners(&config).detail,
            "leads to owner@example.org, alerts to ops@example.org, in ru"
        );
    }

    #[test]
    fn a_password_in_clear_text_over_a_wire_is_a_warning() {
        let login = Some("robot@example.org");
        let remote = config("smtp.example.org", login, "robot@example.org");
        assert_eq!(mail_login(&remote).state, State::Ok);
        let open = mail_login(&with_security(remote, SmtpSecurity::Off));
        assert_eq!(open.state, State::Warn);
        assert!(open.detail.contains("password travels in clear text") && !open.detail.contains("open-sesame"));
        for host in ["localhost", "127.0.0.1", "::1"] {
            let local = with_security(config(host, login, "robot@example.org"), SmtpSecurity::Off);
            assert_eq!(mail_login(&local).state, State::Ok, "{host}");
        }
    }

    #[test]
    fn letters_in_clear_text_over_a_wire_are_a_warning() {
        let config = config("smtp.example.org", None, "robot@example.org");
        assert_eq!(mail_login(&config).state, State::Ok);
        assert_eq!(mail_login(&with_security(config, SmtpSecurity::Off)).state, State::Warn);
    }

    #[test]
    fn a_foreign_sender_is_a_warning_where_providers_refuse_it() {
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
