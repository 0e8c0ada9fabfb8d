//! `AUTH PLAIN` (RFC 4616) and `AUTH LOGIN`, each with and without an initial response (RFC 4954).

use std::io;

use mail_parser::decoders::base64::base64_decode;
use smtp_proto::{AUTH_LOGIN, AUTH_PLAIN};

use super::session::{Greeted, Next, Session, Step};
use super::wire::{LONGEST_COMMAND, Reply};

/// "Username:" and "Password:" in base64, as every client expects them.
const ASK_USERNAME: &str = "VXNlcm5hbWU6";
const ASK_PASSWORD: &str = "UGFzc3dvcmQ6";
/// The client may cancel: not a violation.
const CANCELLED: &str = "5.7.0 Authentication cancelled";
const UNREADABLE: &str = "5.5.2 Cannot decode the credentials";

/// The client's credentials; never stored.
struct Credentials {
    username: String,
    password: String,
}

impl Session {
    pub(super) async fn auth(&mut self, mechanism: u64, initial: &str) -> io::Result<Next> {
        if self.greeted != Greeted::Ehlo {
            return self.breach(503, "5.5.1 AUTH before EHLO").await;
        }
        if self.is_authenticated {
            return self.breach(503, "5.5.1 Already authenticated").await;
        }
        if self.transaction.is_some() {
            return self.breach(503, "5.5.1 AUTH within a mail").await;
        }
        let initial = (!initial.is_empty()).then(|| initial.to_owned());
        let shown = match mechanism {
            AUTH_PLAIN => self.plain(initial).await?,
            AUTH_LOGIN => self.login(initial).await?,
            _ => return self.breach(504, "5.5.4 This mechanism was not offered").await,
        };
        let shown = match shown {
            Ok(shown) => shown,
            Err(CANCELLED) => return self.answer(&Reply::new(501, CANCELLED)).await,
            Err(text) => return self.breach(501, text).await,
        };
        let step = Step {
            point: "auth",
            text: &shown.username,
            ..Step::default()
        };
        self.step(step, |session| session.checked(&shown)).await
    }

    fn checked(&mut self, shown: &Credentials) -> Reply {
        if shown.username == self.shared.username && shown.password == self.shared.password {
            self.is_authenticated = true;
            return Reply::new(235, "2.7.0 Authentication successful");
        }
        // Without the credentials: they may be a real password sent here by mistake.
        self.shared.violation("wrong username or password");
        Reply::new(535, "5.7.8 Authentication credentials invalid")
    }

    async fn plain(&mut self, initial: Option<String>) -> io::Result<Result<Credentials, &'static str>> {
        let response = match initial {
            Some(response) => response,
            None => self.response_to("").await?,
        };
        Ok(decoded(&response).and_then(|message| {
            // Authorization identity, user, password.
            let mut parts = message.split('\0').skip(1);
            match (parts.next(), parts.next(), parts.next()) {
                (Some(username), Some(password), None) => Ok(Credentials {
                    username: username.to_owned(),
                    password: password.to_owned(),
                }),
                _ => Err(UNREADABLE),
            }
        }))
    }

    async fn login(&mut self, initial: Option<String>) -> io::Result<Result<Credentials, &'static str>> {
        let username = match initial {
            Some(response) => response,
            None => self.response_to(ASK_USERNAME).await?,
        };
        let username = match decoded(&username) {
            Ok(username) => username,
            Err(text) => return Ok(Err(text)),
        };
        let password = decoded(&self.response_to(ASK_PASSWORD).await?);
        Ok(password.map(|password| Credentials { username, password }))
    }

    /// Sends the challenge and reads the response line.
    async fn response_to(&mut self, challenge: &str) -> io::Result<String> {
        self.wire.say(&Reply::new(334, challenge)).await?;
        let line = self.wire.line(LONGEST_COMMAND).await?;
        Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
    }
}

fn decoded(response: &str) -> Result<String, &'static str> {
    match response {
        "*" => Err(CANCELLED),
        // An empty initial response.
        "=" => Ok(String::new()),
        _ => {
            let octets = base64_decode(response.as_bytes()).ok_or(UNREADABLE)?;
            String::from_utf8(octets).map_err(|_not_text| UNREADABLE)
        }
    }
}
