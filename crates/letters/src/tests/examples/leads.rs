//! Leads as a cleaning firm would get them.

use chrono::TimeDelta;
use domain::{
    Alert, AlertKind, ChatId, DialogId, EarlierLead, Email, InboxId, KnownPhone, LeadChange, LeadFacts, LeadField,
    LeadId, LeadNotice, LeadSource, Origin, Phone, Profile,
};
use pages::{DialogLine, Fate, LeadPage, PageBody, Speaker};

use super::at;

pub(crate) fn one(page: LeadPage) -> PageBody {
    PageBody::Lead(Box::new(page))
}

pub(crate) fn phone(digits: &str, origin: Origin) -> KnownPhone {
    KnownPhone {
        number: Phone::international(digits).unwrap(),
        origin,
    }
}

pub(crate) fn said(speaker: Speaker, minutes: i64, text: &str) -> DialogLine {
    DialogLine {
        at: at("2026-11-22T10:50:00Z") + TimeDelta::minutes(minutes),
        speaker,
        text: text.to_owned(),
        is_edit: false,
        is_markdown: false,
    }
}

/// Maria left her number by the button and wants her flat cleaned.
pub(crate) fn short() -> LeadPage {
    let ours = Speaker::Us(Fate::Sent);
    LeadPage {
        notice: LeadNotice {
            lead: LeadId(42),
            revision: 1,
            chat: ChatId(70_001),
            cause: InboxId(9),
            source: LeadSource::Contact,
            at: at("2026-11-22T11:05:00Z"),
            facts: LeadFacts {
                name: Some("Мария".into()),
                phones: vec![phone("79123456789", Origin::Verified)],
                request: Some("Уборка двухкомнатной квартиры, около 54 м²".into()),
                preferred_time: Some("после 18:00".into()),
                ..LeadFacts::default()
            },
            changes: Vec::new(),
            earlier: Vec::new(),
            upto: DialogId(4),
        },
        profile: Profile {
            first_name: "Мария".into(),
            last_name: Some("Котова".into()),
            username: Some("maria_k".into()),
            language_code: Some("ru".into()),
        },
        came_from: Some("avito3".into()),
        update: 900_017,
        lines: vec![
            said(Speaker::Customer, 0, "Здравствуйте! Сколько стоит уборка двушки?"),
            said(
                ours,
                0,
                "Здравствуйте! Уборка двухкомнатной квартиры стоит от 3 500 ₽, точную цену назовёт менеджер после пары вопросов. Какая у вас площадь?",
            ),
            said(Speaker::Customer, 2, "54 метра.\nЕсть кошка 🐈, ей не страшно?"),
            said(
                ours,
                2,
                "Не страшно: средства без запаха. Оставите номер? Менеджер перезвонит и договорится о времени.",
            ),
        ],
        left_out: 0,
        together_at: None,
    }
}

/// A day later she names another number and another day.
pub(crate) fn update() -> LeadPage {
    let mut page = short();
    page.notice.revision = 2;
    page.notice.source = LeadSource::Tool;
    page.notice.facts.phones.insert(0, phone("79990000000", Origin::Card));
    page.notice.facts.emails = vec![Email::normalised("maria@example.org")];
    page.notice.facts.preferred_time = Some("в субботу утром".into());
    page.notice.facts.note = Some("Домофон не работает, звонить с улицы".into());
    page.notice.changes = vec![
        change(LeadField::Phone, Some("+79123456789"), "+79990000000"),
        change(LeadField::PreferredTime, Some("после 18:00"), "в субботу утром"),
        change(LeadField::Note, None, "Домофон не работает, звонить с улицы"),
    ];
    page.notice.earlier = vec![EarlierLead {
        lead: LeadId(17),
        at: at("2026-11-03T20:30:00Z"),
        phone: Phone::international("79123456789"),
        request: Some("Мойка окон".into()),
    }];
    let mut edit = said(Speaker::Customer, 1_300, "Лучше в субботу утром");
    edit.is_edit = true;
    page.lines.extend([
        edit,
        said(
            Speaker::Us(Fate::NotDelivered),
            1_301,
            "Передам менеджеру: суббота, утро.",
        ),
        said(Speaker::Us(Fate::Waiting), 1_302, "Менеджер свяжется с вами."),
    ]);
    page.left_out = 12;
    page
}

pub(crate) fn change(field: LeadField, before: Option<&str>, after: &str) -> LeadChange {
    LeadChange {
        field,
        before: before.map(str::to_owned),
        after: after.to_owned(),
    }
}

pub(crate) fn by_email() -> LeadPage {
    let mut page = short();
    page.notice.source = LeadSource::Text;
    page.notice.facts = LeadFacts {
        emails: vec![Email::normalised("maria.kotova@example.org")],
        ..LeadFacts::default()
    };
    page
}

pub(crate) fn by_username() -> LeadPage {
    let mut page = short();
    page.notice.source = LeadSource::Tool;
    page.notice.facts = LeadFacts {
        wants_telegram: true,
        ..LeadFacts::default()
    };
    page.profile.first_name = String::new();
    page.profile.last_name = None;
    page
}

/// Five hundred lines over several days.
pub(crate) fn long() -> LeadPage {
    let mut page = short();
    page.lines = (0..500)
        .map(|n| match n % 2 {
            0 => said(
                Speaker::Customer,
                n * 7,
                &format!("Вопрос {n}: а сколько стоит помыть окна на кухне и балкон?"),
            ),
            _ => said(
                Speaker::Us(Fate::Sent),
                n * 7,
                "Мойка окна стоит 700 ₽ за створку, балкон считаем по площади остекления. Передать заявку менеджеру?",
            ),
        })
        .collect();
    page
}

pub(crate) fn digest(count: usize) -> PageBody {
    let pages = (0..count).map(|n| {
        let mut page = [short, by_email, by_username, update][n % 4]();
        page.notice.lead = LeadId(50 + i64::try_from(n).unwrap());
        page
    });
    PageBody::Leads(pages.collect())
}

pub(crate) fn alert() -> PageBody {
    PageBody::Alert(Alert {
        kind: AlertKind::Assistant,
        reason: "insufficient_quota".into(),
        at: at("2026-11-22T11:05:00Z"),
    })
}

/// So many leads of customers who have much to say.
pub(crate) fn crowd(leads: usize) -> PageBody {
    let page = |n: usize| {
        let mut page = short();
        page.notice.lead = LeadId(21 + i64::try_from(n).unwrap());
        page.notice.facts.name = Some("Александра-Виктория Константинопольская".into());
        page.notice.facts.request = Some("Нужна генеральная уборка после ремонта, три комнаты и кухня; ".repeat(20));
        page.notice.facts.preferred_time = Some("в любой будний день после восьми вечера, лучше в четверг".into());
        page.lines = (0..20)
            .map(|n| said(Speaker::Customer, n, &"щ".repeat(4_096)))
            .collect();
        page
    };
    PageBody::Leads((0..leads).map(page).collect())
}
