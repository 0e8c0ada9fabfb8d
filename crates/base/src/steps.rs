//! The points at which tests inject faults: before and after every commit and every call of an edge (`hooks.rs`). Without the
//! feature `faults` a step is only the call (`no_hooks.rs`).

/// Which side of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Moment {
    /// Before the effect.
    Before,
    /// After the effect, before anything observed it.
    After,
}

/// Every kind of step. A call of an edge needs a name here to be a step, and the crash sweep of the tests covers all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StepName {
    /// The database is opened, at start and after trouble.
    Open,
    /// The schema is brought up to date.
    Migrate,
    /// One transaction of the writer.
    Commit,
    /// The writer's last act: the write-ahead log is moved into the file.
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
    /// Telegram: the `getUpdates` at shutdown that only confirms.
    Confirm,
    /// Telegram: `sendChatAction`.
    Typing,
    /// Telegram: a delivery (`sendMessage`, `leaveChat`).
    Send,
    /// OpenAI: a conversation is created.
    Conversation,
    /// OpenAI: a run.
    Run,
    /// The mail server: a letter is sent.
    Mail,
}

/// The hook failed the step on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the step was made to fail")]
pub struct StepFault;

/// State of the writer's disk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Disk {
    /// Unchanged.
    #[default]
    AsItIs,
    /// No space for another page of the database.
    Full,
    /// Writes are rejected.
    ReadOnly,
}
