//! `frontdesk leads`: reads leads, also while the service runs.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;
use base::Clock;
use chrono::NaiveDate;
use clap::{Args, Subcommand};
use domain::LeadId;
use store::records::{LeadRecord, Records};

use super::call::variable;
use super::lead_forms;
use super::output::{print, print_words};
use super::place::{Place, beginning, write_private};
use super::preview::{self, Form, recipient};
use super::tables::{spreadsheet, table};
use crate::config::{Config, Limits, Requirements, Settings};

#[derive(Args)]
pub(super) struct LeadsArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// List leads, most recently changed first
    List(ListArgs),
    /// Show one lead with its emails and conversation
    Show(ShowArgs),
    /// Print the latest email about a lead; nothing is sent
    Preview(PreviewArgs),
    /// Export leads as CSV or JSON
    Export(ExportArgs),
}

#[derive(Args)]
struct ListArgs {
    /// Include only leads changed on this day or later
    #[arg(long, value_name = "YYYY-MM-DD")]
    since: Option<NaiveDate>,
    /// Maximum number of leads
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
    /// Lead ID, from `frontdesk leads list`
    #[arg(value_name = "ID")]
    id: i64,
    /// Print a JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Args)]
struct PreviewArgs {
    /// Lead ID, from `frontdesk leads list`
    #[arg(value_name = "ID")]
    id: i64,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Args)]
struct ExportArgs {
    /// Write CSV for Excel (the default); text that looks like a formula gets a leading apostrophe (')
    #[arg(long)]
    csv: bool,
    /// Write a JSON array
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Include only leads changed on this day or later
    #[arg(long, value_name = "YYYY-MM-DD")]
    since: Option<NaiveDate>,
    /// Write to this file, overwriting any existing one; the file is readable only by your user
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    settings: Settings,
}

/// Runs the subcommand.
///
/// # Errors
/// The database or the lead does not exist; an invalid setting.
pub(super) fn run(args: &LeadsArgs) -> anyhow::Result<ExitCode> {
    match &args.action {
        Action::List(args) => list(args),
        Action::Show(args) => show(args),
        Action::Preview(args) => preview(args),
        Action::Export(args) => export(args),
    }?;
    Ok(ExitCode::SUCCESS)
}

fn list(args: &ListArgs) -> anyhow::Result<()> {
    let place = Place::of(&args.settings)?;
    let mut leads = read(&place, args.since, Some(args.limit.saturating_add(1)))?;
    let shown = usize::try_from(args.limit).unwrap_or(usize::MAX);
    let is_cut = leads.len() > shown;
    leads.truncate(shown);
    match args.json {
        true => print_words(&lead_forms::json(&leads)?)?,
        false if leads.is_empty() => print("no leads")?,
        false => print_words(&table(&lead_forms::overview(&leads, place.zone)))?,
    }
    if is_cut {
        eprintln!("note: showing only the newest {shown}; use --limit to show more");
    }
    Ok(())
}

fn show(args: &ShowArgs) -> anyhow::Result<()> {
    let place = Place::of(&args.settings)?;
    let Some(story) = Records::open(&place.database)?.lead(LeadId(args.id))? else {
        return missing(args.id);
    };
    match args.json {
        true => print_words(&lead_forms::story_json(&story)?),
        false => print_words(&lead_forms::story(&story, place.zone)),
    }
}

fn preview(args: &PreviewArgs) -> anyhow::Result<()> {
    let config = Config::resolve(&args.settings, Requirements::ReadOnly, &variable)?;
    let now = Clock::system().now();
    let lines = Limits::default().letter_lines;
    let mut records = Records::open(&config.storage.database)?;
    match records.lead_letter(LeadId(args.id), &recipient(&config), lines, now)? {
        Some(letter) => preview::preview(&config, &letter, &args.form, now),
        None => missing(args.id),
    }
}

fn missing(id: i64) -> anyhow::Result<()> {
    bail!("lead {id} does not exist; see `frontdesk leads list`")
}

fn export(args: &ExportArgs) -> anyhow::Result<()> {
    let place = Place::of(&args.settings)?;
    let leads = read(&place, args.since, None)?;
    let text = match args.json {
        true => lead_forms::json(&leads)?,
        false => spreadsheet(&lead_forms::columns(&leads, place.zone))?,
    };
    match &args.out {
        None => print_words(&text),
        Some(path) => {
            write_private(path, &text)?;
            let plural = if leads.len() == 1 { "" } else { "s" };
            print(&format!("{} lead{plural} written to {}", leads.len(), path.display()))
        }
    }
}

fn read(place: &Place, since: Option<NaiveDate>, limit: Option<u32>) -> anyhow::Result<Vec<LeadRecord>> {
    let since = since.map(|day| beginning(day, place.zone));
    Ok(Records::open(&place.database)?.leads(since, limit)?)
}
