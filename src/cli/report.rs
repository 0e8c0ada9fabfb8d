//! `frontdesk report`: previews a report, or queues an extra one that the service sends.

use std::process::ExitCode;

use anyhow::{Context as _, bail};
use base::Clock;
use chrono::{DateTime, Days, NaiveDate, Utc};
use clap::{Args, Subcommand};
use domain::{DeliveryId, Email, Occasion, Period, ReportNotice};
use pages::{LetterPage, PageBody};
use store::extra_report::request_report;
use store::records::Records;

use super::call::variable;
use super::output::print;
use super::place::{beginning, local};
use super::preview::{self, Form, recipient};
use crate::config::{Config, Requirements, Settings};

#[derive(Args)]
pub(super) struct ReportArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Print a report; nothing is sent
    Preview(PreviewArgs),
    /// Queue an extra report for every address in OWNER_EMAIL (sent while the service is running, or at its next start)
    Send(SendArgs),
}

#[derive(Args)]
struct PreviewArgs {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Args)]
struct SendArgs {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Args)]
struct Which {
    /// Take the report that was sent on this date [default: a new report on everything since the last one]
    #[arg(long, value_name = "YYYY-MM-DD")]
    date: Option<NaiveDate>,
}

/// Runs the subcommand.
///
/// # Errors
/// The database or the report does not exist; a setting or a template is invalid.
pub(super) fn run(args: &ReportArgs) -> anyhow::Result<ExitCode> {
    match &args.action {
        Action::Preview(args) => preview(args),
        Action::Send(args) => send(args),
    }?;
    Ok(ExitCode::SUCCESS)
}

fn preview(args: &PreviewArgs) -> anyhow::Result<()> {
    let config = Config::resolve(&args.settings, Requirements::ReadOnly, &variable)?;
    let now = Clock::system().now();
    let mut records = Records::open(&config.storage.database)?;
    let period = find(&mut records, &args.which, &config, now)?;
    let occasion = match period.report {
        Some(_) => Occasion::Due,
        None => Occasion::Extra,
    };
    let page = records.report(ReportNotice { period, occasion }, now)?;
    let letter = LetterPage {
        delivery: DeliveryId(0),
        to: recipient(&config),
        body: PageBody::Report(Box::new(page)),
    };
    preview::preview(&config, &letter, &args.form, now)
}

fn send(args: &SendArgs) -> anyhow::Result<()> {
    let config = Config::resolve(&args.settings, Requirements::ReadOnly, &variable)?;
    let owners = &config.mail.owners;
    if owners.is_empty() {
        bail!("OWNER_EMAIL is not set; write the email address that receives the report");
    }
    let now = Clock::system().now();
    let mut records = Records::open(&config.storage.database)?;
    let period = find(&mut records, &args.which, &config, now)?;
    // The read connection may lock out the writer if the service has never run on this file.
    drop(records);
    request_report(&config.storage.database, period, owners, now)?;
    let to: Vec<&str> = owners.iter().map(Email::as_str).collect();
    print(&format!(
        "queued an extra report for {} to {}, addressed to {}; the service sends it within 10 s, or when it starts",
        local(period.since, config.locale.time_zone),
        local(period.until, config.locale.time_zone),
        to.join(", ")
    ))
}

fn find(records: &mut Records, which: &Which, config: &Config, now: DateTime<Utc>) -> anyhow::Result<Period> {
    let zone = config.locale.time_zone;
    match which.date {
        None => records
            .open_period(now)?
            .context("there is nothing to report yet; start the service with `frontdesk run` first"),
        Some(day) => {
            let next = day.checked_add_days(Days::new(1)).unwrap_or(day);
            let found = records.period_due(beginning(day, zone), beginning(next, zone))?;
            found.with_context(|| {
                format!("no report was sent on {day}; omit --date to use everything since the last report")
            })
        }
    }
}
