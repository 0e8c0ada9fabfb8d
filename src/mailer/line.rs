//! The connection as lettre sees it. What a server says is ASCII by its code and anything by its words: a byte beyond
//! ASCII becomes a `?`, because lettre refuses a whole reply for one that is not UTF-8; a line that ends with a bare LF
//! ends with CRLF, because lettre waits for that; and what a server said before it closed the
//! line in the middle of a letter is kept.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Bytes read at once; a reply has far fewer.
const PIECE: usize = 1024;

/// What bytes travel over: TCP, or TLS over it.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A stream that is lent to lettre and can be taken back, to be encrypted.
pub(super) struct Line<S> {
    lent: Arc<Mutex<Option<S>>>,
    peer: SocketAddr,
    /// Read before anything of the server's: behind STARTTLS there is no greeting, and lettre waits for one.
    ahead: &'static [u8],
    /// Read from the server, and not by lettre yet.
    heard: VecDeque<u8>,
    /// The last byte heard was a CR.
    is_after_cr: bool,
}

/// Takes the stream back from lettre.
pub(super) struct Loan<S>(Arc<Mutex<Option<S>>>);

impl<S> Loan<S> {
    /// The stream; whatever lettre still does with its end fails.
    pub(super) fn take_back(self) -> Option<S> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl<S: Stream> Line<S> {
    /// A line whose server greets first.
    pub(super) fn new(stream: S, peer: SocketAddr) -> Self {
        Self {
            lent: Arc::new(Mutex::new(Some(stream))),
            peer,
            ahead: b"",
            heard: VecDeque::new(),
            is_after_cr: false,
        }
    }

    /// A line whose server has greeted before it was encrypted.
    pub(super) fn greeted(stream: S, peer: SocketAddr) -> Self {
        Self {
            ahead: b"220 encrypted\r\n",
            ..Self::new(stream, peer)
        }
    }

    pub(super) fn loan(&self) -> Loan<S> {
        Loan(Arc::clone(&self.lent))
    }

    /// What lettre can read of it.
    fn hear(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            if byte == b'\n' && !self.is_after_cr {
                self.heard.push_back(b'\r');
            }
            self.is_after_cr = byte == b'\r';
            self.heard.push_back(if byte.is_ascii() { byte } else { b'?' });
        }
    }

    fn with<T>(&self, act: impl FnOnce(Pin<&mut S>) -> Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        match self.lent.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            Some(stream) => act(Pin::new(stream)),
            None => Poll::Ready(Err(io::ErrorKind::NotConnected.into())),
        }
    }
}

/// Why a server disconnected: a refusal ("552 too large") that has not been read yet. A positive reply is not one.
#[derive(Debug, thiserror::Error)]
#[error("{code} {text}")]
pub(super) struct LastWords {
    pub(super) code: u16,
    pub(super) text: String,
}

impl LastWords {
    fn read(said: &[u8]) -> Option<Self> {
        let said: String = said
            .iter()
            .map(|byte| if byte.is_ascii() { char::from(*byte) } else { '?' })
            .collect();
        let code = said.get(..3)?.parse().ok().filter(|code| (400..600).contains(code))?;
        let texts: Vec<&str> = said.lines().filter_map(|line| line.get(4..)).collect();
        Some(Self {
            code,
            text: texts.join(" "),
        })
    }
}

/// The same failure, with the server's last words if it had any.
fn explained<S: Stream>(mut stream: Pin<&mut S>, context: &mut Context<'_>, error: io::Error) -> io::Error {
    let mut said = [0; PIECE];
    let mut said = ReadBuf::new(&mut said);
    let mut known = usize::MAX;
    while said.filled().len() != known {
        known = said.filled().len();
        if !matches!(stream.as_mut().poll_read(context, &mut said), Poll::Ready(Ok(()))) {
            break;
        }
    }
    LastWords::read(said.filled()).map_or(error, io::Error::other)
}

