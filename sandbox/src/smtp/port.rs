//! The port of the SMTP stand-in, which can be closed and opened again. A closed port refuses connections like that of a stopped
//! server, and no other process gets its number meanwhile.

use std::future::poll_fn;
use std::io;
use std::mem;
use std::net::{Ipv4Addr, SocketAddr, TcpListener as StdListener};
use std::sync::Mutex;
use std::task::{Context, Poll, ready};

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{Notify, watch};

use crate::lock::locked;

/// A port on 127.0.0.1, open or closed.
#[derive(Debug)]
pub(crate) struct ClosablePort {
    port: u16,
    listening: Mutex<Listening>,
    opened: Notify,
    closings: watch::Sender<u64>,
    /// Reserves the number while the port is closed. Only Linux allows it next to the listener; elsewhere a closed port might be
    /// given to another process.
    _reserved: Option<TcpSocket>,
}

#[derive(Debug)]
enum Listening {
    /// Connections queue up; no reactor polls them yet.
    Bound(StdListener),
    Open(TcpListener),
    Closed,
}

/// Changes when the port is closed, and with it every connection made before.
pub(crate) type Closings = watch::Receiver<u64>;

impl ClosablePort {
    /// Takes a port; 0 is any free one.
    pub(crate) fn new(port: u16) -> io::Result<Self> {
        let reserved = cfg!(target_os = "linux").then(|| reserve(port)).transpose()?;
        let port = match &reserved {
            Some(socket) => socket.local_addr()?.port(),
            None => port,
        };
        let listener = listen(port)?;
        Ok(Self {
            port: listener.local_addr()?.port(),
            listening: Mutex::new(Listening::Bound(listener)),
            opened: Notify::new(),
            closings: watch::Sender::new(0),
            _reserved: reserved,
        })
    }

    pub(crate) const fn number(&self) -> u16 {
        self.port
    }

    /// Closes the listener and drops all connections.
    pub(crate) fn close(&self) {
        let mut listening = locked(&self.listening);
        *listening = Listening::Closed;
        // Still under the lock: a connection is either accepted before and notified, or refused.
        self.closings.send_modify(|n| *n += 1);
    }

    /// Listens again on the same port; no effect if it is open.
    pub(crate) fn open(&self) -> io::Result<()> {
        let mut listening = locked(&self.listening);
        if matches!(*listening, Listening::Closed) {
            *listening = Listening::Bound(listen(self.port)?);
            self.opened.notify_one();
        }
        Ok(())
    }

    /// The next connection, as soon as there is one and the port is open.
    pub(crate) async fn accept(&self) -> io::Result<(TcpStream, Closings)> {
        loop {
            tokio::select! {
                accepted = poll_fn(|context| self.poll_accept(context)) => return accepted,
                () = self.opened.notified() => {}
            }
        }
    }

    fn poll_accept(&self, context: &mut Context<'_>) -> Poll<io::Result<(TcpStream, Closings)>> {
        let mut listening = locked(&self.listening);
        *listening = match mem::replace(&mut *listening, Listening::Closed) {
            Listening::Bound(listener) => Listening::Open(TcpListener::from_std(listener)?),
            other => other,
        };
        let Listening::Open(listener) = &*listening else {
            return Poll::Pending;
        };
        let (stream, _) = ready!(listener.poll_accept(context))?;
        Poll::Ready(Ok((stream, self.closings.subscribe())))
    }
}

/// A socket that has the number but does not listen: connections are refused.
fn reserve(port: u16) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    // Without it the listener could not bind the same port.
    socket.set_reuseaddr(true)?;
    socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?;
    Ok(socket)
}

fn listen(port: u16) -> io::Result<StdListener> {
    let listener = StdListener::bind((Ipv4Addr::LOCALHOST, port))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}
