//! The tables from which spent rows are removed.

/// Tables from which rows are removed when they are no longer needed. `dialogs`, leads, customers and threads are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpentTable {
    /// Ended updates.
    Inbox,
    /// Ended deliveries; dead ones only after a report has listed them.
    Outbox,
    /// Tool effects of turns that have ended.
    Effects,
    /// Questions that a report has listed.
    Gaps,
    /// Absences that a report has listed.
    Absences,
    /// Borders of old periods.
    Reports,
    /// Flood counts that a report has listed.
    Floods,
    /// Counting windows of customers without recent messages.
    Arrivals,
    /// Content that an earlier version left in ended updates.
    OldInbox,
    /// Content that an earlier version left in ended deliveries.
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
