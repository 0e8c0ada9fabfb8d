//! Reads settings one by one and collects all errors, so that they are reported together.

use super::entry::{Entry, Setting};
use super::source::{Env, Requirements, Source};
use super::{ConfigErrors, SettingError, Settings};

/// Its methods return `None` only after recording an error.
pub(super) struct Reader<'a> {
    pub(super) source: Source<'a>,
    /// Every setting that was read, in this order.
    pub(super) definitions: Vec<Setting>,
    errors: Vec<SettingError>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(settings: &'a Settings, requirements: Requirements, env: Env<'a>) -> Self {
        Self {
            source: Source {
                settings,
                requirements,
                env,
            },
            definitions: Vec::new(),
            errors: Vec::new(),
        }
    }

    pub(super) fn read<T>(&mut self, entry: Entry<T>) -> Option<T> {
        let Entry { setting, read } = entry;
        let name = setting.name;
        self.definitions.push(setting);
        match read(&self.source) {
            Ok(value) => Some(value),
            Err((problem, fix)) => {
                self.note(name, problem, fix);
                None
            }
        }
    }

    pub(super) fn note(&mut self, name: &str, problem: impl Into<String>, fix: impl Into<String>) {
        self.errors.push(SettingError::new(name, problem, fix));
    }

    /// Records an error if `run` requires the setting and it is not set.
    pub(super) fn require(&mut self, name: &str, fix: &str) {
        if self.source.requirements == Requirements::Run && self.source.given(name).is_none() {
            self.note(name, "is not set", fix);
        }
    }

    pub(super) fn is_sound(&self, name: &str) -> bool {
        self.errors.iter().all(|error| error.name != name)
    }

    /// The value, or all errors in the order of definition.
    pub(super) fn finish<T>(mut self, value: Option<T>) -> Result<T, ConfigErrors> {
        let place = |error: &SettingError| self.definitions.iter().position(|setting| setting.name == error.name);
        self.errors.sort_by_key(place);
        value
            .filter(|_| self.errors.is_empty())
            .ok_or(ConfigErrors(self.errors))
    }
}
