//! Bringing the schema up to date at start, before anything else opens the database; telling whether it is.

use std::collections::BTreeSet;

use diesel::migration::MigrationSource;
use diesel::prelude::*;
use diesel::result::Error as Diesel;
use diesel::sqlite::Sqlite;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::Conn;
use super::trouble::unknown;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

/// Runs what has not been run yet; returns how many that were.
pub(super) fn migrate(conn: &mut Conn) -> diesel::QueryResult<usize> {
    conn.run_pending_migrations(MIGRATIONS)
        .map(|ran| ran.len())
        .map_err(|error| unknown(&error.to_string()))
}

/// How a database's schema fits this build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    /// It is the one this build works with.
    Same,
    /// Some migration has not been run yet.
    Older,
    /// A migration was run that this build does not know.
    Newer,
    /// No migration was ever run.
    Foreign,
}

diesel::table! {
    /// Where diesel keeps what has been run. Its own functions make the table where there is none, and so write.
    __diesel_schema_migrations (version) {
        version -> Text,
    }
}

/// Compares the schema with the one of this build; writes nothing.
pub(super) fn fit(conn: &mut Conn) -> QueryResult<Fit> {
    let applied: BTreeSet<String> = match __diesel_schema_migrations::table
        .select(__diesel_schema_migrations::version)
        .load::<String>(conn)
    {
        Ok(versions) => versions.into_iter().collect(),
        Err(Diesel::DatabaseError(_, said)) if said.message().contains("no such table") => return Ok(Fit::Foreign),
        Err(error) => return Err(error),
    };
    let ours = MigrationSource::<Sqlite>::migrations(&MIGRATIONS).map_err(|error| unknown(&error.to_string()))?;
    let ours: BTreeSet<String> = ours.iter().map(|one| one.name().version().to_string()).collect();
    Ok(match () {
        () if applied.is_empty() => Fit::Foreign,
        () if !applied.is_subset(&ours) => Fit::Newer,
        () if !ours.is_subset(&applied) => Fit::Older,
        () => Fit::Same,
    })
}
