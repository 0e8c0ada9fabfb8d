//! The service as in production: `frontdesk run` in a child process whose environment holds only the settings for the
//! stand-ins.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::Context as _;
use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, ChildStderr, Command};
use tokio::sync::mpsc;

use super::line::{Output, read};

/// A graceful shutdown takes eight seconds at most.
const STOP: Duration = Duration::from_secs(15);

/// A message from a process of the service.
pub(super) enum Heard {
    /// A line of output.
    Output(Output),
    /// The process with this id ended.
    Ended(u32),
}

/// The child process with its settings.
pub(super) struct Service {
    folder: PathBuf,
    settings: Vec<(&'static str, String)>,
    ear: mpsc::UnboundedSender<Heard>,
    child: Option<Child>,
}

impl Service {
    /// Does not start it; its working directory is `folder`.
    pub(super) fn new(folder: &Path, settings: Vec<(&'static str, String)>, ear: mpsc::UnboundedSender<Heard>) -> Self {
        Self {
            folder: folder.to_owned(),
            settings,
            ear,
            child: None,
        }
    }

    /// This program, in the folder and with the settings of the service.
    fn program(&self) -> anyhow::Result<Command> {
        let program = std::env::current_exe().context("cannot find the frontdesk executable")?;
        let mut command = Command::new(program);
        command
            .current_dir(&self.folder)
            .env_clear()
            .envs(self.settings.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null());
        Ok(command)
    }

    /// Runs another subcommand.
    ///
    /// # Errors
    /// A non-zero exit code.
    pub(super) async fn command(&self, args: &[&str]) -> anyhow::Result<()> {
        let output = self.program()?.args(args).output().await;
        let output = output.context("cannot start the command")?;
        let complaint = String::from_utf8_lossy(&output.stderr);
        anyhow::ensure!(output.status.success(), "{}: {}", args.join(" "), complaint.trim());
        Ok(())
    }

    /// Starts the service and returns its process id.
    pub(super) fn start(&mut self) -> anyhow::Result<u32> {
        let mut child = self
            .program()?
            .arg("run")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            // Ctrl-C reaches only the demo, which stops the service.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .context("cannot start the service")?;
        let process = child.id().unwrap_or_default();
        if let Some(log) = child.stderr.take() {
            tokio::spawn(listen(log, process, self.ear.clone()));
        }
        self.child = Some(child);
        Ok(process)
    }

    /// SIGKILL, like a power failure.
    pub(super) async fn kill(&mut self) -> anyhow::Result<()> {
        match self.child.take() {
            Some(mut child) => child.kill().await.context("cannot kill the service"),
            None => Ok(()),
        }
    }

    /// SIGTERM, like a service manager; waits for the end.
    pub(super) async fn terminate(&mut self) -> anyhow::Result<ExitStatus> {
        let mut child = self.child.take().context("the service is not running")?;
        if let Some(process) = process_of(&child) {
            kill_process(process, Signal::TERM).context("cannot send SIGTERM to the service")?;
        }
        let ended = tokio::time::timeout(STOP, child.wait()).await;
        Ok(ended.context("the service does not stop")??)
    }

    /// Peak memory of the current process in MiB (Linux only).
    pub(super) fn peak_memory(&self) -> Option<f64> {
        let process = self.child.as_ref()?.id()?;
        let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        let kibibytes: u32 = line.trim().trim_end_matches("kB").trim_end().parse().ok()?;
        Some(f64::from(kibibytes) / 1024.0)
    }
}

fn process_of(child: &Child) -> Option<Pid> {
    Pid::from_raw(i32::try_from(child.id()?).ok()?)
}

async fn listen(log: ChildStderr, process: u32, ear: mpsc::UnboundedSender<Heard>) {
    let mut lines = BufReader::new(log).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        // The receiver is gone once the demo is over.
        let _ = ear.send(Heard::Output(read(&line)));
    }
    let _ = ear.send(Heard::Ended(process));
}
