//! The command line: one file per command. This file parses the arguments, runs the command and turns the result into an exit
//! code: 0, 1 (failed), 2 (usage), 78 (configuration).

mod call;
mod check;
mod config;
mod connections;
#[cfg(feature = "demo")]
mod demo;
mod dotenv;
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
use crate::config::{ConfigErrors, all_settings};
use crate::logging;

/// AI assistant that answers a small business's customers on Telegram. Emails the owner every contact and a daily report; stores
/// every message before answering it
#[derive(Parser)]
#[command(name = "frontdesk", version, arg_required_else_help = true)]
#[command(
    after_help = "Flags override environment variables, which override .env. To see all settings, run: frontdesk config"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Check the whole setup before you go live
    Check(check::CheckArgs),
    /// Show every setting with its value and where it was set
    Config(config::ConfigArgs),
    /// Try the service without API keys, a network connection or any files
    #[cfg(feature = "demo")]
    Demo(demo::DemoArgs),
    /// List, show, preview and export leads
    Leads(leads::LeadsArgs),
    /// List undelivered replies and emails, and requeue dead ones
    Outbox(outbox::OutboxArgs),
    /// Preview the owner's report, or send an extra one
    Report(report::ReportArgs),
    /// Start the service
    Run(run::RunArgs),
    /// Query the database (read-only)
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

/// Runs the command line. Loads `.env` into the environment first, so it must be called before any thread is started.
pub fn main() -> ExitCode {
    let _flush = FlushOnExit;
    let dotenv = dotenv::load(std::path::Path::new(".env"));
    // clap prints help, version and usage errors, and exits with 0 or 2.
    let matches = command().get_matches();
    reject_secrets(&matches);
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let Some((_, matches)) = matches.subcommand() else {
        return ExitCode::from(2);
    };
    // The demo reads no settings, so an error in `.env` must not stop it.
    let dotenv = match cli.command.reads_settings() {
        true => dotenv,
        false => Ok(std::collections::BTreeSet::new()),
    };
    let outcome = dotenv.map_err(anyhow::Error::from).and_then(|from_dotenv| {
        let call = Call::new(matches.clone(), from_dotenv);
        cli.command.run(&call)
    });
    outcome.unwrap_or_else(|error| report_error(&error))
}

/// Flushes the log, also when a panic ends the process.
struct FlushOnExit;

impl Drop for FlushOnExit {
    fn drop(&mut self) {
        logging::flush();
    }
}

fn report_error(error: &anyhow::Error) -> ExitCode {
    let is_configuration = error.is::<ConfigErrors>() || error.is::<Misconfigured>();
    logging::last_words(&format!("frontdesk: {}", output::visible(&format!("{error:#}"))));
    match is_configuration {
        true => ExitCode::from(CONFIGURATION),
        false => ExitCode::FAILURE,
    }
}

/// Commands on stored rows, and the settings that affect them. They accept every setting, but help shows only these.
const ROW_COMMANDS: [(&str, &[&str]); 4] = [
    ("sql", &["database_url"]),
    ("leads", &["database_url", "time_zone"]),
    ("outbox", &["database_url", "time_zone"]),
    ("report", PREVIEW_SETTINGS),
];

/// The settings that affect a previewed email.
const PREVIEW_SETTINGS: &[&str] = &[
    "database_url",
    "time_zone",
    "business_name",
    "owner_email",
    "owner_language",
    "templates_dir",
];
/// The subcommand of `leads` and `report` that previews an email.
const PREVIEW: &str = "preview";

fn command() -> clap::Command {
    ROW_COMMANDS.into_iter().fold(Cli::command(), |all, (name, shown)| {
        all.mut_subcommand(name, |command| showing_only(command, shown))
    })
}

/// The command and its subcommands, with all other settings hidden.
fn showing_only(command: clap::Command, shown: &'static [&'static str]) -> clap::Command {
    let settings = all_settings();
    command
        .mut_args(|arg| {
            let is_unused = settings.iter().any(|setting| arg.get_id() == setting.id.as_str())
                && !shown.contains(&arg.get_id().as_str());
            let is_hidden = is_unused || arg.is_hide_set();
            arg.hide(is_hidden)
        })
        .mut_subcommands(|below| {
            let shown = if below.get_name() == PREVIEW {
                PREVIEW_SETTINGS
            } else {
                shown
            };
            showing_only(below, shown)
        })
}

/// Exits if a secret is on the command line, where every user of the machine can read it.
fn reject_secrets(matches: &ArgMatches) {
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
                "every user of this machine can read a secret on the command line; set the variable {name} or {name}_FILE instead"
            );
            command().error(ErrorKind::UnknownArgument, why).exit();
        }
    }
    reject_secrets(matches);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_definition_is_valid() {
        command().debug_assert();
    }

    #[test]
    fn help_shows_no_flag_for_a_secret() {
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
    fn help_of_subcommands_shows_only_the_settings_they_use() {
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
