//! What is SQLite's own, apart from the statements: how a file is opened, for one writer and for readers that cannot write;
//! which file it is and whose; what the disk says in trouble; savepoints; the schema's version. Another database brings its
//! own of this.

pub(super) mod connection;
pub(super) mod existing;
pub(super) mod last_write;
pub(super) mod migrate;
pub(super) mod prepared;
pub mod read_only;
pub(super) mod savepoint;
pub(super) mod trouble;
