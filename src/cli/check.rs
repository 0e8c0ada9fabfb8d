//! `frontdesk check`: validates the whole setup before `run` needs it. Each check prints one line.

use std::process::ExitCode;

use base::Clock;
use clap::Args;

use super::call::{CONFIGURATION, Call, variable};
use super::findings::{self, Finding, State, as_json, as_lines};
use super::output::print;
use super::{connections, mail_findings};
use crate::config::{Config, Requirements, Settings};

#[derive(Args)]
pub(super) struct CheckArgs {
    /// Print the results as a JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: Settings,
}

/// One check. It may block, because nothing else runs.
type Check = fn(&Config) -> Finding;

/// Checks that only need valid settings, in the order of the output.
const LOCAL: [Check; 8] = [
    findings::database,
    findings::threads_file,
    findings::business_file,
    findings::prompt_file,
    findings::templates,
    findings::deadlines,
    |config| findings::time_zone(config, Clock::system().now()),
    |config| findings::report(config, Clock::system().now()),
];
/// Checks that need a complete configuration. Those over the network come last, because they are slow.
const IF_COMPLETE: [Check; 6] = [
    mail_findings::owners,
    mail_findings::sender,
    mail_findings::mail_login,
    connections::telegram,
    connections::openai,
    connections::mail_server,
];

/// Prints every finding. Exit code: 78 for configuration errors, 1 if another check failed, else 0.
///
/// # Errors
/// Only if the findings cannot be printed.
pub(super) fn run(args: &CheckArgs, call: &Call) -> anyhow::Result<ExitCode> {
    let complete = Config::resolve(&args.settings, Requirements::Run, &variable);
    let mut found: Vec<Finding> = match &complete {
        Ok(_) => vec![Finding::ok("configuration", "complete")],
        Err(errors) => errors.0.iter().map(Finding::from).collect(),
    };
    let is_misconfigured = complete.is_err();
    found.extend(call.notices().iter().map(Finding::from));
    let config = complete.or_else(|_errors| Config::resolve(&args.settings, Requirements::ReadOnly, &variable));
    if let Ok(config) = config {
        let further = IF_COMPLETE.iter().filter(|_| !is_misconfigured);
        found.extend(LOCAL.iter().chain(further).map(|check| check(&config)));
    }
    print(&if args.json { as_json(&found) } else { as_lines(&found) })?;
    let has_failed = found.iter().any(|finding| finding.state == State::Fail);
    Ok(match (is_misconfigured, has_failed) {
        (true, _) => ExitCode::from(CONFIGURATION),
        (false, true) => ExitCode::FAILURE,
        (false, false) => ExitCode::SUCCESS,
    })
}
