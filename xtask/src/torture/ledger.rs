//! The reckoning: what customers wrote, what they and the owners got, and what the rows say, held against each other.

use std::collections::{BTreeMap, BTreeSet};

use sandbox::{Event, Letter, Oddity, Sandbox};

use super::clerk::NUMBER;
use super::customers::{Customers, Message, Name, names};
use super::letters::{arrivals, letters};
use super::process::{OWNERS, owners};
use super::rows::{Rows, Sent};

/// A number left while the form is open is answered with this, without the model.
const THANKS: &str = "Спасибо! Контакт записан";
/// What a late reply begins with.
const APOLOGY: &str = "Простите, что отвечаю не сразу.\n";

/// What must all be nothing, and the doubles that are marked.
#[derive(Debug, Default, Clone)]
pub(super) struct Verdict {
    pub(super) lost: usize,
    pub(super) out_of_order: usize,
    pub(super) wrong_chat: usize,
    pub(super) leads_lost: usize,
    pub(super) letters_lost: usize,
    pub(super) unmarked_doubles: usize,
    pub(super) unfinished: usize,
    /// Periods of reports that do not join, and lines that are in none or in two.
    pub(super) reports_wrong: usize,
    /// Words, phones and secrets in the log; contracts broken.
    pub(super) leaks: usize,
    pub(super) violations: usize,
    pub(super) marked_doubles: usize,
    /// What is wrong, in words, the first of each kind.
    pub(super) complaints: Vec<String>,
}

