//! Bringing the schema up to date at start, before anything else opens the database.

use diesel::result::DatabaseErrorKind;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::Conn;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

/// Runs what has not been run yet; returns how many that were.
pub(super) fn migrate(conn: &mut Conn) -> diesel::QueryResult<usize> {
    conn.run_pending_migrations(MIGRATIONS)
        .map(|ran| ran.len())
        .map_err(|error| diesel::result::Error::DatabaseError(DatabaseErrorKind::Unknown, Box::new(error.to_string())))
}
