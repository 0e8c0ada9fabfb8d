//! Code specific to SQLite, apart from the statements: opening a file for one writer and for read-only connections, identifying
//! it, disk errors, savepoints, the schema version. Another database would replace this folder.

pub(super) mod connection;
pub(super) mod existing;
pub(super) mod last_write;
pub(super) mod migrate;
pub(super) mod prepared;
pub mod read_only;
pub(super) mod savepoint;
pub(super) mod trouble;
