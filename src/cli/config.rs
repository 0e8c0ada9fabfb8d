//! `frontdesk config`: every setting with its value and origin; also `.env.example` and the settings reference. Prints the values
//! first, even invalid ones, then the errors.

use std::process::ExitCode;

use clap::Args;
use serde_json::{Map, json};

use super::call::{Call, variable};
use super::output::{print, visible};
use crate::config::{Config, Requirements, Settings, Shown, env_example, reference};

#[derive(Args)]
pub(super) struct ConfigArgs {
    /// Print a commented .env template
    #[arg(long, conflicts_with_all = ["table", "json"])]
    example: bool,
    /// Print the settings reference as Markdown
    #[arg(long, conflicts_with = "json")]
    table: bool,
    /// Print a JSON object that maps each setting name to its value and source
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: Settings,
}

/// Prints the requested form.
///
/// # Errors
/// Configuration errors, after the values were printed.
pub(super) fn run(args: &ConfigArgs, call: &Call) -> anyhow::Result<ExitCode> {
    if args.example {
        print(&env_example())?;
        return Ok(ExitCode::SUCCESS);
    }
    if args.table {
        print(&reference())?;
        return Ok(ExitCode::SUCCESS);
    }
    let shown = call.shown();
    print(&if args.json { as_json(shown) } else { as_lines(&shown) })?;
    for notice in call.notices() {
        eprintln!("note: {} is ignored; {}", notice.name, notice.advice);
    }
    Config::resolve(&args.settings, Requirements::ReadOnly, &variable)?;
    Ok(ExitCode::SUCCESS)
}

fn as_lines(shown: &[Shown]) -> String {
    let width = shown.iter().map(|setting| setting.name.len()).max().unwrap_or_default();
    let lines = shown.iter().map(|setting| {
        let value = setting.value.as_deref().map(visible).unwrap_or_default();
        let gap = if value.is_empty() { "" } else { "  " };
        format!("{:<width$}  {value}{gap}({})\n", setting.name, setting.origin.word())
    });
    lines.collect()
}

fn as_json(shown: Vec<Shown>) -> String {
    let object: Map<_, _> = shown
        .into_iter()
        .map(|setting| {
            (
                setting.name,
                json!({ "value": setting.value, "origin": setting.origin.word() }),
            )
        })
        .collect();
    format!("{:#}", serde_json::Value::from(object))
}

#[cfg(test)]
mod tests {
    use clap::{Command, FromArgMatches as _};

    use super::*;

    /// The output of `config` with these arguments.
    fn lines(args: &[&str]) -> String {
        let command = ConfigArgs::augment_args(Command::new("config"));
        let all = std::iter::once(&"config").chain(args);
        let matches = command.try_get_matches_from(all).unwrap();
        assert!(ConfigArgs::from_arg_matches(&matches).is_ok());
        as_lines(&Call::new(matches, std::collections::BTreeSet::new()).shown())
    }

    #[test]
    fn each_value_is_printed_with_its_origin() {
        let shown = lines(&["--openai-model", "gpt-x"]);
        assert!(
            shown
                .lines()
                .any(|line| line.starts_with("OPENAI_MODEL ") && line.ends_with("  gpt-x  (flag)"))
        );
        assert!(
            shown
                .lines()
                .any(|line| line.starts_with("THREADS_FILE ") && line.ends_with("threads.json  (default)"))
        );
    }

    #[test]
    fn a_password_inside_a_url_is_not_printed() {
        let proxy = "socks5h://bob:hunter2@10.0.0.1:1080";
        let shown = lines(&[
            "--openai-proxy",
            proxy,
            "--database-url",
            "postgres://bob:hunter2@db/shop",
            "--smtp-host",
            "smtp://bob:hunter2@mail.example.org",
        ]);
        assert!(!shown.contains("hunter2") && shown.contains("10.0.0.1:1080"), "{shown}");
    }

    #[test]
    fn every_setting_is_in_the_json_once() {
        let text = as_json(vec![Shown {
            name: "OPENAI_MODEL".to_owned(),
            value: None,
            origin: crate::config::Origin::Unset,
        }]);
        let object: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(object["OPENAI_MODEL"]["origin"], "unset");
    }
}
