//! What templates are given: every value cleaned, every time local, every choice made. Escaping is the templates' own.

use chrono_tz::Tz;
use domain::Language;
use serde::Serialize;

use super::clean::line;

/// What stands in every letter.
#[derive(Debug, Serialize)]
pub(super) struct Frame<T> {
    /// The language of the letter (BCP 47), for the screen reader.
    pub(super) lang: &'static str,
    /// `BUSINESS_NAME`.
    pub(super) business: String,
    /// The zone of all times: `Europe/Moscow`.
    pub(super) zone: String,
    /// What is to be known of the letter before anything in it.
    pub(super) notice: Option<String>,
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
    pub(super) notice: Option<&'a str>,
}

impl Head<'_> {
    pub(super) fn frame<T>(self, body: T) -> Frame<T> {
        Frame {
            lang: self.language.code(),
            business: line(self.business),
            zone: self.zone.name().to_owned(),
            notice: self.notice.map(str::to_owned),
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
    /// Their names: what a mailbox shows behind the subject.
    pub(super) preview: String,
    pub(super) leads: Vec<Lead>,
    /// How many more are in the table alone, in a sentence.
    pub(super) more: Option<String>,
    /// What is attached, in a sentence.
    pub(super) files: String,
}

/// A lead.
#[derive(Debug, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "templates ask yes or no")]
pub(super) struct Lead {
    pub(super) id: String,
    pub(super) is_update: bool,
    /// Behind the number of the lead in a subject: who, how to reach him, what he wants.
    pub(super) headline: String,
    /// Who and how to reach him, in one short line: `Мария, +7 912 345-67-89`.
    pub(super) summary: String,
    /// What a mailbox shows behind the subject.
    pub(super) preview: String,
    /// How he is called.
    pub(super) who: String,
    pub(super) phone: Option<Phone>,
    pub(super) other_phones: Vec<Phone>,
    /// The address that stands on top because there is no number to call.
    pub(super) top_email: Option<Mail>,
    /// All others.
    pub(super) emails: Vec<Mail>,
    pub(super) telegram: Option<Telegram>,
    pub(super) wants_telegram: bool,
    /// The buttons below the one that calls, or in its place.
    pub(super) writes: Vec<Write>,
    /// What he calls himself in full, where it is too long for the top.
    pub(super) name: Option<String>,
    /// What he wants, in words or in his own, so short that the buttons below it stay on the first screen.
    pub(super) wish: Option<String>,
    /// All of it is longer.
    pub(super) is_wish_cut: bool,
    pub(super) request: Option<String>,
    /// The customer's last words, where nobody has put the request into words.
    pub(super) own_words: Option<String>,
    pub(super) preferred_time: Option<String>,
    pub(super) note: Option<String>,
    /// How it was recorded, if no mark above says so.
    pub(super) source: Option<String>,
    /// Nobody but the service has looked at it.
    pub(super) is_to_be_checked: bool,
    pub(super) came_from: Option<String>,
    pub(super) changes: Vec<Change>,
    pub(super) earlier: Vec<Earlier>,
    #[serde(flatten)]
    pub(super) dialog: LeadDialog,
    pub(super) update: String,
    pub(super) chat: String,
    /// The address that an answer to the letter goes to.
    pub(super) answer_to: Option<String>,
    /// Until when further leads come together, in a sentence.
    pub(super) together: Option<String>,
    /// When it was recorded, and the same without the year.
    pub(super) at: String,
    pub(super) came_at: String,
}

/// A button that writes.
#[derive(Debug, Serialize)]
pub(super) struct Write {
    pub(super) link: String,
    pub(super) label: String,
    /// There is none that calls, and this one stands first.
    pub(super) is_first: bool,
}

/// An e-mail address.
#[derive(Debug, Serialize)]
pub(super) struct Mail {
    pub(super) shown: String,
    /// Only for one of the plain form that every mail program reads the same way.
    pub(super) link: Option<String>,
    /// Why it has to be checked.
    pub(super) mark: Option<String>,
}

/// What is told of a lead's dialog.
#[derive(Debug, Default, Serialize)]
pub(super) struct LeadDialog {
    /// Older messages that the letter was not given.
    pub(super) left_out: usize,
    /// The command that shows those.
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
    pub(super) emails: Vec<Mail>,
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
    /// `@maria`, or the number that the link opens.
    pub(super) username: Option<String>,
    /// To his user name, if it has Telegram's form, else to a number that Telegram vouches for.
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
    /// How often it is mailed, and when it is over.
    pub(super) bound: String,
}
