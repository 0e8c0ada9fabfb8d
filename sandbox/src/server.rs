//! A small HTTP/1.1 server whose handlers can also fail like real servers: cut the connection before an answer, cut it within
//! the body, or never answer.

use std::collections::VecDeque;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::service::service_fn;
use hyper::{HeaderMap, Method, Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};

/// A complete request.
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Call {
    /// A query parameter. Values are ids and numbers here, so nothing is percent-decoded.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

/// A response to send.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json(status: u16, value: &Value) -> Self {
        Self::raw_json(status, value.to_string())
    }

    pub(crate) fn raw_json(status: u16, body: String) -> Self {
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        Self {
            status,
            headers,
            body: Bytes::from(body),
        }
    }

    pub(crate) fn garbage() -> Self {
        let headers = vec![("content-type".to_owned(), "text/html".to_owned())];
        Self {
            status: 200,
            headers,
            body: Bytes::from_static(b"<html><body>Bad gateway</body></html>"),
        }
    }

    pub(crate) fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// The outcome of a call.
pub(crate) enum Outcome {
    /// The answer is sent.
    Whole(Answer),
    /// The head and half of the body are sent, then the connection is closed.
    Half(Answer),
    /// The connection is closed without a byte of an answer.
    Cut,
    /// Nothing is sent and the connection stays open until the client leaves.
    Never,
}

pub(crate) trait Handler: Send + Sync + 'static {
    /// Answers a call. The future is dropped when the client closes its connection.
    fn handle(self: Arc<Self>, call: Call) -> impl Future<Output = Outcome> + Send;
}

/// Serves connections until the task is dropped.
pub(crate) async fn serve<H: Handler>(listener: TcpListener, handler: Arc<H>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(connection(stream, Arc::clone(&handler)));
            }
            // Out of descriptors, most likely: let other tasks close some.
            Err(_) => tokio::task::yield_now().await,
        }
    }
}

async fn connection<H: Handler>(stream: TcpStream, handler: Arc<H>) {
    // Without it small answers wait for the acknowledgement of earlier ones; a failure only costs time.
    let _unset = stream.set_nodelay(true);
    let service = service_fn(move |request| answer(Arc::clone(&handler), request));
    // An error here is a disconnect, on purpose or by the client.
    let _cut = hyper::server::conn::http1::Builder::new()
        .auto_date_header(false)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn answer<H: Handler>(handler: Arc<H>, request: Request<Incoming>) -> io::Result<Response<Payload>> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    let call = Call {
        method: head.method,
        path: head.uri.path().to_owned(),
        query: pairs(head.uri.query().unwrap_or_default()),
        headers: head.headers,
        body,
    };
    match handler.handle(call).await {
        Outcome::Whole(answer) => response(&answer, false),
        Outcome::Half(answer) => response(&answer, true),
        Outcome::Cut => Err(io::Error::from(io::ErrorKind::ConnectionAborted)),
        Outcome::Never => std::future::pending().await,
    }
}

fn pairs(query: &str) -> Vec<(String, String)> {
    let parts = query.split('&').filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            (key.to_owned(), value.to_owned())
        })
        .collect()
}

fn response(answer: &Answer, half: bool) -> io::Result<Response<Payload>> {
    let mut response = Response::builder().status(answer.status);
    for (name, value) in &answer.headers {
        response = response.header(name, value);
    }
    response
        .body(Payload::new(&answer.body, half))
        .map_err(io::Error::other)
}

enum Step {
    Send(Bytes),
    /// Gives the connection a chance to write out what it has before the cut.
    Flush,
    Cut,
}

/// A body that announces its whole length and may break off halfway.
struct Payload {
    length: u64,
    steps: VecDeque<Step>,
}

impl Payload {
    fn new(body: &Bytes, half: bool) -> Self {
        let length = body.len() as u64;
        let steps = if half {
            VecDeque::from([Step::Send(body.slice(..body.len() / 2)), Step::Flush, Step::Cut])
        } else if body.is_empty() {
            VecDeque::new()
        } else {
            VecDeque::from([Step::Send(body.clone())])
        };
        Self { length, steps }
    }
}

impl Body for Payload {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match self.steps.pop_front() {
            None => Poll::Ready(None),
            Some(Step::Send(part)) => Poll::Ready(Some(Ok(Frame::data(part)))),
            Some(Step::Flush) => {
                context.waker().wake_by_ref();
                Poll::Pending
            }
            Some(Step::Cut) => Poll::Ready(Some(Err(io::ErrorKind::ConnectionAborted.into()))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.steps.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length)
    }
}
