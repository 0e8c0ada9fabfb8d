//! What templates are given: every value cleaned, every time local, every choice made. Escaping is the templates' own.

use chrono_tz::Tz;
use serde::Serialize;

use super::clean::line;
use crate::domain::Language;

/// What stands in every letter.
#[derive(Debug, Serialize)]
pub(super) struct Frame<T> {
    /// The language of the letter (BCP 47), for the screen reader.
    pub(super) lang: &'static str,
    /// `BUSINESS_NAME`.
    pub(super) business: String,
    /// The zone of all times: `Europe/Moscow`.
    pub(super) zone: String,
    /// What the letter is about.
    #[serde(flatten)]
    pub(super) body: T,
}

/// What all letters of a language, a business and a zone begin with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head<'a> {
    pub(super) language: Language,
    pub(super) business: &'a str,
    pub(super) zone: Tz,
}

impl Head<'_> {
    pub(super) fn frame<T>(self, body: T) -> Frame<T> {
        Frame {
            lang: self.language.code(),
            business: line(self.business),
            zone: self.zone.name().to_owned(),
            body,
        }
    }
}

/// A letter on one lead.
#[derive(Debug, Serialize)]
pub(super) struct OneLead {
    pub(super) lead: Lead,
}

/// A letter on several.
#[derive(Debug, Serialize)]
pub(super) struct ManyLeads {
    pub(super) count: usize,
    pub(super) leads: Vec<Lead>,
}

/// A lead.
#[derive(Debug, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "templates ask yes or no")]
pub(super) struct Lead {
    pub(super) id: String,
    pub(super) is_update: bool,
    /// Who and how to reach him, in one short line: `Мария, +79123456789`.
    pub(super) summary: String,
    /// What a mailbox shows behind the subject.
    pub(super) preview: String,
    /// How he is called; a user name stands here in text alone, in HTML it is the link below.
    pub(super) who: String,
    pub(super) title: Option<String>,
    pub(super) phone: Option<Phone>,
    pub(super) other_phones: Vec<Phone>,
    /// The address that stands on top because there is no number to call.
    pub(super) top_email: Option<String>,
    /// All others.
    pub(super) emails: Vec<String>,
    /// There is neither number nor address: his user name stands on top.
    pub(super) is_telegram_first: bool,
    pub(super) telegram: Option<Telegram>,
    /// It tells more than what stands on top.
    pub(super) has_telegram_row: bool,
    pub(super) wants_telegram: bool,
    pub(super) name: Option<String>,
    pub(super) request: Option<String>,
    /// The customer's last words, where nobody has put the request into words.
    pub(super) own_words: Option<String>,
    pub(super) preferred_time: Option<String>,
    pub(super) note: Option<String>,
    /// How it was recorded.
    pub(super) source: String,
    /// Nobody but the service has looked at it.
    pub(super) is_to_be_checked: bool,
    pub(super) came_from: Option<String>,
    pub(super) changes: Vec<Change>,
    pub(super) earlier: Vec<Earlier>,
    #[serde(flatten)]
    pub(super) dialog: LeadDialog,
    pub(super) update: String,
    pub(super) chat: String,
    pub(super) at: String,
}

/// What is told of a lead's dialog.
#[derive(Debug, Default, Serialize)]
pub(super) struct LeadDialog {
    /// Older messages that the letter was not given.
    pub(super) left_out: usize,
    /// How to read those: `frontdesk leads show 42`.
    pub(super) command: String,
    pub(super) days: Vec<Day>,
    /// Messages for which there is no room behind those days.
    pub(super) gap: usize,
    /// What comes behind the gap.
    pub(super) last_days: Vec<Day>,
    /// Some lines end in their "…".
    pub(super) has_cut: bool,
    /// What has all of it, if there is a gap or a cut: `dialog-42.txt`.
    pub(super) file: String,
}

impl LeadDialog {
    /// Whether it needs no file beside it.
    pub(super) fn is_whole(&self) -> bool {
        self.gap == 0 && !self.has_cut
    }
}

/// The whole dialog, for a file.
#[derive(Debug, Serialize)]
pub(super) struct History {
    pub(super) id: String,
    pub(super) who: String,
    pub(super) phones: Vec<Phone>,
    pub(super) emails: Vec<String>,
    pub(super) telegram: Option<Telegram>,
    /// When its first message was written, and its last one.
    pub(super) since: String,
    pub(super) until: String,
    pub(super) left_out: usize,
    pub(super) command: String,
    pub(super) days: Vec<Day>,
}

/// A number.
#[derive(Debug, Serialize)]
pub(super) struct Phone {
    pub(super) shown: String,
    /// In the form of E.164, for a link.
    pub(super) number: String,
    /// Telegram vouches for it.
    pub(super) is_verified: bool,
    /// How it is known, if that needs to be said.
    pub(super) mark: Option<String>,
}

/// A customer in Telegram.
#[derive(Debug, Serialize)]
pub(super) struct Telegram {
    /// How he calls himself there.
    pub(super) name: String,
    /// `@maria`.
    pub(super) username: Option<String>,
    /// Only for a user name of Telegram's form.
    pub(super) link: Option<String>,
}

/// A fact that is new.
#[derive(Debug, Serialize)]
pub(super) struct Change {
    pub(super) field: String,
    pub(super) before: Option<String>,
    pub(super) after: String,
}

/// A lead of the same customer that was there before.
#[derive(Debug, Serialize)]
pub(super) struct Earlier {
    pub(super) id: String,
    pub(super) date: String,
    pub(super) phone: Option<String>,
    pub(super) request: Option<String>,
}

/// A day of a dialog.
#[derive(Debug, Serialize)]
pub(super) struct Day {
    pub(super) date: String,
    pub(super) lines: Vec<Line>,
}

/// A line of a dialog.
#[derive(Debug, Clone, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "templates ask yes or no")]
pub(super) struct Line {
    pub(super) time: String,
    pub(super) who: String,
    pub(super) is_ours: bool,
    pub(super) text: String,
    /// It goes on where its "…" stands.
    pub(super) is_cut: bool,
    pub(super) is_edit: bool,
    pub(super) is_lost: bool,
    pub(super) is_waiting: bool,
}

/// A letter on something an operator has to look at.
#[derive(Debug, Serialize)]
pub(super) struct Alert {
    pub(super) subject: String,
    pub(super) title: String,
    pub(super) reason: String,
    pub(super) at: String,
    pub(super) meanwhile: String,
    pub(super) steps: Vec<String>,
}

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
    pub(super) figures: Vec<Figure>,
    pub(super) sources: Option<Part<Source>>,
    pub(super) leads: Option<Part<LeadInReport>>,
    pub(super) open: Option<Part<OpenDialog>>,
    pub(super) unanswered: Option<Part<Unanswered>>,
    pub(super) gaps: Option<Part<Gap>>,
    pub(super) problems: Option<Problems>,
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
    pub(super) emails: Vec<String>,
    pub(super) wants_telegram: bool,
    pub(super) request: Option<String>,
    pub(super) preferred_time: Option<String>,
    /// How it was recorded.
    pub(super) source: String,
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

/// A dialog in which no contact was left.
#[derive(Debug, Serialize)]
pub(super) struct OpenDialog {
    pub(super) who: Telegram,
    pub(super) at: Option<String>,
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
