//! The network checks of `check`: Telegram, OpenAI and the mail server are each called once, without changing anything there.

use std::future::Future;

use base::{Clock, Steps};

use super::findings::Finding;
use super::mail_findings;
use crate::assistant::check as ask_for_model;
use crate::config::{Config, SmtpConfig, SmtpPreset, SmtpSecurity};
use crate::mailer::check as ask_mail_server;
use crate::mailer::messages::MailError;
use crate::telegram::{Clients, TelegramError, identify};

/// Telegram is reachable and accepts the token.
pub(super) fn telegram(config: &Config) -> Finding {
    const NAME: &str = "Telegram";
    let clock = Clock::system();
    let asked = wait_for(async {
        let identity = identify(&Clients::new(&config.telegram, &clock)?, &Steps::default()).await?;
        Ok::<_, TelegramError>(identity)
    });
    match asked {
        Some(Ok(identity)) => {
            let username = identity.bot.username.unwrap_or_default();
            let detail = format!("@{username}, {}", identity.name);
            match clock.skew().map(|ahead| ahead.num_seconds().abs()) {
                None => Finding::ok(NAME, detail),
                Some(seconds) => {
                    let fix = "turn on time synchronisation (NTP)";
                    Finding::warn(
                        NAME,
                        format!("{detail}; this machine's clock and Telegram's differ by {seconds} s; {fix}"),
                    )
                }
            }
        }
        Some(Err(TelegramError::Unauthorized)) => Finding::fail(
            NAME,
            "rejected TELEGRAM_BOT_TOKEN; copy the token again from @BotFather, or create a new one there",
        ),
        Some(Err(error)) => Finding::fail(NAME, format!("{error}; check TELEGRAM_API_URL and TELEGRAM_PROXY")),
        None => no_runtime(NAME),
    }
}

/// OpenAI is reachable, accepts the key, and the model exists and is not about to be shut down.
pub(super) fn openai(config: &Config) -> Finding {
    const NAME: &str = "OpenAI";
    match wait_for(ask_for_model(&config.openai)) {
        Some(Ok(model)) => match model.shutdown_date {
            Some(date) => Finding::warn(
                NAME,
                format!(
                    "{} will be shut down on {date}; set OPENAI_MODEL to another model before",
                    model.name
                ),
            ),
            None => Finding::ok(NAME, model.name),
        },
        Some(Err(error)) => Finding::fail(
            NAME,
            format!("{error}; check OPENAI_API_KEY, OPENAI_MODEL, OPENAI_BASE_URL and OPENAI_PROXY"),
        ),
        None => no_runtime(NAME),
    }
}

/// The mail server is reachable and accepts the login. No email is sent.
pub(super) fn mail_server(config: &Config) -> Finding {
    const NAME: &str = "mail server";
    let Some(smtp) = &config.mail.smtp else {
        return Finding::warn(NAME, "no mail server is configured");
    };
    match wait_for(ask_mail_server(smtp)) {
        Some(Ok(server)) => {
            let login = smtp.username.as_ref().map_or("", |_| " and accepts the login");
            match mail_findings::non_ascii(config, server.takes_utf8) {
                Some(problem) => Finding::fail(NAME, problem),
                None => Finding::ok(NAME, format!("{} port {} answers{login}", smtp.host, smtp.port)),
            }
        }
        Some(Err(error)) => Finding::fail(NAME, format!("{error}; {}", mail_fix(smtp, &error))),
        None => no_runtime(NAME),
    }
}

/// The fix for a mail server error.
fn mail_fix(smtp: &SmtpConfig, error: &MailError) -> String {
    let said = match error {
        MailError::Account(said) | MailError::Configuration(said) | MailError::Unwritten(said) => said.as_str(),
        MailError::Refused(said) | MailError::TooLarge(said) | MailError::Transient(said) => said,
        MailError::Held { reason, .. } => reason,
        MailError::Unknown(said) => said,
    };
    // A transient error without a code of the server is a connection problem.
    let code = said.split(' ').next().unwrap_or_default();
    let is_code = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit());
    match error {
        MailError::Transient(_) if is_code => "the mail server is busy; try again later".to_owned(),
        MailError::Transient(_) | MailError::Unknown(_) => format!(
            "check SMTP_HOST and SMTP_PORT ({} port {}), and whether a firewall or the hosting provider blocks that port",
            smtp.host, smtp.port
        ),
        _ if said.contains("STARTTLS") => {
            "set SMTP_SECURITY=force_tls (port 465), or off for a server on this machine".to_owned()
        }
        _ if said.contains("TLS_CA_FILE") => "set TLS_CA_FILE to a file with that certificate (PEM)".to_owned(),
        _ if said.contains("certificate") => certificate_fix(smtp),
        _ if said.to_lowercase().contains("helo") || code == "504" => {
            "set SMTP_HELO to a name that this server accepts, like the domain of SMTP_FROM".to_owned()
        }
        _ if ["523", "530", "534", "535", "538"].contains(&code) => login_fix(smtp).to_owned(),
        _ => "check SMTP_USERNAME, SMTP_PASSWORD and SMTP_SECURITY".to_owned(),
    }
}

fn certificate_fix(smtp: &SmtpConfig) -> String {
    let usual = match smtp.security {
        SmtpSecurity::Starttls => "SMTP_SECURITY=starttls usually needs port 587",
        SmtpSecurity::ForceTls => "SMTP_SECURITY=force_tls usually needs port 465",
        SmtpSecurity::Off => "SMTP_SECURITY=off usually needs port 25",
    };
    format!("SMTP_HOST must be a name in the server's certificate, and {usual}")
}

fn login_fix(smtp: &SmtpConfig) -> &'static str {
    match smtp.provider() {
        Some(SmtpPreset::Gmail) => {
            "SMTP_PASSWORD must be an app password: turn on 2-Step Verification, then open myaccount.google.com/apppasswords"
        }
        Some(SmtpPreset::Yandex) => {
            "SMTP_PASSWORD must be an app password for mail (create it at id.yandex.ru, Security); also allow mail clients in \
             the mailbox settings"
        }
        Some(SmtpPreset::Mailru) => {
            "SMTP_PASSWORD must be a password for external applications with SMTP access (create it at account.mail.ru, Security)"
        }
        None => "check SMTP_USERNAME and SMTP_PASSWORD; many servers require an app password",
    }
}

fn no_runtime(name: &str) -> Finding {
    Finding::fail(name, "not checked: this machine cannot start another thread")
}

fn wait_for<T>(request: impl Future<Output = T>) -> Option<T> {
    // Another check may have installed it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .ok()?;
    Some(runtime.block_on(request))
}

#[cfg(test)]
#[path = "connections_tests.rs"]
mod tests;