impl<S: Stream> AsyncRead for Line<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if !self.ahead.is_empty() {
            let (now, later) = self.ahead.split_at(self.ahead.len().min(into.remaining()));
            into.put_slice(now);
            self.ahead = later;
            return Poll::Ready(Ok(()));
        }
        if self.heard.is_empty() {
            let mut piece = [0; PIECE];
            let mut piece = ReadBuf::new(&mut piece);
            ready!(self.with(|stream| stream.poll_read(context, &mut piece)))?;
            self.hear(piece.filled());
        }
        while into.remaining() > 0
            && let Some(byte) = self.heard.pop_front()
        {
            into.put_slice(&[byte]);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: Stream> AsyncWrite for Line<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.with(|mut stream| match stream.as_mut().poll_write(context, bytes) {
            Poll::Ready(Err(error)) => Poll::Ready(Err(explained(stream, context, error))),
            polled => polled,
        })
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.with(|mut stream| match stream.as_mut().poll_flush(context) {
            Poll::Ready(Err(error)) => Poll::Ready(Err(explained(stream, context, error))),
            polled => polled,
        })
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.with(|stream| stream.poll_shutdown(context))
    }
}

impl<S: Stream> AsyncTokioStream for Line<S> {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.peer)
    }
}

impl<S> std::fmt::Debug for Line<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Line").field(&self.peer).finish()
    }
}

#[cfg(test)]
mod tests {
    use lettre::transport::smtp::client::AsyncSmtpConnection;
    use lettre::transport::smtp::extension::ClientId;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::super::messages::MailError;
    use super::super::sort::{Stage, sort};
    use super::*;

    /// Says so much, and takes nothing.
    struct Closed(&'static [u8]);

    impl AsyncRead for Closed {
        fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
            let (now, later) = self.0.split_at(self.0.len().min(into.remaining()).min(3));
            into.put_slice(now);
            self.0 = later;
            Poll::Ready(Ok(()))
        }
    }

    impl AsyncWrite for Closed {
        fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
            Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    fn line(said: &'static [u8]) -> Line<Closed> {
        Line::new(Closed(said), ([127, 0, 0, 1], 25).into())
    }

    #[tokio::test]
    async fn lines_end_with_crlf_and_hold_ascii_however_they_came() {
        for (said, heard) in [
            ("250-a\r\n250 b\r\n", "250-a\r\n250 b\r\n"),
            ("250-a\n250 b\n", "250-a\r\n250 b\r\n"),
            ("25\r\n\n", "25\r\n\r\n"),
            ("250 é\n", "250 ??\r\n"),
            ("", ""),
        ] {
            let mut read = String::new();
            line(said.as_bytes()).read_to_string(&mut read).await.unwrap();
            assert_eq!(read, heard, "{said:?}");
        }
    }

    #[tokio::test]
    async fn a_refusal_before_a_cut_is_kept_and_a_yes_is_not() {
        for (said, kept) in [
            ("552 5.3.4 too large\r\n", Some((552, "5.3.4 too large"))),
            ("552-too\n552 large\n", Some((552, "too large"))),
            ("421 going down\r\n", Some((421, "going down"))),
            ("250 taken\r\n", None),
            ("what?\r\n", None),
            ("", None),
        ] {
            let error = line(said.as_bytes()).write_all(b"a letter").await.unwrap_err();
            let words = error.get_ref().and_then(|inner| inner.downcast_ref::<LastWords>());
            let found = words.map(|words| (words.code, words.text.as_str()));
            assert_eq!(found, kept, "{said:?}");
        }
    }

    #[tokio::test]
    async fn a_size_refused_by_closing_the_line_is_no_unknown_end() {
        let closed = line(b"220 hey\r\n552 5.3.4 too large\r\n");
        let connection = AsyncSmtpConnection::connect_with_transport(Box::new(closed), &ClientId::default()).await;
        let error = connection.err().unwrap();
        assert_eq!(sort(Stage::Content, &error), MailError::TooLarge("552 5.3.4".into()));
        let silent = line(b"220 hey\r\n");
        let connection = AsyncSmtpConnection::connect_with_transport(Box::new(silent), &ClientId::default()).await;
        assert_eq!(
            sort(Stage::Content, &connection.err().unwrap()),
            MailError::Unknown("cut")
        );
    }
}
