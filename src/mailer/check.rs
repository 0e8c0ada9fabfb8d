//! What `frontdesk check` asks of the mail server: may we come in?

use super::messages::MailError;
use super::smtp::Server;
use crate::config::SmtpConfig;

/// Connects, encrypts as configured, logs in and leaves; no letter is sent. Takes at most the configured time-out and
/// two seconds for the good-bye.
///
/// # Errors
/// As of a letter: the server is out of reach, does not encrypt, or refuses the login.
pub async fn check(smtp: &SmtpConfig) -> Result<(), MailError> {
    Server::new(smtp)?.look_in().await
}
