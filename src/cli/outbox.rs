//! `frontdesk outbox`: what has not been delivered, read beside the running service; dead letters are put back as rows
//! that the service finds by itself.

use std::collections::BTreeSet;
use std::process::ExitCode;

use anyhow::bail;
use base::Clock;
use clap::{Args, Subcommand, ValueEnum};
use domain::DeliveryId;
use store::DeliveryState;
use store::records::Records;
use store::requeue::{DeadLetters, Requeued, requeue};

use super::outbox_forms;
use super::output::{print, print_words};
use super::place::Place;
use super::tables::table;
use crate::config::Settings;

#[derive(Args)]
pub(super) struct OutboxArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// List replies and letters that are waiting or dead, the newest last
    List(ListArgs),
    /// Show one of them with all its columns and what it says
    Show(ShowArgs),
    /// Put dead ones back: due now, found by the running service within ten seconds
    Requeue(RequeueArgs),
}

/// Which deliveries are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Listed {
    /// Given up until somebody puts them back.
    Dead,
    /// On their way, or tried again.
    Waiting,
    /// Completed and cancelled ones too.
    All,
}

impl Listed {
    /// What waits, and what is dead: whatever has not come to a good end or to one that nobody can mend.
    const OPEN: [DeliveryState; 4] = [
        DeliveryState::Scheduled,
        DeliveryState::Executing,
        DeliveryState::Retryable,
        DeliveryState::Dead,
    ];

    fn states(self) -> &'static [DeliveryState] {
        match self {
            Self::Dead => &Self::OPEN[3..],
            Self::Waiting => &Self::OPEN[..3],
            Self::All => &DeliveryState::ALL,
        }
    }
}

#[derive(Args)]
struct ListArgs {
    /// Which; unset: those that are waiting or dead
    #[arg(long, value_enum)]
    state: Option<Listed>,
    /// At most so many, the newest
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: u32,
    /// Print a JSON array of objects
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Args)]
struct ShowArgs {
    /// Its id, as in the list
    #[arg(value_name = "ID")]
    id: i64,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Args)]
struct RequeueArgs {
    /// Their ids, as in the list
    #[arg(value_name = "ID", required_unless_present = "all_dead")]
    ids: Vec<i64>,
    /// All that are dead
    #[arg(long, conflicts_with = "ids")]
    all_dead: bool,
    #[command(flatten)]
    settings: Settings,
}

/// Does what was asked for.
///
/// # Errors
/// There is no database or no such delivery; a fault of `DATABASE_URL` or `TIME_ZONE`.
pub(super) fn run(args: &OutboxArgs) -> anyhow::Result<ExitCode> {
    match &args.action {
        Action::List(args) => list(args),
        Action::Show(args) => show(args),
        Action::Requeue(args) => put_back(args),
    }
}

fn list(args: &ListArgs) -> anyhow::Result<ExitCode> {
    let place = Place::of(&args.settings)?;
    let states = args.state.map_or(&Listed::OPEN[..], Listed::states);
    let mut records = Records::open(&place.database)?.deliveries(states, args.limit.saturating_add(1))?;
    let shown = usize::try_from(args.limit).unwrap_or(usize::MAX);
    let older = records.len().saturating_sub(shown);
    records.drain(..older);
    match args.json {
        true => print_words(&outbox_forms::json(&records)?)?,
        false if records.is_empty() => print(match args.state {
            None => "nothing is waiting and nothing is dead",
            Some(Listed::Dead) => "nothing is dead",
            Some(Listed::Waiting) => "nothing is waiting",
            Some(Listed::All) => "nothing has been sent yet",
        })?,
        false => print_words(&table(&outbox_forms::overview(&records, place.zone)))?,
    }
    if older > 0 {
        eprintln!("note: these are the newest {shown}; --limit shows more");
    }
    Ok(ExitCode::SUCCESS)
}

fn show(args: &ShowArgs) -> anyhow::Result<ExitCode> {
    let place = Place::of(&args.settings)?;
    let Some(record) = Records::open(&place.database)?.delivery(DeliveryId(args.id))? else {
        bail!("there is no delivery {}; see `frontdesk outbox list`", args.id);
    };
    match args.json {
        true => print_words(&outbox_forms::record_json(&record)?)?,
        false => print_words(&outbox_forms::page(&record, place.zone))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Tells each; fails if any that was named is not on its way now.
fn put_back(args: &RequeueArgs) -> anyhow::Result<ExitCode> {
    let place = Place::of(&args.settings)?;
    let named: BTreeSet<i64> = args.ids.iter().copied().collect();
    let meant = match args.all_dead {
        true => DeadLetters::All,
        false => DeadLetters::Of(named.into_iter().map(DeliveryId).collect()),
    };
    let outcome = requeue(&place.database, &meant, Clock::system().now())?;
    if outcome.is_empty() {
        print("nothing is dead")?;
    }
    let lines: Vec<String> = outcome.iter().map(|(id, requeued)| told(*id, *requeued)).collect();
    print(&lines.join("\n"))?;
    let is_done = outcome.iter().all(|(_, requeued)| *requeued == Requeued::PutBack);
    Ok(if is_done { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn told(id: DeliveryId, requeued: Requeued) -> String {
    match requeued {
        Requeued::PutBack => format!("{id}: put back, due now"),
        Requeued::Left(state) => format!("{id}: left as it is, it is {} and not dead", state.word()),
        Requeued::Unknown => format!("{id}: there is no such delivery"),
    }
}
