//! Sample reports for the check of templates: a full one, one beyond every bound, an empty day.

use chrono::TimeDelta;
use domain::{
    AbsenceKind, Border, ChatId, DeliveryId, Email, FailReason, LeadFacts, LeadId, LeadSource, Occasion, Period,
    Profile, ReportId, ReportNotice,
};
use pages::{
    Absence, DeadLetter, DialogLine, PageBody, PastWeek, RefusedAddress, ReportDialog, ReportGap, ReportLead,
    ReportPage, ReportTurn, TurnOutcome, Unanswered, Unstored,
};

use crate::samples::lead::{lines, moment, whole};

/// More than any list of a letter holds.
const MANY: usize = 60;

/// One of each.
pub(crate) fn pages() -> impl Iterator<Item = PageBody> {
    let pages = [full(), overfull(), quiet(), quiet_and_away()];
    pages.into_iter().map(|page| PageBody::Report(Box::new(page)))
}

/// An empty day.
pub(crate) fn quiet() -> ReportPage {
    let period = Period {
        report: Some(ReportId(1)),
        since: moment(-1_440),
        until: moment(0),
        after: Border::default(),
        upto: Border::default(),
        is_catch_up: false,
    };
    let occasion = Occasion::Due;
    ReportPage::empty(ReportNotice { period, occasion })
}

fn quiet_and_away() -> ReportPage {
    let mut page = quiet();
    page.notice.occasion = Occasion::Extra;
    page.away_since = Some(moment(-100));
    page
}

/// A report with every part.
fn full() -> ReportPage {
    let mut page = quiet();
    page.notice.period.since = moment(-3_000);
    page.notice.period.is_catch_up = true;
    page.past_week = Some(past_week());
    page.dialogs = vec![
        dialog(1, whole().profile, lines()),
        dialog(2, Profile::default(), lines()),
        dialog(3, Profile::default(), lines().split_off(1)),
        dialog(4, Profile::default(), lines()),
        dialog(5, Profile::default(), lines()),
    ];
    page.dialogs[0].lead = Some(LeadId(1));
    page.dialogs[0].is_lead_new = true;
    page.dialogs[0].has_left_contact = true;
    page.dialogs[0].came_from = Some("avito3".into());
    page.dialogs[1].lead = Some(LeadId(1));
    page.dialogs[1].facts = Some(whole().notice.facts);
    page.dialogs[3].facts = Some(LeadFacts {
        phones: whole().notice.facts.phones.split_off(2),
        ..LeadFacts::default()
    });
    page.dialogs[4].facts = Some(LeadFacts {
        emails: whole().notice.facts.emails.into_iter().rev().collect(),
        ..LeadFacts::default()
    });
    page.dialogs[0].facts = Some(whole().notice.facts);
    page.dialogs[2].lead = Some(LeadId(1));
    page.dialogs[2].facts = Some(LeadFacts::default());
    page.dialogs[2].is_new = false;
    page.turns = turns();
    page.unanswered = vec![unanswered()];
    page.leads = vec![lead(1), lead(2)];
    page.leads[1].profile = Profile::default();
    page.leads[1].facts = LeadFacts {
        own_words: Some("сколько стоит помыть окна?".into()),
        ..LeadFacts::default()
    };
    page.leads[1].came_from = None;
    page.leads[1].source = LeadSource::Tool;
    page.gaps = vec![gap()];
    page.dead = dead().to_vec();
    page.held_letters = 2;
    page.refused = vec![RefusedAddress {
        to: Email::normalised("owner@example.org"),
        letters: 2,
        reason: "554 5.7.1".into(),
    }];
    page.absences = absences().to_vec();
    page.unstored = Unstored {
        messages: 12_345,
        most: vec![(whole().profile, 12_000), (Profile::default(), 345)],
    };
    page
}

/// A report that does not fit into a letter.
fn overfull() -> ReportPage {
    let mut page = full();
    let long = DialogLine {
        text: "&".repeat(1_200),
        ..lines().remove(0)
    };
    let many = (0..).take(MANY);
    page.dialogs = many
        .clone()
        .map(|n| dialog(n, whole().profile, vec![long.clone(); 4]))
        .collect();
    for (n, dialog) in page.dialogs.iter_mut().enumerate() {
        dialog.came_from = Some(n.to_string());
    }
    page.leads = many.map(lead).collect();
    page.gaps = vec![gap(); MANY];
    page.unanswered = vec![unanswered(); MANY];
    page.dead = dead().into_iter().cycle().take(MANY).collect();
    page.absences = absences().into_iter().cycle().take(MANY).collect();
    page
}

fn past_week() -> PastWeek {
    PastWeek {
        span: TimeDelta::days(7),
        dialogs: 12_345,
        new_customers: 40,
        leads: 3,
        failed: 0,
    }
}

fn dialog(chat: i64, profile: Profile, lines: Vec<DialogLine>) -> ReportDialog {
    ReportDialog {
        is_new: true,
        lines,
        ..ReportDialog::empty(ChatId(chat), profile)
    }
}

fn turns() -> Vec<ReportTurn> {
    let reasons = FailReason::ALL.iter().map(|reason| reason.word());
    let failed = reasons.chain(["a word of tomorrow"]).map(|reason| TurnOutcome::Failed {
        reason: reason.to_owned(),
        is_form: true,
    });
    let turn = |outcome| ReportTurn {
        outcome,
        took: TimeDelta::seconds(93_784),
        input_tokens: 12_345,
        output_tokens: 678,
    };
    let outcomes = [TurnOutcome::Answered, TurnOutcome::Service].into_iter();
    outcomes.chain(failed).map(turn).collect()
}

fn lead(id: i64) -> ReportLead {
    let page = whole();
    ReportLead {
        lead: LeadId(id),
        chat: page.notice.chat,
        profile: page.profile,
        came_from: page.came_from,
        at: page.notice.at,
        source: page.notice.source,
        facts: page.notice.facts,
    }
}

fn unanswered() -> Unanswered {
    Unanswered {
        profile: whole().profile,
        at: moment(0),
        question: "Есть кто?\nАу!".into(),
        reason: "deadline".into(),
    }
}

fn gap() -> ReportGap {
    ReportGap {
        at: moment(0),
        profile: whole().profile,
        question: "Моете ли вы бассейны?".into(),
    }
}

fn dead() -> [DeadLetter; 3] {
    let letter = |to: Option<&str>, profile| DeadLetter {
        delivery: DeliveryId(1),
        dialog: None,
        to: to.map(str::to_owned),
        profile,
        at: Some(moment(0)),
        reason: "550 no such user".into(),
    };
    let bare = DeadLetter {
        at: None,
        reason: String::new(),
        ..letter(Some("owner@example.org"), None)
    };
    let customer = || Some(whole().profile);
    [
        letter(None, customer()),
        letter(Some("owner@example.org"), customer()),
        bare,
    ]
}

fn absences() -> [Absence; 2] {
    let absence = |kind, minutes: i64| Absence {
        kind,
        began: moment(-minutes),
        ended: moment(0),
    };
    [
        absence(AbsenceKind::Stopped, 60),
        absence(AbsenceKind::Unreachable, 2_000),
    ]
}
