//! The standing prompt, including the owner's facts. The facts file is checked before each turn and read again after a
//! change, so an edit takes effect with the next message. If the file becomes unreadable, the earlier facts stay in use.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use base::encoding::{Decoded, decode};
use base::{Event, Events};
use contacts::finder::Finder;
use domain::Language;
use wording::templates::{Facts, Instructions};

/// In bytes; longer facts are cut, because they would fill the model's context in every turn.
const LONGEST: usize = 200_000;

/// The instructions of one service.
#[derive(Clone)]
pub(crate) struct StandingPrompt(Arc<Inner>);

struct Inner {
    template: Instructions,
    business: String,
    facts_file: PathBuf,
    language: Language,
    events: Events,
    finder: Finder,
    state: Mutex<State>,
}

/// The result of the last read.
#[derive(Default)]
struct State {
    /// The version of the file used in `prompt`.
    stamp: Option<Stamp>,
    /// `None` if the instructions could not be rendered.
    prompt: Option<Arc<str>>,
    facts: Option<String>,
    /// Why the file cannot be read.
    unreadable: Option<String>,
    /// The same, until an alert is raised.
    pending_alert: Option<String>,
}

/// Identifies a version of the file; `None` if there is no file.
type Stamp = Option<(SystemTime, u64)>;

impl StandingPrompt {
    /// `facts_file` may be absent. The finder learns the business's own contacts from it.
    pub(crate) fn new(
        template: Instructions,
        business: String,
        facts_file: PathBuf,
        language: Language,
        events: Events,
        finder: Finder,
    ) -> Self {
        Self(Arc::new(Inner {
            template,
            business,
            facts_file,
            language,
            events,
            finder,
            state: Mutex::default(),
        }))
    }

    /// The current prompt; `None` (and logged) if it cannot be rendered, because the model must not run without instructions.
    pub(crate) fn current(&self) -> Option<Arc<str>> {
        let stamp = self.stamp();
        let mut state = self.state();
        // An unreadable file is tried each time: a change of its permissions does not change its stamp.
        if state.stamp == Some(stamp) && state.unreadable.is_none() {
            return state.prompt.clone();
        }
        let is_news = state.stamp != Some(stamp);
        match self.read() {
            Ok(read) => {
                let event = Event::info("conversation", "facts_loaded");
                let bytes = read.as_ref().map_or(0, |read| read.text.len());
                let event = event.with("bytes", bytes);
                let encoding = read.as_ref().map(|read| read.encoding);
                self.0.events.emit(event.with_some("encoding", encoding));
                state.facts = read.map(|read| read.text);
                state.unreadable = None;
            }
            Err(reason) => {
                if is_news || state.unreadable.as_ref() != Some(&reason) {
                    let event = Event::error("conversation", "facts_load_failed").with("reason", &reason);
                    self.0.events.emit(event);
                }
                if state.unreadable.is_none() {
                    state.pending_alert = Some(reason.clone());
                }
                state.unreadable = Some(reason);
                if state.prompt.is_some() {
                    state.stamp = Some(stamp);
                    return state.prompt.clone();
                }
            }
        }
        state.stamp = Some(stamp);
        state.prompt = self.written(state.facts.as_deref());
        state.prompt.clone()
    }

    /// Why the facts have become unreadable, once per failure.
    pub(super) fn take_failure(&self) -> Option<String> {
        self.state().pending_alert.take()
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stamp(&self) -> Stamp {
        let file = std::fs::metadata(&self.0.facts_file).ok()?;
        Some((file.modified().ok()?, file.len()))
    }

    fn written(&self, facts: Option<&str>) -> Option<Arc<str>> {
        self.0.finder.know_own(facts.unwrap_or_default());
        let facts = Facts {
            business: &self.0.business,
            facts,
        };
        let reason = match self.0.template.render(self.0.language, &facts) {
            Ok(text) if text.is_empty() => "empty".to_owned(),
            Ok(text) => return Some(text.into()),
            Err(error) => error.to_string(),
        };
        let broken = Event::error("conversation", "instructions_invalid").with("reason", reason);
        self.0.events.emit(broken);
        None
    }

    /// The facts; `None` if the file is absent or empty.
    fn read(&self) -> Result<Option<Decoded>, String> {
        let bytes = match std::fs::read(&self.0.facts_file) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.kind().to_string()),
        };
        let Decoded { text, encoding } = decode(&bytes).map_err(|error| error.to_string())?;
        let text = text[..text.floor_char_boundary(LONGEST)].trim().to_owned();
        Ok((!text.is_empty()).then_some(Decoded { text, encoding }))
    }
}
