//! The verdict: every guarantee, checked against the messages customers received and the rows in the database.
//! [`audit`] counts; this module also checks the requests to the model and the contents of letters.

use audit::{Kind, Seen, Verdict, verify};

use super::evidence::Evidence;
use super::owners::Owners;
use super::stage::Stage;
use super::words::{Both, Lang};
use super::written::{is_written, plain, reported, with_foreign_numbers};

/// One guarantee with its result.
struct Check {
    what: Both,
    is_met: bool,
    figures: String,
}

/// Prints the checklist; whether all checks passed.
pub(super) fn show(stage: &Stage, evidence: &Evidence) -> bool {
    let (screen, lang) = (&stage.screen, stage.lang);
    screen.title(Both("Verdict", "Итог").of(lang));
    let about = Both(
        "From what the stand-ins of Telegram, OpenAI and the mail server received, and from the database:",
        "По данным заглушек Telegram, OpenAI и почтового сервера и по строкам базы:",
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
            "Ничего не потеряно, повторов нет.",
        ),
        false => Both("A check failed, see above.", "Проверка не пройдена, см. выше."),
    };
    screen.verdict(is_met, last.of(lang));
    is_met
}

/// The checklist.
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
    let audit = verify(&seen, &evidence.rows);
    let mut checks = Checks { lang, all: Vec::new() };
    to_customers(&mut checks, evidence, &audit);
    to_the_owner(&mut checks, evidence, &audit);
    let open = [Kind::Pending, Kind::Owed].map(|kind| audit.wrong(&[kind]));
    checks.add(
        Both("no unfinished rows", "незаконченных строк нет"),
        open == [0, 0],
        Both("{} in, {} out", "входящих {}, исходящих {}"),
        &open,
    );
    checks.add(
        Both(
            "the model sees only this customer's history",
            "модель видит историю только этого клиента",
        ),
        owners.foreign == 0,
        Both("{} of {} requests mixed up", "{} из {} запросов с чужими данными"),
        &[owners.foreign, evidence.runs.len()],
    );
    checks.add(
        Both(
            "the protocols of Telegram, OpenAI and SMTP are met",
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
        audit.wrong(&[Kind::Unanswered, Kind::Undelivered, Kind::Unkept, Kind::UnseenByModel]) == 0,
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
        Both("in order, after its question", "по порядку, после своего вопроса"),
        audit.wrong(&[Kind::OutOfOrder]) == 0,
        Both("{} of {} replies", "{} из {} ответов"),
        &[audit.met(Kind::OutOfOrder), audit.all(Kind::OutOfOrder)],
    );
    checks.add(
        Both("no reply went to another customer", "никто не получил чужого ответа"),
        audit.wrong(&[Kind::WrongChat]) == 0,
        Both("{} of {} in another chat", "{} из {} в чужом чате"),
        &[audit.wrong(&[Kind::WrongChat]), audit.all(Kind::WrongChat)],
    );
    checks.add(
        Both("no message answered twice", "повторных ответов нет"),
        audit.wrong(&[Kind::Double]) == 0,
        Both("{} duplicates, {} marked", "повторов {}, помечено {}"),
        &[audit.all(Kind::Double), audit.marks(Kind::Double)],
    );
    let interrupted = evidence.interrupted.iter();
    let answered = interrupted.filter(|update| audit.is_answered(**update)).count();
    checks.add(
        Both(
            "messages interrupted by a kill are answered",
            "прерванные сбоем сообщения получили ответ",
        ),
        answered == evidence.interrupted.len(),
        Both("{} of {} answered, once", "{} из {} с одним ответом"),
        &[answered, evidence.interrupted.len()],
    );
}

fn to_the_owner(checks: &mut Checks, evidence: &Evidence, audit: &Verdict) {
    checks.add(
        Both("every contact is a lead", "каждый оставленный контакт стал заявкой"),
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
            "every lead is emailed to the owner once",
            "каждая заявка — одно письмо владельцу",
        ),
        audit.wrong(&[Kind::Unmailed, Kind::LetterLost, Kind::LetterDouble, Kind::StrayLetter]) == 0,
        Both("{} of {} emails, {} duplicates", "{} из {} писем, повторов {}"),
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
            "в письме номер клиента и весь диалог",
        ),
        written == evidence.left.len() && foreign == 0,
        Both(
            "{} of {} contacts, {} wrong numbers",
            "{} из {} контактов, чужих номеров {}",
        ),
        &[written, evidence.left.len(), foreign],
    );
    if let Some(words) = &evidence.to_report {
        let (letters, found) = reported(evidence, words);
        checks.add(
            Both(
                "the report contains every customer message",
                "в отчёте все сообщения клиентов",
            ),
            letters > 0 && found == words.len() && audit.wrong(&[Kind::ReportWrong]) == 0,
            Both("{} of {} messages, emails: {}", "{} из {} сообщений, писем {}"),
            &[found, words.len(), letters],
        );
    }
}

#[cfg(test)]
#[path = "verdict_tests.rs"]
mod tests;
