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

base::words! { SpentTable {
    Inbox = "inbox",
    Outbox = "outbox",
    Effects = "tool_effects",
    Gaps = "gaps",
    Absences = "absences",
    Reports = "reports",
    Floods = "floods",
    Arrivals = "arrivals",
    OldInbox = "old_inbox",
    OldOutbox = "old_outbox",
} }
