//! The rows of a conversation: what waits, what a new thread is told, and the end of a turn.

use chrono::{DateTime, Utc};
use domain::{
    Alert, ChatId, Customer, Delivery, Edit, FailReason, FoundContact, HistoryLine, InboxId, Keyboard, LeadSource,
    OutgoingMessage, SharedLeadRules, ThreadId, TurnFigures, WaitingRow,
};

use crate::db::messages::LeadNews;

/// Everything a conversation needs to begin. Asked once in its life, and again when it missed a row.
#[derive(Debug, Clone, Copy)]
pub struct LoadConversation {
    /// Whose.
    pub chat: ChatId,
    /// When the day began in which turns are counted.
    pub day_start: DateTime<Utc>,
}

/// The same after the conversation panicked: a write, because the thread becomes suspect and the oldest waiting
/// row remembers the panic.
#[derive(Debug, Clone, Copy)]
pub struct RecoverConversation {
    /// Whose.
    pub chat: ChatId,
    /// The oldest waiting row with the panics it remembers so far: counted up from there, so that a repeated
    /// commit counts once.
    pub row: Option<(InboxId, u32)>,
    /// As in [`LoadConversation`].
    pub day_start: DateTime<Utc>,
}

/// A conversation as its rows tell it.
#[derive(Debug, Clone)]
pub struct ConversationState {
    /// The customer with his thread.
    pub customer: Customer,
    /// His `pending` rows, oldest first.
    pub waiting: Vec<WaitingRow>,
    /// Edits no turn has told the model yet, oldest first.
    pub edits: Vec<Edit>,
    /// The rows of such edits that do not parse any more; for [`EndUnreadable`].
    pub unreadable_edits: Vec<InboxId>,
    /// His newest row, whatever its state.
    pub newest: Option<InboxId>,
    /// When he was last told what is understood.
    pub media_hint_at: Option<DateTime<Utc>>,
    /// Turns of the model he had since the day began.
    pub turns_today: u64,
}

/// Chats with `pending` rows, those that wait longest first.
#[derive(Debug, Clone, Copy)]
pub struct FindWaitingChats {
    /// At most so many.
    pub limit: u32,
}

/// Who waits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WaitingChats {
    /// Their chats.
    pub chats: Vec<WaitingChat>,
    /// Rows whose chat does not parse, so that nobody can be answered; for [`EndUnreadable`].
    pub unreadable: Vec<InboxId>,
}

/// Ends inbox rows that do not parse and that no turn can end: a `pending` one whose chat is unknown becomes
/// `failed (unreadable)`, an edit nobody can tell the model `ignored (unreadable)`.
#[derive(Debug, Clone)]
pub struct EndUnreadable {
    /// Which.
    pub rows: Vec<InboxId>,
}

/// A chat with a row that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaitingChat {
    /// The chat.
    pub chat: ChatId,
    /// Its oldest `pending` row.
    pub oldest: InboxId,
}

/// What a new thread is told of the past: this customer's finished turns since his last
/// `/reset`, oldest first, and what was done for him.
#[derive(Debug, Clone, Copy)]
pub struct LoadHistory {
    /// Whose.
    pub chat: ChatId,
    /// At most so many lines,
    pub lines: u32,
    /// within so many characters; the newest win.
    pub chars: usize,
    /// Characters of one text of the customer: those the model was given when he wrote it.
    pub text_chars: usize,
    /// Leads that changed before are not told: a returning customer has to be recorded anew.
    pub leads_since: DateTime<Utc>,
}

/// The past of a thread.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// What was said, oldest first.
    pub lines: Vec<HistoryLine>,
    /// A contact of his was saved, in this turn or before it, and still counts as left.
    pub is_contact_saved: bool,
    /// The tools that have had an effect, by name.
    pub effects: Vec<String>,
}

/// Ends a turn in one transaction: its inbox rows, the reply as a `dialogs` row and as outbox rows, the thread, the
/// figures, a lead nobody had recorded, the letters that waited for this. If one of the rows is not `pending` any more,
/// nothing is written.
#[derive(Debug, Clone)]
pub struct FinishTurn {
    /// Whose.
    pub chat: ChatId,
    /// The rows it answers, oldest first; the first is the turn's id.
    pub rows: Vec<InboxId>,
    /// Edits the model was told of.
    pub edits: Vec<InboxId>,
    /// How it ended.
    pub ending: Ending,
    /// What the customer gets; `None` answers with silence (a further part of an album).
    pub reply: Option<FinishedReply>,
    /// What becomes of the thread.
    pub thread: ThreadUpdate,
    /// What it took.
    pub figures: TurnFigures,
    /// Contacts in the customer's words: those that no open lead of his carries become one.
    pub contacts: LeftContacts,
    /// Who is told of leads, and when.
    pub rules: SharedLeadRules,
    /// The lead of this source was told to the model.
    pub told_lead: Option<LeadSource>,
    /// What becomes of the form.
    pub form: FormUpdate,
    /// What an operator is told, unless he was told lately.
    pub alert: Option<Alert>,
}

/// Contacts that were found in the words of a turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftContacts {
    /// In the order in which they were written.
    pub found: Vec<FoundContact>,
    /// What their lead is marked with.
    pub source: LeadSource,
}

impl LeftContacts {
    /// None at all.
    pub fn none() -> Self {
        Self {
            found: Vec::new(),
            source: LeadSource::Text,
        }
    }
}

/// What a turn does to the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormUpdate {
    /// Nothing.
    Keep,
    /// The customer is asked for his contact: the form is open from here on.
    Ask,
    /// It is closed.
    Close,
}

/// How a turn ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Answered.
    Done,
    /// The model did not answer; the reply says so politely.
    Failed(FailReason),
}

/// A reply, whole and in parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FinishedReply {
    /// What the owner reads: the model's own text.
    pub text: String,
    /// Where it comes from.
    pub kind: ReplyKind,
    /// What leaves, in order; at least one.
    pub parts: Vec<OutgoingMessage>,
}

impl FinishedReply {
    /// The keyboard that comes or goes with it.
    pub fn keyboard(&self) -> Option<&Keyboard> {
        self.parts.iter().find_map(|part| part.keyboard.as_ref())
    }
}

/// Where a reply comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplyKind {
    /// The model; part of the history.
    Answer,
    /// A text of ours: a greeting, help, a confirmation.
    Service,
    /// The greeting; the customer counts as greeted.
    Greeting,
    /// What is understood; the customer counts as told so.
    MediaHint,
    /// The polite text when the model did not answer.
    Failure,
}

/// What a turn does to the customer's thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ThreadUpdate {
    /// Nothing: the model was not asked.
    Keep,
    /// The turn ran on it.
    Used {
        /// The thread.
        id: ThreadId,
        /// Input tokens of the last run.
        input_tokens: i64,
    },
    /// It may be broken: the next turn begins a new one.
    Suspect,
    /// `/reset`: none; earlier waiting rows are ignored, and nothing up to this turn's first row is ever told again.
    Reset,
}

/// What came of [`FinishTurn`].
#[derive(Debug, Clone, Default)]
pub struct FinishedTurn {
    /// `false`: somebody else ended the rows before; what the caller knows is out of date.
    pub is_written: bool,
    /// What may leave at once, claimed: the first part if its lane was free, letters.
    pub deliveries: Vec<Delivery>,
    /// The lead it made or changed.
    pub lead: Option<LeadNews>,
    /// An operator is told.
    pub is_alert_raised: bool,
}
