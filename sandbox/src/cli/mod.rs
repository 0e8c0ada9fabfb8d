//! The command line: its commands and the scripts to choose from.
#![expect(clippy::print_stdout, reason = "what a command prints is its result")]

mod http;

use std::io;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use http::call;
use sandbox::{Consultant, Echo, Figures, Forgetful, Liar, Options, Sandbox, Script};
use serde_json::{Value, json};

/// Default ports of `serve`.
const TELEGRAM_PORT: u16 = 8081;
const OPENAI_PORT: u16 = 8082;
const CONTROL_PORT: u16 = 8083;
const SMTP_PORT: u16 = 8084;
/// The recipient of the letters; any address would do.
const OWNER_EMAIL: &str = "owner@example.org";

/// Local stand-ins for the Telegram Bot API, OpenAI and a mail server
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve on 127.0.0.1 until interrupted
    Serve(Serve),
    /// Write to the bot as a customer and print the replies as they arrive
    Say(Say),
    /// Let many customers write at once and count missing, repeated and misplaced replies
    Play(Play),
}

#[derive(Debug, Args)]
struct Serve {
    #[arg(long, default_value_t = TELEGRAM_PORT)]
    telegram_port: u16,
    #[arg(long, default_value_t = OPENAI_PORT)]
    openai_port: u16,
    #[arg(long, default_value_t = CONTROL_PORT)]
    control_port: u16,
    #[arg(long, default_value_t = SMTP_PORT)]
    smtp_port: u16,
    /// Script that answers in place of a model
    #[arg(long, value_enum, default_value_t = Who::Consultant)]
    script: Who,
    /// Duration of every run in milliseconds
    #[arg(long, default_value_t = 0)]
    latency_ms: u64,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Who {
    /// Answers from a dozen facts and calls the offered tools
    Consultant,
    /// Repeats the message
    Echo,
    /// Never calls a tool
    Forgetful,
    /// Claims to have saved the contact without calling a tool
    Liar,
}

#[derive(Debug, Args)]
struct Control {
    /// Control address of a running `serve`
    #[arg(long, env = "SANDBOX_CONTROL", default_value_t = format!("http://127.0.0.1:{CONTROL_PORT}"))]
    control: String,
}

#[derive(Debug, Args)]
struct Say {
    /// Chat id of the customer
    #[arg(long, default_value_t = 1)]
    chat: i64,
    text: String,
    /// Number of replies to wait for
    #[arg(long, default_value_t = 1)]
    replies: usize,
    /// Timeout for them in seconds
    #[arg(long, default_value_t = 30)]
    seconds: u64,
    #[command(flatten)]
    control: Control,
}

#[derive(Debug, Args)]
struct Play {
    #[arg(long, default_value_t = 50)]
    customers: u32,
    /// Messages per customer, sent at once
    #[arg(long, default_value_t = 10)]
    messages: u32,
    /// Chat id of the first customer
    #[arg(long, default_value_t = sandbox::Play::default().first_chat)]
    first_chat: i64,
    /// Timeout for the replies in seconds
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    #[command(flatten)]
    control: Control,
}

/// Runs the command; returns the exit code of the process.
pub(crate) async fn run(arguments: Arguments) -> io::Result<ExitCode> {
    match arguments.command {
        Command::Serve(asked) => serve(&asked).await,
        Command::Say(asked) => say(&asked).await,
        Command::Play(asked) => play(&asked).await,
    }
}

async fn serve(asked: &Serve) -> io::Result<ExitCode> {
    let script: Arc<dyn Script> = match asked.script {
        Who::Consultant => Arc::new(Consultant),
        Who::Echo => Arc::new(Echo),
        Who::Forgetful => Arc::new(Forgetful),
        Who::Liar => Arc::new(Liar),
    };
    let sandbox = Sandbox::start(Options {
        script,
        telegram_port: asked.telegram_port,
        openai_port: asked.openai_port,
        control_port: asked.control_port,
        smtp_port: asked.smtp_port,
        ..Options::default()
    })?;
    sandbox.openai().latency(Duration::from_millis(asked.latency_ms));
    for (name, value) in sandbox.environment() {
        println!("{name}={value}");
    }
    println!("OWNER_EMAIL={OWNER_EMAIL}");
    println!("SANDBOX_CONTROL={}", sandbox.control_url());
    tokio::signal::ctrl_c().await?;
    for violation in sandbox.violations() {
        eprintln!("violation: {violation}");
    }
    Ok(ExitCode::SUCCESS)
}

async fn say(asked: &Say) -> io::Result<ExitCode> {
    let control = &asked.control.control;
    let replies = |count: usize| {
        format!(
            "/replies?chat={}&count={count}&wait_ms={}",
            asked.chat,
            asked.seconds * 1000
        )
    };
    let before = call(control, "GET", &format!("/replies?chat={}", asked.chat), &Value::Null).await?;
    let before = before.as_array().map_or(0, Vec::len);
    call(
        control,
        "POST",
        "/say",
        &json!({"chat": asked.chat, "text": asked.text}),
    )
    .await?;
    for count in before + 1..=before + asked.replies {
        let seen = call(control, "GET", &replies(count), &Value::Null).await?;
        match seen[count - 1]["text"].as_str() {
            Some(text) => println!("{text}"),
            None => {
                eprintln!("no reply within {} s", asked.seconds);
                return Ok(ExitCode::FAILURE);
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn play(asked: &Play) -> io::Result<ExitCode> {
    let wait_ms = asked.seconds * 1000;
    let body = json!({"customers": asked.customers, "messages": asked.messages, "first_chat": asked.first_chat,
        "wait_ms": wait_ms});
    let figures = call(&asked.control.control, "POST", "/play", &body).await?;
    let figures: Figures = serde_json::from_value(figures).map_err(io::Error::other)?;
    print!("{}", table(&figures));
    Ok(if figures.is_clean() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn table(figures: &Figures) -> String {
    let rows = [
        ("sent", figures.sent.to_string()),
        ("replied", figures.replied.to_string()),
        ("  of those together with a later one", figures.merged.to_string()),
        ("missing", figures.missing.to_string()),
        ("doubles", figures.doubles.to_string()),
        ("out of order", figures.out_of_order.to_string()),
        ("in another chat", figures.wrong_chat.to_string()),
        ("seconds", format!("{:.2}", figures.seconds)),
        ("p50 ms", figures.p50_ms.to_string()),
        ("p95 ms", figures.p95_ms.to_string()),
    ];
    rows.iter()
        .map(|(name, value)| format!("{name:<38}{value:>8}\n"))
        .collect()
}
