//! `cargo xtask bench`: the shop's release binary in a separate process, customers and stand-ins in this one, real sockets and a
//! real file. It is compared with a null client that only receives, asks and sends.

mod case;
mod customers;
mod figures;
mod null;
mod run;
mod usage;

use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::Duration;

use anyhow::Context as _;
use chrono::{SecondsFormat, Utc};
use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};

pub(crate) use self::null::null;

use self::case::Case;
use self::figures::{Figures, table};
use self::run::{Bot, Length, Plan, live};
use crate::process::built;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Who {
    /// The service
    Frontdesk,
    /// A client that only receives, asks the model and sends: the ceiling
    Null,
}

/// Prints for each case: messages per second; the bot's own delay, from the moment a customer writes until the answer arrives, less the
/// time the model took (p50, p99); CPU milliseconds of the bot per message; its peak memory; the share of all cores that the stand-ins
/// and everything else used; time from start to the first getUpdates, idle memory, time to stop.
/// Pacing, merging and rate limits are off; every message is committed. Compare figures of one run, on a machine that does nothing else
#[derive(Args)]
pub(crate) struct BenchArgs {
    /// Seconds to measure in each case, after a fifth of it to warm up
    #[arg(long, default_value_t = 10.0)]
    seconds: f64,
    /// Measure this number of messages in each case instead
    #[arg(long, conflicts_with = "seconds")]
    messages: Option<u64>,
    /// Customers of `tput`; `llm1s` has twice as many
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    customers: u32,
    /// Cases to run
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = Case::ALL)]
    cases: Vec<Case>,
    /// Bots to measure, in this order in each case
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [Who::Null, Who::Frontdesk])]
    bots: Vec<Who>,
    /// Number of repetitions; the table shows medians
    #[arg(long, default_value_t = 1)]
    repeat: u32,
    /// Measure this binary instead of building one as `.ci/shop --release` does
    #[arg(long)]
    binary: Option<PathBuf>,
    /// Folder for the databases, whose disk is measured too [default: the folder of this program]
    #[arg(long)]
    folder: Option<PathBuf>,
    /// Append one line of JSON per run to this file
    #[arg(long)]
    out: Option<PathBuf>,
    /// Use this debug build of the stand-ins and the null client instead of a release build
    #[arg(long)]
    as_built: bool,
    /// Command of the binary that starts serving
    #[arg(long, hide = true, default_value = "run")]
    command: String,
}

pub(crate) fn run(args: &BenchArgs) -> anyhow::Result<ExitCode> {
    if cfg!(debug_assertions) && !args.as_built {
        return again_in_release();
    }
    let plan = plan(args)?;
    let bots = args
        .bots
        .iter()
        .map(|who| bot(*who, args))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let open = |path: &PathBuf| File::options().create(true).append(true).open(path);
    let mut out = args.out.as_ref().map(open).transpose().context("--out")?;
    let shared = shared(args)?;
    let mut all: Vec<Figures> = Vec::new();
    for _ in 0..args.repeat.max(1) {
        for case in &args.cases {
            for bot in &bots {
                let figures = live(bot, *case, &plan).with_context(|| format!("{case:?} of {}", bot.name))?;
                if let Some(out) = &mut out {
                    writeln!(out, "{}", figures.json(&shared, bot.version.as_deref()))?;
                }
                for surprise in figures.surprises.iter().take(5) {
                    eprintln!("{case:?} of {}: {surprise}", bot.name);
                }
                all.push(figures);
            }
        }
    }
    write!(std::io::stdout(), "{}", table(&all))?;
    Ok(match all.iter().all(|run| run.surprises.is_empty()) {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

fn plan(args: &BenchArgs) -> anyhow::Result<Plan> {
    let own = std::env::current_exe()?;
    let beside = own.parent().context("this program is in no folder")?;
    Ok(Plan {
        customers: args.customers,
        length: match args.messages {
            Some(messages) => Length::Messages(messages),
            None => Length::Time(Duration::try_from_secs_f64(args.seconds).context("--seconds")?),
        },
        folder: args.folder.clone().unwrap_or_else(|| beside.to_owned()),
    })
}

/// The stand-ins of a debug build would use up the machine.
fn again_in_release() -> anyhow::Result<ExitCode> {
    let release = built("xtask", true)?;
    let status = Command::new(release).args(std::env::args_os().skip(1)).status()?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

fn bot(who: Who, args: &BenchArgs) -> anyhow::Result<Bot> {
    let (name, program, command) = match who {
        Who::Null => ("null", std::env::current_exe()?, "bench-null"),
        Who::Frontdesk => {
            let program = match &args.binary {
                Some(path) => path
                    .canonicalize()
                    .with_context(|| format!("--binary {}", path.display()))?,
                None => built("frontdesk", true)?,
            };
            ("frontdesk", program, args.command.as_str())
        }
    };
    Ok(Bot {
        name,
        version: said(Command::new(&program).arg("--version")),
        program,
        command: command.to_owned(),
    })
}

/// The output of a command, if it succeeds.
fn said(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}

/// Members of all lines.
fn shared(args: &BenchArgs) -> anyhow::Result<Map<String, Value>> {
    let mut git = Command::new("git");
    git.args(["describe", "--always", "--dirty", "--abbrev=12"]);
    let shared = [
        ("date", json!(Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true))),
        // Unknown for another binary.
        (
            "commit",
            json!(if args.binary.is_none() { said(&mut git) } else { None }),
        ),
        ("binary", json!(args.binary)),
        ("cores", json!(std::thread::available_parallelism()?)),
    ];
    Ok(shared
        .map(|(name, value)| (name.to_owned(), value))
        .into_iter()
        .collect())
}
