//! The daily report: the period it covers, and the page that is read when it leaves. Borders are row ids, so whatever a
//! clock does, each row belongs to exactly one period.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{
    Beyond, ChatId, DeliveryId, DialogLine, Email, LeadFacts, LeadId, LeadSource, PastWeek, Profile, ReportId, Rest,
    Unstored,
};

/// The last rows of a period, of each table that is reported on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Border {
    /// `dialogs`; with the reply of a turn go its figures.
    pub dialog: i64,
    /// `successful_dialogs`.
    pub lead: i64,
    /// `gaps`.
    pub gap: i64,
    /// `absences`.
    pub absence: i64,
}

/// What a report covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// Its row; `None` while it is open.
    pub report: Option<ReportId>,
    /// When the one before it ended, or the installation began.
    pub since: DateTime<Utc>,
    /// Its due time; of an open one, when it was looked at.
    pub until: DateTime<Utc>,
    /// The last rows before it.
    pub after: Border,
    /// Its last rows.
    pub upto: Border,
    /// Due times before its own found nobody running: it makes up for their reports.
    #[serde(default)]
    pub is_catch_up: bool,
}

/// A report as its letter keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportNotice {
    /// What it covers.
    pub period: Period,
    /// Why it is sent.
    pub occasion: Occasion,
}

/// Why a report is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Occasion {
    /// It was due.
    Due,
    /// Somebody asked for it; no period ends with it.
    Extra,
}

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

/// One customer's part of a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportDialog {
    /// Whose.
    pub chat: ChatId,
    /// How Telegram names him now.
    pub profile: Profile,
    /// The deep-link payload he came with.
    pub came_from: Option<String>,
    /// He never wrote before this period.
    pub is_new: bool,
    /// His newest lead up to the end of the period.
    pub lead: Option<LeadId>,
    /// That lead was recorded in this period.
    pub is_lead_new: bool,
    /// What that lead knows of him by now.
    pub facts: Option<LeadFacts>,
    /// He left a contact in this period, be it for a lead from before.
    pub has_left_contact: bool,
    /// What was said, oldest first.
    pub lines: Vec<DialogLine>,
    /// What was said after that.
    pub rest: Rest,
}

/// A turn that got a reply in the period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportTurn {
    /// How it ended.
    pub outcome: TurnOutcome,
    /// From the arrival of the first message it answers to its reply being stored.
    pub took: TimeDelta,
    /// Tokens read by the model.
    pub input_tokens: i64,
    /// Tokens written by it.
    pub output_tokens: i64,
}

/// How a turn ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TurnOutcome {
    /// The model answered.
    Answered,
    /// The service answered by itself: a command, media, thanks for a contact.
    Service,
    /// The model did not answer.
    Failed {
        /// `inbox.reason`: one word.
        reason: String,
        /// The customer was asked for his contact in place of an answer.
        is_form: bool,
    },
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
    /// The address of a letter; `None` for a reply.
    pub to: Option<Email>,
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

/// A time in which nobody fetched updates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absence {
    /// Why.
    pub kind: AbsenceKind,
    /// When updates were last fetched before it.
    pub began: DateTime<Utc>,
    /// When it was over.
    pub ended: DateTime<Utc>,
}

impl Absence {
    /// Telegram keeps updates that nobody fetches for 24 hours (Bot API, Getting updates): older ones are lost.
    pub const TELEGRAM_KEEPS: TimeDelta = TimeDelta::hours(24);

    /// Absences this close to each other are one: between them hardly anything can have been fetched.
    const SAME_OUTAGE: TimeDelta = TimeDelta::minutes(5);

    /// The time of which Telegram has forgotten the messages, for each absence in which it has come to that: from when to when
    /// they were written. An outage that a restart has cut in two forgets as much as a whole one.
    pub fn losses(absences: &[Self]) -> Vec<Option<(DateTime<Utc>, DateTime<Utc>)>> {
        let mut outage: Option<(DateTime<Utc>, DateTime<Utc>)> = None;
        let loss = |absence: &Self| {
            let began = match outage {
                Some((began, ended)) if absence.began - ended <= Self::SAME_OUTAGE => began.min(absence.began),
                _ => absence.began,
            };
            outage = Some((began, absence.ended));
            let kept_from = absence.ended - Self::TELEGRAM_KEEPS;
            (kept_from > began).then_some((began, kept_from))
        };
        absences.iter().map(loss).collect()
    }

    /// How long it was.
    pub fn span(&self) -> TimeDelta {
        self.ended - self.began
    }
}

/// Why nobody fetched updates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AbsenceKind {
    /// The service did not run.
    Stopped,
    /// It ran and did not get through to Telegram, or the machine slept.
    Unreachable,
}

impl AbsenceKind {
    /// The word stored in `absences.kind` and logged.
    pub fn word(self) -> &'static str {
        match self {
            Self::Stopped => "stopped",
            Self::Unreachable => "unreachable",
        }
    }

    /// The kind of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Stopped, Self::Unreachable]
            .into_iter()
            .find(|kind| kind.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::hours(hours)
    }

    fn losses(spans: &[(i64, i64)]) -> Vec<Option<(DateTime<Utc>, DateTime<Utc>)>> {
        let kind = AbsenceKind::Stopped;
        let absence = |(began, ended): &(i64, i64)| Absence {
            kind,
            began: at(*began),
            ended: at(*ended),
        };
        Absence::losses(&spans.iter().map(absence).collect::<Vec<_>>())
    }

    #[test]
    fn what_nobody_fetches_for_a_day_is_lost_from_its_beginning() {
        assert_eq!(losses(&[(0, 24)]), [None]);
        assert_eq!(losses(&[(0, 30)]), [Some((at(0), at(6)))]);
        assert_eq!(
            losses(&[(0, 15), (15, 30)]),
            [None, Some((at(0), at(6)))],
            "cut by a restart"
        );
        assert_eq!(losses(&[(0, 15), (16, 31)]), [None, None], "fetched in between");
    }
}
