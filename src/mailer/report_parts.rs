//! What the templates of a report are given, part by part: every value cleaned, every time local, every choice made.

use serde::Serialize;

use super::view::{Day, Mail, Phone, Telegram};

/// A letter on a period.
#[derive(Debug, Serialize)]
pub(super) struct OneReport {
    pub(super) report: Report,
}

/// What a period brought.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    pub(super) subject: String,
    /// `Отчёт за сутки`.
    pub(super) title: String,
    /// The answer: `7 диалогов, 2 заявки`.
    pub(super) sum: String,
    /// From when to when, in full.
    pub(super) period: String,
    /// From when, in short.
    pub(super) since: String,
    /// What a mailbox shows behind the subject.
    pub(super) preview: String,
    pub(super) is_extra: bool,
    /// It is not the usual report of a good day.
    pub(super) is_marked: bool,
    pub(super) is_catch_up: bool,
    /// What went wrong, in short; the parts below tell it in full.
    pub(super) attention: Vec<String>,
    /// Nobody wrote, and that is not because nobody was heard.
    pub(super) ready: Option<String>,
    /// Whose contact there is, and who is worth a call, by name; the parts below tell it in full.
    pub(super) brief: Vec<Brief>,
    /// The four figures of the first screen, two a row.
    pub(super) kpis: Vec<Vec<Kpi>>,
    /// The days by whose mean they are compared with what is usual.
    pub(super) usual_days: Option<i64>,
    pub(super) hours: Option<Hours>,
    pub(super) leads: Option<Part<LeadInReport>>,
    pub(super) worth: Option<Part<WorthACall>>,
    /// One of the next two is there.
    pub(super) is_short_of_answers: bool,
    pub(super) gaps: Option<Part<Gap>>,
    pub(super) unanswered: Option<Part<Unanswered>>,
    pub(super) problems: Option<Problems>,
    /// All other figures.
    pub(super) figures: Vec<Figure>,
    pub(super) sources: Option<Part<Source>>,
    pub(super) dialogs: Option<Part<Dialog>>,
    /// The attached tables, and what they have no room for.
    pub(super) sheets: Vec<String>,
}

/// A list of which a letter has room for some.
#[derive(Debug, Serialize)]
pub(super) struct Part<T> {
    pub(super) shown: Vec<T>,
    /// How many more there are, and where.
    pub(super) more: Option<String>,
}

impl<T> Part<T> {
    /// A part that has something to tell, be it that none of it has room.
    pub(super) fn of(shown: Vec<T>, more: Option<String>) -> Option<Self> {
        let is_any = !shown.is_empty() || more.is_some();
        is_any.then_some(Self { shown, more })
    }
}

/// Names behind a word.
#[derive(Debug, Serialize)]
pub(super) struct Brief {
    pub(super) name: String,
    pub(super) people: String,
}

/// A figure of the first screen.
#[derive(Debug, Serialize)]
pub(super) struct Kpi {
    pub(super) name: String,
    pub(super) value: String,
    /// More or less than usual: `+1,7`.
    pub(super) delta: Option<String>,
    /// What is usual: `обычно 5,3`.
    pub(super) usual: Option<String>,
}

/// When customers wrote.
#[derive(Debug, Serialize)]
pub(super) struct Hours {
    pub(super) bars: Vec<Bar>,
    /// The hours that stand below the bars, each below as many.
    pub(super) marks: Vec<String>,
    /// The busiest hour, in words; none of several that are alike.
    pub(super) busiest: Option<String>,
}

/// An hour of the day.
#[derive(Debug, Serialize)]
pub(super) struct Bar {
    /// `09:00–10:00`.
    pub(super) hour: String,
    pub(super) count: u64,
    /// In pixels; 0 is none.
    pub(super) height: u64,
}

/// A figure with its name, and what it is made of.
#[derive(Debug, Serialize)]
pub(super) struct Figure {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) notes: Vec<String>,
}

/// Where new customers came from.
#[derive(Debug, Serialize)]
pub(super) struct Source {
    pub(super) name: String,
    pub(super) count: String,
}

/// A lead, in short.
#[derive(Debug, Serialize)]
pub(super) struct LeadInReport {
    pub(super) mark: String,
    pub(super) at: String,
    /// How he wants to be called, if that is not how Telegram names him.
    pub(super) name: Option<String>,
    pub(super) who: Telegram,
    pub(super) phones: Vec<Phone>,
    pub(super) emails: Vec<Mail>,
    pub(super) wants_telegram: bool,
    pub(super) request: Option<String>,
    /// The customer's last words, where nobody has put the request into words.
    pub(super) own_words: Option<String>,
    pub(super) preferred_time: Option<String>,
    /// How it was recorded, if its number does not say so.
    pub(super) source: Option<String>,
    /// Nobody but the service has looked at it.
    pub(super) is_to_be_checked: bool,
    pub(super) came_from: Option<String>,
}

/// A customer who was told something else than an answer.
#[derive(Debug, Serialize)]
pub(super) struct Unanswered {
    pub(super) at: String,
    pub(super) who: Telegram,
    pub(super) question: String,
    pub(super) reason: String,
}

/// A customer who wrote and left no contact this time.
#[derive(Debug, Serialize)]
pub(super) struct WorthACall {
    pub(super) who: Telegram,
    pub(super) at: Option<String>,
    /// A number that he left before, or an address if he left none, and the lead in which it stands.
    pub(super) phone: Option<Phone>,
    pub(super) email: Option<Mail>,
    pub(super) before: Option<String>,
    pub(super) first: Option<String>,
    pub(super) last: Option<String>,
}

/// A question that the facts do not answer.
#[derive(Debug, Serialize)]
pub(super) struct Gap {
    pub(super) at: String,
    pub(super) who: Telegram,
    pub(super) question: String,
}

/// What did not arrive.
#[derive(Debug, Serialize)]
pub(super) struct Problems {
    /// What still goes on, or is told in a sentence.
    pub(super) notes: Vec<String>,
    pub(super) dead: Part<Dead>,
    pub(super) absences: Part<Absence>,
}

/// A delivery that was given up.
#[derive(Debug, Serialize)]
pub(super) struct Dead {
    pub(super) what: String,
    pub(super) at: Option<String>,
    pub(super) reason: String,
    /// How to send it again.
    pub(super) todo: String,
}

/// A time in which nobody fetched messages.
#[derive(Debug, Serialize)]
pub(super) struct Absence {
    pub(super) kind: String,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) span: String,
    /// What may be lost.
    pub(super) lost: Option<String>,
}

/// A customer's part of the period.
#[derive(Debug, Serialize)]
pub(super) struct Dialog {
    pub(super) who: Telegram,
    /// The lead of this period.
    pub(super) lead: Option<String>,
    /// New or known, an earlier lead, where he came from.
    pub(super) marks: String,
    /// Lines before those that are shown.
    pub(super) before: Option<String>,
    pub(super) days: Vec<Day>,
    /// Some lines are cut.
    pub(super) cut: Option<String>,
}
