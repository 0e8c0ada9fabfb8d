//! Builds, starts and ends processes.

use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, ExitStatus};

use anyhow::{Context as _, ensure};
use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process, prlimit};

/// Builds the binary of a package. The shop's has neither stand-ins nor hooks, so it is built separately: in one build with this
/// program, cargo would enable the features of both.
pub(crate) fn built(package: &str, is_release: bool) -> anyhow::Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build.args([
        "build",
        "--quiet",
        "--locked",
        "--no-default-features",
        "--package",
        package,
    ]);
    if is_release {
        build.arg("--release");
    }
    ensure!(build.status()?.success(), "{package} does not build");
    let own = std::env::current_exe()?;
    let target = own.ancestors().nth(2).context("this program is in no target folder")?;
    let path = target.join(if is_release { "release" } else { "debug" }).join(package);
    ensure!(path.exists(), "{package} was built somewhere else");
    Ok(path)
}

/// A running process; dropping it ends the process.
pub(crate) struct Process(Child);

impl Process {
    pub(crate) fn start(command: &mut Command) -> anyhow::Result<Self> {
        let child = command.spawn();
        let child = child.with_context(|| format!("{} cannot be started", command.get_program().display()))?;
        Ok(Self(child))
    }

    pub(crate) fn take_stderr(&mut self) -> Option<ChildStderr> {
        self.0.stderr.take()
    }

    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    fn pid(&self) -> anyhow::Result<Pid> {
        let id = i32::try_from(self.0.id())?;
        Pid::from_raw(id).context("a process has a number")
    }

    /// SIGKILL.
    pub(crate) fn kill(mut self) -> anyhow::Result<()> {
        self.0.kill()?;
        self.0.wait()?;
        Ok(())
    }

    /// SIGTERM.
    pub(crate) fn ask_to_stop(&self) -> anyhow::Result<()> {
        Ok(kill_process(self.pid()?, Signal::TERM)?)
    }

    /// The exit status, if it has ended.
    pub(crate) fn ended(&mut self) -> anyhow::Result<Option<ExitStatus>> {
        Ok(self.0.try_wait()?)
    }

    /// Limits the size of every file, in bytes (`None`: no limit): the service sees a full disk.
    pub(crate) fn limit_files(&self, bytes: Option<u64>) -> anyhow::Result<()> {
        let limit = Rlimit {
            current: bytes,
            maximum: None,
        };
        prlimit(Some(self.pid()?), Resource::Fsize, limit)?;
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Already reaped, except after an error.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
