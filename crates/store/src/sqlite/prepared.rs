//! Statements that are prepared once per connection. diesel parses every UPDATE, upsert and hand-written query on each run, because
//! its text could change, and its transaction control goes through `sqlite3_exec`, which also parses. Our texts never change.

use diesel::connection::LoadConnection as _;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::Untyped;
use diesel::sqlite::Sqlite;

use crate::Conn;

/// A statement of transaction control. A connection whose transaction failed is closed, and closing it rolls back.
pub(crate) struct Control(&'static str);

pub(crate) const BEGIN: Control = Control("BEGIN IMMEDIATE");
pub(crate) const COMMIT: Control = Control("COMMIT");
/// Savepoints of one name nest: the others mean the innermost.
pub(crate) const SAVEPOINT: Control = Control("SAVEPOINT apart");
pub(crate) const RELEASE: Control = Control("RELEASE apart");
pub(crate) const ROLLBACK: Control = Control("ROLLBACK TO apart");

impl Control {
    pub(crate) fn run(&self, conn: &mut Conn) -> QueryResult<()> {
        self.kept().run(conn)
    }
}

impl QueryFragment<Sqlite> for Control {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        pass.push_sql(self.0);
        Ok(())
    }
}

/// A query that is prepared once.
pub(crate) struct Kept<Q>(Q);

pub(crate) trait Keep: Sized {
    /// The same query. Its text must not depend on values: each text is kept for as long as the connection lives.
    fn kept(self) -> Kept<Self> {
        Kept(self)
    }
}

impl<Q: QueryFragment<Sqlite>> Keep for Q {}

impl<Q: QueryFragment<Sqlite>> Kept<Q> {
    /// Runs what returns no rows. Not `execute`: it borrows the query, and diesel asks what is borrowed whether it may be kept.
    pub(crate) fn run(self, conn: &mut Conn) -> QueryResult<()> {
        conn.load(Kept(Silent(self.0)))?.try_for_each(|row| row.map(drop))
    }
}

/// A statement that returns no rows.
struct Silent<Q>(Q);

impl<Q: QueryFragment<Sqlite>> QueryFragment<Sqlite> for Silent<Q> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        self.0.walk_ast(pass)
    }
}

impl<Q> Query for Silent<Q> {
    type SqlType = Untyped;
}

impl<Q: QueryFragment<Sqlite>> QueryFragment<Sqlite> for Kept<Q> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        self.0.walk_ast(pass)
    }

    fn is_safe_to_cache_prepared(&self, _: &Sqlite) -> QueryResult<bool> {
        Ok(true)
    }
}

impl<Q> QueryId for Kept<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: Query> Query for Kept<Q> {
    type SqlType = Q::SqlType;
}

impl<Q> RunQueryDsl<Conn> for Kept<Q> {}
