//! Data for the templates of a report: cleaned values, local times, no decisions left.

use serde::Serialize;

use crate::view::{Day, Mail, Phone, Telegram};

/// A letter on a period.
#[derive(Debug, Serialize)]
pub(crate) struct OneReport {
    pub(crate) report: Report,
}

/// A report.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) subject: String,
    /// `Отчёт за сутки`.
    pub(crate) title: String,
    /// `7 диалогов, 2 заявки`.
    pub(crate) sum: String,
    /// From when to when, in full.
    pub(crate) period: String,
    /// From when, in short.
    pub(crate) since: String,
    /// The preview text in a mailbox.
    pub(crate) preview: String,
    pub(crate) is_extra: bool,
    /// It is not the usual report of a good day.
    pub(crate) is_marked: bool,
    pub(crate) is_catch_up: bool,
    /// Problems in short; the parts below have the details.
    pub(crate) attention: Vec<String>,
    /// Shown on a day without problems.
    pub(crate) ready: Option<String>,
    /// Names of the leads and of the people worth a call; the parts below have the details.
    pub(crate) brief: Vec<Brief>,
    /// The four figures of the first screen, two a row.
    pub(crate) kpis: Vec<Vec<Kpi>>,
    /// The number of days of that average.
    pub(crate) usual_days: Option<i64>,
    pub(crate) hours: Option<Hours>,
    pub(crate) leads: Option<Part<LeadInReport>>,
    pub(crate) worth: Option<Part<WorthACall>>,
    /// One of the next two is there.
    pub(crate) is_short_of_answers: bool,
    pub(crate) gaps: Option<Part<Gap>>,
    pub(crate) unanswered: Option<Part<Unanswered>>,
    pub(crate) problems: Option<Problems>,
    /// All other figures.
    pub(crate) figures: Vec<Figure>,
    pub(crate) sources: Option<Part<Source>>,
    pub(crate) dialogs: Option<Part<Dialog>>,
    /// The attached tables, and what they have no room for.
    pub(crate) sheets: Vec<String>,
}

/// A list of which a letter has room for some.
#[derive(Debug, Serialize)]
pub(crate) struct Part<T> {
    pub(crate) shown: Vec<T>,
    /// How many more there are, and where.
    pub(crate) more: Option<String>,
}

impl<T> Part<T> {
    /// `None` if there is nothing to show and nothing left out.
    pub(crate) fn of(shown: Vec<T>, more: Option<String>) -> Option<Self> {
        let is_any = !shown.is_empty() || more.is_some();
        is_any.then_some(Self { shown, more })
    }
}

/// Names after a label.
#[derive(Debug, Serialize)]
pub(crate) struct Brief {
    pub(crate) name: String,
    pub(crate) people: String,
}

/// A figure of the first screen.
#[derive(Debug, Serialize)]
pub(crate) struct Kpi {
    pub(crate) name: String,
    pub(crate) value: String,
    /// The difference to the usual value: `+2`.
    pub(crate) delta: Option<String>,
    /// `обычно 5`, `как обычно` or `больше обычного`.
    pub(crate) usual: Option<String>,
}

/// When customers wrote.
#[derive(Debug, Serialize)]
pub(crate) struct Hours {
    pub(crate) bars: Vec<Bar>,
    /// The hours that stand below the bars, each below as many.
    pub(crate) marks: Vec<String>,
    /// The busiest hour, in words; none of several that are alike.
    pub(crate) busiest: Option<String>,
}

/// An hour of the day.
#[derive(Debug, Serialize)]
pub(crate) struct Bar {
    /// `09:00–10:00`.
    pub(crate) hour: String,
    pub(crate) count: u64,
    /// In pixels; 0 is none.
    pub(crate) height: u64,
}

/// A figure with its name, and what it is made of.
#[derive(Debug, Serialize)]
pub(crate) struct Figure {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) notes: Vec<String>,
}

/// Where new customers came from.
#[derive(Debug, Serialize)]
pub(crate) struct Source {
    pub(crate) name: String,
    pub(crate) count: String,
}

/// A lead, in short.
#[derive(Debug, Serialize)]
pub(crate) struct LeadInReport {
    pub(crate) mark: String,
    pub(crate) at: String,
    /// The name the customer gave, if it differs from the Telegram name.
    pub(crate) name: Option<String>,
    pub(crate) who: Telegram,
    pub(crate) phones: Vec<Phone>,
    pub(crate) emails: Vec<Mail>,
    pub(crate) wants_telegram: bool,
    pub(crate) request: Option<String>,
    /// The customer's last messages, if there is no request.
    pub(crate) own_words: Option<String>,
    pub(crate) preferred_time: Option<String>,
    /// How it was recorded, if its number does not say so.
    pub(crate) source: Option<String>,
    /// Found by the service alone, to be checked.
    pub(crate) is_to_be_checked: bool,
    pub(crate) came_from: Option<String>,
}

/// A question that got no answer.
#[derive(Debug, Serialize)]
pub(crate) struct Unanswered {
    pub(crate) at: String,
    pub(crate) who: Telegram,
    pub(crate) question: String,
    pub(crate) reason: String,
}

/// A customer who wrote and left no contact this time.
#[derive(Debug, Serialize)]
pub(crate) struct WorthACall {
    pub(crate) who: Telegram,
    pub(crate) at: Option<String>,
    /// An earlier number, or else an earlier address, and its lead.
    pub(crate) phone: Option<Phone>,
    pub(crate) email: Option<Mail>,
    pub(crate) before: Option<String>,
    pub(crate) first: Option<String>,
    pub(crate) last: Option<String>,
}

/// A question that the facts do not answer.
#[derive(Debug, Serialize)]
pub(crate) struct Gap {
    pub(crate) at: String,
    pub(crate) who: Telegram,
    pub(crate) question: String,
}

/// Delivery problems.
#[derive(Debug, Serialize)]
pub(crate) struct Problems {
    /// Problems that are still open, or need one sentence.
    pub(crate) notes: Vec<String>,
    pub(crate) dead: Part<Dead>,
    pub(crate) absences: Part<Absence>,
}

/// A dead delivery.
#[derive(Debug, Serialize)]
pub(crate) struct Dead {
    pub(crate) what: String,
    pub(crate) at: Option<String>,
    pub(crate) reason: String,
    /// How to send it again.
    pub(crate) todo: String,
}

/// A polling gap.
#[derive(Debug, Serialize)]
pub(crate) struct Absence {
    pub(crate) kind: String,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) span: String,
    /// What may be lost.
    pub(crate) lost: Option<String>,
}

/// A customer's part of the period.
#[derive(Debug, Serialize)]
pub(crate) struct Dialog {
    pub(crate) who: Telegram,
    /// The lead of this period.
    pub(crate) lead: Option<String>,
    /// New or returning customer, earlier lead, source.
    pub(crate) marks: String,
    /// Lines before those that are shown.
    pub(crate) before: Option<String>,
    pub(crate) days: Vec<Day>,
    /// Some lines are cut.
    pub(crate) cut: Option<String>,
}
