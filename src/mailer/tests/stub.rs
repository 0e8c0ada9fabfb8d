//! A scripted mail server on loopback: each test sets its answer at each stage.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

/// Says nothing more and keeps the line open.
pub(super) const HANG: &str = "(hang)";
/// Closes the line.
pub(super) const CUT: &str = "(cut)";

/// What the server says.
#[derive(Debug, Clone)]
pub(super) struct Script {
    pub(super) greeting: &'static str,
    pub(super) ehlo: &'static str,
    pub(super) auth: &'static str,
    pub(super) starttls: &'static str,
    pub(super) mail: &'static str,
    pub(super) rcpt: &'static str,
    pub(super) data: &'static str,
    /// After the final dot.
    pub(super) end: &'static str,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            greeting: "220 stub",
            ehlo: "250-stub\r\n250 AUTH PLAIN LOGIN",
            auth: "235 welcome",
            starttls: "454 not now",
            mail: "250 ok",
            rcpt: "250 ok",
            data: "354 go on",
            end: "250 taken",
        }
    }
}

impl Script {
    /// All is well but at that place.
    pub(super) fn saying(place: &str, answer: &'static str) -> Self {
        let mut script = Self::default();
        let line = match place {
            "greeting" => &mut script.greeting,
            "ehlo" => &mut script.ehlo,
            "auth" => &mut script.auth,
            "mail" => &mut script.mail,
            "rcpt" => &mut script.rcpt,
            "data" => &mut script.data,
            "end" => &mut script.end,
            place => panic!("a server says nothing at {place}"),
        };
        *line = answer;
        script
    }
}

/// A running server.
pub(super) struct Stub {
    pub(super) port: u16,
    /// Letters that came whole, as they were sent.
    pub(super) letters: Arc<Mutex<Vec<String>>>,
    /// Commands in the order in which they came.
    pub(super) commands: Arc<Mutex<Vec<String>>>,
    /// Letters whose final dot waits for an answer.
    pub(super) waiting: watch::Sender<usize>,
    /// One permit for each answer to a final dot.
    pub(super) gate: Arc<Semaphore>,
    /// The only name that it has nothing against; none: it likes all.
    liked: Option<&'static str>,
}

impl Stub {
    /// A server that answers at once.
    pub(super) async fn start(script: Script) -> Arc<Self> {
        Self::with_gate(script, 1_000).await
    }

    /// A server that takes so many letters before its gate is opened further.
    pub(super) async fn with_gate(script: Script, permits: usize) -> Arc<Self> {
        Self::begin(script, permits, None).await
    }

    /// A server that accepts only this name and follows the script for all others.
    pub(super) async fn refusing_names(script: Script, liked: &'static str) -> Arc<Self> {
        Self::begin(script, 1_000, Some(liked)).await
    }

    async fn begin(script: Script, permits: usize, liked: Option<&'static str>) -> Arc<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let stub = Arc::new(Self {
            port: listener.local_addr().unwrap().port(),
            letters: Arc::default(),
            commands: Arc::default(),
            waiting: watch::Sender::new(0),
            gate: Arc::new(Semaphore::new(permits)),
            liked,
        });
        let serving = Arc::clone(&stub);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (stub, script) = (Arc::clone(&serving), script.clone());
                tokio::spawn(async move { stub.serve(stream, &script).await });
            }
        });
        stub
    }

    pub(super) fn heard(&self, command: &str) -> bool {
        self.commands
            .lock()
            .unwrap()
            .iter()
            .any(|line| line.starts_with(command))
    }

    /// Ends with the client, or when it has cut the line itself.
    async fn serve(&self, stream: TcpStream, script: &Script) -> Option<()> {
        let mut stream = BufReader::new(stream);
        say(&mut stream, script.greeting).await?;
        let polite = Script::default();
        let mut script = script;
        loop {
            let line = hear(&mut stream).await?;
            self.commands.lock().unwrap().push(line.clone());
            if self.liked.is_some() && line.strip_prefix("EHLO ").map(str::trim_end) == self.liked {
                script = &polite;
            }
            let answer = match line.split([' ', '\r']).next().unwrap_or_default() {
                "EHLO" => script.ehlo,
                "AUTH" => script.auth,
                "STARTTLS" => script.starttls,
                "MAIL" => script.mail,
                "RCPT" => script.rcpt,
                "DATA" => script.data,
                "QUIT" => "221 bye",
                _ => "500 what?",
            };
            say(&mut stream, answer).await?;
            if line.starts_with("STARTTLS") && answer.starts_with('2') {
                // The client greets in TLS, and is answered in plain text.
                stream.fill_buf().await.ok()?;
                return say(&mut stream, "500 what?").await;
            }
            if line.starts_with("DATA") && answer.starts_with('3') {
                self.take(&mut stream, script.end).await?;
            }
        }
    }

    async fn take(&self, stream: &mut BufReader<TcpStream>, end: &str) -> Option<()> {
        let mut letter = String::new();
        loop {
            match hear(stream).await?.as_str() {
                ".\r\n" => break,
                line => letter.push_str(line.strip_prefix("..").map_or(line, |_| &line[1..])),
            }
        }
        self.letters.lock().unwrap().push(letter);
        self.waiting.send_modify(|waiting| *waiting += 1);
        self.gate.acquire().await.ok()?.forget();
        self.waiting.send_modify(|waiting| *waiting -= 1);
        say(stream, end).await
    }
}

async fn hear(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut line = String::new();
    let read = stream.read_line(&mut line).await.ok()?;
    (read > 0).then_some(line)
}

async fn say(stream: &mut BufReader<TcpStream>, answer: &str) -> Option<()> {
    match answer {
        HANG => std::future::pending().await,
        CUT => None,
        line => stream.write_all(format!("{line}\r\n").as_bytes()).await.ok(),
    }
}
