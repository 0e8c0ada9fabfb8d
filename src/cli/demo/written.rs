//! Checks the contents of letters: a lead letter has the customer's numbers and the whole dialog, a report has every
//! message.

use sandbox::Letter;

use super::evidence::Evidence;
use super::settings::OWNER;
use super::stage::Left;
use wording::markdown;

/// Numbers are compared by their last digits, because customers write them in many ways.
const NATIONAL: usize = 9;
/// A phone link in a letter.
const TEL: &str = "href=\"tel:";

/// The model's Markdown as the customer sees it.
pub(super) fn plain(text: &str) -> String {
    markdown::render(text).text
}

/// Whether the first letter with this contact has it in both parts, and the whole dialog up to then.
pub(super) fn is_written(evidence: &Evidence, left: &Left) -> bool {
    let mut own = on_leads(evidence).filter(|letter| is_about(evidence, letter, left.chat));
    let holds = |text: &str| audit::holds(text, &left.contact, NATIONAL);
    let first = own.find_map(|letter| {
        let parts = letter.text.as_ref().zip(letter.html.as_ref());
        parts.filter(|(text, html)| holds(text) && holds(html))
    });
    let Some((text, _)) = first else { return false };
    let text = bare(text);
    dialog(evidence, left).iter().all(|words| text.contains(&bare(words)))
}

/// Lead letters with a phone link that their customer never wrote.
pub(super) fn with_foreign_numbers(evidence: &Evidence) -> usize {
    let is_foreign = |letter: &&Letter| {
        let html = letter.html.as_deref().unwrap_or_default();
        let mut numbers = html.split(TEL).skip(1).filter_map(|behind| behind.split('"').next());
        let is_own = |number: &str| {
            let mut said = evidence.seen.said.iter();
            said.any(|said| audit::holds(&said.text, number, NATIONAL) && is_about(evidence, letter, said.chat))
        };
        numbers.any(|number| !is_own(number))
    };
    on_leads(evidence).filter(is_foreign).count()
}

/// The number of reports, and how many of these texts the last one contains.
pub(super) fn reported(evidence: &Evidence, words: &[String]) -> (usize, usize) {
    let reports: Vec<&Letter> = evidence
        .letters
        .iter()
        .filter(|letter| is_called(letter, "report-"))
        .collect();
    let last = reports.last().and_then(|letter| letter.text.as_deref()).map(bare);
    let last = last.unwrap_or_default();
    let is_found = |words: &&String| last.contains(&bare(&plain(words)));
    (reports.len(), words.iter().filter(is_found).count())
}

/// The owner's letters except reports.
fn on_leads(evidence: &Evidence) -> impl Iterator<Item = &Letter> {
    let is_meant = |letter: &&Letter| letter.to.iter().any(|to| to == OWNER) && !is_called(letter, "report-");
    evidence.letters.iter().filter(is_meant)
}

/// Whether the Message-ID begins with this.
fn is_called(letter: &Letter, id: &str) -> bool {
    letter.message_id.as_ref().is_some_and(|own| own.starts_with(id))
}

fn is_about(evidence: &Evidence, letter: &Letter, chat: i64) -> bool {
    let mut own = evidence.rows.leads.iter().filter(|lead| lead.chat == chat);
    own.any(|lead| is_called(letter, &format!("lead-{}.", lead.id)))
}

/// The customer's dialog up to the contact and the reply to it.
fn dialog(evidence: &Evidence, left: &Left) -> Vec<String> {
    let said = evidence.seen.said.iter();
    let said = said.filter(|said| said.chat == left.chat && said.update <= left.update);
    let row = evidence.rows.inbox.iter().find(|row| row.update == left.update);
    let (message, turn) = row.map_or((None, None), |row| (row.message, row.turn));
    let got = evidence.seen.got.iter();
    let got = got.filter(|got| got.chat == left.chat && Some(got.message) < message);
    let answer = evidence.rows.dialogs.iter();
    let answer = answer.filter(|row| row.turn == turn && row.chat == left.chat && row.role == "assistant");
    let words = said.map(|said| said.text.clone());
    words
        .chain(got.map(|got| got.text.clone()))
        .chain(answer.map(|row| plain(&row.text)))
        .collect()
}

/// Letters and digits only, without indents, line breaks and markup.
fn bare(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}
