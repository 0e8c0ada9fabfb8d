//! The verdict on a run: the audit of replies and letters against the rows, and a scan of the log for secrets and customer text.

use audit::{Kind, Rows, Seen, verify};
use sandbox::{Oddity, Sandbox};

use super::customers::Customers;
use super::process::owners;
use super::script::NUMBER;

/// The reply to a number left in the open form, without the model.
const THANKS: &str = "Спасибо! Контакт записали";
/// The beginning of a late reply.
const APOLOGY: &str = "Простите, что отвечаю не сразу.\n";
/// Maximum number of printed complaints.
const COMPLAINTS: usize = 30;

/// Counts that must be zero, and the number of marked duplicates.
#[derive(Debug)]
pub(super) struct Verdict {
    /// By name.
    pub(super) zeros: Vec<(&'static str, usize)>,
    pub(super) marked_doubles: usize,
    /// Descriptions of the errors.
    pub(super) complaints: Vec<String>,
}

pub(super) fn seen(sandbox: &Sandbox, customers: &Customers) -> Seen {
    let mut seen = Seen {
        said: customers.said.clone(),
        contacts: customers.numbers.clone().into_iter().collect(),
        owners: owners().collect(),
        excused: vec!["reset"],
        may_be_nameless: Some(may_be_nameless),
        ..sandbox.seen()
    };
    for got in &mut seen.got {
        if let Some(text) = got.text.strip_prefix(APOLOGY) {
            got.text = text.to_owned();
        }
    }
    seen
}

/// Judges the whole run.
pub(super) fn judge(sandbox: &Sandbox, customers: &Customers, rows: &Rows, log: &str) -> Verdict {
    let seen = seen(sandbox, customers);
    let audit = verify(&seen, rows);
    let (telegram, openai, smtp) = (sandbox.telegram(), sandbox.openai(), sandbox.smtp());
    let secrets = [telegram.token(), openai.api_key(), smtp.password()].map(str::to_owned);
    let words = ["of customer", "Отвечаю", "+7912"].map(str::to_owned);
    let secret = words.into_iter().chain(secrets).chain(seen.owners);
    let leaks: Vec<String> = secret.filter(|word| log.contains(word.as_str())).collect();
    let violations = sandbox.violations();
    let mut zeros = audit.zeros().to_vec();
    zeros.extend([("leaks", leaks.len()), ("violations", violations.len())]);
    let complaints = audit.complaints().map(|(_, words)| words.to_owned());
    let complaints = complaints.chain(leaks.iter().map(|word| format!("the log holds {word:?}")));
    let complaints = complaints.chain(violations.iter().map(|broken| format!("broken contract: {broken}")));
    Verdict {
        zeros,
        marked_doubles: audit.marked_doubles(Kind::Double) + audit.marked_doubles(Kind::LetterDouble),
        complaints: complaints.take(COMPLAINTS).collect(),
    }
}

/// A text beside a tool call cannot name its message; it is the answer when nothing follows.
fn may_be_nameless(message: &str, reply: &str) -> bool {
    reply == Oddity::BESIDE || message.starts_with(NUMBER) && reply.starts_with(THANKS)
}

impl Verdict {
    pub(super) fn is_clean(&self) -> bool {
        self.zeros.iter().all(|(_, count)| *count == 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_left_in_the_form_is_thanked_without_a_name() {
        let thanks = "Спасибо! Контакт записали. Менеджер свяжется с вами.";
        assert!(may_be_nameless(
            &format!("{NUMBER}8 912, message 2 of customer 7"),
            thanks
        ));
        assert!(!may_be_nameless("message 2 of customer 7", thanks));
    }
}
