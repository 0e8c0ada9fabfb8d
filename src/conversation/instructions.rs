//! The standing prompt with the owner's facts in it. The facts file is looked at before each turn and read again when
//! it changed, so the owner edits a text file and the next customer is answered from it.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use crate::domain::Language;
use crate::runtime::{Event, Events};
use crate::text::finder::Finder;
use crate::text::templates::{Facts, Instructions};

/// Bytes of facts that are read; more would fill the model's context with every turn.
const LONGEST: usize = 200_000;

/// The instructions of one service.
#[derive(Clone)]
pub struct StandingPrompt(Arc<Inner>);

struct Inner {
    template: Instructions,
    business: String,
    facts_file: PathBuf,
    language: Language,
    events: Events,
    finder: Finder,
    rendered: Mutex<Option<(Stamp, String)>>,
}

/// What tells one version of the file from another; `None`: there is none.
type Stamp = Option<(SystemTime, u64)>;

impl StandingPrompt {
    /// Instructions around the facts in `facts_file`, which may be absent. The finder is told whose the contacts in
    /// them are.
    pub fn new(
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
            rendered: Mutex::new(None),
        }))
    }

    /// The prompt as of now. A file that cannot be read is logged and treated as absent: the assistant then only takes
    /// the request and the contact, which is the safe half of its work.
    pub fn current(&self) -> String {
        let stamp = self.stamp();
        let mut rendered = self.0.rendered.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, text)) = rendered.as_ref()
            && *of == stamp
        {
            return text.clone();
        }
        let text = self.render(stamp.is_some());
        *rendered = Some((stamp, text.clone()));
        text
    }

    fn stamp(&self) -> Stamp {
        let file = std::fs::metadata(&self.0.facts_file).ok()?;
        Some((file.modified().ok()?, file.len()))
    }

    fn render(&self, is_there: bool) -> String {
        let facts = if is_there { self.read() } else { None };
        let read = Event::info("conversation", "facts_read").with("bytes", facts.as_ref().map_or(0, String::len));
        self.0.events.emit(read);
        self.0.finder.know_own(facts.as_deref().unwrap_or_default());
        let facts = Facts {
            business: &self.0.business,
            facts: facts.as_deref(),
        };
        match self.0.template.render(self.0.language, &facts) {
            Ok(text) => text,
            Err(error) => {
                let broken = Event::error("conversation", "instructions_broken").with("reason", error);
                self.0.events.emit(broken);
                String::new()
            }
        }
    }

    fn read(&self) -> Option<String> {
        let bytes = match std::fs::read(&self.0.facts_file) {
            Ok(bytes) => bytes,
            Err(error) => {
                let unreadable = Event::error("conversation", "facts_unreadable").with("reason", error.kind());
                self.0.events.emit(unreadable);
                return None;
            }
        };
        let text = String::from_utf8_lossy(&bytes[..bytes.len().min(LONGEST)])
            .trim()
            .to_owned();
        (!text.is_empty()).then_some(text)
    }
}
