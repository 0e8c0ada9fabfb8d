//! `frontdesk outbox`: lists and requeues deliveries, also while the service runs. The service finds requeued rows in its next
//! sweep.

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
    /// List replies and emails that are waiting or dead, newest last
    List(ListArgs),
    /// Show one delivery (a reply or an email) with its content
    Show(ShowArgs),
    /// Requeue dead deliveries; the running service retries them within 10 s
    Requeue(RequeueArgs),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Listed {
    /// Will not be retried until requeued
    Dead,
    /// Not sent yet, or will be retried
    Waiting,
    /// Every delivery, including completed and cancelled ones
    All,
}

impl Listed {
    /// Waiting, then dead.
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
    /// Filter by state [default: waiting and dead]
    #[arg(long, value_enum)]
    state: Option<Listed>,
    /// Show at most this many rows, the newest ones
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: u32,
    /// Print a JSON array
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Args)]
struct ShowArgs {
    /// Delivery ID, from `frontdesk outbox list`
    #[arg(value_name = "ID")]
    id: i64,
    /// Print a JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Args)]
struct RequeueArgs {
    /// Delivery IDs, from `frontdesk outbox list`; required unless --all-dead is given
    #[arg(value_name = "ID", required_unless_present = "all_dead")]
    ids: Vec<i64>,
    /// Requeue every dead delivery
    #[arg(long, conflicts_with = "ids")]
    all_dead: bool,
    #[command(flatten)]
    settings: Settings,
}

/// Runs the subcommand.
///
/// # Errors
/// The database or the delivery does not exist; an invalid `DATABASE_URL` or `TIME_ZONE`.
pub(super) fn run(args: &OutboxArgs) -> anyhow::Result<ExitCode> {
    match &args.action {
        Action::List(args) => list(args),
        Action::Show(args) => show(args),
        Action::Requeue(args) => requeue_dead(args),
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
            None => "no waiting or dead deliveries",
            Some(Listed::Dead) => "no dead deliveries",
            Some(Listed::Waiting) => "no waiting deliveries",
            Some(Listed::All) => "no deliveries yet",
        })?,
        false => print_words(&table(&outbox_forms::overview(&records, place.zone)))?,
    }
    if older > 0 {
        eprintln!("note: showing only the newest {shown}; use --limit to show more");
    }
    Ok(ExitCode::SUCCESS)
}

fn show(args: &ShowArgs) -> anyhow::Result<ExitCode> {
    let place = Place::of(&args.settings)?;
    let Some(record) = Records::open(&place.database)?.delivery(DeliveryId(args.id))? else {
        bail!(
            "delivery {} does not exist; see `frontdesk outbox list --state all`",
            args.id
        );
    };
    match args.json {
        true => print_words(&outbox_forms::record_json(&record)?)?,
        false => print_words(&outbox_forms::page(&record, place.zone))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints the outcome of each; fails if a named delivery was not requeued.
fn requeue_dead(args: &RequeueArgs) -> anyhow::Result<ExitCode> {
    let place = Place::of(&args.settings)?;
    let named: BTreeSet<i64> = args.ids.iter().copied().collect();
    let which = match args.all_dead {
        true => DeadLetters::All,
        false => DeadLetters::Of(named.into_iter().map(DeliveryId).collect()),
    };
    let outcome = requeue(&place.database, &which, Clock::system().now())?;
    if outcome.is_empty() {
        print("no dead deliveries")?;
    }
    let lines: Vec<String> = outcome
        .iter()
        .map(|(id, requeued)| outcome_line(*id, *requeued))
        .collect();
    print(&lines.join("\n"))?;
    let is_done = outcome.iter().all(|(_, requeued)| *requeued == Requeued::Due);
    Ok(if is_done { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn outcome_line(id: DeliveryId, requeued: Requeued) -> String {
    match requeued {
        Requeued::Due => format!("{id}: requeued, due now"),
        Requeued::Left(state) => format!("{id}: not requeued, because it is {} and not dead", state.word()),
        Requeued::Unknown => format!("{id}: does not exist"),
    }
}
