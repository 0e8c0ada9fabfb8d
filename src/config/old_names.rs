//! Names of the Python bot this service succeeds. They are not read: whoever moves over is told where each
//! one went.

/// A name that is set and does nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notice {
    /// The old name, as it was found.
    pub name: String,
    /// What took its place, as a sentence without its full stop.
    pub advice: &'static str,
}

const PROXY_PREFIX: &str = "PROXY_";
const PROXY_ADVICE: &str = "write one address into TELEGRAM_PROXY, and into OPENAI_PROXY if OpenAI needs it too";

const SUCCESSORS: [(&str, &str); 6] = [
    (
        "OPENAI_ASSISTANT_ID",
        "OpenAI switched its Assistants off; put the facts into BUSINESS_FILE, the prompt into ASSISTANT_PROMPT_FILE",
    ),
    ("NOTIFICATION_EMAIL", "write the address into OWNER_EMAIL"),
    ("SMTP_SERVER", "write the server's name into SMTP_HOST"),
    (
        "REPORT_HOUR",
        "write the time into REPORT_CRON, like 0 6 * * * for 6:00",
    ),
    (
        "REPORT_MINUTE",
        "write the time into REPORT_CRON, like 30 6 * * * for 6:30",
    ),
    (
        "TELEGRAM_ADMIN_CHAT_ID",
        "the owner is told of leads by letter; write his address into OWNER_EMAIL",
    ),
];

/// The old names among `names`, in their order.
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
    fn every_old_name_is_told_its_successor() {
        let names = ["PATH", "OPENAI_ASSISTANT_ID", "PROXY_HOST", "TELEGRAM_PROXY"];
        let found = notices(names.map(str::to_owned));
        let found: Vec<&str> = found.iter().map(|notice| notice.name.as_str()).collect();
        assert_eq!(found, ["OPENAI_ASSISTANT_ID", "PROXY_HOST"]);
    }

    #[test]
    fn a_successor_that_is_named_is_read_today() {
        let known: Vec<&str> = all_settings().iter().map(|setting| setting.name).collect();
        for (old, advice) in SUCCESSORS {
            let mut words = advice.split(|c: char| !c.is_ascii_uppercase() && c != '_');
            assert!(words.any(|word| known.contains(&word)), "{old}: {advice}");
        }
    }
}
