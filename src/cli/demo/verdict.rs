//! The verdict: the promises, checked against what customers really got and what the rows say.

mod mail;
mod report;

use std::collections::BTreeMap;

use wording::markdown;

use super::evidence::{Evidence, InboxRow};
use super::owners::Owners;
use super::stage::Stage;
use super::words::{Both, Lang};

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

fn checks(evidence: &Evidence, lang: Lang) -> Vec<Check> {
    let owners = Owners::trace(evidence);
    let [recorded, mailed, written] = mail::checks(evidence, lang);
    let mut checks = vec![
        answered(evidence, lang),
        ordered(evidence, lang),
        placed(evidence, &owners, lang),
        not_doubled(evidence, lang),
        survived(evidence, lang),
        recorded,
        mailed,
        written,
    ];
    checks.extend(report::check(evidence, lang));
    checks.extend([
        finished(evidence, lang),
        private(evidence, &owners, lang),
        polite(evidence, lang),
    ]);
    checks
}

/// Each message is one row, and its turn has one answer, of which each part reached the customer.
fn answered(evidence: &Evidence, lang: Lang) -> Check {
    let is_answered = |update: i64| {
        let rows: Vec<&InboxRow> = evidence.inbox.iter().filter(|row| row.update == update).collect();
        let [row] = rows[..] else { return false };
        // What a reset or a flood makes pointless is stored, with its reason, and gets no answer of its own.
        row.state == "ignored" || has_one_answer(evidence, row.turn)
    };
    let met = evidence.said.iter().filter(|said| is_answered(said.update)).count();
    let ignored = evidence.inbox.iter().filter(|row| row.state == "ignored").count();
    let replies = evidence.dialogs.iter().filter(|row| row.role == "assistant").count();
    let mut figures = Both("{} of {} messages, {} replies", "{} из {} сообщений, ответов {}")
        .with(lang, &[&met, &evidence.said.len(), &replies]);
    if ignored > 0 {
        let needless = Both("; {} needed none", "; {} не требовали");
        figures += &needless.with(lang, &[&ignored]);
    }
    Check {
        what: Both(
            "every message has exactly one reply",
            "у каждого сообщения ровно один ответ",
        ),
        is_met: met == evidence.said.len(),
        figures,
    }
}

fn has_one_answer(evidence: &Evidence, turn: i64) -> bool {
    let answers = evidence
        .dialogs
        .iter()
        .filter(|row| row.role == "assistant" && row.turn == turn);
    let mut parts = evidence.parts_of(turn).peekable();
    answers.count() == 1
        && parts.peek().is_some()
        && parts.all(|part| part.state == "completed" && is_there(evidence, part.chat, part.remote))
}

fn is_there(evidence: &Evidence, chat: i64, message: i64) -> bool {
    let mut got = evidence.got.get(&chat).into_iter().flatten();
    got.any(|reply| reply.message_id == message)
}

/// In each chat replies stand behind what they answer, and in the order of the turns.
fn ordered(evidence: &Evidence, lang: Lang) -> Check {
    let mut last: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
    let (mut met, mut all) = (0, 0);
    for part in evidence.outbox.iter().filter(|row| row.state == "completed") {
        let turn = part
            .key
            .split(':')
            .nth(1)
            .and_then(|turn| turn.parse().ok())
            .unwrap_or(0);
        let asked = evidence
            .inbox
            .iter()
            .filter(|row| row.turn == turn)
            .map(|row| row.message);
        let is_behind = asked.max().is_none_or(|asked| asked < part.remote);
        let before = last.insert(part.chat, (turn, part.remote)).unwrap_or_default();
        all += 1;
        met += i32::from(is_behind && before.0 <= turn && before.1 < part.remote);
    }
    let figures = Both("{} of {} replies", "{} из {} ответов");
    Check {
        what: Both("in order, behind its question", "по порядку, после своего вопроса"),
        is_met: met == all,
        figures: figures.with(lang, &[&met, &all]),
    }
}

