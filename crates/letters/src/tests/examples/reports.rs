//! Periods as a cleaning firm would have them.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    AbsenceKind, Border, ChatId, DeliveryId, Email, LeadFacts, LeadId, LeadSource, Occasion, Origin, Period, Profile,
    ReportId, ReportNotice,
};
use pages::{
    Absence, DeadLetter, DialogLine, Fate, PageBody, PastWeek, ReportDialog, ReportGap, ReportLead, ReportPage,
    ReportTurn, Speaker, TurnOutcome,
};

use super::at;
use super::leads::{phone, said};

pub(crate) fn report(page: ReportPage) -> PageBody {
    PageBody::Report(Box::new(page))
}

/// From that time to 9 o'clock in Moscow on 22 November, with nothing in it.
pub(crate) fn since(since: &str) -> ReportPage {
    between(at(since), at("2026-11-22T06:00:00Z"))
}

pub(crate) fn between(since: DateTime<Utc>, until: DateTime<Utc>) -> ReportPage {
    let period = Period {
        report: Some(ReportId(12)),
        since,
        until,
        after: Border {
            dialog: 100,
            lead: 40,
            gap: 10,
            absence: 5,
        },
        upto: Border {
            dialog: 140,
            lead: 43,
            gap: 12,
            absence: 7,
        },
        is_catch_up: false,
    };
    let occasion = Occasion::Due;
    ReportPage::empty(ReportNotice { period, occasion })
}

/// A day on which nobody wrote.
pub(crate) fn quiet() -> ReportPage {
    since("2026-11-21T06:00:00Z")
}

/// So many customers who asked one question each, and the first of them left their contact.
pub(crate) fn day_of(dialogs: usize, leads: usize) -> ReportPage {
    let mut page = quiet();
    page.dialogs = (0..dialogs).map(|n| asked(n, "Сколько стоит уборка двушки?")).collect();
    page.leads = (0..leads).map(lead).collect();
    page
}

pub(crate) fn asked(n: usize, question: &str) -> ReportDialog {
    let answer = "Уборка двухкомнатной квартиры стоит от 3 500 ₽. Какая у вас площадь?";
    dialog(
        n,
        vec![
            spoken(Speaker::Customer, 0, question),
            spoken(Speaker::Us(Fate::Sent), 0, answer),
        ],
    )
}

pub(crate) fn dialog(n: usize, lines: Vec<DialogLine>) -> ReportDialog {
    const NAMES: [&str; 5] = ["Мария", "Олег", "Анна", "Пётр", "Ирина"];
    let profile = Profile {
        first_name: NAMES[n % NAMES.len()].into(),
        last_name: None,
        username: Some(format!("user_{n}")),
        language_code: Some("ru".into()),
    };
    ReportDialog {
        is_new: true,
        lines,
        ..ReportDialog::empty(ChatId(70_001 + i64::try_from(n).unwrap()), profile)
    }
}

/// So many minutes after 20:50 of the evening before, in Moscow.
pub(crate) fn spoken(speaker: Speaker, minutes: i64, text: &str) -> DialogLine {
    DialogLine {
        at: at("2026-11-21T17:50:00Z") + TimeDelta::minutes(minutes),
        ..said(speaker, 0, text)
    }
}

pub(crate) fn lead(n: usize) -> ReportLead {
    let known = dialog(n, Vec::new());
    ReportLead {
        lead: LeadId(41 + i64::try_from(n).unwrap()),
        chat: known.chat,
        profile: known.profile,
        came_from: Some("avito3".into()),
        at: at("2026-11-21T18:05:00Z"),
        source: LeadSource::Tool,
        facts: LeadFacts {
            name: Some("Мария Котова".into()),
            phones: vec![phone("79123456789", Origin::Verified)],
            emails: vec![Email::normalised("maria@example.org")],
            request: Some("Уборка двухкомнатной квартиры, около 54 м²".into()),
            preferred_time: Some("после шести".into()),
            ..LeadFacts::default()
        },
    }
}

pub(crate) fn turn(outcome: TurnOutcome, seconds: i64) -> ReportTurn {
    ReportTurn {
        outcome,
        took: TimeDelta::seconds(seconds),
        input_tokens: 6_000,
        output_tokens: 300,
    }
}

pub(crate) fn failed(reason: &str, is_form: bool) -> TurnOutcome {
    let reason = reason.to_owned();
    TurnOutcome::Failed { reason, is_form }
}

pub(crate) fn gap(n: usize, question: &str) -> ReportGap {
    ReportGap {
        at: at("2026-11-21T18:00:00Z"),
        profile: dialog(n, Vec::new()).profile,
        question: question.to_owned(),
    }
}

pub(crate) fn dead(id: i64, to: Option<&str>, reason: &str) -> DeadLetter {
    DeadLetter {
        delivery: DeliveryId(id),
        dialog: None,
        to: to.map(str::to_owned),
        profile: Some(dialog(1, Vec::new()).profile),
        at: Some(at("2026-11-21T19:30:00Z")),
        reason: reason.to_owned(),
    }
}

