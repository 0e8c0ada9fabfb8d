//! The command line: one file a command. This one reads what was asked, hands it over and turns the outcome
//! into an exit code: 0, 1 (failed), 2 (usage), 78 (configuration).

mod call;
mod check;
mod config;
#[cfg(feature = "demo")]
mod demo;
mod dotenv;
mod far_sides;
mod findings;
mod lead_forms;
mod leads;
mod mail_findings;
mod outbox;
mod outbox_forms;
mod output;
mod place;
mod preview;
mod report;
mod run;
mod sql;
mod tables;

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

pub use self::run::serve;

use self::call::{CONFIGURATION, Call, Misconfigured};
use crate::config::{Faults, all_settings};
use crate::logging;

/// The Telegram consultant that a small business can trust: nothing lost, nothing answered twice
#[derive(Parser)]
#[command(name = "frontdesk", version, arg_required_else_help = true)]
#[command(after_help = "Settings come from flags, the environment and .env, in this order: frontdesk config")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Say whether everything `run` needs is in place
    Check(check::CheckArgs),
    /// Show every setting, its value and where it came from
    Config(config::ConfigArgs),
    /// See the service at work: no key, no network, no file
    #[cfg(feature = "demo")]
    Demo(demo::DemoArgs),
    /// Read leads: a list, one with all that is known, a file for a spreadsheet
    Leads(leads::LeadsArgs),
    /// See what has not been delivered, and put dead letters back
    Outbox(outbox::OutboxArgs),
    /// Look at the owner's report, or have an extra one sent
    Report(report::ReportArgs),
    /// Start the service
    Run(run::RunArgs),
    /// Ask the database anything; writes are refused
    Sql(sql::SqlArgs),
}

impl Command {
    fn run(&self, call: &Call) -> anyhow::Result<ExitCode> {
        match self {
            Self::Check(args) => check::run(args, call),
            Self::Config(args) => config::run(args, call),
            #[cfg(feature = "demo")]
            Self::Demo(args) => demo::run(args),
            Self::Leads(args) => leads::run(args),
            Self::Outbox(args) => outbox::run(args),
            Self::Report(args) => report::run(args),
            Self::Run(args) => run::run(args, call),
            Self::Sql(args) => sql::run(args),
        }
    }

    const fn reads_settings(&self) -> bool {
        match self {
            #[cfg(feature = "demo")]
            Self::Demo(_) => false,
            _ => true,
        }
    }
}

/// Does what the arguments ask for. Reads `.env` into the environment first, so it must be called before
/// any thread is started.
pub fn main() -> ExitCode {
    let _last_lines = LastLines;
    let dotenv = dotenv::load(std::path::Path::new(".env"));
    // clap prints help, version and usage errors itself, and ends the process with 0 or 2.
    let matches = command().get_matches();
    refuse_secrets(&matches);
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let Some((_, matches)) = matches.subcommand() else {
        return ExitCode::from(2);
    };
    // The demo has no settings, so nothing in a file may stop it.
    let dotenv = match cli.command.reads_settings() {
        true => dotenv,
        false => Ok(std::collections::BTreeSet::new()),
    };
    let outcome = dotenv.map_err(anyhow::Error::from).and_then(|from_dotenv| {
        let call = Call::new(matches.clone(), from_dotenv);
        cli.command.run(&call)
    });
    outcome.unwrap_or_else(|error| complain(&error))
}

/// Writes what waits in the log, also while a panic ends the process.
struct LastLines;

impl Drop for LastLines {
    fn drop(&mut self) {
        logging::flush();
    }
}

fn complain(error: &anyhow::Error) -> ExitCode {
    let is_configuration = error.is::<Faults>() || error.is::<Misconfigured>();
    logging::last_words(&format!("frontdesk: {}", output::visible(&format!("{error:#}"))));
    match is_configuration {
        true => ExitCode::from(CONFIGURATION),
        false => ExitCode::FAILURE,
    }
}

/// The commands that only read or mend rows, and the settings that mean something to them. They take every setting, as
/// all commands do, and show these.
const OF_ROWS: [(&str, &[&str]); 4] = [
    ("sql", &["database_url"]),
    ("leads", &["database_url", "time_zone"]),
    ("outbox", &["database_url", "time_zone"]),
    ("report", OF_A_LETTER),
];

/// The settings of a letter that is looked at.
const OF_A_LETTER: &[&str] = &[
    "database_url",
    "time_zone",
    "business_name",
    "owner_email",
    "owner_language",
    "templates_dir",
];
/// What looks at one, wherever it stands.
const PREVIEW: &str = "preview";

fn command() -> clap::Command {
    OF_ROWS.into_iter().fold(Cli::command(), |all, (name, shown)| {
        all.mut_subcommand(name, |command| showing(command, shown))
    })
}

/// The command and those below it, with all settings hidden but these.
fn showing(command: clap::Command, shown: &'static [&'static str]) -> clap::Command {
    let settings = all_settings();
    command
        .mut_args(|arg| {
            let is_foreign = settings.iter().any(|setting| arg.get_id() == setting.id.as_str())
                && !shown.contains(&arg.get_id().as_str());
            let is_hidden = is_foreign || arg.is_hide_set();
            arg.hide(is_hidden)
        })
        .mut_subcommands(|below| {
            let shown = if below.get_name() == PREVIEW {
                OF_A_LETTER
            } else {
                shown
            };
            showing(below, shown)
        })
}

/// Ends the process if a secret stands on the command line, where every user of the machine can read it.
fn refuse_secrets(matches: &ArgMatches) {
    let Some((_, matches)) = matches.subcommand() else {
        return;
    };
    for secret in all_settings().iter().filter(|setting| setting.is_secret) {
        let source = matches
            .try_contains_id(&secret.id)
            .ok()
            .and_then(|_| matches.value_source(&secret.id));
        if source == Some(ValueSource::CommandLine) {
            let name = secret.name;
            let why = format!(
                "a secret on the command line can be read by every user of this machine; set {name} or {name}_FILE"
            );
            command().error(ErrorKind::UnknownArgument, why).exit();
        }
    }
    refuse_secrets(matches);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_put_together_without_contradiction() {
        command().debug_assert();
    }

    #[test]
    fn no_secret_is_offered_as_a_flag_in_help() {
        for name in ["check", "config", "sql"] {
            let mut command = command();
            let help = command
                .find_subcommand_mut(name)
                .unwrap()
                .render_long_help()
                .to_string();
            for flag in ["--openai-api-key", "--telegram-bot-token", "--smtp-password"] {
                assert!(!help.contains(flag), "{help}");
            }
            assert!(help.contains("--database-url"), "{help}");
        }
    }

    #[test]
    fn help_of_sql_shows_only_the_settings_it_uses() {
        let mut command = command();
        let help = command.find_subcommand_mut("sql").unwrap().render_help().to_string();
        assert!(help.contains("--csv") && !help.contains("--openai-model"), "{help}");
    }

    #[test]
    fn commands_below_a_command_show_only_the_settings_they_use() {
        let mut command = command();
        let some = [
            ("leads", "list"),
            ("leads", "export"),
            ("leads", "preview"),
            ("outbox", "requeue"),
            ("report", "preview"),
        ];
        for (name, below) in some {
            let below = command.find_subcommand_mut(name).unwrap().find_subcommand_mut(below);
            let help = below.unwrap().render_long_help().to_string();
            assert!(
                help.contains("--database-url") && help.contains("--time-zone"),
                "{help}"
            );
            for hidden in ["--openai-model", "--openai-api-key", "--smtp-password"] {
                assert!(!help.contains(hidden), "{help}");
            }
        }
    }
}
