//! An SMTP client, line by line over TCP, so that a test can also violate the protocol.

use std::time::Duration;

use sandbox::Sandbox;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::LIMIT;

/// Minimum duration of silence.
const SILENCE: Duration = Duration::from_millis(100);
/// NUL, `robot@example.org`, NUL, `smtp-password-not-a-secret`.
pub(crate) const PLAIN: &str = "AHJvYm90QGV4YW1wbGUub3JnAHNtdHAtcGFzc3dvcmQtbm90LWEtc2VjcmV0";
pub(crate) const USERNAME: &str = "cm9ib3RAZXhhbXBsZS5vcmc=";
pub(crate) const PASSWORD: &str = "c210cC1wYXNzd29yZC1ub3QtYS1zZWNyZXQ=";

/// A valid letter.
pub(crate) fn letter(id: &str, subject: &str) -> String {
    format!(
        "From: Shop <robot@example.org>\r\nTo: owner@example.org\r\nDate: Mon, 1 Jun 2026 12:00:00 +0300\r\n\
         Message-ID: <{id}@example.org>\r\nSubject: {subject}\r\n\r\nHello.\r\n"
    )
}

pub(crate) struct Raw(BufReader<TcpStream>);

impl Raw {
    /// Connects without reading the greeting.
    pub(crate) async fn dial(sandbox: &Sandbox) -> std::io::Result<Self> {
        let address = (sandbox.smtp().host(), sandbox.smtp().port());
        Ok(Self(BufReader::new(TcpStream::connect(address).await?)))
    }

    /// Connects and greets.
    pub(crate) async fn connect(sandbox: &Sandbox) -> Self {
        let mut client = Self::dial(sandbox).await.expect("a connection");
        assert_eq!(client.code().await, 220);
        assert_eq!(client.say("EHLO test.example").await, 250);
        client
    }

    /// Ready for `MAIL`.
    pub(crate) async fn log_in(sandbox: &Sandbox) -> Self {
        let mut client = Self::connect(sandbox).await;
        assert_eq!(client.say(&format!("AUTH PLAIN {PLAIN}")).await, 235);
        client
    }

    pub(crate) async fn send(&mut self, octets: &[u8]) {
        self.0.get_mut().write_all(octets).await.expect("sent");
    }

    /// The next reply, its lines joined; `None` once the server has closed.
    pub(crate) async fn reply(&mut self) -> Option<String> {
        let mut reply = String::new();
        loop {
            let read = timeout(LIMIT, self.0.read_line(&mut reply))
                .await
                .expect("a reply in time");
            // Closed with FIN, or with RST if data was in flight.
            if !matches!(read, Ok(1..)) {
                return None;
            }
            let last = reply.lines().last().unwrap_or_default();
            if last.as_bytes().get(3) == Some(&b' ') {
                return Some(reply);
            }
        }
    }

    pub(crate) async fn code(&mut self) -> u16 {
        let reply = self.reply().await.expect("a reply");
        reply[..3].parse().expect("a code")
    }

    /// Sends a line and reads the code of its reply.
    pub(crate) async fn say(&mut self, line: &str) -> u16 {
        self.send(format!("{line}\r\n").as_bytes()).await;
        self.code().await
    }

    /// Whether the server stays silent without closing.
    pub(crate) async fn is_silent(&mut self) -> bool {
        let mut line = String::new();
        timeout(SILENCE, self.0.read_line(&mut line)).await.is_err()
    }

    /// `MAIL`, one `RCPT` each and `DATA`, up to the go-ahead.
    pub(crate) async fn begin(&mut self, to: &[&str]) {
        assert_eq!(self.say("MAIL FROM:<robot@example.org>").await, 250);
        for to in to {
            assert_eq!(self.say(&format!("RCPT TO:<{to}>")).await, 250);
        }
        assert_eq!(self.say("DATA").await, 354);
    }

    /// Sends a letter and reads the code of the final answer.
    pub(crate) async fn post(&mut self, to: &[&str], letter: &str) -> u16 {
        self.begin(to).await;
        self.send(letter.as_bytes()).await;
        self.say(".").await
    }
}

/// A client that pipelines a whole letter and reads the raw replies.
pub(crate) struct Foreign(TcpStream);

impl Foreign {
    pub(crate) async fn dial(sandbox: &Sandbox) -> Self {
        let address = (sandbox.smtp().host(), sandbox.smtp().port());
        Self(TcpStream::connect(address).await.expect("a connection"))
    }

    pub(crate) async fn whole_dialogue(&mut self) -> Vec<u8> {
        let dialogue = format!(
            "EHLO test.example\r\nAUTH PLAIN {PLAIN}\r\nMAIL FROM:<robot@example.org>\r\nRCPT TO:<owner@example.org>\r\n\
             DATA\r\n{}.\r\nQUIT\r\n",
            letter("1", "foreign")
        );
        self.0.write_all(dialogue.as_bytes()).await.expect("sent");
        let mut said = Vec::new();
        let read = timeout(LIMIT, self.0.read_to_end(&mut said)).await;
        read.expect("in time").expect("read");
        said
    }
}
