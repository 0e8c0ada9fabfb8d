//! Settings of the Python bot that this service replaces. They are ignored; `check` and the log name their replacements.

/// An old setting that is set and ignored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notice {
    /// The old name.
    pub name: String,
    /// What to set instead, without a full stop.
    pub advice: &'static str,
}

const PROXY_PREFIX: &str = "PROXY_";
const PROXY_ADVICE: &str = "set TELEGRAM_PROXY to one URL, and OPENAI_PROXY too if OpenAI needs a proxy";

const SUCCESSORS: [(&str, &str); 6] = [
    (
        "OPENAI_ASSISTANT_ID",
        "OpenAI shut down Assistants; put the facts into BUSINESS_FILE and the prompt into ASSISTANT_PROMPT_FILE",
    ),
    ("NOTIFICATION_EMAIL", "set OWNER_EMAIL instead"),
    ("SMTP_SERVER", "set SMTP_HOST instead"),
    ("REPORT_HOUR", "set REPORT_CRON instead, like 0 6 * * * for 6:00"),
    ("REPORT_MINUTE", "set REPORT_CRON instead, like 30 6 * * * for 6:30"),
    (
        "TELEGRAM_ADMIN_CHAT_ID",
        "leads are sent by email; set OWNER_EMAIL instead",
    ),
];

/// The old settings among `names`, in their order.
pub(crate) fn notices(names: impl IntoIterator<Item = String>) -> Vec<Notice> {
    names
        .into_iter()
        .filter_map(|name| advice(&name).map(|advice| Notice { name, advice }))
        .collect()
}

fn advice(name: &str) -> Option<&'static str> {
    let known = SUCCESSORS
        .iter()
        .find(|(old, _)| *old == name)
        .map(|(_, advice)| *advice);
    known.or_else(|| name.starts_with(PROXY_PREFIX).then_some(PROXY_ADVICE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::all_settings;

    #[test]
    fn every_old_name_is_reported_with_its_replacement() {
        let names = ["PATH", "OPENAI_ASSISTANT_ID", "PROXY_HOST", "TELEGRAM_PROXY"];
        let found = notices(names.map(str::to_owned));
        let found: Vec<&str> = found.iter().map(|notice| notice.name.as_str()).collect();
        assert_eq!(found, ["OPENAI_ASSISTANT_ID", "PROXY_HOST"]);
    }

    #[test]
    fn every_replacement_is_an_existing_setting() {
        let known: Vec<&str> = all_settings().iter().map(|setting| setting.name).collect();
        for (old, advice) in SUCCESSORS {
            let mut words = advice.split(|c: char| !c.is_ascii_uppercase() && c != '_');
            assert!(words.any(|word| known.contains(&word)), "{old}: {advice}");
        }
    }
}
