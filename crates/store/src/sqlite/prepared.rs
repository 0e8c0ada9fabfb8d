//! Statements that are prepared once per connection. diesel parses every UPDATE, upsert and hand-written query on each run,
//! because its text could change, and its transaction control goes through `sqlite3_exec`, which also parses. These texts never
//! change.

use std::marker::PhantomData;

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
pub(crate) const ROLLBACK: Control = Control("ROLLBACK");
/// Savepoints of the same name nest: RELEASE and ROLLBACK TO mean the innermost.
pub(crate) const SAVEPOINT: Control = Control("SAVEPOINT apart");
pub(crate) const RELEASE: Control = Control("RELEASE apart");
pub(crate) const ROLLBACK_TO: Control = Control("ROLLBACK TO apart");

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
pub(crate) struct Kept<Q, P>(Q, PhantomData<P>);

pub(crate) trait Keep: Sized {
    /// Caches the prepared statement under its SQL text, which is generated on each run. The text must not depend on values: the
    /// cache keeps every text until the connection closes.
    fn kept(self) -> Kept<Self, Anywhere> {
        Kept(self, PhantomData)
    }

    /// Caches the prepared statement under its place in the code, without generating the SQL again. The text must be the same on
    /// each run.
    fn once<P: Place>(self, _here: P) -> Kept<Self, P> {
        Kept(self, PhantomData)
    }
}

impl<Q: QueryFragment<Sqlite>> Keep for Q {}

/// Where a query is written.
pub(crate) trait Place: 'static {
    /// Whether the place identifies one SQL text.
    const IS_ONE: bool;
}

/// No particular place: the SQL text is the key.
pub(crate) struct Anywhere;

impl Place for Anywhere {
    const IS_ONE: bool = false;
}

/// The place in the code where the macro is called. Do not use it in a generic function: all its instances share one place.
macro_rules! here {
    () => {{
        struct Here;
        impl $crate::sqlite::prepared::Place for Here {
            const IS_ONE: bool = true;
        }
        Here
    }};
}
pub(crate) use here;

impl<Q: QueryFragment<Sqlite>, P: Place> Kept<Q, P> {
    /// Runs a statement that returns no rows. Not through `execute`: it borrows the query, and diesel then checks on each run
    /// whether the query may be cached.
    pub(crate) fn run(self, conn: &mut Conn) -> QueryResult<()> {
        let silent: Kept<_, P> = Kept(Silent(self.0), PhantomData);
        conn.load(silent)?.try_for_each(|row| row.map(drop))
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

impl<Q: QueryFragment<Sqlite>, P: Place> QueryFragment<Sqlite> for Kept<Q, P> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        self.0.walk_ast(pass)
    }

    fn is_safe_to_cache_prepared(&self, backend: &Sqlite) -> QueryResult<bool> {
        if cfg!(debug_assertions) && P::IS_ONE {
            texts::compare::<P>(&self.0, backend)?;
        }
        Ok(true)
    }
}

impl<Q, P: Place> QueryId for Kept<Q, P> {
    type QueryId = P;
    const HAS_STATIC_QUERY_ID: bool = P::IS_ONE;
}

impl<Q: Query, P> Query for Kept<Q, P> {
    type SqlType = Q::SqlType;
}

impl<Q, P> RunQueryDsl<Conn> for Kept<Q, P> {}

/// Debug builds compare the SQL of each run with the first one of its place.
mod texts {
    use std::any::TypeId;
    use std::cell::RefCell;
    use std::collections::HashMap;

    use diesel::query_builder::{QueryBuilder as _, QueryFragment};
    use diesel::sqlite::Sqlite;
    use diesel::sqlite::query_builder::SqliteQueryBuilder;

    thread_local! {
        static TEXTS: RefCell<HashMap<TypeId, String>> = RefCell::default();
    }

    pub(super) fn compare<P: 'static>(query: &impl QueryFragment<Sqlite>, backend: &Sqlite) -> diesel::QueryResult<()> {
        let mut builder = SqliteQueryBuilder::default();
        query.to_sql(&mut builder, backend)?;
        let text = builder.finish();
        TEXTS.with_borrow_mut(|texts| {
            let first = texts.entry(TypeId::of::<P>()).or_insert_with(|| text.clone());
            assert_eq!(*first, text, "two texts at one place");
        });
        Ok(())
    }
}
