//! The dialogue with the mail server. Each letter has a connection of its own: lettre's pool takes a connection back
//! that was left in the middle of a letter, and the late answer to that one would be read as the answer to the next.

use std::time::Duration;

use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Starttls};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};
use lettre::transport::smtp::response::Severity;
use tokio::net::TcpStream;

use super::hello::Names;
use super::line::{Line, Stream};
use super::messages::MailError;
use super::sort::{Stage, is_about_name, late, sort, unreadable};
use super::tls::Tls;
use super::wire::Mailing;
use crate::config::{SmtpConfig, SmtpSecurity};

/// Timeout for QUIT after the letter was accepted.
const PARTING: Duration = Duration::from_secs(2);

/// A server that scans for spam answers late after the last line. A client that times out too early sends an accepted letter
/// again (RFC 5321, 4.5.3.2.6 asks for ten minutes). With the default of `SMTP_TIMEOUT` this is five.
const PATIENCE: u32 = 10;

/// A mail server and how to connect to it.
#[derive(Clone)]
pub(super) struct Server {
    host: String,
    port: u16,
    security: SmtpSecurity,
    tls: Option<Tls>,
    login: Option<Credentials>,
    names: Names,
    timeout: Duration,
}

/// A connection on which the server waits for the letter.
pub(super) struct Ready(AsyncSmtpConnection);

/// A failure before the letter, and whether it is about the name we gave.
struct Failed {
    error: MailError,
    is_about_name: bool,
}

impl From<MailError> for Failed {
    fn from(error: MailError) -> Self {
        Self {
            error,
            is_about_name: false,
        }
    }
}

impl Failed {
    fn at(stage: Stage, error: &Error) -> Self {
        Self {
            error: sort(stage, error),
            is_about_name: is_about_name(stage, error),
        }
    }
}

impl Server {
    /// # Errors
    /// [`MailError::Configuration`] if no certificate can be checked for that host.
    pub(super) fn new(config: &SmtpConfig) -> Result<Self, MailError> {
        let tls = match config.security {
            SmtpSecurity::Off => None,
            SmtpSecurity::Starttls | SmtpSecurity::ForceTls => Some(Tls::new(&config.host, &config.authorities)?),
        };
        let login = config.username.clone().zip(config.password.as_ref());
        Ok(Self {
            host: config.host.clone(),
            port: config.port,
            security: config.security,
            tls,
            login: login.map(|(name, password)| Credentials::new(name, password.expose().to_owned())),
            names: Names::new(config),
            timeout: config.timeout,
        })
    }

    /// Asks the server to accept a letter, within the configured timeout.
    pub(super) async fn ask(&self, mailing: &Mailing) -> Result<Ready, MailError> {
        self.within(Some(mailing)).await.map(Ready)
    }

    /// Hands over the letter it waits for, within ten times the time that was configured.
    pub(super) async fn hand_over(&self, Ready(mut connection): Ready, mailing: &Mailing) -> Result<(), MailError> {
        let handing = tokio::time::timeout(self.timeout * PATIENCE, connection.message_iter(mailing.pieces()));
        let outcome = match handing.await {
            Err(_elapsed) => return Err(late(Stage::Content)),
            Ok(Ok(last)) if last.code().severity == Severity::PositiveCompletion => Ok(()),
            Ok(Ok(_another)) => Err(unreadable(Stage::Content)),
            Ok(Err(error)) => Err(sort(Stage::Content, &error)),
        };
        part(connection).await;
        outcome
    }

    /// Connects, logs in and leaves; whether it takes addresses beyond ASCII.
    pub(super) async fn look_in(&self) -> Result<bool, MailError> {
        let connection = self.within(None).await?;
        let takes_utf8 = connection.server_info().supports_feature(Extension::SmtpUtfEight);
        part(connection).await;
        Ok(takes_utf8)
    }

    async fn within(&self, mailing: Option<&Mailing>) -> Result<AsyncSmtpConnection, MailError> {
        let mut stage = Stage::Greeting;
        match tokio::time::timeout(self.timeout, self.introduced(mailing, &mut stage)).await {
            Ok(outcome) => outcome,
            Err(_elapsed) => Err(late(stage)),
        }
    }

    /// Retries with another name if the server rejects the first one.
    async fn introduced(&self, mailing: Option<&Mailing>, stage: &mut Stage) -> Result<AsyncSmtpConnection, MailError> {
        match self.attempt(mailing, stage).await {
            Err(failed) if failed.is_about_name && self.names.refused() => {
                let again = self.attempt(mailing, stage).await;
                again.map_err(|failed| failed.error)
            }
            outcome => outcome.map_err(|failed| failed.error),
        }
    }

