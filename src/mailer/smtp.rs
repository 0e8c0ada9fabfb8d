//! The dialogue with the mail server. Each letter has a connection of its own: lettre's pool takes a connection back
//! that was left in the middle of a letter, and the late answer to that one would be read as the answer to the next.

use std::time::Duration;

use lettre::address::Envelope;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};
use lettre::transport::smtp::response::Severity;

use super::messages::MailError;
use super::sort::{Stage, late, sort, unreadable};
use crate::config::{SmtpConfig, SmtpSecurity};

/// How long a server is waited for that has the letter and is only told good-bye.
const PARTING: Duration = Duration::from_secs(2);

/// A server that looks for spam takes its time after the last line; who leaves it too early gets the letter taken and sends
/// it again (RFC 5321, 4.5.3.2.6 asks for ten minutes). With the default of `SMTP_TIMEOUT` this is five.
const PATIENCE: u32 = 10;

/// A mail server and the way in.
#[derive(Clone)]
pub(super) struct Server {
    host: String,
    port: u16,
    security: SmtpSecurity,
    tls: Option<TlsParameters>,
    login: Option<Credentials>,
    hello: ClientId,
    timeout: Duration,
}

/// A letter as it goes over the wire, with the one address it comes from and the one it goes to.
#[derive(Debug)]
pub(super) struct Mailing {
    pub(super) envelope: Envelope,
    /// Complete, with headers (RFC 5322); 7 bit.
    pub(super) bytes: Vec<u8>,
}

impl Server {
    /// # Errors
    /// [`MailError::Configuration`] if no certificate can be checked for that host.
    pub(super) fn new(config: &SmtpConfig) -> Result<Self, MailError> {
        let tls = match config.security {
            SmtpSecurity::Off => None,
            SmtpSecurity::Starttls | SmtpSecurity::ForceTls => Some(
                TlsParameters::new(config.host.clone())
                    .map_err(|_named| MailError::Configuration("SMTP_HOST cannot have a certificate".into()))?,
            ),
        };
        let login = config.username.clone().zip(config.password.as_ref());
        Ok(Self {
            host: config.host.clone(),
            port: config.port,
            security: config.security,
            tls,
            login: login.map(|(name, password)| Credentials::new(name, password.expose().to_owned())),
            hello: hello(),
            timeout: config.timeout,
        })
    }

    /// Trusts one more authority: that of the tests.
    #[cfg(test)]
    pub(super) fn trusting(mut self, authority: &[u8]) -> Self {
        use lettre::transport::smtp::client::Certificate;
        let authority = Certificate::from_der(authority.to_vec()).unwrap();
        let tls = TlsParameters::builder(self.host.clone()).add_root_certificate(authority);
        self.tls = Some(tls.build_rustls().unwrap());
        self
    }

    /// Hands over one letter, within the time that was configured up to its text, and ten times that for the text: lettre's
    /// own time-out bounds connecting alone, and a server that falls silent later is left here.
    pub(super) async fn deliver(&self, mailing: &Mailing) -> Result<(), MailError> {
        let mut stage = Stage::Greeting;
        let asking = tokio::time::timeout(self.timeout, self.ask(mailing, &mut stage));
        let (mut connection, mut outcome) = match asking.await {
            Ok(asked) => asked.map_err(|error| sort(Stage::Greeting, &error))?,
            Err(_elapsed) => return Err(late(stage)),
        };
        if let Ok(true) = outcome {
            stage = Stage::Content;
            let handing = tokio::time::timeout(self.timeout * PATIENCE, hand_over(&mut connection, mailing));
            outcome = match handing.await {
                Ok(outcome) => outcome,
                Err(_elapsed) => return Err(late(stage)),
            };
        }
        part(connection).await;
        match outcome {
            Ok(true) => Ok(()),
            Ok(false) => Err(unreadable(stage)),
            Err(error) => Err(sort(stage, &error)),
        }
    }