impl Verdict {
    /// By name, what must be nothing.
    pub(super) fn zeros(&self) -> [(&'static str, usize); 10] {
        [
            ("lost", self.lost),
            ("out_of_order", self.out_of_order),
            ("wrong_chat", self.wrong_chat),
            ("leads_lost", self.leads_lost),
            ("letters_lost", self.letters_lost),
            ("unmarked_doubles", self.unmarked_doubles),
            ("unfinished", self.unfinished),
            ("reports_wrong", self.reports_wrong),
            ("leaks", self.leaks),
            ("violations", self.violations),
        ]
    }

    pub(super) fn is_clean(&self) -> bool {
        self.zeros().iter().all(|(_, count)| *count == 0)
    }

    pub(super) fn complain(&mut self, complaint: String) {
        const MOST: usize = 30;
        if self.complaints.len() < MOST {
            self.complaints.push(complaint);
        }
    }
}

/// A message as a customer got it.
pub(super) struct Delivered {
    pub(super) chat: i64,
    pub(super) message: i64,
    pub(super) text: String,
}

/// Judges the whole run.
pub(super) fn judge(sandbox: &Sandbox, customers: &Customers, rows: &Rows, log: &str) -> Verdict {
    let mut verdict = Verdict::default();
    let delivered = delivered(sandbox);
    replies(&mut verdict, &delivered, rows);
    turns(&mut verdict, rows);
    let runs = sandbox.openai().requests();
    let names_told = runs.iter().flat_map(|run| names(&run.input.to_string())).collect();
    told(&mut verdict, &customers.said, rows, &names_told);
    for message in &customers.said {
        answered(&mut verdict, message, rows);
    }
    strangers(&mut verdict, &delivered, sandbox);
    let arrived = sandbox.smtp().letters();
    leads(&mut verdict, customers, rows, &arrived);
    letters(&mut verdict, &arrivals(&arrived), rows);
    reports(&mut verdict, rows);
    words(&mut verdict, customers, rows);
    let secrets = [
        sandbox.telegram().token(),
        sandbox.openai().api_key(),
        sandbox.smtp().password(),
    ];
    let words = ["of customer", "Отвечаю", "+7912"]
        .into_iter()
        .chain(secrets)
        .map(str::to_owned)
        .chain(owners());
    for word in words.filter(|word| log.contains(word.as_str())) {
        verdict.leaks += 1;
        verdict.complain(format!("the log holds {word:?}"));
    }
    for violation in sandbox.violations() {
        verdict.violations += 1;
        verdict.complain(format!("broken contract: {violation}"));
    }
    verdict
}

/// Everything that reached a customer, in order, without the apology of a late reply.
pub(super) fn delivered(sandbox: &Sandbox) -> Vec<Delivered> {
    let entries = sandbox.journal().entries().into_iter();
    let delivered = entries.filter_map(|entry| match entry.event {
        Event::MessageDelivered {
            chat,
            message_id: message,
            text,
        } => {
            let text = text.strip_prefix(APOLOGY).unwrap_or(&text).to_owned();
            Some(Delivered { chat, message, text })
        }
        _ => None,
    });
    delivered.collect()
}

/// Rows against what arrived: each text of a chat as often as there are rows of it, more often only where it is marked,
/// and in the order of the rows.
fn replies(verdict: &mut Verdict, delivered: &[Delivered], rows: &Rows) {
    let mut arrived: BTreeMap<(i64, &str), Vec<usize>> = BTreeMap::new();
    for (at, one) in delivered.iter().enumerate() {
        arrived.entry((one.chat, &one.text)).or_default().push(at);
    }
    let mut written: BTreeMap<(i64, &str), Vec<&Sent>> = BTreeMap::new();
    for row in &rows.outbox {
        written.entry((row.chat, &row.text)).or_default().push(row);
    }
    let mut firsts: BTreeMap<i64, Vec<(i64, usize)>> = BTreeMap::new();
    for ((chat, text), of_text) in &written {
        let places = arrived.remove(&(*chat, *text)).unwrap_or_default();
        let marks: usize = of_text.iter().map(|row| row.maybe_sent).sum();
        let sent = of_text.iter().filter(|row| row.state == "completed").count();
        if sent < of_text.len() || places.len() < sent {
            verdict.lost += of_text.len() - sent + sent.saturating_sub(places.len());
            let keys: Vec<_> = of_text.iter().map(|row| format!("{} {}", row.key, row.state)).collect();
            verdict.complain(format!("chat {chat}: {} of {keys:?} arrived", places.len()));
        }
        let doubles = places.len().saturating_sub(of_text.len());
        verdict.marked_doubles += doubles.min(marks);
        verdict.unmarked_doubles += doubles.saturating_sub(marks);
        if doubles > marks {
            verdict.complain(format!("chat {chat}: {:?} came {} times", of_text[0].key, places.len()));
        }
        if let ([row], Some(first)) = (of_text.as_slice(), places.first()) {
            firsts.entry(*chat).or_default().push((row.id, *first));
        }
    }
    for (chat, mut of_chat) in firsts {
        of_chat.sort_unstable();
        let breaks = of_chat.windows(2).filter(|pair| pair[0].1 > pair[1].1).count();
        verdict.out_of_order += breaks;
        if breaks > 0 {
            verdict.complain(format!("chat {chat}: {breaks} replies out of order"));
        }
    }
    for ((chat, text), places) in arrived {
        verdict.wrong_chat += places.len();
        verdict.complain(format!(
            "chat {chat} got what no row of its own says: {:?}",
            names(text)
        ));
    }
}

/// Replies are written in the order in which the turns began: that of what they answer.
fn turns(verdict: &mut Verdict, rows: &Rows) {
    let mut last: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
    for row in &rows.outbox {
        let mut parts = row.key.split(':').skip(1).map_while(|part| part.parse::<i64>().ok());
        let (true, Some(turn), Some(part)) = (row.key.starts_with("reply:"), parts.next(), parts.next()) else {
            continue;
        };
        if last
            .insert(row.chat, (turn, part))
            .is_some_and(|before| before > (turn, part))
        {
            verdict.out_of_order += 1;
            verdict.complain(format!("chat {}: {} is written too late", row.chat, row.key));
        }
    }
}

/// What was answered together was told to the model together: no message is passed over because a later one was answered.
fn told(verdict: &mut Verdict, said: &[Message], rows: &Rows, told: &BTreeSet<Name>) {
    for message in said {
        let is_done = rows
            .inbox
            .get(&message.update)
            .is_some_and(|taken| taken.state == "done");
        if is_done && message.name.as_ref().is_some_and(|name| !told.contains(name)) {
            verdict.lost += 1;
            verdict.complain(format!(
                "chat {}: update {} was never told",
                message.chat, message.update
            ));
        }
    }
}

/// A message is answered by the reply of its turn, which names the last one in it; one that fails, politely.
fn answered(verdict: &mut Verdict, message: &Message, rows: &Rows) {
    let Some(taken) = rows.inbox.get(&message.update) else {
        verdict.lost += 1;
        verdict.complain(format!("chat {}: update {} is no row", message.chat, message.update));
        return;
    };
    if taken.state == "ignored" && taken.reason == "reset" {
        return;
    }
    let turn = taken.turn.unwrap_or(taken.id);
    let parts = format!("reply:{turn}:");
    let replies: Vec<&Sent> = rows.outbox.iter().filter(|row| row.key.starts_with(&parts)).collect();
    let is_last = !rows
        .inbox
        .values()
        .any(|other| other.turn == Some(turn) && other.id > taken.id);
    let named = |name: &Name| {
        // A text beside a tool call cannot know what it answers; it is the answer when nothing follows.
        let is_beside = |row: &&Sent| row.text == Oddity::BESIDE;
        let is_thanks = |row: &&Sent| message.text.starts_with(NUMBER) && row.text.starts_with(THANKS);
        replies
            .iter()
            .any(|row| names(&row.text).contains(name) || is_beside(row) || is_thanks(row))
    };
    let is_named = taken.state != "done" || !is_last || message.name.as_ref().is_none_or(named);
    let is_at_home = replies.iter().all(|row| row.chat == message.chat);
    let is_silent = replies.is_empty() && !message.is_wordless;
    if is_silent || !is_named || !is_at_home || !["done", "failed"].contains(&taken.state.as_str()) {
        verdict.lost += 1;
        let (state, reason) = (&taken.state, &taken.reason);
        verdict.complain(format!(
            "chat {}: row {} {state} {reason}, turn {turn}, {} replies, named {is_named}",
            message.chat,
            taken.id,
            replies.len()
        ));
    }
}

/// Nobody sees another customer's words, and no run of the model does.
fn strangers(verdict: &mut Verdict, delivered: &[Delivered], sandbox: &Sandbox) {
    for one in delivered {
        if names(&one.text).iter().any(|(_, chat)| *chat != one.chat) {
            verdict.wrong_chat += 1;
            verdict.complain(format!("chat {} got {:?}", one.chat, names(&one.text)));
        }
    }
    for run in sandbox.openai().requests() {
        let told: BTreeSet<i64> = names(&run.input.to_string())
            .into_iter()
            .map(|(_, chat)| chat)
            .collect();
        if told.len() > 1 {
            verdict.wrong_chat += 1;
            verdict.complain(format!("a run was told the words of {told:?}"));
        }
    }
}

/// Every number that was left is one lead, and each owner has a letter with it.
fn leads(verdict: &mut Verdict, customers: &Customers, rows: &Rows, letters: &[Letter]) {
    let known: BTreeSet<i64> = customers.said.iter().map(|message| message.chat).collect();
    for (chat, number) in &customers.numbers {
        let phone = format!("+7{}", &digits(number)[1..]);
        let of_chat: Vec<&str> = rows
            .leads
            .iter()
            .filter(|(of, _)| of == chat)
            .map(|(_, phone)| phone.as_str())
            .collect();
        if of_chat != [phone.as_str()] {
            verdict.leads_lost += 1;
            verdict.complain(format!(
                "customer {chat} left a number, and his leads are {}",
                of_chat.len()
            ));
        }
        for owner in owners() {
            let tells = |letter: &&Letter| {
                let text = letter.text.as_deref().unwrap_or_default();
                letter.to.iter().any(|to| to.eq_ignore_ascii_case(&owner)) && digits(text).contains(&phone[1..])
            };
            // The number also stands in the dialogs of reports: those are not about the lead alone.
            let is_lead = |letter: &&Letter| letter.message_id.as_deref().is_some_and(|id| id.starts_with("lead"));
            if !letters.iter().filter(is_lead).any(|letter| tells(&letter)) {
                verdict.letters_lost += 1;
                verdict.complain(format!("{owner} has no letter about the lead of customer {chat}"));
            }
        }
    }
    let strangers = rows
        .leads
        .iter()
        .filter(|(chat, _)| !known.contains(chat) || !customers.numbers.contains_key(chat));
    verdict.leads_lost += strangers.count();
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// Periods join, and each line of dialog is in one: theirs or the open one.
fn reports(verdict: &mut Verdict, rows: &Rows) {
    let gaps = rows.reports.windows(2).filter(|pair| pair[0].1 != pair[1].0).count();
    let begins_late = usize::from(rows.reports.first().is_some_and(|(after, _)| *after != 0));
    let letters = rows.reports.len() * OWNERS;
    verdict.reports_wrong += gaps + begins_late + letters.abs_diff(rows.report_letters);
    if verdict.reports_wrong > 0 {
        let periods = rows.reports.len();
        verdict.complain(format!(
            "{periods} periods, {gaps} do not join, {} letters",
            rows.report_letters
        ));
    }
}

/// Every word is kept, once.
fn words(verdict: &mut Verdict, customers: &Customers, rows: &Rows) {
    let mut kept: Vec<(i64, &str)> = rows
        .lines
        .iter()
        .map(|(update, text)| (*update, text.as_str()))
        .collect();
    let mut said: Vec<(i64, &str)> = customers
        .said
        .iter()
        .map(|one| (one.update, one.text.as_str()))
        .collect();
    kept.sort_unstable();
    said.sort_unstable();
    if kept != said {
        let missing = said.iter().filter(|one| kept.binary_search(one).is_err()).count();
        verdict.lost += missing.max(1);
        verdict.complain(format!(
            "{} messages, {} lines, {missing} missing",
            said.len(),
            kept.len()
        ));
    }
}

#[cfg(test)]
#[path = "ledger_tests.rs"]
mod tests;
