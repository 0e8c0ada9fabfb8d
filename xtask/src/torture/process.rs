//! The service in a separate process, with the same files in every run.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use sandbox::Sandbox;

use crate::process::Process;

/// Owners of the business: enough letters for each kind of fault.
pub(super) const OWNERS: usize = 48;

/// The recipients of the letters.
pub(super) fn owners() -> impl Iterator<Item = String> {
    (1..=OWNERS).map(|n| format!("owner-{n}@example.org"))
}

/// The binary to run.
#[derive(Debug, Clone)]
pub(super) enum Program {
    /// `frontdesk run`.
    Real,
    /// The same with injected faults: the arguments of `xtask service`.
    Failing(Vec<String>),
}

/// Its folder and settings.
pub(super) struct Setup {
    folder: PathBuf,
    frontdesk: PathBuf,
    settings: Vec<(&'static str, String)>,
    log: Arc<Mutex<File>>,
}

impl Setup {
    pub(super) fn new(folder: &Path, frontdesk: PathBuf, sandbox: &Sandbox) -> anyhow::Result<Self> {
        let owners = owners().collect::<Vec<_>>().join(",");
        let own = [
            ("OPENAI_TIMEOUT", "5"),
            ("TURN_DEADLINE", "30"),
            ("TURNS_PER_CUSTOMER_PER_DAY", "0"),
            ("OWNER_EMAIL", owners.as_str()),
            ("SMTP_TIMEOUT", "5"),
            ("RATE_LIMIT_PER_MINUTE", "0"),
            ("MERGE_WAIT_MS", "300"),
            ("REPORT_CRON", "*/2 * * * *"),
            ("TIME_ZONE", "UTC"),
        ];
        let own = own.map(|(name, value)| (name, value.to_owned()));
        let log = File::create(folder.join("run.log")).context("the log cannot be made")?;
        Ok(Self {
            folder: folder.to_owned(),
            frontdesk,
            settings: sandbox.environment().into_iter().chain(own).collect(),
            log: Arc::new(Mutex::new(log)),
        })
    }

    pub(super) fn database(&self) -> PathBuf {
        self.folder.join("data/frontdesk.db")
    }

    /// The log of all runs.
    pub(super) fn log(&self) -> String {
        std::fs::read(self.folder.join("run.log"))
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default()
    }

    /// Starts a new process on the same files.
    pub(super) fn start(&self, program: &Program) -> anyhow::Result<Process> {
        let mut command = match program {
            Program::Real => Command::new(&self.frontdesk),
            Program::Failing(_) => Command::new(std::env::current_exe()?),
        };
        match program {
            Program::Real => command.arg("run"),
            Program::Failing(args) => command.arg("service").args(args),
        };
        command
            .current_dir(&self.folder)
            .env_clear()
            .envs(self.settings.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            // A pipe, because the limit on file sizes must not affect the log.
            .stderr(Stdio::piped());
        let mut process = Process::start(&mut command)?;
        if let Some(lines) = process.take_stderr() {
            let log = Arc::clone(&self.log);
            std::thread::spawn(move || {
                for line in BufReader::new(lines).split(b'\n').map_while(Result::ok) {
                    let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
                    // A failed write only shortens the log.
                    let _ = log.write_all(&line).and_then(|()| log.write_all(b"\n"));
                }
            });
        }
        Ok(process)
    }
}
