//! What tools do, once: the effect, its key and its output are one transaction.

use domain::{ChatId, TurnId};

/// Records a question the owner's facts do not answer. The same question in a repeated turn finds its effect and
/// gets the stored output.
#[derive(Debug, Clone)]
pub struct RecordGap {
    /// Who asked.
    pub chat: ChatId,
    /// In which turn.
    pub turn: TurnId,
    /// Hash of the normalised question.
    pub fingerprint: String,
    /// The question, in the model's words.
    pub question: String,
    /// What the model is told, unless it was told before.
    pub output: String,
}