/// No customer sees what the model said to another one.
fn placed(evidence: &Evidence, owners: &Owners, lang: Lang) -> Check {
    let answers: Vec<(Option<i64>, String)> = evidence
        .answers
        .iter()
        .map(|(conversation, text)| (owners.of(conversation), plain(text)))
        .collect();
    let is_foreign = |chat: i64, text: &str| {
        let mut whose = answers.iter().filter(|(_, answer)| answer == text).peekable();
        whose.peek().is_some() && !whose.any(|(owner, _)| *owner == Some(chat))
    };
    let all = evidence.got.values().flatten().count();
    let got = evidence
        .got
        .iter()
        .flat_map(|(chat, replies)| replies.iter().map(move |reply| (*chat, reply)));
    let foreign = got.filter(|(chat, reply)| is_foreign(*chat, &reply.text)).count();
    let figures = Both("{} of {} in another chat", "{} из {} в чужом чате");
    Check {
        what: Both("nobody gets another customer's reply", "никто не получил чужого ответа"),
        is_met: foreign == 0,
        figures: figures.with(lang, &[&foreign, &all]),
    }
}

/// The text a customer sees of the model's Markdown.
fn plain(text: &str) -> String {
    markdown::render(text).text
}

/// More messages than rows are doubles; each must be marked as possible.
fn not_doubled(evidence: &Evidence, lang: Lang) -> Check {
    let is_known = |chat: i64, message: i64| {
        let mut rows = evidence.outbox.iter();
        rows.any(|row| row.chat == chat && row.remote == message)
    };
    let got = evidence
        .got
        .iter()
        .flat_map(|(chat, replies)| replies.iter().map(move |reply| (*chat, reply)));
    let doubles = got.filter(|(chat, reply)| !is_known(*chat, reply.message_id)).count();
    let marked: i64 = evidence.outbox.iter().map(|row| row.maybe_sent).sum();
    let figures = Both("{} doubles, {} marked", "повторов {}, помечено {}");
    Check {
        what: Both("nothing answered twice", "ничего не отвечено дважды"),
        is_met: i64::try_from(doubles).is_ok_and(|doubles| doubles <= marked),
        figures: figures.with(lang, &[&doubles, &marked]),
    }
}

/// What was open at a kill has its one answer too.
fn survived(evidence: &Evidence, lang: Lang) -> Check {
    let is_answered = |(chat, message): &&(i64, i64)| {
        let mut rows = evidence.inbox.iter();
        let row = rows.find(|row| row.chat == *chat && row.message == *message);
        row.is_some_and(|row| has_one_answer(evidence, row.turn))
    };
    let all = evidence.interrupted.len();
    let met = evidence.interrupted.iter().filter(is_answered).count();
    let figures = Both("{} of {} answered, once", "{} из {} с ответом, одним");
    Check {
        what: Both(
            "what a kill interrupted is answered after it",
            "прерванное сбоем получило ответ",
        ),
        is_met: met == all,
        figures: figures.with(lang, &[&met, &all]),
    }
}

fn finished(evidence: &Evidence, lang: Lang) -> Check {
    let waiting = evidence.inbox.iter().filter(|row| row.state == "pending").count();
    let open = ["scheduled", "executing", "retryable"];
    let out = evidence.outbox.iter().chain(&evidence.letters_out);
    let owed = out.filter(|row| open.contains(&row.state.as_str())).count();
    let figures = Both("{} in, {} out", "входящих {}, исходящих {}");
    Check {
        what: Both("no row is left unfinished", "незаконченных строк нет"),
        is_met: waiting + owed == 0,
        figures: figures.with(lang, &[&waiting, &owed]),
    }
}

fn private(evidence: &Evidence, owners: &Owners, lang: Lang) -> Check {
    let figures = Both("{} of {} requests mixed up", "{} из {} запросов с чужим");
    Check {
        what: Both(
            "the model gets only this customer's history",
            "модель получает историю только этого клиента",
        ),
        is_met: owners.foreign == 0,
        figures: figures.with(lang, &[&owners.foreign, &evidence.runs.len()]),
    }
}

fn polite(evidence: &Evidence, lang: Lang) -> Check {
    let figures = Both("{} violations", "нарушений {}");
    Check {
        what: Both(
            "Telegram, OpenAI and SMTP are spoken to correctly",
            "протоколы Telegram, OpenAI и SMTP соблюдены",
        ),
        is_met: evidence.violations.is_empty(),
        figures: figures.with(lang, &[&evidence.violations.len()]),
    }
}

#[cfg(test)]
#[path = "verdict_tests.rs"]
mod tests;
