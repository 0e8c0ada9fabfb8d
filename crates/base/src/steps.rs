//! The joints of the service: before and after every commit and every call of an edge. What a test does there is in `hooks.rs`;
//! without the feature `faults` a step is the call alone (`no_hooks.rs`).

/// Which side of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Moment {
    /// Nothing has happened yet.
    Before,
    /// It took effect, and nobody has been told.
    After,
}

/// Every kind of step there is: a call of an edge that is not here cannot be made a step, and the crash sweep of the
/// tests goes through all that are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StepName {
    /// The database is opened, at start and after trouble.
    Open,
    /// The schema is brought up to date.
    Migrate,
    /// One transaction of the writer.
    Commit,
    /// The last thing the writer does: the log goes into the file.
    Checkpoint,
    /// `threads.json` is replaced.
    Mirror,
    /// Telegram: `getMe`.
    Identify,
    /// Telegram: `getWebhookInfo`, `deleteWebhook`.
    Webhook,
    /// Telegram: `getMyCommands`, `setMyCommands`.
    Menu,
    /// Telegram: `getUpdates`.
    Poll,
    /// Telegram: the `getUpdates` of a stop, which only confirms.
    Confirm,
    /// Telegram: `sendChatAction`.
    Typing,
    /// Telegram: a delivery (`sendMessage`, `leaveChat`).
    Send,
    /// OpenAI: a conversation is made.
    Conversation,
    /// OpenAI: a run.
    Run,
    /// The mail server: a letter is handed over.
    Mail,
}

/// The hook failed the step on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the step was made to fail")]
pub struct StepFault;

/// What the writer's disk is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Disk {
    /// As it is.
    #[default]
    AsItIs,
    /// No room for another page of the database.
    Full,
    /// Nothing may be written.
    ReadOnly,
}
