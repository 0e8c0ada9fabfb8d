//! Opens SQLite for the service. The writer uses `synchronous=FULL`: an update is confirmed to Telegram after its commit, so the
//! commit must survive a power failure. SQLite itself keeps the readers from writing. `busy_timeout` is set first, because the
//! later pragmas may have to wait for another process. After that timeout the writer gets an error, checks for a stop and
//! retries.

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
/// For long reads: two, so that a lead's letter never waits for a report. Conversations use other connections.
const LONG_READERS: u32 = 2;

/// The service's shared read connections, until they are closed: the last connection to close moves the write-ahead log into
/// the file.
#[derive(Clone)]
pub(crate) struct Readers(Arc<Mutex<Option<Pool<ConnectionManager<Conn>>>>>);

impl Readers {
    /// A connection, as soon as one is free.
    pub(crate) fn get(&self) -> Result<PooledConnection<ConnectionManager<Conn>>, DbError> {
        let pool = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let pool = pool.ok_or(DbError::Stopped)?;
        pool.get().map_err(|error| DbError::Refused(error.to_string()))
    }

    /// Closes all connections; those in use close as soon as they are returned.
    pub(crate) fn close(&self) {
        let pool = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        drop(pool);
    }
}

/// Opens the write connection. Creates the file if needed, readable only by its owner.
pub(crate) fn open_writer(database: &Path) -> Result<Conn, ConnectionError> {
    if let Some(folder) = database.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|error| bad_connection(database, &error))?;
    }
    create_private(database).map_err(|error| bad_connection(database, &error))?;
    let mut conn = SqliteConnection::establish(&database.to_string_lossy())?;
    conn.batch_execute(WRITER)
        .map_err(ConnectionError::CouldntSetupConfiguration)?;
    Ok(conn)
}

/// The file behind a path: its device and inode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FileId(u64, u64);

impl FileId {
    /// `None` if the file does not exist.
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

/// A pool of read-only connections. They are opened now and stay open, so that a process that runs out of file descriptors can
/// still read.
pub(crate) fn readers(database: &Path) -> Result<Readers, ConnectionError> {
    pool(database, READERS)
}

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

fn bad_connection(database: &Path, error: &std::io::Error) -> ConnectionError {
    ConnectionError::BadConnection(format!("cannot open {}: {error}", database.display()))
}

/// Never opens an existing file: closing it again would drop the locks that SQLite holds on it for this process (fcntl,
/// `F_SETLK`). Another program that closes the database would then remove the write-ahead log while it is in use.
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
