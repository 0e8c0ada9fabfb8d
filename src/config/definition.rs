//! Everything printed from the definitions: command line flags, `.env.example`, `docs/configuration.md`.

use std::sync::LazyLock;

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};

use super::entry::Setting;
use super::reader::Reader;
use super::{Config, Requirements, Settings};

/// Every setting, in the order of definition. Found by reading an empty configuration.
pub(crate) fn all_settings() -> &'static [Setting] {
    static ALL: LazyLock<Vec<Setting>> = LazyLock::new(|| {
        let nothing = Settings::default();
        let mut reader = Reader::new(&nothing, Requirements::ReadOnly, &|_name| None);
        Config::read(&mut reader);
        reader.definitions
    });
    &ALL
}

impl Settings {
    /// Gives the setting of this name a value, as its environment variable would.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        debug_assert!(all_settings().iter().any(|setting| setting.name == name), "{name}");
        self.0.insert(name.to_owned(), value.into());
    }
}

impl Args for Settings {
    fn augment_args(command: Command) -> Command {
        command.args(all_settings().iter().map(arg))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

/// A secret has an id and a long name only because clap needs them: `cli` rejects it on the command line, where every user
/// of the machine could read it.
fn arg(setting: &'static Setting) -> Arg {
    Arg::new(setting.id.as_str())
        .long(setting.flag.as_str())
        .env(setting.name)
        .value_name(setting.value_name)
        .help(setting.meaning.as_str())
        .help_heading(setting.group)
        .default_values(setting.default)
        .hide(setting.is_secret)
        .hide_env_values(setting.is_private)
}

impl FromArgMatches for Settings {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let given =
            |setting: &Setting| Some((setting.name.to_owned(), matches.get_one::<String>(&setting.id)?.clone()));
        Ok(Self(all_settings().iter().filter_map(given).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

const EXAMPLE_HEAD: &str = "\
# frontdesk settings. Copy this file to .env and fill in the lines that are not commented out.
# Flags override environment variables, which override .env, which overrides the defaults shown here.
# Write a duration as a number and a unit: 90s, 10min, 2h. A number without a unit means seconds.
# Values are used as written: $ does not start a variable. In 'single quotes', outer spaces, # and \\ are kept too.
";

/// The text of `.env.example`, as `frontdesk config --example` prints it.
pub(crate) fn env_example() -> String {
    let mut text = EXAMPLE_HEAD.to_owned();
    let mut group = "";
    for setting in all_settings() {
        if setting.group != group {
            group = setting.group;
            text += &format!("\n# ----- {group} -----\n");
        }
        text += &format!("\n# {}\n", setting.meaning);
        if setting.is_secret {
            text += &format!(
                "# Or set {}_FILE to the path of a file that contains it\n",
                setting.name
            );
        }
        let mark = if setting.is_required { "" } else { "#" };
        let default = setting.default.unwrap_or_default();
        let quote = if default.contains(' ') { "'" } else { "" };
        text += &format!("{mark}{}={quote}{default}{quote}\n", setting.name);
    }
    text
}

const REFERENCE_HEAD: &str = "\
# Configuration reference

<!-- Generated: frontdesk config --table > docs/configuration.md -->

Every setting is an environment variable and, unless it is a secret, a flag: `OPENAI_MODEL` or `--openai-model`.
Flags override environment variables, which override `.env`, which overrides the default. `frontdesk config` shows every value
and where it was set. `frontdesk check` validates the whole setup.

A secret has no flag, because other users of the machine could read it there. Set the variable, or set `NAME_FILE` to the path of
a file that contains the secret. Defining a variable twice in `.env` is an error.

Write a duration as a number and a unit: `90s`, `10min`, `2h`. A number without a unit means seconds.
";

/// The text of `docs/configuration.md`, as `frontdesk config --table` prints it.
pub(crate) fn reference() -> String {
    let mut text = REFERENCE_HEAD.to_owned();
    let mut group = "";
    for setting in all_settings() {
        if setting.group != group {
            group = setting.group;
            text += &format!("\n## {group}\n\n| name | default | meaning |\n| --- | --- | --- |\n");
        }
        let default = setting
            .default
            .map(|default| format!("`{default}`"))
            .unwrap_or_default();
        let name = match setting.is_secret {
            true => format!("`{0}` or `{0}_FILE`", setting.name),
            false => format!("`{}`", setting.name),
        };
        text += &format!("| {name} | {default} | {} |\n", setting.meaning.replace('|', "\\|"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_file_is_what_the_definition_prints() {
        let file = include_str!("../../.env.example");
        assert_eq!(file, env_example(), "run `frontdesk config --example > .env.example`");
    }

    #[test]
    fn the_reference_page_is_what_the_definition_prints() {
        let file = include_str!("../../docs/configuration.md");
        assert_eq!(
            file,
            reference(),
            "run `frontdesk config --table > docs/configuration.md`"
        );
    }

    #[test]
    fn help_hides_every_value_that_may_contain_a_password() {
        for setting in all_settings() {
            let hides = !(setting.show)("http://user:hunter2@host.example/v1").contains("hunter2");
            assert!(!hides || arg(setting).is_hide_env_values_set(), "{}", setting.name);
        }
    }

    #[test]
    fn an_example_copied_unchanged_is_read_without_error() {
        let text = env_example();
        let read: Result<Vec<(String, String)>, _> = dotenvy::from_read_iter(text.as_bytes()).collect();
        let names: Vec<String> = read.unwrap().into_iter().map(|(name, _)| name).collect();
        let required = ["TELEGRAM_BOT_TOKEN", "OPENAI_API_KEY", "OWNER_EMAIL", "SMTP_HOST"];
        assert_eq!(names, required, "only required settings are not commented out");
    }

    #[test]
    fn an_example_value_survives_when_its_comment_is_removed() {
        let text = env_example().replace("\n#", "\n").replace("\n ", "\n# ");
        let read: Vec<(String, String)> = dotenvy::from_read_iter(text.as_bytes()).map(Result::unwrap).collect();
        for setting in all_settings() {
            let value = read
                .iter()
                .find(|(name, _)| name == setting.name)
                .map(|(_, value)| value.as_str());
            assert_eq!(value, Some(setting.default.unwrap_or_default()), "{}", setting.name);
        }
    }

    #[test]
    fn every_setting_has_its_name_group_and_meaning() {
        let all = all_settings();
        assert!(all.len() >= 45);
        for setting in all {
            assert_eq!(setting.id, setting.name.to_lowercase());
            assert!(!setting.group.is_empty() && !setting.meaning.is_empty() && !setting.meaning.contains('\n'));
        }
    }
}
