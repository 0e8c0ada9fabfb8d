//! `cargo xtask torture`: real `frontdesk run` processes between stand-ins that fail at every edge, two hundred
//! customers, SIGKILL and SIGTERM at any moment, panics, failing commits, full disks. Then everything is counted.
//! Exit code 0 only if nothing was lost, misled, out of order, or repeated without its mark.

mod clerk;
mod customers;
mod figures;
mod ledger;
mod lives;
mod process;
mod weather;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::ensure;
use audit::Rows;
use clap::Args;
use sandbox::Sandbox;
use store::read_only::query;

use self::figures::Figures;
use self::ledger::judge;
use self::lives::World;
use self::process::House;
use self::weather::too_seldom;
use crate::process::built;

/// The dice decide what is done to the service, and when; what it is doing then is up to the machine
#[derive(Args)]
pub(crate) struct TortureArgs {
    /// How long customers write and lives end
    #[arg(long, default_value_t = 1.0)]
    minutes: f64,
    /// Of all dice
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Kills and stops alone: no fault at an edge, no panic, no full disk
    #[arg(long)]
    calm: bool,
    /// Keep database and log there
    #[arg(long)]
    keep: Option<PathBuf>,
}

pub(crate) fn run(args: &TortureArgs) -> anyhow::Result<ExitCode> {
    let frontdesk = built("frontdesk", !cfg!(debug_assertions))?;
    let sandbox = Sandbox::answering(clerk::clerk)?;
    let folder = tempfile::Builder::new().prefix("frontdesk-torture-").tempdir()?;
    let place = args.keep.clone().unwrap_or_else(|| folder.path().to_owned());
    std::fs::create_dir_all(&place)?;
    let house = House::new(&place, frontdesk, &sandbox)?;
    ensure!(
        !house.database().exists(),
        "there is a database in {} already",
        place.display()
    );
    let began = Instant::now();
    let mut world = World::new(&sandbox, house, args.seed, args.calm);
    world.lives_on(began + Duration::from_secs_f64(args.minutes * 60.0))?;
    let mut met = world.weather.clears()?;
    met.extend(world.customers.met());
    world.settles()?;
    let database = world.house.database();
    let rows = Rows::read(|sql| query(&database, sql).map(|table| table.texts()))?;
    let log = world.house.log();
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
            // What happened is in the files; without them a lost message cannot be explained.
            let kept = args.keep.clone().unwrap_or_else(|| folder.keep());
            eprintln!("database and log are kept in {}", kept.display());
            ExitCode::FAILURE
        }
    })
}
