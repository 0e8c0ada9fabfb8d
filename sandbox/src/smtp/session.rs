//! One client's connection: the greeting, the commands in their order (RFC 5321, 4.1.4), and the faults that rules inject at
//! each step.

use std::io;
use std::sync::Arc;

use smtp_proto::{Error, Request};
use tokio::net::TcpStream;

use super::letter::Transaction;
use super::port::ClosablePort;
use super::state::Shared;
use super::wire::{LARGEST_LETTER, LONGEST_COMMAND, Reply, Wire};
use crate::fault::Fault;
use crate::faults::{Edge, Seen};
use crate::journal::Event;

/// The name in the greeting; it cannot be resolved.
const NAME: &str = "sandbox.example";

/// Accepts connections until the task is dropped.
pub(crate) async fn serve(port: Arc<ClosablePort>, shared: Arc<Shared>) {
    loop {
        match port.accept().await {
            Ok((stream, mut closings)) => {
                let session = Session::new(Arc::clone(&shared), stream);
                tokio::spawn(async move {
                    tokio::select! {
                        // First, so that no earlier connection is served after the port was closed.
                        biased;
                        _closed = closings.changed() => {}
                        // An error is a client that left without QUIT.
                        _left = session.run() => {}
                    }
                });
            }
            // Out of descriptors, most likely: let other tasks close some.
            Err(_) => tokio::task::yield_now().await,
        }
    }
}

/// How the client introduced itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Greeted {
    Not,
    /// Without extensions, so without `AUTH`.
    Helo,
    Ehlo,
}

/// The state of the connection after a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    Command,
    /// Closed from this side.
    Leave,
    /// Open, but silent.
    Silence,
}

/// A step as the rules see it.
#[derive(Default)]
pub(super) struct Step<'a> {
    /// `connect`, `ehlo`, `auth`, `mail`, `rcpt` or `data`.
    pub(super) point: &'a str,
    /// Bytes of the letter.
    pub(super) size: usize,
    /// The text [`crate::Rule::containing`] searches.
    pub(super) text: &'a str,
    /// The recipients a refusal concerns.
    pub(super) to: Vec<String>,
}

pub(super) struct Session {
    pub(super) shared: Arc<Shared>,
    pub(super) wire: Wire,
    pub(super) greeted: Greeted,
    pub(super) is_authenticated: bool,
    pub(super) transaction: Option<Transaction>,
    /// Whether the answer to EHLO offered SMTPUTF8.
    pub(super) offers_utf8: bool,
}

impl Session {
    fn new(shared: Arc<Shared>, stream: TcpStream) -> Self {
        // Without it small replies wait for the acknowledgement of earlier ones; a failure only costs time.
        let _unset = stream.set_nodelay(true);
        Self {
            shared,
            wire: Wire::new(stream),
            greeted: Greeted::Not,
            is_authenticated: false,
            transaction: None,
            offers_utf8: true,
        }
    }

    async fn run(mut self) -> io::Result<()> {
        let greeting = Step {
            point: "connect",
            ..Step::default()
        };
        let hello = |_: &mut Self| Reply::new(220, &format!("{NAME} ESMTP stand-in, nothing leaves this machine"));
        let mut next = self.step(greeting, hello).await?;
        loop {
            next = match next {
                Next::Command => self.command().await?,
                Next::Leave => return Ok(()),
                Next::Silence => return self.wire.fall_silent().await,
            };
        }
    }

