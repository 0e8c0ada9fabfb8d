//! One JSON call to the control address. On loopback hand-written HTTP is enough.

use std::io;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Calls a path of the control address; `Value::Null` sends no body.
pub(crate) async fn call(control: &str, method: &str, path: &str, body: &Value) -> io::Result<Value> {
    let address = control.trim_start_matches("http://").trim_end_matches('/');
    let mut stream = TcpStream::connect(address).await.map_err(|error| {
        io::Error::new(
            error.kind(),
            format!("{control}: {error} (is `sandbox serve` running?)"),
        )
    })?;
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let (head, body) = answer
        .split_once("\r\n\r\n")
        .ok_or_else(|| io::Error::other("no HTTP answer"))?;
    let value: Value = serde_json::from_str(body).map_err(io::Error::other)?;
    if head.starts_with("HTTP/1.1 200") {
        return Ok(value);
    }
    Err(io::Error::other(value["error"].as_str().unwrap_or(head).to_owned()))
}
