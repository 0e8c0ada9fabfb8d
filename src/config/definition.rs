//! What is printed from the one definition: `.env.example` and the README's table.

use clap::{Arg, Args, Command};

use super::Settings;

/// One name, as it is defined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Setting {
    /// The environment variable.
    pub name: String,
    /// clap's id of it, which is also its flag with `_` for `-`.
    pub id: String,
    /// What it does, one sentence without its full stop.
    pub meaning: String,
    /// Its default, if it has one.
    pub default: Option<String>,
    /// The heading it stands under.
    pub group: String,
    /// It has no flag but a `NAME_FILE` form, and its value is never shown.
    pub is_secret: bool,
    /// `run` cannot do without it, or only with another in its place; its meaning says so.
    pub is_required: bool,
}

/// How the meaning of a setting begins to say that it cannot be left out.
const REQUIRED: &str = "(required";

/// Every setting, in the order of the definition.
pub(crate) fn all_settings() -> Vec<Setting> {
    Settings::augment_args(Command::new("settings"))
        .get_arguments()
        .filter_map(setting)
        .collect()
}

fn setting(arg: &Arg) -> Option<Setting> {
    let default = arg.get_default_values().first();
    let meaning = arg.get_help()?.to_string();
    Some(Setting {
        name: arg.get_env()?.to_str()?.to_owned(),
        id: arg.get_id().to_string(),
        is_required: meaning.contains(REQUIRED),
        meaning,
        default: default.map(|value| value.to_string_lossy().into_owned()),
        group: arg.get_help_heading().unwrap_or_default().to_owned(),
        is_secret: arg.is_hide_set(),
    })
}

const EXAMPLE_HEAD: &str = "\
# frontdesk's settings. Copy this file to .env and fill in the names that are not commented out.
# A flag wins over the environment, the environment over .env, .env over the default shown here.
# Times are a number and a unit: 90s, 10min, 2h; a bare number counts seconds.
# A value is used as written, a $ is not a variable; between 'single quotes' blanks at its ends, # and \\ count too.
";

/// The text of `.env.example`, as `frontdesk config --example` prints it.
pub fn env_example() -> String {
    let mut text = EXAMPLE_HEAD.to_owned();
    let mut group = String::new();
    for setting in all_settings() {
        if setting.group != group {
            group.clone_from(&setting.group);
            text += &format!("\n# ----- {group} -----\n");
        }
        text += &format!("\n# {}\n", setting.meaning);
        if setting.is_secret {
            text += &format!("# ({}_FILE=path reads it from a file instead)\n", setting.name);
        }
        let mark = if setting.is_required { "" } else { "#" };
        let default = setting.default.unwrap_or_default();
        let quote = if default.contains(' ') { "'" } else { "" };
        text += &format!("{mark}{}={quote}{default}{quote}\n", setting.name);
    }
    text
}

/// The README's table of settings, as `frontdesk config --table` prints it.
pub fn markdown_table() -> String {
    let mut text = "| name | default | meaning |\n| --- | --- | --- |\n".to_owned();
    for setting in all_settings() {
        let default = match &setting.default {
            Some(default) => format!("`{default}`"),
            None => String::new(),
        };
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
    fn an_example_copied_unchanged_is_read_without_error() {
        let text = env_example();
        let read: Result<Vec<(String, String)>, _> = dotenvy::from_read_iter(text.as_bytes()).collect();
        let names: Vec<String> = read.unwrap().into_iter().map(|(name, _)| name).collect();
        let required = ["TELEGRAM_BOT_TOKEN", "OPENAI_API_KEY", "OWNER_EMAIL", "SMTP_HOST"];
        assert_eq!(names, required, "only what must be filled in is not commented out");
    }

    #[test]
    fn an_example_value_survives_when_its_comment_is_removed() {
        let text = env_example().replace("\n#", "\n").replace("\n ", "\n# ");
        let read: Vec<(String, String)> = dotenvy::from_read_iter(text.as_bytes()).map(Result::unwrap).collect();
        for setting in all_settings() {
            let value = read
                .iter()
                .find(|(name, _)| *name == setting.name)
                .map(|(_, value)| value.clone());
            assert_eq!(value, Some(setting.default.unwrap_or_default()), "{}", setting.name);
        }
    }

    #[test]
    fn every_setting_has_its_name_group_and_meaning() {
        let all = all_settings();
        assert_eq!(all.len(), 45);
        for setting in all {
            assert_eq!(setting.id, setting.name.to_lowercase());
            assert!(!setting.group.is_empty() && !setting.meaning.is_empty() && !setting.meaning.contains('\n'));
        }
    }
}
