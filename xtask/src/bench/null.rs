//! The null client: it receives, asks the model, sends, and stores nothing. Its figures are the ceiling of this machine with
//! these stand-ins.

use std::cell::RefCell;
use std::io;
use std::process::ExitCode;
use std::rc::Rc;

use anyhow::Context as _;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

pub(crate) fn null() -> anyhow::Result<ExitCode> {
    let of = |name: &str| std::env::var(name).with_context(|| format!("{name} is not set"));
    let bot = format!("/bot{}", of("TELEGRAM_BOT_TOKEN")?);
    let telegram = Rc::new(Server::new(&of("TELEGRAM_API_URL")?, &bot, "")?);
    let key = format!("authorization: Bearer {}\r\n", of("OPENAI_API_KEY")?);
    let openai = Rc::new(Server::new(&of("OPENAI_BASE_URL")?, "", &key)?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    tokio::task::LocalSet::new().block_on(&runtime, receive(telegram, openai))?;
    Ok(ExitCode::SUCCESS)
}

async fn receive(telegram: Rc<Server>, openai: Rc<Server>) -> io::Result<()> {
    let mut offset = 0;
    loop {
        let asked = json!({"offset": offset, "limit": 100, "timeout": 50});
        let updates = telegram.post("/getUpdates", &asked).await?;
        for update in updates["result"].as_array().into_iter().flatten() {
            offset = update["update_id"].as_i64().unwrap_or_default() + 1;
            let (telegram, openai) = (Rc::clone(&telegram), Rc::clone(&openai));
            let message = update["message"].clone();
            tokio::task::spawn_local(async move {
                // A failed message stays unanswered, and the bench reports it.
                let _ = answer(&telegram, &openai, &message).await;
            });
        }
    }
}

async fn answer(telegram: &Server, openai: &Server, message: &Value) -> io::Result<()> {
    let asked = json!({"model": "null", "input": message["text"]});
    let response = openai.post("/responses", &asked).await?;
    let text = &response["output"][0]["content"][0]["text"];
    let reply = json!({"chat_id": message["chat"]["id"], "text": text});
    telegram.post("/sendMessage", &reply).await.map(|_| ())
}

/// A server that speaks HTTP/1.1 with `Content-Length`, and the idle connections to it.
struct Server {
    address: String,
    path: String,
    headers: String,
    idle: RefCell<Vec<TcpStream>>,
}

impl Server {
    fn new(url: &str, below: &str, headers: &str) -> anyhow::Result<Self> {
        let rest = url.strip_prefix("http://").context("the stand-ins speak plain HTTP")?;
        let (address, path) = rest.split_once('/').unwrap_or((rest, ""));
        let path = if path.is_empty() {
            below.to_owned()
        } else {
            format!("/{path}{below}")
        };
        Ok(Self {
            address: address.to_owned(),
            path,
            headers: headers.to_owned(),
            idle: RefCell::default(),
        })
    }

    async fn post(&self, method: &str, body: &Value) -> io::Result<Value> {
        let idle = self.idle.borrow_mut().pop();
        let mut stream = match idle {
            Some(stream) => stream,
            None => TcpStream::connect(&self.address).await?,
        };
        stream.set_nodelay(true)?;
        let (
            Self {
                address, path, headers, ..
            },
            body,
        ) = (self, body.to_string());
        let request = format!(
            "POST {path}{method} HTTP/1.1\r\nhost: {address}\r\n{headers}content-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::with_capacity(4_096);
        let body = loop {
            if stream.read_buf(&mut answer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if let Some(body) = whole(&answer) {
                break serde_json::from_slice(body)?;
            }
        };
        self.idle.borrow_mut().push(stream);
        Ok(body)
    }
}

/// The body of a complete answer.
fn whole(answer: &[u8]) -> Option<&[u8]> {
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&answer[..end]).ok()?;
    let lengths = head.lines().filter_map(|line| line.split_once(": "));
    let mut lengths = lengths.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let length: usize = lengths.next()?.1.parse().ok()?;
    answer.get(end + 4..end + 4 + length)
}
