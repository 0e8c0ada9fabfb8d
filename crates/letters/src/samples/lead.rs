//! Leads and alerts on which templates are tried out.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Alert, AlertKind, ChatId, DialogId, EarlierLead, Email, InboxId, KnownPhone, LeadChange, LeadFacts, LeadField,
    LeadId, LeadNotice, LeadSource, Origin, Phone, Profile,
};
use pages::{DialogLine, Fate, LeadPage, PageBody, Speaker};

pub(crate) fn alert(kind: AlertKind) -> PageBody {
    PageBody::Alert(Alert {
        kind,
        reason: "quota".into(),
        at: moment(0),
    })
}

/// 22 November 2026, 11:05 UTC, and so many minutes.
pub(crate) fn moment(minutes: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_345_500, 0).unwrap_or_default() + TimeDelta::minutes(minutes)
}

/// A lead of which nothing is known.
pub(crate) fn bare() -> LeadPage {
    LeadPage {
        notice: LeadNotice {
            lead: LeadId(1),
            revision: 1,
            chat: ChatId(7),
            cause: InboxId(1),
            source: LeadSource::Contact,
            at: moment(0),
            facts: LeadFacts::default(),
            changes: Vec::new(),
            earlier: Vec::new(),
            upto: DialogId(0),
        },
        profile: Profile::default(),
        came_from: None,
        update: 900_001,
        lines: Vec::new(),
        left_out: 0,
        together_at: None,
    }
}

pub(crate) fn by_email() -> LeadPage {
    let mut page = bare();
    page.notice.source = LeadSource::Form;
    // The first of them has a Cyrillic letter.
    page.notice.facts.emails = ["аnna@example.org", "anna@example.org"].map(Email::normalised).to_vec();
    page.lines = lines();
    page
}

pub(crate) fn by_username() -> LeadPage {
    let mut page = bare();
    page.notice.source = LeadSource::Tool;
    page.notice.facts.wants_telegram = true;
    page.profile.username = Some("maria_k".into());
    page
}

/// Stands in a customer's words. Nobody sees it as markup unless a template lets it through.
pub(crate) const MARKUP: &str = "<fd-markup>";

/// A lead of which everything is known.
pub(crate) fn whole() -> LeadPage {
    let origins = [Origin::Verified, Origin::Typed, Origin::Card, Origin::Forwarded];
    let phones = origins
        .into_iter()
        .zip(["79123456789", "79990000000", "79990000001", "79990000002"]);
    let known = |(origin, digits)| {
        Some(KnownPhone {
            number: Phone::international(digits)?,
            origin,
        })
    };
    let mut page = by_email();
    page.notice.revision = 2;
    page.notice.source = LeadSource::Text;
    page.notice.facts.phones = phones.filter_map(known).collect();
    page.notice.facts = LeadFacts {
        name: Some(format!("Мария К.Д. {MARKUP}")),
        wants_telegram: true,
        request: Some(format!("Уборка двух комнат, shop.example {MARKUP}")),
        preferred_time: Some("после 18:00".into()),
        note: Some(format!("есть кошка, cat.example {MARKUP}")),
        emails: page.notice.facts.emails.iter().rev().cloned().collect(),
        ..page.notice.facts
    };
    page.notice.changes = changes();
    page.notice.earlier = vec![EarlierLead {
        lead: LeadId(1),
        at: moment(-40_000),
        phone: Phone::international("79123456789"),
        request: Some("Мойка окон".into()),
    }];
    page.profile = Profile {
        first_name: "Мария".into(),
        last_name: Some("Котова".into()),
        username: Some("maria_k".into()),
        language_code: None,
    };
    page.came_from = Some("avito3".into());
    page.lines = lines();
    page.left_out = 3;
    page.together_at = Some(moment(60));
    page
}

/// A lead whose dialog a letter has no room for, neither for all of its messages nor for the whole of one.
pub(crate) fn too_long() -> LeadPage {
    let mut page = whole();
    let lines = lines().into_iter().cycle().take(24);
    page.lines = lines
        .map(|line| DialogLine {
            // What takes most bytes in HTML for its length.
            text: "&".repeat(2_000),
            ..line
        })
        .collect();
    page
}

fn changes() -> Vec<LeadChange> {
    use LeadField::{Email, Name, Note, Phone, PreferredTime, Request, Telegram};
    let fields = [Name, Phone, Email, Telegram, Request, PreferredTime, Note];
    let change = |(n, field)| LeadChange {
        field,
        before: (n % 2 == 1).then(|| "+79990000000".to_owned()),
        after: "+79123456789".into(),
    };
    fields.into_iter().enumerate().map(change).collect()
}

pub(crate) fn lines() -> Vec<DialogLine> {
    let speakers = [
        Speaker::Customer,
        Speaker::Us(Fate::Sent),
        Speaker::Us(Fate::Waiting),
        Speaker::Us(Fate::NotDelivered),
    ];
    let line = |(minutes, speaker)| DialogLine {
        at: moment(minutes),
        speaker,
        text: format!("Здравствуйте!\nСколько стоит? {MARKUP}"),
        is_edit: speaker == Speaker::Customer,
        is_markdown: speaker != Speaker::Customer,
    };
    [0, 1, 700, 701].into_iter().zip(speakers).map(line).collect()
}
