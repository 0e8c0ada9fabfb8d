//! DbActor: the mailbox in front of the [`store`].

mod actor;
pub(crate) mod messages;

use std::path::Path;

use store::read_only::QueryError;
use store::{Database, Host};

use crate::runtime::Runtime;

pub(crate) use actor::DbActor;

/// Opens the database of a service.
///
/// # Errors
/// See [`Database::open`].
pub(crate) fn open(path: &Path, runtime: &Runtime) -> Result<Database, QueryError> {
    let fatal = runtime.clone();
    let mut host = Host::new(runtime.clock.clone(), runtime.events.clone(), move |reason| {
        fatal.fail(reason)
    });
    host.steps = runtime.steps.clone();
    host.disk = runtime.disk.clone();
    Database::open(path, host)
}
