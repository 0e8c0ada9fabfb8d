//! `frontdesk leads`: the people who left a way to be reached, read beside the running service.

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
    /// List leads, the last changed first
    List(ListArgs),
    /// Show everything that is known of one lead, with its letters and its dialog
    Show(ShowArgs),
    /// Show the newest letter about one lead as it was or would be sent; nothing is sent
    Preview(PreviewArgs),
    /// Write leads for a spreadsheet or a script
    Export(ExportArgs),
}

#[derive(Args)]
struct ListArgs {
    /// Only leads that changed on this day or later
    #[arg(long, value_name = "YYYY-MM-DD")]
    since: Option<NaiveDate>,
    /// At most so many
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
    /// The lead's id, as in the list
    #[arg(value_name = "ID")]
    id: i64,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Args)]
struct PreviewArgs {
    /// The lead's id, as in the list
    #[arg(value_name = "ID")]
    id: i64,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Args)]
struct ExportArgs {
    /// CSV that Excel opens by a double click (the default); a text that it would take for a formula gets a leading '
    #[arg(long)]
    csv: bool,
    /// A JSON array of objects
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Only leads that changed on this day or later
    #[arg(long, value_name = "YYYY-MM-DD")]
    since: Option<NaiveDate>,
    /// Write into this file, readable by its owner alone; one that is there is replaced
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    settings: Settings,
}

/// Does what was asked for.
///
/// # Errors
/// There is no database or no such lead; a fault of `DATABASE_URL` or `TIME_ZONE`.
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
        eprintln!("note: these are the newest {shown}; --limit shows more");
    }
    Ok(())
}

fn show(args: &ShowArgs) -> anyhow::Result<()> {
    let place = Place::of(&args.settings)?;
    let Some(story) = Records::open(&place.database)?.lead(LeadId(args.id))? else {
        return none(args.id);
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
        None => none(args.id),
    }
}

fn none(id: i64) -> anyhow::Result<()> {
    bail!("there is no lead {id}; see `frontdesk leads list`")
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
            print(&format!("{} lead{plural} in {}", leads.len(), path.display()))
        }
    }
}

fn read(place: &Place, since: Option<NaiveDate>, limit: Option<u32>) -> anyhow::Result<Vec<LeadRecord>> {
    let since = since.map(|day| beginning(day, place.zone));
    Ok(Records::open(&place.database)?.leads(since, limit)?)
}