    /// Performs a step and answers it, unless a fault is injected.
    pub(super) async fn step<E>(&mut self, step: Step<'_>, effect: E) -> io::Result<Next>
    where
        E: FnOnce(&mut Self) -> Reply,
    {
        let hit = self.shared.faults.hit(&Seen {
            edge: Edge::Smtp,
            point: step.point,
            chat: None,
            text: step.text,
        });
        let fault = hit.as_ref().map(|hit| &hit.fault);
        let reply = match fault {
            Some(Fault::CutBefore) => return Ok(Next::Leave),
            Some(Fault::Hang) => return Ok(Next::Silence),
            Some(Fault::Smtp { code, text }) => Reply::new(*code, text),
            Some(Fault::ForeignBytes { code: Some(code) }) => Reply::new(*code, "").foreign(),
            Some(Fault::TooLarge(most)) if step.size > *most => Reply::new(552, "5.3.4 Message too big"),
            _ => {
                self.offers_utf8 &= step.point != "ehlo" || !matches!(fault, Some(Fault::NoSmtpUtf8));
                let waited = self.shared.faults.wait_out(hit.as_ref());
                self.wire.outlast(waited).await?;
                match fault {
                    Some(Fault::ForeignBytes { .. }) => effect(self).foreign(),
                    _ => effect(self),
                }
            }
        };
        if reply.code >= 400 {
            self.shared.journal.record(Event::MailRefused {
                to: step.to,
                code: reply.code,
            });
        }
        match fault {
            Some(Fault::CutAfter) => Ok(Next::Leave),
            Some(Fault::HangAfter) => Ok(Next::Silence),
            _ => {
                let next = self.answer(&reply).await?;
                // Nothing is left to do for a rejected client.
                let is_turned_away = step.point == "connect" && reply.code >= 400;
                Ok(if is_turned_away { Next::Leave } else { next })
            }
        }
    }

    pub(super) async fn answer(&mut self, reply: &Reply) -> io::Result<Next> {
        self.wire.say(reply).await?;
        // 421: "closing transmission channel", at whatever step.
        Ok(if matches!(reply.code, 221 | 421) {
            Next::Leave
        } else {
            Next::Command
        })
    }

    /// Answers a violation and records it.
    pub(super) async fn breach(&mut self, code: u16, text: &str) -> io::Result<Next> {
        self.shared.violation(&format!("{code} {text}"));
        self.answer(&Reply::new(code, text)).await
    }

    async fn command(&mut self) -> io::Result<Next> {
        let line = self.wire.line(LONGEST_COMMAND).await?;
        if !line.ends_with(b"\n") {
            // The start of the next command is unknown.
            self.breach(500, "5.5.6 Line too long").await?;
            return Ok(Next::Leave);
        }
        if !line.ends_with(b"\r\n") {
            self.shared.violation("a command that ends with a bare LF");
        }
        match Request::parse(&mut line.iter()) {
            Ok(request) => self.asked(request.into_owned()).await,
            Err(error) => self.misspelt(&error, &line).await,
        }
    }

    async fn asked(&mut self, request: Request<String>) -> io::Result<Next> {
        let reply = match request {
            Request::Ehlo { host } => return self.ehlo(host).await,
            Request::Helo { .. } => {
                self.greet(Greeted::Helo);
                Reply::new(250, NAME)
            }
            Request::Auth {
                mechanism,
                initial_response,
            } => return self.auth(mechanism, &initial_response).await,
            Request::Mail { from } => return self.mail(from).await,
            Request::Rcpt { to } => return self.rcpt(to).await,
            Request::Data => return self.data().await,
            Request::Rset => {
                self.transaction = None;
                Reply::new(250, "2.0.0 Ok")
            }
            Request::Noop { .. } => Reply::new(250, "2.0.0 Ok"),
            Request::Vrfy { .. } => Reply::new(252, "2.5.2 Send some mail, then it will be seen"),
            Request::Help { .. } => Reply::new(214, "2.0.0 RFC 5321"),
            Request::Quit => Reply::new(221, "2.0.0 Bye"),
            other => {
                let text = format!("5.5.1 {} is not spoken here", other.name());
                return self.breach(502, &text).await;
            }
        };
        self.answer(&reply).await
    }

    /// RFC 5321, 4.1.1.1: a full host name or an address literal, which real servers require.
    async fn ehlo(&mut self, host: String) -> io::Result<Next> {
        if !host.contains('.') && !host.starts_with('[') {
            return self.breach(504, "5.5.2 Need a fully-qualified hostname").await;
        }
        let step = Step {
            point: "ehlo",
            text: &host,
            ..Step::default()
        };
        self.offers_utf8 = true;
        self.step(step, |session| {
            session.greet(Greeted::Ehlo);
            capabilities(session.offers_utf8)
        })
        .await
    }

    /// A second greeting is allowed, and resets the transaction (RFC 5321, 4.1.4).
    fn greet(&mut self, greeted: Greeted) {
        self.greeted = greeted;
        self.transaction = None;
    }

    async fn misspelt(&mut self, error: &Error, line: &[u8]) -> io::Result<Next> {
        match error {
            Error::InvalidSenderAddress => self.breach(501, "5.1.7 Bad sender address").await,
            Error::InvalidRecipientAddress => self.breach(501, "5.1.3 Bad recipient address").await,
            Error::SyntaxError { syntax } => self.breach(501, &format!("5.5.2 Syntax: {syntax}")).await,
            Error::InvalidParameter { param } => {
                let text = format!("5.5.4 Bad value of {param}");
                self.breach(501, &text).await
            }
            Error::UnsupportedParameter { param } => {
                let text = format!("5.5.4 {param} is not spoken here");
                self.breach(555, &text).await
            }
            _ => {
                let text = format!("5.5.2 Unknown command{}", named(line));
                self.breach(500, &text).await
            }
        }
    }
}

fn capabilities(offers_utf8: bool) -> Reply {
    let size = format!("SIZE {LARGEST_LETTER}");
    let mut lines = vec![
        NAME,
        "8BITMIME",
        "PIPELINING",
        "ENHANCEDSTATUSCODES",
        &size,
        "AUTH PLAIN LOGIN",
    ];
    if offers_utf8 {
        lines.push("SMTPUTF8");
    }
    Reply::of_lines(250, lines.into_iter().map(str::to_owned).collect())
}

/// The first word of a line, if it can be a command: a misplaced password is not recorded.
fn named(line: &[u8]) -> String {
    let word: Vec<u8> = line.iter().copied().take_while(u8::is_ascii_alphabetic).collect();
    match String::from_utf8(word) {
        Ok(word) if (1..=8).contains(&word.len()) => format!(" {word}"),
        _ => String::new(),
    }
}
