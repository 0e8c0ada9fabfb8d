//! Settings of storage: the database and the threads file.

use std::path::PathBuf;

use super::entry::value;
use super::group::settings;
use super::values::{database, path};

settings! {
    /// Where rows and threads are kept.
    #[derive(PartialEq, Eq)]
    pub struct StorageConfig in "Storage" {
        /// SQLite file: sqlite://name is relative to the working directory, sqlite:///name is absolute
        database: PathBuf = value("DATABASE_URL", "URL", "sqlite://data/frontdesk.db", database).private(shown),
        /// JSON file with a copy of each customer's OpenAI thread ID
        threads_file: PathBuf = value("THREADS_FILE", "FILE", "threads.json", path),
    }
}

/// An invalid value could be a server's URL with its password.
fn shown(url: &str) -> String {
    database(url).map_or_else(|_refused| "***".to_owned(), |_path| url.to_owned())
}
