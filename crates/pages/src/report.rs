//! The page of a report: bounded lists, and counts of the rows beyond them.

use chrono::{DateTime, Utc};
use domain::{ChatId, DeliveryId, Email, LeadFacts, LeadId, LeadSource, Profile, ReportNotice};

use super::{Absence, Beyond, PastWeek, ReportDialog, ReportTurn, Unstored};

/// The content of a report. Its lists are bounded; rows beyond them are counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportPage {
    /// The period.
    pub notice: ReportNotice,
    /// Totals of the reports in the week before; `None` without a report.
    pub past_week: Option<PastWeek>,
    /// The dialogs, in order of their first message.
    pub dialogs: Vec<ReportDialog>,
    /// Turns that got a reply.
    pub turns: Vec<ReportTurn>,
    /// Turns the model did not answer, with the question.
    pub unanswered: Vec<Unanswered>,
    /// New leads, oldest first.
    pub leads: Vec<ReportLead>,
    /// Questions the facts did not answer, oldest first.
    pub gaps: Vec<ReportGap>,
    /// Dead deliveries, oldest first.
    pub dead: Vec<DeadLetter>,
    /// Letters that wait for the mail server longer than an hour, when the page is read.
    pub held_letters: u64,
    /// Addresses the mail server rejects when the page is read.
    pub refused: Vec<RefusedAddress>,
    /// Polling gaps.
    pub absences: Vec<Absence>,
    /// The begin of a polling gap that is still open when the page is read.
    pub away_since: Option<DateTime<Utc>>,
    /// Messages of floods that were only counted.
    pub unstored: Unstored,
    /// Counts of the rows beyond these lists.
    pub beyond: Beyond,
}

impl ReportPage {
    /// Of a period that brought nothing.
    pub fn empty(notice: ReportNotice) -> Self {
        Self {
            notice,
            past_week: None,
            dialogs: Vec::new(),
            turns: Vec::new(),
            unanswered: Vec::new(),
            leads: Vec::new(),
            gaps: Vec::new(),
            dead: Vec::new(),
            held_letters: 0,
            refused: Vec::new(),
            absences: Vec::new(),
            away_since: None,
            unstored: Unstored::default(),
            beyond: Beyond::default(),
        }
    }
}

/// A question that got no answer from the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unanswered {
    /// The customer.
    pub profile: Profile,
    /// When the other reply was stored.
    pub at: DateTime<Utc>,
    /// The customer's messages, one per line.
    pub question: String,
    /// `inbox.reason`: one word.
    pub reason: String,
}

/// A lead that was recorded in the period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportLead {
    /// Which.
    pub lead: LeadId,
    /// The customer's chat.
    pub chat: ChatId,
    /// The customer's current Telegram profile.
    pub profile: Profile,
    /// The customer's deep-link payload.
    pub came_from: Option<String>,
    /// When it was recorded.
    pub at: DateTime<Utc>,
    /// How.
    pub source: LeadSource,
    /// The current facts.
    pub facts: LeadFacts,
}

/// A question the facts did not answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportGap {
    /// When it was noted.
    pub at: DateTime<Utc>,
    /// The customer.
    pub profile: Profile,
    /// The question, in the model's words.
    pub question: String,
}

/// A dead delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// Its row id, for `outbox requeue`.
    pub delivery: DeliveryId,
    /// For a reply, its row in `dialogs`.
    pub dialog: Option<i64>,
    /// The address of a letter, the lane of what goes neither by mail nor to a chat; `None` for a reply.
    pub to: Option<String>,
    /// The customer it was meant for or is about.
    pub profile: Option<Profile>,
    /// When it became dead.
    pub at: Option<DateTime<Utc>>,
    /// Why, in few words.
    pub reason: String,
}

/// An address the mail server currently rejects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedAddress {
    /// Which.
    pub to: Email,
    /// The number of waiting letters.
    pub letters: u64,
    /// The server's reason for the newest.
    pub reason: String,
}
