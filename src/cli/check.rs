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

/// One thing to look at.
struct Check {
    /// What must have been resolved; a check that needs what `run` needs is left out while that is at fault.
    needs: Requirements,
    /// Looks. May take its time: a person waits, and nothing else runs.
    look: fn(&Config) -> Finding,
}

/// What is looked at, in the order in which it is told. Far sides come last: they are slow.
const CHECKS: [Check; 14] = [
    Check {
        needs: Requirements::ReadOnly,
        look: findings::database,
    },
    Check {
        needs: Requirements::ReadOnly,
        look: findings::threads_file,
    },
    Check {
        needs: Requirements::ReadOnly,
        look: findings::business_file,
    },
    Check {
        needs: Requirements::ReadOnly,
        look: findings::prompt_file,
    },
    Check {
        needs: Requirements::ReadOnly,
        look: findings::templates,
    },
    Check {
        needs: Requirements::ReadOnly,
        look: findings::deadlines,
    },
    Check {
        needs: Requirements::ReadOnly,
        look: |config| findings::time_zone(config, Clock::system().now()),
    },
    Check {
        needs: Requirements::ReadOnly,
        look: |config| findings::report(config, Clock::system().now()),
    },
    Check {
        needs: Requirements::Run,
        look: mail_findings::owners,
    },
    Check {
        needs: Requirements::Run,
        look: mail_findings::sender,
    },
    Check {
        needs: Requirements::Run,
        look: mail_findings::mail_login,
    },
    Check {
        needs: Requirements::Run,
        look: far_sides::telegram,
    },
    Check {
        needs: Requirements::Run,
        look: far_sides::openai,
    },
    Check {
        needs: Requirements::Run,
        look: far_sides::mail_server,
    },
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
        let can_run = |check: &&Check| !is_misconfigured || check.needs == Requirements::ReadOnly;
        found.extend(CHECKS.iter().filter(can_run).map(|check| (check.look)(&config)));
    }
    print(&if args.json { as_json(&found) } else { as_lines(&found) })?;
    let has_failed = found.iter().any(|finding| finding.state == State::Fail);
    Ok(match (is_misconfigured, has_failed) {
        (true, _) => ExitCode::from(CONFIGURATION),
        (false, true) => ExitCode::FAILURE,
        (false, false) => ExitCode::SUCCESS,
    })
}
