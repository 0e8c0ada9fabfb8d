//! A letter with all that is told in it.

use chrono::{DateTime, Utc};
use domain::{Alert, DeliveryId, Email, LeadNotice, Profile};

use super::{DialogLine, ReportPage};

/// A letter with all that is told in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterPage {
    /// Its row, for what tells it from all other letters.
    pub delivery: DeliveryId,
    /// The one it goes to.
    pub to: Email,
    /// What it tells.
    pub body: PageBody,
}

/// What a letter tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageBody {
    /// One lead.
    Lead(Box<LeadPage>),
    /// Several.
    Leads(Vec<LeadPage>),
    /// A report.
    Report(Box<ReportPage>),
    /// An alert.
    Alert(Alert),
}

/// A lead with its customer and his dialog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeadPage {
    /// The lead.
    pub notice: LeadNotice,
    /// How Telegram names the customer now.
    pub profile: Profile,
    /// The deep-link payload he came with.
    pub came_from: Option<String>,
    /// The update that caused the lead, for whoever reads the log.
    pub update: i64,
    /// The dialog up to the lead, oldest first.
    pub lines: Vec<DialogLine>,
    /// Older lines that have no room.
    pub left_out: usize,
    /// This letter is the last of its hour: leads that come before then come together.
    pub together_at: Option<DateTime<Utc>>,
}
