//! `frontdesk sql`: the universal query, read-only.

use std::process::ExitCode;

use clap::Args;
use store::read_only::query;

use super::call::variable;
use super::output::print_words;
use super::tables::{csv, json, table};
use crate::config::{Settings, StorageConfig};

#[derive(Args)]
pub(super) struct SqlArgs {
    /// The query, like "SELECT role, message FROM dialogs ORDER BY id DESC LIMIT 20"
    #[arg(value_name = "QUERY")]
    query: String,
    /// Print a JSON array of objects
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Print CSV; texts that a spreadsheet would take for a formula get a leading '
    #[arg(long)]
    csv: bool,
    #[command(flatten)]
    settings: Settings,
}

/// Prints the answer.
///
/// # Errors
/// A refused query, a missing file, a fault of `DATABASE_URL`.
pub(super) fn run(args: &SqlArgs) -> anyhow::Result<ExitCode> {
    let storage = StorageConfig::resolve(&args.settings, &variable)?;
    let answer = query(&storage.database, &args.query)?;
    let text = match (args.json, args.csv) {
        (true, _) => json(&answer)?,
        (_, true) => csv(&answer)?,
        _ => table(&answer),
    };
    print_words(&text)?;
    Ok(ExitCode::SUCCESS)
}
