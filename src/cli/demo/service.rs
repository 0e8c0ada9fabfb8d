//! The service as it is run everywhere, `frontdesk run` in a process of its own, with nothing in its environment but
//! the settings that point it at the stand-ins.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::Context as _;
use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, ChildStderr, Command};
use tokio::sync::mpsc;

use super::line::{Told, read};

/// An orderly stop takes eight seconds at most; after more something is wrong with it.
const STOP: Duration = Duration::from_secs(15);

/// What a life of the service lets know.
pub(super) enum Heard {
    /// A line of its log.
    Told(Told),
    /// Its log ended, and with it the process of this number.
    Ended(u32),
}

/// The process, and how to start the next one.
pub(super) struct Service {
    folder: PathBuf,
    settings: Vec<(&'static str, String)>,
    ear: mpsc::UnboundedSender<Heard>,
    child: Option<Child>,
}

impl Service {
    /// A service that has not been started; it works in `folder` alone.
    pub(super) fn new(folder: &Path, settings: Vec<(&'static str, String)>, ear: mpsc::UnboundedSender<Heard>) -> Self {
        Self {
            folder: folder.to_owned(),
            settings,
            ear,
            child: None,
        }
    }

    /// The program as whoever runs the shop has it: in its folder, with its settings.
    fn program(&self) -> anyhow::Result<Command> {
        let program = std::env::current_exe().context("the demo does not find its own program")?;
        let mut command = Command::new(program);
        command
            .current_dir(&self.folder)
            .env_clear()
            .envs(self.settings.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null());
        Ok(command)
    }

    /// Runs another command of the program.
    ///
    /// # Errors
    /// It fails.
    pub(super) async fn command(&self, args: &[&str]) -> anyhow::Result<()> {
        let output = self.program()?.args(args).output().await;
        let output = output.context("the command cannot be started")?;
        let complaint = String::from_utf8_lossy(&output.stderr);
        anyhow::ensure!(output.status.success(), "{}: {}", args.join(" "), complaint.trim());
        Ok(())
    }

    /// Starts it; its process id.
    pub(super) fn start(&mut self) -> anyhow::Result<u32> {
        let mut child = self
            .program()?
            .arg("run")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            // Ctrl-C is the demo's: it ends the service itself.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .context("the service cannot be started")?;
        let process = child.id().unwrap_or_default();
        if let Some(log) = child.stderr.take() {
            tokio::spawn(listen(log, process, self.ear.clone()));
        }
        self.child = Some(child);
        Ok(process)
    }

    /// SIGKILL, as a power cut would end it.
    pub(super) async fn kill(&mut self) -> anyhow::Result<()> {
        match self.child.take() {
            Some(mut child) => child.kill().await.context("the service cannot be killed"),
            None => Ok(()),
        }
    }

    /// SIGTERM, as a service manager ends it; waits for its end.
    pub(super) async fn terminate(&mut self) -> anyhow::Result<ExitStatus> {
        let mut child = self.child.take().context("the service does not run")?;
        if let Some(process) = process_of(&child) {
            kill_process(process, Signal::TERM).context("the service cannot be asked to stop")?;
        }
        let ended = tokio::time::timeout(STOP, child.wait()).await;
        Ok(ended.context("the service does not stop")??)
    }

    /// The most memory the present process ever had, in MiB, where the system tells (Linux).
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
        // Nobody listens any more once the demo is over.
        let _ = ear.send(Heard::Told(read(&line)));
    }
    let _ = ear.send(Heard::Ended(process));
}
