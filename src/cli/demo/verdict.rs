//! The verdict: the promises, checked against what customers really got and what the rows say. [`audit`] does the
//! counting; whose words the model was given, and what letters hold, is checked here.

use audit::{Kind, Seen, Verdict, reckon};

use super::evidence::Evidence;
use super::owners::Owners;
use super::stage::Stage;
use super::words::{Both, Lang};
use super::written::{is_written, plain, reported, with_foreign_numbers};

/// One promise and how it was kept.
struct Check {
    what: Both,
    is_met: bool,
    figures: String,
}

/// Prints the checklist; whether all of it is met.
pub(super) fn tell(stage: &Stage, evidence: &Evidence) -> bool {
    let (screen, lang) = (&stage.screen, stage.lang);
    screen.title(Both("Verdict", "Итог").of(lang));
    let about = Both(
        "Read from what the stand-ins of Telegram, OpenAI and the mail server received, and from the rows:",
        "По тому, что получили двойники Telegram, OpenAI и почтового сервера, и по строкам базы:",
    );
    screen.narrate(about.of(lang));
    let checks = checks(evidence, lang);
    for check in &checks {
        screen.check(check.is_met, check.what.of(lang), &check.figures);
    }
    let is_met = checks.iter().all(|check| check.is_met);
    let last = match is_met {
        true => Both(
            "Nothing lost, nothing answered twice.",
            "Ничего не потеряно, ничего не отвечено дважды.",
        ),
        false => Both("A promise was broken, see above.", "Обещание нарушено, см. выше."),
    };
    screen.verdict(is_met, last.of(lang));
    is_met
}

/// The checklist in one language.
struct Checks {
    lang: Lang,
    all: Vec<Check>,
}

impl Checks {
    fn add(&mut self, what: Both, is_met: bool, figures: Both, values: &[usize]) {
        let values: Vec<_> = values.iter().map(|value| value as _).collect();
        let figures = figures.with(self.lang, &values);
        self.all.push(Check { what, is_met, figures });
    }
}

fn checks(evidence: &Evidence, lang: Lang) -> Vec<Check> {
    let owners = Owners::trace(evidence);
    let answers = evidence.answers.iter();
    let answers = answers.map(|(conversation, text)| (owners.of(conversation), plain(text)));
    let seen = Seen {
        answers: answers.collect(),
        ..evidence.seen.clone()
    };
    let audit = reckon(&seen, &evidence.rows);
    let mut checks = Checks { lang, all: Vec::new() };
    to_customers(&mut checks, evidence, &audit);
    to_the_owner(&mut checks, evidence, &audit);
    let open = [Kind::Pending, Kind::Owed].map(|kind| audit.wrong(&[kind]));
    checks.add(
        Both("no row is left unfinished", "незаконченных строк нет"),
        open == [0, 0],
        Both("{} in, {} out", "входящих {}, исходящих {}"),
        &open,
    );
    checks.add(
        Both(
            "the model gets only this customer's history",
            "модель получает историю только этого клиента",
        ),
        owners.foreign == 0,
        Both("{} of {} requests mixed up", "{} из {} запросов с чужим"),
        &[owners.foreign, evidence.runs.len()],
    );
    checks.add(
        Both(
            "Telegram, OpenAI and SMTP are spoken to correctly",
            "протоколы Telegram, OpenAI и SMTP соблюдены",
        ),
        evidence.violations.is_empty(),
        Both("{} violations", "нарушений {}"),
        &[evidence.violations.len()],
    );
    checks.all
}

