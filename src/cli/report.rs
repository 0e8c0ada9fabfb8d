//! `frontdesk report`: look at a report without sending it, or have an extra one sent by the running service.

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
    /// Show a report as it would be sent; nothing is sent
    Preview(PreviewArgs),
    /// Have an extra report sent to every OWNER_EMAIL, marked so; a service that is stopped sends it once it runs again
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
    /// The report that came on this day (at nine, say: it tells the 24 hours before); unset: what there is since the last one
    #[arg(long, value_name = "YYYY-MM-DD")]
    date: Option<NaiveDate>,
}

/// Does what was asked for.
///
/// # Errors
/// There is no database or no such report; a fault of a setting; a template that is broken.
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
        bail!("OWNER_EMAIL is not set; nobody would get the report");
    }
    let now = Clock::system().now();
    let mut records = Records::open(&config.storage.database)?;
    let period = find(&mut records, &args.which, &config, now)?;
    // A file that has never been run here is not shared by readers and writers yet.
    drop(records);
    request_report(&config.storage.database, period, owners, now)?;
    let to: Vec<&str> = owners.iter().map(Email::as_str).collect();
    print(&format!(
        "an extra report from {} to {} goes to {}: within ten seconds if the service runs, else once it does",
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
            .context("there is nothing to report yet; the first period begins with the first `frontdesk run`"),
        Some(day) => {
            let next = day.checked_add_days(Days::new(1)).unwrap_or(day);
            let found = records.period_due(beginning(day, zone), beginning(next, zone))?;
            found.with_context(|| {
                format!("no report came on {day}; without --date you see what there is since the last one")
            })
        }
    }
}
