//! `frontdesk check`: is everything in place that `run` needs? Each thing that can be wrong at midnight is
//! looked at now, and told in one line.

use std::process::ExitCode;

use base::Clock;
use clap::Args;

use super::call::{CONFIGURATION, Call, variable};
use super::findings::{self, Finding, State, as_json, as_lines};
use super::output::print;
use super::{far_sides, mail_findings};
use crate::config::{Config, Requirements, Settings};

#[derive(Args)]
pub(super) struct CheckArgs {
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: Settings,
}

/// Looks at one thing. May take its time: a person waits, and nothing else runs.
type Look = fn(&Config) -> Finding;

/// What a valid configuration is enough for, in the order in which it is told.
const ALWAYS: [Look; 8] = [
    findings::database,
    findings::threads_file,
    findings::business_file,
    findings::prompt_file,
    findings::templates,
    findings::deadlines,
    |config| findings::time_zone(config, Clock::system().now()),
    |config| findings::report(config, Clock::system().now()),
];
/// What needs all that `run` needs, told behind it. Far sides come last: they are slow.
const IF_COMPLETE: [Look; 6] = [
    mail_findings::owners,
    mail_findings::sender,
    mail_findings::mail_login,
    far_sides::telegram,
    far_sides::openai,
    far_sides::mail_server,
];

/// Tells every finding: 78 if the configuration has a fault, 1 if anything else failed, else 0.
///
/// # Errors
/// Only if the findings cannot be printed.
pub(super) fn run(args: &CheckArgs, call: &Call) -> anyhow::Result<ExitCode> {
    let complete = Config::resolve(&args.settings, Requirements::Run, &variable);
    let mut found: Vec<Finding> = match &complete {
        Ok(_) => vec![Finding::ok("configuration", "complete")],
        Err(faults) => faults.0.iter().map(Finding::from).collect(),
    };
    let is_misconfigured = complete.is_err();
    found.extend(call.notices().iter().map(Finding::from));
    let config = complete.or_else(|_faults| Config::resolve(&args.settings, Requirements::ReadOnly, &variable));
    if let Ok(config) = config {
        let beyond = IF_COMPLETE.iter().filter(|_| !is_misconfigured);
        found.extend(ALWAYS.iter().chain(beyond).map(|look| look(&config)));
    }
    print(&if args.json { as_json(&found) } else { as_lines(&found) })?;
    let has_failed = found.iter().any(|finding| finding.state == State::Fail);
    Ok(match (is_misconfigured, has_failed) {
        (true, _) => ExitCode::from(CONFIGURATION),
        (false, true) => ExitCode::FAILURE,
        (false, false) => ExitCode::SUCCESS,
    })
}
