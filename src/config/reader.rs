//! Reads settings one by one and keeps what is wrong, so that the operator is told all of it at once.

use super::entry::{Entry, Setting};
use super::source::{Env, Requirements, Source};
use super::{Fault, Faults, Settings};

/// Its methods answer `None` only after noting a fault.
pub(super) struct Reader<'a> {
    pub(super) source: Source<'a>,
    /// Every setting that was asked for, in this order.
    pub(super) definitions: Vec<Setting>,
    faults: Vec<Fault>,
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
            faults: Vec::new(),
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
        self.faults.push(Fault::new(name, problem, fix));
    }

    /// Notes that `run` cannot do without it, unless it is given.
    pub(super) fn require(&mut self, name: &str, fix: &str) {
        if self.source.requirements == Requirements::Run && self.source.given(name).is_none() {
            self.note(name, "is not set", fix);
        }
    }

    pub(super) fn is_sound(&self, name: &str) -> bool {
        self.faults.iter().all(|fault| fault.name != name)
    }

    /// The value, or all faults in the order of the definition.
    pub(super) fn finish<T>(mut self, value: Option<T>) -> Result<T, Faults> {
        let place = |fault: &Fault| self.definitions.iter().position(|setting| setting.name == fault.name);
        self.faults.sort_by_key(place);
        value.filter(|_| self.faults.is_empty()).ok_or(Faults(self.faults))
    }
}