pub(crate) fn absence(kind: AbsenceKind, began: &str, ended: &str) -> Absence {
    let (began, ended) = (at(began), at(ended));
    Absence { kind, began, ended }
}

/// A day with something of everything.
pub(crate) fn busy() -> ReportPage {
    let ours = Speaker::Us(Fate::Sent);
    let mut page = day_of(7, 2);
    page.past_week = Some(PastWeek {
        span: TimeDelta::days(7),
        dialogs: 36,
        new_customers: 30,
        leads: 8,
        failed: 7,
    });
    for n in [0, 1] {
        page.dialogs[n].lead = Some(lead(n).lead);
        page.dialogs[n].is_lead_new = true;
        page.dialogs[n].has_left_contact = true;
        page.dialogs[n].came_from = Some("avito3".into());
        page.dialogs[n].facts = Some(lead(n).facts);
    }
    page.dialogs[0].lines.extend([
        spoken(Speaker::Customer, 3, "54 метра.\nЕсть кошка 🐈, ей не страшно?"),
        spoken(
            ours,
            3,
            "Не страшно: средства без запаха. Оставите номер? Менеджер перезвонит и договорится о времени.",
        ),
        spoken(Speaker::Customer, 15, "+7 912 345-67-89, Мария"),
        spoken(ours, 15, "Спасибо, Мария! Номер записан, менеджер свяжется с вами."),
    ]);
    let (other, mut edit) = (
        &mut page.dialogs[2],
        spoken(Speaker::Customer, 720, "А мойка окон? Третий этаж"),
    );
    edit.is_edit = true;
    other.is_new = false;
    other.lead = Some(LeadId(17));
    other.facts = Some(LeadFacts {
        name: Some("Анна".into()),
        phones: vec![phone("79161112233", Origin::Typed)],
        ..LeadFacts::default()
    });
    other.lines.extend([
        edit,
        spoken(
            Speaker::Us(Fate::NotDelivered),
            721,
            "Мойка окна стоит 700 ₽ за створку.",
        ),
        spoken(Speaker::Us(Fate::Waiting), 722, "Передать заявку менеджеру?"),
    ]);
    page.dialogs[3]
        .lines
        .push(spoken(Speaker::Customer, 2, "Дорого, я подумаю"));
    page.dialogs.push(dialog(
        8,
        vec![spoken(
            ours,
            1,
            "Простите, что отвечаю не сразу. Да, мы работаем и в воскресенье.",
        )],
    ));
    page.dialogs[7].is_new = false;
    page.turns = [3, 4, 4, 5, 80]
        .map(|seconds| turn(TurnOutcome::Answered, seconds))
        .to_vec();
    page.turns.extend([
        turn(failed("deadline", true), 60),
        turn(failed("refused", false), 9),
        turn(failed("deadline", true), 60),
    ]);
    page.gaps = vec![gap(2, "Моете ли вы бассейны?"), gap(3, "Есть ли скидка пенсионерам?")];
    page.dead = vec![
        dead(31, None, "blocked: bot was blocked by the user"),
        dead(32, Some("owner@shop.example"), "550 no such user"),
    ];
    page.held_letters = 2;
    page.absences = vec![absence(
        AbsenceKind::Stopped,
        "2026-11-21T22:10:00Z",
        "2026-11-22T00:25:00Z",
    )];
    page
}

/// So many customers with so many lines each.
pub(crate) fn crowd_of_a_day(dialogs: usize, lines: i64, words: &str) -> ReportPage {
    let line = |n| match n % 2 {
        0 => spoken(Speaker::Customer, n, words),
        _ => spoken(Speaker::Us(Fate::Sent), n, words),
    };
    let mut page = quiet();
    page.dialogs = (0..dialogs)
        .map(|n| dialog(n, (0..lines).map(line).collect()))
        .collect();
    page
}

/// The same words wherever somebody else can put them.
pub(crate) fn everywhere_in_a_report(words: &str) -> ReportPage {
    let text = || Some(words.to_owned());
    let mut page = quiet();
    page.dialogs = vec![dialog(
        0,
        vec![
            spoken(Speaker::Customer, 0, words),
            spoken(Speaker::Us(Fate::NotDelivered), 1, words),
            spoken(Speaker::Customer, 2, words),
        ],
    )];
    page.dialogs[0].came_from = text();
    page.dialogs[0].profile.first_name = words.to_owned();
    page.dialogs[0].profile.last_name = text();
    page.dialogs[0].profile.username = text();
    let profile = || page.dialogs[0].profile.clone();
    let mut lead = lead(0);
    lead.profile = profile();
    lead.came_from = text();
    lead.facts.name = text();
    lead.facts.request = text();
    lead.facts.preferred_time = text();
    lead.facts.note = text();
    lead.facts.emails = vec![Email::normalised(words)];
    let mut gap = gap(0, words);
    gap.profile = profile();
    let mut dead = [dead(1, None, words), dead(2, Some(words), words)];
    for one in &mut dead {
        one.profile = Some(profile());
    }
    page.leads = vec![lead];
    page.gaps = vec![gap];
    page.dead = dead.to_vec();
    page.turns = vec![turn(failed(words, true), 1)];
    page
}
