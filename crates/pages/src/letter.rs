//! The content of a letter.

use chrono::{DateTime, Utc};
use domain::{Alert, DeliveryId, Email, LeadNotice, Profile};

use super::{DialogLine, ReportPage};

/// The content of a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterPage {
    /// Its row id, part of its identity.
    pub delivery: DeliveryId,
    /// The recipient.
    pub to: Email,
    /// The content.
    pub body: PageBody,
}

/// The content by kind.
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

/// A lead with the customer and the dialog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeadPage {
    /// The lead.
    pub notice: LeadNotice,
    /// How Telegram names the customer now.
    pub profile: Profile,
    /// The customer's deep-link payload.
    pub came_from: Option<String>,
    /// The update that caused the lead, as in the log.
    pub update: i64,
    /// The dialog up to the lead, oldest first.
    pub lines: Vec<DialogLine>,
    /// The number of older lines left out.
    pub left_out: usize,
    /// This letter is the last of its hour: leads that come before then come together.
    pub together_at: Option<DateTime<Utc>>,
}
