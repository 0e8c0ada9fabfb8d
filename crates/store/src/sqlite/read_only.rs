//! Any query on a connection that cannot write. The file is opened read-only and the query runs in a transaction with
//! `query_only`, so SQLite itself refuses writes. Only `ATTACH` is refused here: it would create an empty file of any name.

use std::path::Path;

use diesel::deserialize::{self, FromSqlRow};
use diesel::row::{Field as _, Row};
use diesel::sql_types::Untyped;
use diesel::sqlite::{Sqlite, SqliteType};
use diesel::{RunQueryDsl as _, sql_query};

pub use super::existing::QueryError;
use super::existing::{Mode, open};

/// The result of a query. Without rows there are no columns: SQLite names them row by row.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    /// The column names, in order; not always unique.
    pub columns: Vec<String>,
    /// The rows, each as long as `columns`.
    pub rows: Vec<Vec<Cell>>,
}

impl Table {
    /// The rows as texts: NULL is empty, a BLOB is shown as its length.
    #[must_use]
    pub fn texts(&self) -> Vec<Vec<String>> {
        let texts = |row: &Vec<Cell>| row.iter().map(Cell::text).collect();
        self.rows.iter().map(texts).collect()
    }
}

/// One value, with the type SQLite stored it in.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the names are SQLite's storage classes")]
pub enum Cell {
    Null,
    Integer(i64),
    Real(f64),
    Text(String),
    Blob(Vec<u8>),
}

impl Cell {
    fn text(&self) -> String {
        match self {
            Self::Null => String::new(),
            Self::Integer(number) => number.to_string(),
            Self::Real(number) => number.to_string(),
            Self::Text(text) => text.clone(),
            Self::Blob(bytes) => format!("{} bytes", bytes.len()),
        }
    }
}

/// Runs the first statement of `sql` and reads all its rows into memory. Works beside a running service.
///
/// # Errors
/// SQLite refuses the query, for example because it writes, or the file cannot be opened.
pub fn query(database: &Path, sql: &str) -> Result<Table, QueryError> {
    if is_attach(sql) {
        return Err(QueryError::Write("ATTACH opens another file".to_owned()));
    }
    let mut connection = open(database, Mode::ReadOnly)?;
    let rows: Vec<DynamicRow> = sql_query(sql).load(&mut connection).map_err(classified)?;
    let mut table = Table::default();
    for row in rows {
        let (columns, cells) = row.0.into_iter().unzip();
        table.columns = columns;
        table.rows.push(cells);
    }
    Ok(table)
}

/// Whether the first word after any comments is `ATTACH`.
fn is_attach(sql: &str) -> bool {
    let mut rest = sql.trim_start();
    loop {
        let comment_end = match rest.get(..2) {
            Some("--") => rest.split_once('\n'),
            Some("/*") => rest.split_once("*/"),
            _ => break,
        };
        rest = comment_end.map_or("", |(_, after)| after).trim_start();
    }
    rest.get(..6).is_some_and(|word| word.eq_ignore_ascii_case("attach"))
}

fn classified(error: diesel::result::Error) -> QueryError {
    let reason = match error {
        diesel::result::Error::QueryBuilderError(_) => "it is empty".to_owned(),
        other => other.to_string(),
    };
    let is_write = ["readonly database", "cannot VACUUM", "within a transaction"];
    match is_write.iter().any(|words| reason.contains(words)) {
        true => QueryError::Write(reason),
        false => QueryError::Refused(reason),
    }
}

/// A row whose columns are known only at run time.
struct DynamicRow(Vec<(String, Cell)>);

