//! Opening SQLite as every part of the service needs it: one writer with `synchronous=FULL` (an update is
//! confirmed to Telegram after its commit, so the commit has to survive a power cut), readers that SQLite itself
//! keeps from writing. `busy_timeout` comes first: the pragmas behind it may have to wait for another process. Who waits
//! longer than that is told so and tries again, and looks between whether the service stops.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use diesel::connection::SimpleConnection;
use diesel::r2d2::{ConnectionManager, CustomizeConnection, Pool, PooledConnection};
use diesel::{Connection, ConnectionError, SqliteConnection};

use crate::{Conn, DbError};

const WRITER: &str = "PRAGMA busy_timeout = 1000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                      PRAGMA foreign_keys = ON; PRAGMA cache_size = -8000; PRAGMA temp_store = MEMORY;";
const READER: &str = "PRAGMA busy_timeout = 5000; PRAGMA query_only = ON; PRAGMA cache_size = -4000;";
const READERS: u32 = 3;
/// For what takes long: a report is one of two, so that the letter of a lead never waits for it. Neither keeps a conversation waiting.
const LONG_READERS: u32 = 2;

/// Readers shared by the questions of one service, until they are closed: the last connection that is closed takes the log of
/// writes into the file.
#[derive(Clone)]
pub(crate) struct Readers(Arc<Mutex<Option<Pool<ConnectionManager<Conn>>>>>);

impl Readers {
    /// One of them, as soon as there is one.
    pub(crate) fn get(&self) -> Result<PooledConnection<ConnectionManager<Conn>>, DbError> {
        let pool = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let pool = pool.ok_or(DbError::Stopped)?;
        pool.get().map_err(|error| DbError::Refused(error.to_string()))
    }

    /// Closes all of them, those in use as soon as they are not.
    pub(crate) fn close(&self) {
        let pool = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        drop(pool);
    }
}

/// Opens the connection that writes, creating the file if need be, readable by its owner alone.
pub(crate) fn open_writer(database: &Path) -> Result<Conn, ConnectionError> {
    if let Some(folder) = database.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|error| bad(database, &error))?;
    }
    create_private(database).map_err(|error| bad(database, &error))?;
    let mut conn = SqliteConnection::establish(&database.to_string_lossy())?;
    conn.batch_execute(WRITER)
        .map_err(ConnectionError::CouldntSetupConfiguration)?;
    Ok(conn)
}

/// Which file a path leads to: its device and number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FileId(u64, u64);

impl FileId {
    /// `None` if there is no file.
    pub(crate) fn of(path: &Path) -> std::io::Result<Option<Self>> {
        match std::fs::metadata(path) {
            #[cfg(unix)]
            Ok(file) => {
                use std::os::unix::fs::MetadataExt;
                Ok(Some(Self(file.dev(), file.ino())))
            }
            #[cfg(not(unix))]
            Ok(_) => Ok(Some(Self(0, 0))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// A pool whose connections cannot write. They are opened now and kept for good: a process that has no file descriptor left
/// can still read its rows.
pub(crate) fn readers(database: &Path) -> Result<Readers, ConnectionError> {
    pool(database, READERS)
}

/// Those for statements that read many rows.
pub(crate) fn long_readers(database: &Path) -> Result<Readers, ConnectionError> {
    pool(database, LONG_READERS)
}

fn pool(database: &Path, size: u32) -> Result<Readers, ConnectionError> {
    let pool = Pool::builder()
        .max_size(size)
        .idle_timeout(None)
        .max_lifetime(None)
        .connection_customizer(Box::new(QueryOnly))
        .build(ConnectionManager::new(database.to_string_lossy()))
        .map_err(|error| ConnectionError::BadConnection(error.to_string()))?;
    Ok(Readers(Arc::new(Mutex::new(Some(pool)))))
}

#[derive(Debug)]
struct QueryOnly;

impl CustomizeConnection<Conn, diesel::r2d2::Error> for QueryOnly {
    fn on_acquire(&self, conn: &mut Conn) -> Result<(), diesel::r2d2::Error> {
        conn.batch_execute(READER).map_err(diesel::r2d2::Error::QueryError)
    }
}

fn bad(database: &Path, error: &std::io::Error) -> ConnectionError {
    ConnectionError::BadConnection(format!("cannot open {}: {error}", database.display()))
}

/// A file that is there is not opened here: closing it again would take away the locks that SQLite holds on it for this
/// process (fcntl, `F_SETLK`), and another program that closes the database would remove the log we still write to.
fn create_private(database: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.create_new(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(database) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        Ok(_) | Err(_) => Ok(()),
    }
}