fn to_customers(checks: &mut Checks, evidence: &Evidence, audit: &Verdict) {
    let replies = evidence
        .rows
        .dialogs
        .iter()
        .filter(|line| line.role == "assistant")
        .count();
    let ignored = evidence.rows.inbox.iter().filter(|row| row.state == "ignored").count();
    checks.add(
        Both(
            "every message has exactly one reply",
            "у каждого сообщения ровно один ответ",
        ),
        audit.wrong(&[Kind::Unanswered, Kind::Undelivered, Kind::Unkept, Kind::Untold]) == 0,
        match ignored {
            0 => Both("{} of {} messages, {} replies", "{} из {} сообщений, ответов {}"),
            _ => Both(
                "{} of {} messages, {} replies; {} needed none",
                "{} из {} сообщений, ответов {}; {} не требовали",
            ),
        },
        &[
            audit.met(Kind::Unanswered),
            audit.all(Kind::Unanswered),
            replies,
            ignored,
        ],
    );
    checks.add(
        Both("in order, behind its question", "по порядку, после своего вопроса"),
        audit.wrong(&[Kind::OutOfOrder]) == 0,
        Both("{} of {} replies", "{} из {} ответов"),
        &[audit.met(Kind::OutOfOrder), audit.all(Kind::OutOfOrder)],
    );
    checks.add(
        Both("nobody gets another customer's reply", "никто не получил чужого ответа"),
        audit.wrong(&[Kind::WrongChat]) == 0,
        Both("{} of {} in another chat", "{} из {} в чужом чате"),
        &[audit.wrong(&[Kind::WrongChat]), audit.all(Kind::WrongChat)],
    );
    checks.add(
        Both("nothing answered twice", "ничего не отвечено дважды"),
        audit.wrong(&[Kind::Double]) == 0,
        Both("{} doubles, {} marked", "повторов {}, помечено {}"),
        &[audit.all(Kind::Double), audit.marks(Kind::Double)],
    );
    let interrupted = evidence.interrupted.iter();
    let answered = interrupted.filter(|update| audit.is_answered(**update)).count();
    checks.add(
        Both(
            "what a kill interrupted is answered after it",
            "прерванное сбоем получило ответ",
        ),
        answered == evidence.interrupted.len(),
        Both("{} of {} answered, once", "{} из {} с ответом, одним"),
        &[answered, evidence.interrupted.len()],
    );
}

fn to_the_owner(checks: &mut Checks, evidence: &Evidence, audit: &Verdict) {
    checks.add(
        Both(
            "every left contact is a lead",
            "каждый оставленный контакт стал заявкой",
        ),
        audit.wrong(&[Kind::Unrecorded]) == 0,
        Both("{} of {} contacts, {} leads", "{} из {} контактов, заявок {}"),
        &[
            audit.met(Kind::Unrecorded),
            audit.all(Kind::Unrecorded),
            evidence.rows.leads.len(),
        ],
    );
    checks.add(
        Both(
            "every lead is a letter to the owner, once",
            "каждая заявка — одно письмо владельцу",
        ),
        audit.wrong(&[Kind::Unmailed, Kind::LetterLost, Kind::LetterDouble, Kind::StrayLetter]) == 0,
        Both("{} of {} letters, {} doubles", "{} из {} писем, повторов {}"),
        &[
            audit.met(Kind::Unmailed),
            audit.all(Kind::Unmailed),
            audit.all(Kind::LetterDouble),
        ],
    );
    let written = evidence.left.iter().filter(|left| is_written(evidence, left)).count();
    let foreign = with_foreign_numbers(evidence);
    checks.add(
        Both(
            "with the number and the whole dialog",
            "в письме его номер и весь разговор",
        ),
        written == evidence.left.len() && foreign == 0,
        Both(
            "{} of {} contacts, {} wrong numbers",
            "{} из {} контактов, чужих номеров {}",
        ),
        &[written, evidence.left.len(), foreign],
    );
    if let Some(words) = &evidence.to_report {
        let (letters, told) = reported(evidence, words);
        checks.add(
            Both(
                "the report tells what customers wrote",
                "в отчёте всё, что писали клиенты",
            ),
            letters > 0 && told == words.len() && audit.wrong(&[Kind::ReportWrong]) == 0,
            Both("{} of {} messages, letters: {}", "{} из {} сообщений, писем {}"),
            &[told, words.len(), letters],
        );
    }
}

#[cfg(test)]
#[path = "verdict_tests.rs"]
mod tests;