impl FromSqlRow<Untyped, Sqlite> for DynamicRow {
    fn build_from_row<'a>(row: &impl Row<'a, Sqlite>) -> deserialize::Result<Self> {
        (0..row.field_count())
            .map(|index| {
                let field = row.get(index).ok_or("a column is missing")?;
                let cell = match field.value() {
                    None => Cell::Null,
                    Some(mut value) => match value.value_type() {
                        None => Cell::Null,
                        Some(SqliteType::Text) => Cell::Text(value.read_text().to_owned()),
                        Some(SqliteType::Binary) => Cell::Blob(value.read_blob().to_owned()),
                        Some(SqliteType::Float | SqliteType::Double) => Cell::Real(value.read_double()),
                        Some(SqliteType::SmallInt | SqliteType::Integer | SqliteType::Long) => {
                            Cell::Integer(value.read_long())
                        }
                    },
                };
                Ok((field.field_name().unwrap_or_default().to_owned(), cell))
            })
            .collect::<deserialize::Result<_>>()
            .map(Self)
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use diesel::connection::SimpleConnection as _;
    use diesel::{Connection as _, SqliteConnection};

    use super::*;
    use crate::sqlite::existing::uri;

    /// A database in WAL mode, as the service leaves it. Dropping the folder deletes the file.
    fn database() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("with ? # 100%.db");
        let url = uri(path.to_str().unwrap(), "rwc");
        let mut connection = SqliteConnection::establish(&url).unwrap();
        connection
            .batch_execute(
                "PRAGMA journal_mode = WAL;
                 CREATE TABLE t (a, b);
                 INSERT INTO t VALUES (1, 'one'), (2.5, x'0aff'), (NULL, '');",
            )
            .unwrap();
        (folder, path)
    }

    #[test]
    fn every_storage_class_is_read_as_it_was_stored() {
        let (_folder, path) = database();
        let table = query(&path, "SELECT a, b AS other FROM t ORDER BY rowid").unwrap();
        assert_eq!(table.columns, ["a", "other"]);
        assert_eq!(table.rows[0], [Cell::Integer(1), Cell::Text("one".to_owned())]);
        assert_eq!(table.rows[1], [Cell::Real(2.5), Cell::Blob(vec![0x0a, 0xff])]);
        assert_eq!(table.rows[2], [Cell::Null, Cell::Text(String::new())]);
    }

    #[test]
    fn every_kind_of_write_is_refused_and_nothing_changes() {
        let (folder, path) = database();
        let copy = folder.path().join("copy.db");
        let attach = format!(
            " /* a */ -- b\n attach '{}' AS other",
            folder.path().join("new.db").display()
        );
        let vacuum = format!("VACUUM INTO '{}'", copy.display());
        for sql in [
            "INSERT INTO t VALUES (3, 3)",
            "DELETE FROM t RETURNING a",
            "CREATE TABLE u (a)",
            "DROP TABLE t",
            "PRAGMA user_version = 7",
            "VACUUM",
            &vacuum,
            &attach,
        ] {
            assert!(query(&path, sql).is_err(), "{sql}");
        }
        assert!(!copy.exists() && !folder.path().join("new.db").exists());
        let count = query(&path, "SELECT count(*) FROM t").unwrap();
        assert_eq!(count.rows, [[Cell::Integer(3)]]);
        assert!(matches!(query(&path, "DELETE FROM t"), Err(QueryError::Write(_))));
    }

    #[test]
    fn only_the_first_statement_runs() {
        let (_folder, path) = database();
        let _ = query(&path, "SELECT 1; DELETE FROM t");
        let _ = query(&path, "PRAGMA query_only = OFF; DELETE FROM t");
        assert_eq!(query(&path, "SELECT a FROM t").unwrap().rows.len(), 3);
    }

    #[test]
    fn a_missing_file_is_named_and_not_created() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("none.db");
        let error = query(&path, "SELECT 1").unwrap_err();
        assert!(error.to_string().contains("none.db") && !path.exists());
    }

    #[test]
    fn a_file_that_is_not_a_database_is_refused() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "not a database at all, just a text".repeat(100)).unwrap();
        assert!(query(file.path(), "SELECT * FROM sqlite_master").is_err());
        let (_folder, path) = database();
        assert!(query(&path, " -- nothing\n").is_err());
    }
}
