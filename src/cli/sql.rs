//! `frontdesk sql`: any query, read-only.

use std::process::ExitCode;

use clap::Args;
use store::read_only::query;

use super::call::variable;
use super::output::print_words;
use super::tables::{csv, json, table};
use crate::config::{Settings, StorageConfig};

#[derive(Args)]
pub(super) struct SqlArgs {
    /// SQL query, for example "SELECT role, message FROM dialogs ORDER BY id DESC LIMIT 20"
    #[arg(value_name = "QUERY")]
    query: String,
    /// Print a JSON array
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Print CSV; text that looks like a formula gets a leading apostrophe (')
    #[arg(long)]
    csv: bool,
    #[command(flatten)]
    settings: Settings,
}

/// Prints the result of the query.
///
/// # Errors
/// The query is rejected, the file does not exist, or `DATABASE_URL` is invalid.
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
