//! What the templates of a report are given, part by part: every value cleaned, every time local, every choice made.

use serde::Serialize;

use crate::view::{Day, Mail, Phone, Telegram};

/// A letter on a period.
#[derive(Debug, Serialize)]
pub(crate) struct OneReport {
    pub(crate) report: Report,
}

/// What a period brought.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) subject: String,
    /// `Отчёт за сутки`.
    pub(crate) title: String,
    /// The answer: `7 диалогов, 2 заявки`.
    pub(crate) sum: String,
    /// From when to when, in full.
    pub(crate) period: String,
    /// From when, in short.
    pub(crate) since: String,
    /// What a mailbox shows behind the subject.
    pub(crate) preview: String,
    pub(crate) is_extra: bool,
    /// It is not the usual report of a good day.
    pub(crate) is_marked: bool,
    pub(crate) is_catch_up: bool,
    /// What went wrong, in short; the parts below tell it in full.
    pub(crate) attention: Vec<String>,
    /// Nobody wrote, and that is not because nobody was heard.
    pub(crate) ready: Option<String>,
    /// Whose contact there is, and who is worth a call, by name; the parts below tell it in full.
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
    /// A part that has something to tell, be it that none of it has room.
    pub(crate) fn of(shown: Vec<T>, more: Option<String>) -> Option<Self> {
        let is_any = !shown.is_empty() || more.is_some();
        is_any.then_some(Self { shown, more })
    }
}

/// Names behind a word.
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
    /// How he wants to be called, if that is not how Telegram names him.
    pub(crate) name: Option<String>,
    pub(crate) who: Telegram,
    pub(crate) phones: Vec<Phone>,
    pub(crate) emails: Vec<Mail>,
    pub(crate) wants_telegram: bool,
    pub(crate) request: Option<String>,
    /// The customer's last words, where nobody has put the request into words.
    pub(crate) own_words: Option<String>,
    pub(crate) preferred_time: Option<String>,
    /// How it was recorded, if its number does not say so.
    pub(crate) source: Option<String>,
    /// Nobody but the service has looked at it.
    pub(crate) is_to_be_checked: bool,
    pub(crate) came_from: Option<String>,
}

/// A customer who was told something else than an answer.
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
    /// A number that he left before, or an address if he left none, and the lead in which it stands.
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

/// What did not arrive.
#[derive(Debug, Serialize)]
pub(crate) struct Problems {
    /// What still goes on, or is told in a sentence.
    pub(crate) notes: Vec<String>,
    pub(crate) dead: Part<Dead>,
    pub(crate) absences: Part<Absence>,
}

/// A delivery that was given up.
#[derive(Debug, Serialize)]
pub(crate) struct Dead {
    pub(crate) what: String,
    pub(crate) at: Option<String>,
    pub(crate) reason: String,
    /// How to send it again.
    pub(crate) todo: String,
}

/// A time in which nobody fetched messages.
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
    /// New or known, an earlier lead, where he came from.
    pub(crate) marks: String,
    /// Lines before those that are shown.
    pub(crate) before: Option<String>,
    pub(crate) days: Vec<Day>,
    /// Some lines are cut.
    pub(crate) cut: Option<String>,
}
