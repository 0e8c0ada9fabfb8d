//! `cargo xtask torture`: real `frontdesk run` processes between stand-ins that fail at every edge, two hundred
//! customers, SIGKILL and SIGTERM at any moment, panics, failing commits, full disks. Then everything is counted.
//! Exit code 0 only if nothing was lost, misdirected, out of order, or repeated without a mark.

mod customers;
mod faults;
mod figures;
mod ledger;
mod process;
mod runs;
mod script;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::ensure;
use audit::Rows;
use clap::Args;
use sandbox::Sandbox;
use store::read_only::query;

use self::faults::too_seldom;
use self::figures::Figures;
use self::ledger::judge;
use self::process::Setup;
use self::runs::World;
use crate::process::built;

/// The seed decides what happens to the service and when; its state at that moment depends on the machine
#[derive(Args)]
pub(crate) struct TortureArgs {
    /// Duration of the test in minutes
    #[arg(long, default_value_t = 1.0)]
    minutes: f64,
    /// Random seed
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Only kill and stop: no faults at edges, no panics, no full disks
    #[arg(long)]
    calm: bool,
    /// Keep database and log in this folder
    #[arg(long)]
    keep: Option<PathBuf>,
}

pub(crate) fn run(args: &TortureArgs) -> anyhow::Result<ExitCode> {
    let frontdesk = built("frontdesk", !cfg!(debug_assertions))?;
    let sandbox = Sandbox::answering(script::answer)?;
    let folder = tempfile::Builder::new().prefix("frontdesk-torture-").tempdir()?;
    let place = args.keep.clone().unwrap_or_else(|| folder.path().to_owned());
    std::fs::create_dir_all(&place)?;
    let setup = Setup::new(&place, frontdesk, &sandbox)?;
    ensure!(
        !setup.database().exists(),
        "there is a database in {} already",
        place.display()
    );
    let began = Instant::now();
    let mut world = World::new(&sandbox, setup, args.seed, args.calm);
    world.run_until(began + Duration::from_secs_f64(args.minutes * 60.0))?;
    let mut met = world.faults.stop()?;
    met.extend(world.customers.met());
    world.settles()?;
    let database = world.setup.database();
    let rows = Rows::read(|sql| query(&database, sql).map(|table| table.texts()))?;
    let log = world.setup.log();
    let verdict = judge(&sandbox, &world.customers, &rows, &log);
    let figures = Figures {
        seed: args.seed,
        seconds: began.elapsed().as_secs(),
        too_seldom: match args.calm {
            true => Vec::new(),
            false => too_seldom(&met, args.minutes),
        },
        met,
        done: world.done,
        panics: log.lines().filter(|line| line.contains(" restarted ")).count(),
        messages: world.customers.said.len(),
        rows,
        verdict,
    };
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}\n{}", figures.json(), figures.table())?;
    Ok(match figures.is_clean() {
        true => ExitCode::SUCCESS,
        false => {
            // The files are needed to explain a lost message.
            let kept = args.keep.clone().unwrap_or_else(|| folder.keep());
            eprintln!("database and log are kept in {}", kept.display());
            ExitCode::FAILURE
        }
    })
}
