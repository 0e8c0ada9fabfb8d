//! One connection as lines and replies (RFC 5321, 4.1 to 4.5). It checks only the form; the session interprets the content.

use std::collections::BTreeSet;
use std::future::Future;
use std::io;
use std::pin::pin;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// The longest command line: that of an `AUTH` with an initial response (RFC 4954, 4).
pub(crate) const LONGEST_COMMAND: usize = 12_288;
/// The largest letter, as announced by `SIZE`.
pub(crate) const LARGEST_LETTER: usize = 10 * 1024 * 1024;
/// The longest line of a letter without its end (RFC 5322, 2.1.1).
const LONGEST_LINE: usize = 998;

/// A reply: the code and the text of each line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) code: u16,
    lines: Vec<String>,
    /// Its text is in legacy encodings.
    is_foreign: bool,
}

/// "Принято" in Windows-1251 and in KOI8-R, "à bientôt" in Latin-1.
const FOREIGN: [&[u8]; 3] = [
    b"\xcf\xf0\xe8\xed\xff\xf2\xee",
    b"\xf0\xd2\xc9\xce\xd1\xd4\xcf",
    b"\xe0 bient\xf4t",
];

impl Reply {
    pub(crate) fn new(code: u16, text: &str) -> Self {
        // A line break in it, from a rule, must not look like a second reply.
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        Self::of_lines(code, if lines.is_empty() { vec![String::new()] } else { lines })
    }

    pub(crate) const fn of_lines(code: u16, lines: Vec<String>) -> Self {
        Self {
            code,
            lines,
            is_foreign: false,
        }
    }

    /// The same with text that is not UTF-8, in several lines.
    pub(crate) fn foreign(mut self) -> Self {
        self.is_foreign = true;
        self.lines.resize(self.lines.len().max(FOREIGN.len()), String::new());
        self
    }

    fn written(&self) -> Vec<u8> {
        let last = self.lines.len().saturating_sub(1);
        let mut written = Vec::new();
        for (n, text) in self.lines.iter().enumerate() {
            let mark = if n == last { ' ' } else { '-' };
            written.extend_from_slice(format!("{}{mark}{text}", self.code).as_bytes());
            if self.is_foreign {
                written.push(b' ');
                written.extend_from_slice(FOREIGN[n % FOREIGN.len()]);
            }
            written.extend_from_slice(b"\r\n");
        }
        written
    }
}

/// The content between `DATA` and its dot.
#[derive(Debug, Default)]
pub(crate) struct Content {
    /// Without the doubled dots and the last one.
    pub(crate) raw: Vec<u8>,
    /// More than [`LARGEST_LETTER`] arrived; the rest was dropped.
    pub(crate) is_too_large: bool,
    /// Violations in its lines, each kind once.
    pub(crate) breaches: BTreeSet<&'static str>,
}

/// One connection. Reading fails with `UnexpectedEof` once the client has left.
#[derive(Debug)]
pub(crate) struct Wire(BufReader<TcpStream>);

impl Wire {
    pub(crate) fn new(stream: TcpStream) -> Self {
        Self(BufReader::new(stream))
    }

    /// A line with its end; a line longer than `limit` is returned without one.
    pub(crate) async fn line(&mut self, limit: usize) -> io::Result<Vec<u8>> {
        let mut line = Vec::new();
        // A usize always fits: no machine has more than 64 bits.
        let limit = u64::try_from(limit).unwrap_or(u64::MAX);
        let read = (&mut self.0).take(limit).read_until(b'\n', &mut line).await?;
        let is_cut_off = (read as u64) < limit && !line.ends_with(b"\n");
        if is_cut_off {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line)
    }

    pub(crate) async fn say(&mut self, reply: &Reply) -> io::Result<()> {
        self.0.write_all(&reply.written()).await?;
        self.0.flush().await
    }

    /// Reads a letter up to the line that is a dot alone.
    pub(crate) async fn content(&mut self) -> io::Result<Content> {
        let mut content = Content::default();
        loop {
            let line = self.line(LARGEST_LETTER).await?;
            if line == b".\r\n" {
                return Ok(content);
            }
            content.take(&line);
        }
    }

    /// Waits, unless the client leaves first.
    pub(crate) async fn outlast(&mut self, wait: impl Future<Output = ()>) -> io::Result<()> {
        let mut wait = pin!(wait);
        tokio::select! {
            biased;
            () = &mut wait => return Ok(()),
            more = self.0.fill_buf() => if more?.is_empty() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            },
        }
        // The client has pipelined data, so a disconnect is no longer visible.
        wait.await;
        Ok(())
    }

    /// Stays silent until the client disconnects.
    pub(crate) async fn fall_silent(&mut self) -> io::Result<()> {
        loop {
            let length = self.0.fill_buf().await?.len();
            if length == 0 {
                return Ok(());
            }
            self.0.consume(length);
        }
    }
}

impl Content {
    fn take(&mut self, line: &[u8]) {
        // A client that doubles its dots never sends a line with a single leading dot.
        let line = match line.strip_prefix(b".") {
            Some(rest) => {
                if !rest.starts_with(b".") {
                    self.breaches
                        .insert("a line that begins with a dot which was not doubled");
                }
                rest
            }
            None => line,
        };
        let text = line.strip_suffix(b"\n").unwrap_or(line);
        let text = match text.strip_suffix(b"\r") {
            Some(text) => text,
            None => {
                self.breaches.insert("a line that ends with a bare LF");
                text
            }
        };
        if text.contains(&b'\r') {
            self.breaches.insert("a bare CR within a line");
        }
        if text.contains(&0) {
            self.breaches.insert("a NUL octet");
        }
        if text.len() > LONGEST_LINE {
            self.breaches.insert("a line of more than 998 octets");
        }
        if self.raw.len() + line.len() > LARGEST_LETTER {
            self.is_too_large = true;
        } else {
            self.raw.extend_from_slice(line);
        }
    }
}
