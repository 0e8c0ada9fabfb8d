//! Migrates the schema at start, before anything else opens the database, and compares it with this build.

use std::collections::BTreeSet;

use diesel::migration::MigrationSource;
use diesel::prelude::*;
use diesel::result::Error as Diesel;
use diesel::sqlite::Sqlite;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::trouble::unknown;
use crate::Conn;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations");

/// Runs pending migrations; returns their number.
pub(crate) fn migrate(conn: &mut Conn) -> diesel::QueryResult<usize> {
    conn.run_pending_migrations(MIGRATIONS)
        .map(|ran| ran.len())
        .map_err(|error| unknown(&error.to_string()))
}

/// How a database's schema fits this build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fit {
    /// The schema of this build.
    Same,
    /// A migration is pending.
    Older,
    /// A migration was run that is unknown to this build.
    Newer,
    /// No migration was ever run.
    Foreign,
}

diesel::table! {
    /// diesel's table of migrations. It is read directly, because diesel's own functions create the table if it is missing.
    __diesel_schema_migrations (version) {
        version -> Text,
    }
}

/// Compares the schema with that of this build, without writing.
pub(crate) fn fit(conn: &mut Conn) -> QueryResult<Fit> {
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

#[cfg(test)]
mod tests {
    use diesel::connection::SimpleConnection;

    use super::*;

    const LATE: &str = "DROP INDEX inbox_by_use; DROP INDEX dialogs_in_order;
         DELETE FROM __diesel_schema_migrations WHERE version = '20261130000001'";

    fn schema(conn: &mut Conn) -> Vec<String> {
        diesel::table! {
            sqlite_master (name) {
                name -> Text,
                sql -> Nullable<Text>,
            }
        }
        let own = sqlite_master::table
            .filter(sqlite_master::sql.is_not_null())
            .filter(sqlite_master::name.ne_all(["sqlite_sequence", "__diesel_schema_migrations"]));
        let sql: Vec<Option<String>> = own
            .order(sqlite_master::name)
            .select(sqlite_master::sql)
            .load(conn)
            .unwrap();
        sql.into_iter().flatten().collect()
    }

    #[test]
    fn a_pending_migration_runs_even_after_newer_ones() {
        let mut conn = Conn::establish(":memory:").unwrap();
        migrate(&mut conn).unwrap();
        let whole = schema(&mut conn);
        conn.batch_execute(LATE).unwrap();
        assert_eq!(fit(&mut conn).unwrap(), Fit::Older);
        assert_eq!(migrate(&mut conn).unwrap(), 1);
        assert_eq!((fit(&mut conn).unwrap(), schema(&mut conn)), (Fit::Same, whole));
    }

    #[test]
    fn every_migration_can_be_reverted_and_run_again() {
        let mut conn = Conn::establish(":memory:").unwrap();
        let ran = migrate(&mut conn).unwrap();
        let whole = schema(&mut conn);
        assert_eq!(conn.revert_all_migrations(MIGRATIONS).unwrap().len(), ran);
        assert_eq!(schema(&mut conn), [""; 0]);
        migrate(&mut conn).unwrap();
        assert_eq!(schema(&mut conn), whole);
    }
}
