//! The SMTP stand-in: its public API, where a test reads the letters and closes the port.

mod auth;
mod letter;
mod port;
mod session;
mod state;
mod transaction;
mod wire;

use std::io;
use std::sync::Arc;
use std::time::Duration;

pub use letter::{Attachment, Letter};

pub(crate) use port::ClosablePort;
pub(crate) use session::serve;
pub(crate) use state::Shared;

use crate::journal::Timeout;

/// A handle on the SMTP stand-in; cheap to clone.
#[derive(Debug, Clone)]
pub struct Smtp {
    pub(crate) shared: Arc<Shared>,
    pub(crate) port: Arc<ClosablePort>,
}

impl Smtp {
    /// Where it listens.
    #[must_use]
    pub const fn host(&self) -> &'static str {
        "127.0.0.1"
    }

    /// Where it listens, without TLS.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port.number()
    }

    /// The only accepted user.
    #[must_use]
    pub fn username(&self) -> &str {
        &self.shared.username
    }

    /// The only password that is accepted.
    #[must_use]
    pub fn password(&self) -> &str {
        &self.shared.password
    }

    /// Every letter that was accepted, in order. One sent to several recipients at once is one letter.
    #[must_use]
    pub fn letters(&self) -> Vec<Letter> {
        self.shared.letters().clone()
    }

    /// The letters to this address (case-insensitive), in order of arrival.
    #[must_use]
    pub fn letters_to(&self, address: &str) -> Vec<Letter> {
        let letters = self.shared.letters();
        letters.iter().filter(|letter| letter.is_to(address)).cloned().collect()
    }

    /// Waits until at least `count` letters were accepted, and returns all of them.
    ///
    /// # Errors
    /// [`Timeout`] with the recipients and subjects that arrived, when `limit` (of real time) passed first.
    pub async fn await_letters(&self, count: usize, limit: Duration) -> Result<Vec<Letter>, Timeout> {
        self.awaited(count, limit, "letters", || self.letters()).await
    }

    /// Waits until this address has at least `count` letters, and returns all of them.
    ///
    /// # Errors
    /// [`Timeout`] with the recipients and subjects of all letters that arrived, when `limit` (of real time) passed first.
    pub async fn await_letters_to(&self, address: &str, count: usize, limit: Duration) -> Result<Vec<Letter>, Timeout> {
        let what = format!("letters to {address}");
        self.awaited(count, limit, &what, || self.letters_to(address)).await
    }

    async fn awaited<F>(&self, count: usize, limit: Duration, what: &str, letters: F) -> Result<Vec<Letter>, Timeout>
    where
        F: Fn() -> Vec<Letter>,
    {
        let enough = || Some(letters()).filter(|letters| letters.len() >= count);
        self.shared.journal.until(limit, enough).await.ok_or_else(|| {
            let came = self.letters();
            let came: Vec<String> = came
                .iter()
                .map(|letter| format!("{}: {}", letter.to.join(", "), letter.subject))
                .collect();
            Timeout(format!(
                "{} of {count} {what} within {limit:?}; all that came: {came:?}",
                letters().len()
            ))
        })
    }

    /// Message-ID and recipient (in lower case) of every acceptance after the first.
    #[must_use]
    pub fn doubles(&self) -> Vec<(String, String)> {
        self.shared.doubles()
    }

    /// Takes the server down: connections are dropped and new ones refused until [`Smtp::open_port`].
    pub fn close_port(&self) {
        self.port.close();
    }

    /// Brings the server back on the same port with its letters. No effect if the port is open.
    ///
    /// # Errors
    /// When the port cannot be bound again; on Linux no other process can take it meanwhile.
    pub fn open_port(&self) -> io::Result<()> {
        self.port.open()
    }
}
