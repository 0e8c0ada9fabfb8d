//! Data for the templates of a lead: cleaned values, local times, no decisions left.

use serde::Serialize;

use crate::view::{Day, Mail, Phone, Telegram};

/// A letter on one lead.
#[derive(Debug, Serialize)]
pub(crate) struct OneLead {
    pub(crate) lead: Lead,
}

/// A letter on several.
#[derive(Debug, Serialize)]
pub(crate) struct ManyLeads {
    pub(crate) count: usize,
    /// Their names: the preview text in a mailbox.
    pub(crate) preview: String,
    pub(crate) leads: Vec<Lead>,
    /// How many more are in the table alone, in a sentence.
    pub(crate) more: Option<String>,
    /// What is attached, in a sentence.
    pub(crate) files: String,
}

/// A lead.
#[derive(Debug, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "templates ask yes or no")]
pub(crate) struct Lead {
    pub(crate) id: String,
    pub(crate) is_update: bool,
    /// After the lead number in the subject: name, contact, request.
    pub(crate) headline: String,
    /// `Мария, +7 912 345-67-89`.
    pub(crate) summary: String,
    /// The preview text in a mailbox.
    pub(crate) preview: String,
    /// The name.
    pub(crate) who: String,
    pub(crate) phone: Option<Phone>,
    pub(crate) other_phones: Vec<Phone>,
    /// The address at the top if there is no number.
    pub(crate) top_email: Option<Mail>,
    /// All others.
    pub(crate) emails: Vec<Mail>,
    pub(crate) telegram: Option<Telegram>,
    pub(crate) wants_telegram: bool,
    /// The buttons below the one that calls, or in its place.
    pub(crate) writes: Vec<Write>,
    /// The full name, if it is too long for the top.
    pub(crate) name: Option<String>,
    /// The request or the customer's last messages, shortened so that the buttons stay on the first screen.
    pub(crate) wish: Option<String>,
    /// All of it is longer.
    pub(crate) is_wish_cut: bool,
    pub(crate) request: Option<String>,
    /// The customer's last messages, if there is no request.
    pub(crate) own_words: Option<String>,
    pub(crate) preferred_time: Option<String>,
    pub(crate) note: Option<String>,
    /// How it was recorded, if no mark above says so.
    pub(crate) source: Option<String>,
    /// Found by the service alone, to be checked.
    pub(crate) is_to_be_checked: bool,
    pub(crate) came_from: Option<String>,
    pub(crate) changes: Vec<Change>,
    pub(crate) earlier: Vec<Earlier>,
    #[serde(flatten)]
    pub(crate) dialog: LeadDialog,
    pub(crate) update: String,
    pub(crate) chat: String,
    /// The address that an answer to the letter goes to.
    pub(crate) answer_to: Option<String>,
    /// Until when further leads come together, in a sentence.
    pub(crate) together: Option<String>,
    /// When it was recorded, and the same without the year.
    pub(crate) at: String,
    pub(crate) came_at: String,
}

/// A button that writes.
#[derive(Debug, Serialize)]
pub(crate) struct Write {
    pub(crate) link: String,
    pub(crate) label: String,
    /// There is none that calls, and this one stands first.
    pub(crate) is_first: bool,
}

/// The dialog of a lead.
#[derive(Debug, Default, Serialize)]
pub(crate) struct LeadDialog {
    /// Older messages that the letter was not given.
    pub(crate) left_out: usize,
    /// The command that shows those.
    pub(crate) command: String,
    pub(crate) days: Vec<Day>,
    /// Messages for which there is no room behind those days.
    pub(crate) gap: usize,
    /// What comes behind the gap.
    pub(crate) last_days: Vec<Day>,
    /// Some lines end in their "…".
    pub(crate) has_cut: bool,
    /// What has all of it, if there is a gap or a cut: `dialog-42.txt`.
    pub(crate) file: String,
}

impl LeadDialog {
    /// Whether it needs no file beside it.
    pub(crate) fn is_whole(&self) -> bool {
        self.gap == 0 && !self.has_cut
    }
}

/// The whole dialog, for a file.
#[derive(Debug, Serialize)]
pub(crate) struct History {
    pub(crate) id: String,
    pub(crate) who: String,
    pub(crate) phones: Vec<Phone>,
    pub(crate) emails: Vec<Mail>,
    pub(crate) telegram: Option<Telegram>,
    /// When its first message was written, and its last one.
    pub(crate) since: String,
    pub(crate) until: String,
    pub(crate) left_out: usize,
    pub(crate) command: String,
    pub(crate) days: Vec<Day>,
}

/// A fact that is new.
#[derive(Debug, Serialize)]
pub(crate) struct Change {
    pub(crate) field: String,
    pub(crate) before: Option<String>,
    pub(crate) after: String,
}

/// An earlier lead of the same customer.
#[derive(Debug, Serialize)]
pub(crate) struct Earlier {
    pub(crate) id: String,
    pub(crate) date: String,
    pub(crate) phone: Option<String>,
    pub(crate) request: Option<String>,
}
