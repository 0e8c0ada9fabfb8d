//! A report with all that is told in it: bounded lists, and counts of what has no room in them.

use chrono::{DateTime, Utc};
use domain::{ChatId, DeliveryId, Email, LeadFacts, LeadId, LeadSource, Profile, ReportNotice};

use super::{Absence, Beyond, PastWeek, ReportDialog, ReportTurn, Unstored};

/// A report with all that is told in it. Its lists are bounded; rows beyond them are counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportPage {
    /// What it covers.
    pub notice: ReportNotice,
    /// What the reports of the week before it came to; `None` if there were none.
    pub past_week: Option<PastWeek>,
    /// The dialogs, in the order in which they began.
    pub dialogs: Vec<ReportDialog>,
    /// Turns that got a reply.
    pub turns: Vec<ReportTurn>,
    /// Those of them that the model did not answer, with what was asked.
    pub unanswered: Vec<Unanswered>,
    /// New leads, oldest first.
    pub leads: Vec<ReportLead>,
    /// Questions the facts did not answer, oldest first.
    pub gaps: Vec<ReportGap>,
    /// Deliveries that were given up, oldest first.
    pub dead: Vec<DeadLetter>,
    /// Letters that wait for the mail server longer than an hour, when the page is read.
    pub held_letters: u64,
    /// Addresses whose letters the mail server refuses, when the page is read.
    pub refused: Vec<RefusedAddress>,
    /// When nobody fetched updates.
    pub absences: Vec<Absence>,
    /// Since when nobody has, if that goes on while the page is read.
    pub away_since: Option<DateTime<Utc>>,
    /// Messages of floods that were only counted.
    pub unstored: Unstored,
    /// What is in none of these lists.
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

/// A customer who was told something else than an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unanswered {
    /// Who.
    pub profile: Profile,
    /// When he was told.
    pub at: DateTime<Utc>,
    /// What he had asked, his messages one a line.
    pub question: String,
    /// `inbox.reason`: one word.
    pub reason: String,
}

/// A lead that was recorded in the period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportLead {
    /// Which.
    pub lead: LeadId,
    /// Whose.
    pub chat: ChatId,
    /// How Telegram names him now.
    pub profile: Profile,
    /// The deep-link payload he came with.
    pub came_from: Option<String>,
    /// When it was recorded.
    pub at: DateTime<Utc>,
    /// How.
    pub source: LeadSource,
    /// What is known by now.
    pub facts: LeadFacts,
}

/// A question the facts did not answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportGap {
    /// When it was noted.
    pub at: DateTime<Utc>,
    /// Who asked.
    pub profile: Profile,
    /// The question, in the model's words.
    pub question: String,
}

/// A delivery that was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// Its row, by which it can be put back.
    pub delivery: DeliveryId,
    /// Of a reply, the row of `dialogs` whose words it carries.
    pub dialog: Option<i64>,
    /// The address of a letter, the lane of what goes neither by mail nor to a chat; `None` for a reply.
    pub to: Option<String>,
    /// The customer it was meant for or is about.
    pub profile: Option<Profile>,
    /// When it was given up.
    pub at: Option<DateTime<Utc>>,
    /// Why, in few words.
    pub reason: String,
}

/// An address whose letters the mail server refuses for now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedAddress {
    /// Which.
    pub to: Email,
    /// How many wait.
    pub letters: u64,
    /// What the server said of the newest.
    pub reason: String,
}
