//! `threads.json` while it is written, one page of threads at a time, so that memory does not grow with the customers. Also the mark
//! by which a start recognises the file that a graceful shutdown left.

use std::fmt::{self, Display};
use std::fs::Metadata;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::time::UNIX_EPOCH;

use domain::{ChatId, ThreadId};
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

/// The text so far.
pub(super) struct Draft {
    /// `None` if only the hash is needed.
    file: Option<BufWriter<NamedTempFile>>,
    hash: Sha256,
    is_empty: bool,
}

impl Draft {
    /// A draft that computes the hash without writing a file.
    pub(super) fn of_hash() -> Self {
        Self {
            file: None,
            hash: Sha256::new(),
            is_empty: true,
        }
    }

    /// A draft in a temporary file that can replace `file`.
    pub(super) fn beside(file: &Path) -> io::Result<Self> {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        Ok(Self {
            file: Some(BufWriter::new(NamedTempFile::new_in(folder)?)),
            ..Self::of_hash()
        })
    }

    pub(super) fn append(&mut self, threads: &[(ChatId, ThreadId)]) -> io::Result<()> {
        let mut text = String::new();
        for (chat, thread) in threads {
            text += if self.is_empty { "{\n" } else { ",\n" };
            self.is_empty = false;
            text += &format!("  \"{chat}\": {}", serde_json::Value::from(thread.0.as_str()));
        }
        self.write(&text)
    }

    /// Completes the text and returns its hash.
    pub(super) fn end(&mut self) -> io::Result<String> {
        self.write(if self.is_empty { "{}\n" } else { "\n}\n" })?;
        Ok(format!("{:x}", self.hash.finalize_reset()))
    }

    fn write(&mut self, text: &str) -> io::Result<()> {
        self.hash.update(text);
        match &mut self.file {
            Some(file) => file.write_all(text.as_bytes()),
            None => Ok(()),
        }
    }

    /// Replaces `file` atomically.
    pub(super) fn publish(self, file: &Path, hash: String) -> io::Result<Mark> {
        let new = self.file.ok_or(io::ErrorKind::Unsupported)?;
        let new = new.into_inner().map_err(io::IntoInnerError::into_error)?;
        new.as_file().sync_all()?;
        let mark = Mark::of(&new.as_file().metadata()?, hash);
        new.persist(file).map_err(|failed| failed.error)?;
        Ok(mark)
    }
}

/// Identifies a file the service wrote: its length, time of writing and hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mark {
    bytes: u64,
    written_ns: u128,
    hash: String,
}

impl Mark {
    fn of(file: &Metadata, hash: String) -> Self {
        let written = file.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        Self {
            bytes: file.len(),
            written_ns: written.unwrap_or_default().as_nanos(),
            hash,
        }
    }

    /// Parses a stored mark.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let mut word = || words.next();
        Some(Self {
            bytes: word()?.parse().ok()?,
            written_ns: word()?.parse().ok()?,
            hash: word()?.to_owned(),
        })
    }

    /// Whether this file is unchanged since it was written.
    pub(crate) fn is_of(&self, file: &Path) -> bool {
        let found = std::fs::metadata(file);
        found.is_ok_and(|found| found.is_file() && Self::of(&found, self.hash.clone()) == *self)
    }

    pub(super) fn hash(&self) -> &str {
        &self.hash
    }
}

impl Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.bytes, self.written_ns, self.hash)
    }
}