    /// Connects, logs in and leaves.
    pub(super) async fn look_in(&self) -> Result<(), MailError> {
        let connection = match tokio::time::timeout(self.timeout, self.connect()).await {
            Ok(connected) => connected.map_err(|error| sort(Stage::Greeting, &error))?,
            Err(_elapsed) => return Err(late(Stage::Greeting)),
        };
        part(connection).await;
        Ok(())
    }

    /// Whether the server wants the letter, once there was a connection.
    async fn ask(
        &self,
        mailing: &Mailing,
        stage: &mut Stage,
    ) -> Result<(AsyncSmtpConnection, Result<bool, Error>), Error> {
        let mut connection = self.connect().await?;
        let outcome = introduce(&mut connection, mailing, stage).await;
        Ok((connection, outcome))
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Error> {
        let at_once = self.tls.clone().filter(|_| self.security == SmtpSecurity::ForceTls);
        let server = (self.host.as_str(), self.port);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(server, Some(self.timeout), &self.hello, at_once, None).await?;
        if let (SmtpSecurity::Starttls, Some(tls)) = (self.security, &self.tls) {
            connection.starttls(tls.clone(), &self.hello).await?;
        }
        if let Some(login) = &self.login {
            connection.auth(DEFAULT_MECHANISMS, login).await?;
        }
        Ok(connection)
    }
}

/// RFC 5321, 3.3. What has been reached stands in `stage`, also for whoever cuts this off. `false` is an answer that does
/// not fit its question: lettre takes any good one, and one too many on the way would pass the question for the letter
/// off as the word that it was taken.
async fn introduce(connection: &mut AsyncSmtpConnection, mailing: &Mailing, stage: &mut Stage) -> Result<bool, Error> {
    *stage = Stage::Sender;
    let envelope = &mailing.envelope;
    let mut addresses = envelope.from().into_iter().chain(envelope.to());
    let is_ascii = addresses.all(|address| AsRef::<str>::as_ref(address).is_ascii());
    let takes_utf8 = connection.server_info().supports_feature(Extension::SmtpUtfEight);
    let options = (!is_ascii && takes_utf8).then_some(MailParameter::SmtpUtfEight);
    let options = options.into_iter().collect();
    connection.command(Mail::new(envelope.from().cloned(), options)).await?;
    *stage = Stage::Recipient;
    for to in envelope.to() {
        connection.command(Rcpt::new(to.clone(), Vec::new())).await?;
    }
    Ok(connection.command(Data).await?.has_code(354))
}

/// The letter itself, and the server's last word on it.
async fn hand_over(connection: &mut AsyncSmtpConnection, mailing: &Mailing) -> Result<bool, Error> {
    let last = connection.message(&mailing.bytes).await?;
    Ok(last.code().severity == Severity::PositiveCompletion)
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown = (&self.host, self.port, self.security);
        f.debug_tuple("Server").field(&shown).finish_non_exhaustive()
    }
}

/// Says good-bye. Nothing depends on the answer.
async fn part(mut connection: AsyncSmtpConnection) {
    let _ = tokio::time::timeout(PARTING, connection.quit()).await;
}

/// The name we greet with (RFC 5321, 4.1.1.1): the machine's if it has the form of one, else an address literal.
fn hello() -> ClientId {
    match ClientId::default() {
        ClientId::Domain(name) if is_host_name(&name) => ClientId::Domain(name),
        _ => ClientId::Ipv4(std::net::Ipv4Addr::LOCALHOST),
    }
}

fn is_host_name(name: &str) -> bool {
    let is_label = |label: &str| {
        let is_plain = label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        (1..=63).contains(&label.len()) && is_plain && !label.starts_with('-') && !label.ends_with('-')
    };
    name.len() <= 253 && name.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_without_a_proper_name_greets_with_an_address() {
        assert!(is_host_name("mail.example.org") && is_host_name("box-1"));
        for name in ["", "under_score", "-x", "a..b", "x\r\nRCPT", &"a".repeat(64)] {
            assert!(!is_host_name(name), "{name}");
        }
        let greeting = hello().to_string();
        assert!(greeting == "[127.0.0.1]" || is_host_name(&greeting));
    }
}
