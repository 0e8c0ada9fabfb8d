//! `frontdesk run` in a separate process, for tests that kill it with real signals; or a test that acts as the service in a
//! separate process with the same settings.

use std::fs::File;
use std::io::{PipeReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};

use audit::{Kind, Verdict};
use sandbox::{Event, Sandbox, Script};

use super::builder::quick;
use super::checks::{UNFINISHED, audited, doubles, rows, secrets, unmarked};
use super::{becomes, log};

/// The id of an unprivileged user.
const UNPRIVILEGED: u32 = 65_534;

/// A service process with its stand-ins, files and settings.
pub(crate) struct ServiceProcess {
    sandbox: Sandbox,
    folder: tempfile::TempDir,
    settings: Vec<(&'static str, String)>,
    child: Option<Child>,
    /// The test that acts as the binary.
    acting_test: Option<&'static str>,
}

impl ServiceProcess {
    /// A process that has not been started, with these settings added to the suite's own.
    pub(crate) fn new(script: impl Script + 'static, settings: &[(&'static str, &str)]) -> Self {
        Self {
            sandbox: Sandbox::answering(script).unwrap(),
            folder: tempfile::tempdir().unwrap(),
            settings: settings
                .iter()
                .map(|(name, value)| (*name, (*value).to_owned()))
                .collect(),
            child: None,
            acting_test: None,
        }
    }

    /// Starts a test of this binary, by its full name, in place of the service; [`Self::send`] controls it.
    pub(crate) fn run_by_test(mut self, test: &'static str) -> Self {
        self.acting_test = Some(test);
        self
    }

    /// Starts it with its log in a file, at `trace`.
    pub(crate) fn start(&mut self) {
        let log = File::options().create(true).append(true).open(self.log_file()).unwrap();
        self.start_logging_to(log.into());
    }

    /// Starts it with a full pipe as its log, and returns the read end.
    pub(crate) fn start_unread(&mut self) -> PipeReader {
        let (reader, writer) = std::io::pipe().unwrap();
        let mut filler = writer.try_clone().unwrap();
        // More than a pipe holds: this thread fills any space that becomes free until the pipe is read.
        std::thread::spawn(move || filler.write_all(&[b'\n'; 1024 * 1024]));
        self.start_logging_to(writer.into());
        reader
    }

    fn start_logging_to(&mut self, log: Stdio) {
        assert!(self.child.is_none(), "it runs already");
        let mut command = self.command();
        if self.acting_test.is_some() {
            command.stdin(Stdio::piped());
        }
        self.child = Some(command.stdout(Stdio::null()).stderr(log).spawn().unwrap());
    }

    /// Starts a second process on the same files and waits for its end.
    pub(crate) fn start_a_second(&self) -> Output {
        self.command().output().unwrap()
    }

    /// Starts a second process on the same files with changed settings, and waits for its end.
    pub(crate) fn start_changed(&self, settings: &[(&str, &str)]) -> Output {
        let mut command = self.command();
        command.envs(settings.iter().copied());
        command.output().unwrap()
    }

    /// Starts it as an unprivileged user, since file permissions do not bind root, and waits for its end.
    pub(crate) fn start_unprivileged(&self) -> Output {
        let is_root = std::os::unix::fs::MetadataExt::uid(&self.folder.path().metadata().unwrap()) == 0;
        if !is_root {
            return self.start_a_second();
        }
        // The unprivileged user may not have access to the build folder.
        let binary = self.folder.path().join("frontdesk");
        // Copied by another process: a file this process has open for writing may be inherited by a child of another test.
        let copying = Command::new("cp")
            .arg(env!("CARGO_BIN_EXE_frontdesk"))
            .arg(&binary)
            .status();
        assert!(copying.unwrap().success());
        let mut command = Command::new(&binary);
        command.arg("run");
        let mut command = self.set_up(command);
        std::os::unix::process::CommandExt::uid(&mut command, UNPRIVILEGED);
        let output = command.output().unwrap();
        std::fs::remove_file(binary).unwrap();
        output
    }

    fn program(&self) -> Command {
        match self.acting_test {
            Some(test) => {
                let mut command = Command::new(std::env::current_exe().unwrap());
                command.args([test, "--exact", "--nocapture"]);
                command
            }
            None => {
                let mut command = Command::new(env!("CARGO_BIN_EXE_frontdesk"));
                command.arg("run");
                command
            }
        }
    }

    fn command(&self) -> Command {
        self.set_up(self.program())
    }

    fn set_up(&self, mut command: Command) -> Command {
        command
            .current_dir(self.folder.path())
            .env_clear()
            .envs(quick(&self.sandbox))
            .env("RUST_LOG", "trace")
            .envs(self.settings.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn kill(&mut self) {
        let mut child = self.child.take().expect("it runs");
        child.kill().unwrap();
        child.wait().unwrap();
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.as_ref().expect("it runs").id()
    }

    /// Sends SIGTERM and waits for the end.
    pub(crate) async fn terminate(&mut self) -> ExitStatus {
        self.signal_term();
        self.ended().await
    }

    /// Sends SIGTERM without waiting.
    pub(crate) fn signal_term(&self) {
        let child = self.child.as_ref().expect("it runs");
        let signal = format!("kill -TERM {}", child.id());
        assert!(Command::new("sh").args(["-c", &signal]).status().unwrap().success());
    }

    pub(crate) async fn ended(&mut self) -> ExitStatus {
        let mut child = self.child.take().expect("it runs");
        let has_ended = becomes(|| child.try_wait().unwrap().is_some()).await;
        if !has_ended {
            child.kill().unwrap();
        }
        let status = child.wait().unwrap();
        assert!(has_ended, "the process ends");
        status
    }

    /// Its exit status, if it has ended; then it can be started again.
    pub(crate) fn has_ended(&mut self) -> Option<ExitStatus> {
        let status = self.child.as_mut()?.try_wait().unwrap()?;
        self.child = None;
        Some(status)
    }

    /// Sends a line to the test that acts as the service; lost if it has just died.
    pub(crate) fn send(&mut self, line: &str) {
        if let Some(stdin) = self.child.as_mut().and_then(|child| child.stdin.as_mut()) {
            let _ = writeln!(stdin, "{line}");
        }
    }

    /// Waits until its log contains this word.
    pub(crate) async fn logs(&self, word: &str) {
        self.logs_times(word, 1).await;
    }

    /// Waits until its log contains this word `times` times.
    pub(crate) async fn logs_times(&self, word: &str, times: usize) {
        let is_logged = becomes(|| self.log().matches(word).count() >= times).await;
        assert!(is_logged, "{word} is logged {times} times");
    }

    /// Both stand-ins.
    pub(crate) fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    /// The number of repeated replies, and the complaints about unmarked ones.
    pub(crate) fn doubles(&self) -> (usize, Vec<String>) {
        let all = doubles(&self.sandbox).len();
        (all, unmarked(&self.sandbox, &self.database(), Kind::Double))
    }

    /// The audit after its end; these contacts were left.
    pub(crate) fn audited(&self, contacts: &[(i64, &str)]) -> Verdict {
        audited(&self.sandbox, &self.database(), contacts)
    }

    /// Where its files are.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A query; each row as one line, cells joined by `|`.
    pub(crate) fn sql(&self, sql: &str) -> Vec<String> {
        rows(&self.database(), sql)
    }

    /// Rows that are not at an end.
    pub(crate) fn unfinished(&self) -> u64 {
        self.sql(UNFINISHED)[0].parse().unwrap()
    }

    /// Waits until no row is unfinished.
    pub(crate) async fn settles(&self) {
        assert!(becomes(|| self.unfinished() == 0).await, "nothing stays unfinished");
    }

    /// Waits until `count` messages have been delivered in total.
    pub(crate) async fn delivers(&self, count: usize) {
        let is_delivered = |event: &Event| matches!(event, Event::MessageDelivered { .. });
        super::seen(&self.sandbox, count, is_delivered).await;
    }

    /// A customer writes; waits until `count` messages have been delivered in total.
    pub(crate) async fn answers(&self, text: &str, count: usize) {
        self.sandbox.telegram().say(1, text);
        self.delivers(count).await;
        self.settles().await;
    }

    fn database(&self) -> PathBuf {
        self.folder.path().join("data/frontdesk.db")
    }

    fn log_file(&self) -> PathBuf {
        self.folder.path().join("run.log")
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.log_file()).unwrap_or_default()
    }
}

impl Drop for ServiceProcess {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
        if std::thread::panicking() {
            eprintln!("{}", self.log());
            return;
        }
        let violations = self.sandbox.violations();
        assert!(
            violations.is_empty(),
            "calls violated the contract of a stand-in: {violations:?}"
        );
        let letters = unmarked(&self.sandbox, &self.database(), Kind::LetterDouble);
        assert!(letters.is_empty(), "letters came twice without a mark: {letters:?}");
        let words = secrets(&self.sandbox, &self.database());
        let leak = log::leak(&self.log(), words.iter().map(String::as_str)).map(str::to_owned);
        assert_eq!(leak, None, "the log holds a secret or a customer's words");
    }
}
