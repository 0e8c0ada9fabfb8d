//! The mail server part of `frontdesk check`.

use super::messages::MailError;
use super::smtp::Server;
use crate::config::SmtpConfig;

/// What a server said of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckedServer {
    /// It takes addresses whose part before the `@` is beyond ASCII (RFC 6531).
    pub takes_utf8: bool,
}

/// Connects, encrypts as configured, logs in and leaves; no letter is sent. Takes at most the configured time-out and
/// two seconds for the good-bye.
///
/// # Errors
/// As of a letter: the server is out of reach, does not encrypt, or refuses the login.
pub async fn check(smtp: &SmtpConfig) -> Result<CheckedServer, MailError> {
    let takes_utf8 = Server::new(smtp)?.look_in().await?;
    Ok(CheckedServer { takes_utf8 })
}
