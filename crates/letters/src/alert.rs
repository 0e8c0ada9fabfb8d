//! The letter on something an operator has to look at.

use domain::AlertKind;
use serde::Serialize;
use wording::phrases::Word;

use crate::clean::line;
use crate::voice::Voice;

/// A letter on something an operator has to look at.
#[derive(Debug, Serialize)]
pub(crate) struct Alert {
    pub(crate) subject: String,
    pub(crate) title: String,
    pub(crate) reason: String,
    pub(crate) at: String,
    pub(crate) meanwhile: String,
    pub(crate) steps: Vec<String>,
    /// How often it is mailed, and when it is over.
    pub(crate) bound: String,
}

/// The alert, made ready for the templates.
///
/// # Errors
/// A word that is missing.
pub(crate) fn alert(alert: &domain::Alert, voice: Voice<'_>) -> Result<Alert, String> {
    let kind = alert.kind.word();
    let (command, address) = match &alert.kind {
        AlertKind::Letters { to } => ("frontdesk outbox list", line(to.as_str())),
        _ => ("frontdesk check", String::new()),
    };
    let values = [("command", Word::Text(command)), ("address", Word::Text(&address))];
    let say = |key: &str| voice.words.say(&format!("{key}-{kind}"), &values);
    let steps = (1..=3).map(|n| voice.words.say(&format!("alert-todo-{kind}-{n}"), &values));
    Ok(Alert {
        subject: say("subject-alert")?,
        title: say("alert-title")?,
        reason: line(&alert.reason),
        at: voice.moment(alert.at)?,
        meanwhile: say("alert-meanwhile")?,
        steps: steps.collect::<Result<_, _>>()?,
        bound: match &alert.kind {
            AlertKind::Letters { .. } => say("alert-bound")?,
            _ => voice.say("alert-bound")?,
        },
    })
}
