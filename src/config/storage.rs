//! Settings of storage: where rows and threads are kept.

use std::path::PathBuf;

use super::entry::value;
use super::group::settings;
use super::values::{database, path};

settings! {
    /// Where rows and threads are kept.
    #[derive(PartialEq, Eq)]
    pub struct StorageConfig in "Storage" {
        /// The SQLite file; sqlite://name is relative to the working directory, sqlite:///name is absolute
        database: PathBuf = value("DATABASE_URL", "URL", "sqlite://data/frontdesk.db", database).private(shown),
        /// Mirror of customers and their threads, as JSON
        threads_file: PathBuf = value("THREADS_FILE", "FILE", "threads.json", path),
    }
}

/// Anything but a path to SQLite is a fault and could be a server's address with its password.
fn shown(url: &str) -> String {
    database(url).map_or_else(|_refused| "***".to_owned(), |_path| url.to_owned())
}
