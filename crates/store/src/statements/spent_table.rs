//! The tables from which spent rows go.

/// Tables from which rows go when nobody reads them any more. `dialogs`, leads, customers and threads stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpentTable {
    /// Ended updates.
    Inbox,
    /// Ended deliveries; dead ones once a report has told of them.
    Outbox,
    /// What tools did in turns that have ended.
    Effects,
    /// Questions that a report has told.
    Gaps,
    /// Absences that a report has told.
    Absences,
    /// Borders of periods that are long over.
    Reports,
    /// Counts of floods that a report has told.
    Floods,
    /// Windows of customers who wrote nothing lately.
    Arrivals,
    /// What an earlier version left in ended updates.
    OldInbox,
    /// What an earlier version left in ended deliveries.
    OldOutbox,
}

impl SpentTable {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Inbox,
        Self::Outbox,
        Self::Effects,
        Self::Gaps,
        Self::Absences,
        Self::Reports,
        Self::Floods,
        Self::Arrivals,
        Self::OldInbox,
        Self::OldOutbox,
    ];

    /// The word that is logged.
    pub fn word(self) -> &'static str {
        match self {
            Self::Inbox => "inbox",
            Self::Outbox => "outbox",
            Self::Effects => "tool_effects",
            Self::Gaps => "gaps",
            Self::Absences => "absences",
            Self::Reports => "reports",
            Self::Floods => "floods",
            Self::Arrivals => "arrivals",
            Self::OldInbox => "old_inbox",
            Self::OldOutbox => "old_outbox",
        }
    }
}