    /// Runs the dialogue up to the letter, if there is one. `stage` keeps the progress even after a timeout.
    async fn attempt(&self, mailing: Option<&Mailing>, stage: &mut Stage) -> Result<AsyncSmtpConnection, Failed> {
        *stage = Stage::Greeting;
        let mut connection = self.connect().await?;
        let introduced = async {
            if let Some(login) = &self.login {
                *stage = Stage::Login;
                let login = connection.auth(DEFAULT_MECHANISMS, login).await;
                login.map_err(|error| Failed::at(*stage, &error))?;
            }
            match mailing {
                Some(mailing) => introduce(&mut connection, mailing, stage).await,
                None => Ok(()),
            }
        };
        match introduced.await {
            Ok(()) => Ok(connection),
            Err(failed) => {
                part(connection).await;
                Err(failed)
            }
        }
    }

    /// Connects, introduces us, encrypts as configured.
    async fn connect(&self) -> Result<AsyncSmtpConnection, Failed> {
        let unreachable = |_refused| MailError::Transient("no connection".into());
        let stream = TcpStream::connect((self.host.as_str(), self.port))
            .await
            .map_err(unreachable)?;
        // Without it the last line of a letter waits for the acknowledgement of those before; a failure only costs time.
        let _unset = stream.set_nodelay(true);
        let (local, peer) = stream
            .local_addr()
            .and_then(|local| Ok((local, stream.peer_addr()?)))
            .map_err(unreachable)?;
        let hello = self.names.of(local.ip());
        match (&self.tls, self.security) {
            (Some(tls), SmtpSecurity::ForceTls) => greet(Line::new(tls.encrypt(stream).await?, peer), &hello).await,
            (Some(tls), _) => {
                let line = Line::new(stream, peer);
                let loan = line.loan();
                let mut connection = greet(line, &hello).await?;
                if !connection.server_info().supports_feature(Extension::StartTls) {
                    part(connection).await;
                    return Err(MailError::Account("the server does not offer STARTTLS".into()).into());
                }
                let agreed = connection.command(Starttls).await;
                agreed.map_err(|error| Failed::at(Stage::Greeting, &error))?;
                let stream = loan.take_back().ok_or_else(|| unreadable(Stage::Greeting))?;
                greet(Line::greeted(tls.encrypt(stream).await?, peer), &hello).await
            }
            (None, _) => greet(Line::new(stream, peer), &hello).await,
        }
    }
}

async fn greet<S: Stream + 'static>(line: Line<S>, hello: &ClientId) -> Result<AsyncSmtpConnection, Failed> {
    let greeted = AsyncSmtpConnection::connect_with_transport(Box::new(line), hello).await;
    greeted.map_err(|error| Failed::at(Stage::Greeting, &error))
}

fn is_ascii(mailbox: &impl AsRef<str>) -> bool {
    mailbox.as_ref().is_ascii()
}

/// RFC 5321, 3.3.
async fn introduce(connection: &mut AsyncSmtpConnection, mailing: &Mailing, stage: &mut Stage) -> Result<(), Failed> {
    let envelope = &mailing.envelope;
    let (from, to) = (envelope.from(), envelope.to());
    let mut options = Vec::new();
    if !from.into_iter().chain(to).all(is_ascii) {
        // RFC 6531, 3.1: never unless it is offered.
        if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
            const WHY: &str = "the server does not take addresses beyond ASCII";
            return Err(match from.is_none_or(is_ascii) {
                true => MailError::Configuration(WHY.into()),
                false => MailError::Account(format!("{WHY}: SMTP_FROM")),
            }
            .into());
        }
        options.push(MailParameter::SmtpUtfEight);
    }
    *stage = Stage::Sender;
    let said = connection.command(Mail::new(from.cloned(), options)).await;
    said.map_err(|error| Failed::at(*stage, &error))?;
    *stage = Stage::Recipient;
    for to in to {
        let said = connection.command(Rcpt::new(to.clone(), Vec::new())).await;
        said.map_err(|error| Failed::at(*stage, &error))?;
    }
    let said = connection.command(Data).await;
    // lettre takes any good answer, and one too many on the way would pass the question for the letter off as the word
    // that it was taken.
    match said.map_err(|error| Failed::at(*stage, &error))?.has_code(354) {
        true => Ok(()),
        false => Err(unreadable(*stage).into()),
    }
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
