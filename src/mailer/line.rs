//! The connection as lettre sees it. What a server says is ASCII by its code and anything by its words: a byte beyond
//! ASCII becomes a `?`, because lettre refuses a whole reply for one that is not UTF-8.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What bytes travel over: TCP, or TLS over it.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A stream that is lent to lettre and can be taken back, to be encrypted.
pub(super) struct Line<S> {
    lent: Arc<Mutex<Option<S>>>,
    peer: SocketAddr,
    /// Read before anything of the server's: behind STARTTLS there is no greeting, and lettre waits for one.
    ahead: &'static [u8],
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

    fn with<T>(&self, act: impl FnOnce(Pin<&mut S>) -> Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        match self.lent.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            Some(stream) => act(Pin::new(stream)),
            None => Poll::Ready(Err(io::ErrorKind::NotConnected.into())),
        }
    }
}

impl<S: Stream> AsyncRead for Line<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if !self.ahead.is_empty() {
            let (now, later) = self.ahead.split_at(self.ahead.len().min(into.remaining()));
            into.put_slice(now);
            self.ahead = later;
            return Poll::Ready(Ok(()));
        }
        let known = into.filled().len();
        let polled = self.with(|stream| stream.poll_read(context, into));
        for byte in &mut into.filled_mut()[known..] {
            if !byte.is_ascii() {
                *byte = b'?';
            }
        }
        polled
    }
}

impl<S: Stream> AsyncWrite for Line<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.with(|stream| stream.poll_write(context, bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.with(|stream| stream.poll_flush(context))
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
