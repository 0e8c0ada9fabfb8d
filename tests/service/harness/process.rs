//! `frontdesk run` as its own process, for tests that kill it with real signals; or a test that stands for it, as a
//! process of its own with the same settings.

use std::fs::File;
use std::io::{PipeReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};

use audit::{Kind, Verdict};
use sandbox::{Event, Sandbox, Script};

use super::builder::quick;
use super::checks::{UNFINISHED, doubles, reckoned, rows, secrets, unmarked};
use super::{becomes, log};

/// A user without rights of his own, whatever he is called here.
const NOBODY: u32 = 65_534;

/// A process with its stand-ins, files and settings.
pub(crate) struct ServiceProcess {
    sandbox: Sandbox,
    folder: tempfile::TempDir,
    settings: Vec<(&'static str, String)>,
    child: Option<Child>,
    /// The test that stands for the binary.
    life: Option<&'static str>,
}

impl ServiceProcess {
    /// A process that has not been started, with these settings on top of the suite's own.
    pub(crate) fn new(script: impl Script + 'static, settings: &[(&'static str, &str)]) -> Self {
        Self {
            sandbox: Sandbox::answering(script).unwrap(),
            folder: tempfile::tempdir().unwrap(),
            settings: settings
                .iter()
                .map(|(name, value)| (*name, (*value).to_owned()))
                .collect(),
            child: None,
            life: None,
        }
    }

    /// Starts a test of this binary, by its whole name, in place of the service; it is [told](Self::tell) what to do.
    pub(crate) fn lived_by(mut self, test: &'static str) -> Self {
        self.life = Some(test);
        self
    }

    /// Starts it; its log goes to a file, at `trace`.
    pub(crate) fn start(&mut self) {
        let log = File::options().create(true).append(true).open(self.log_file()).unwrap();
        self.start_logging_to(log.into());
    }

    /// Starts it with a full pipe for its log, and answers the end at which it can be read.
    pub(crate) fn start_unread(&mut self) -> PipeReader {
        let (reader, writer) = std::io::pipe().unwrap();
        let mut filler = writer.try_clone().unwrap();
        // More than a pipe holds: this thread takes any place that becomes free, until somebody reads all of it.
        std::thread::spawn(move || filler.write_all(&[b'\n'; 1024 * 1024]));
        self.start_logging_to(writer.into());
        reader
    }

    fn start_logging_to(&mut self, log: Stdio) {
        assert!(self.child.is_none(), "it runs already");
        let mut command = self.command();
        if self.life.is_some() {
            command.stdin(Stdio::piped());
        }
        self.child = Some(command.stdout(Stdio::null()).stderr(log).spawn().unwrap());
    }

    /// Starts another one on the same files and waits for its end.
    pub(crate) fn start_a_second(&self) -> Output {
        self.command().output().unwrap()
    }

    /// Starts another one on the same files, with some settings changed, and waits for its end.
    pub(crate) fn start_changed(&self, settings: &[(&str, &str)]) -> Output {
        let mut command = self.command();
        command.envs(settings.iter().copied());
        command.output().unwrap()
    }

    /// Starts it as a user whom the rights of files bind, which they do not bind root, and waits for its end.
    pub(crate) fn start_as_nobody(&self) -> Output {
        let is_root = std::os::unix::fs::MetadataExt::uid(&self.folder.path().metadata().unwrap()) == 0;
        if !is_root {
            return self.start_a_second();
        }
        // Wherever the binary was built, nobody may not be let in.
        let binary = self.folder.path().join("frontdesk");
        // By another process: a file that this one has open for writing may go on to a child that another test starts.
        let copying = Command::new("cp")
            .arg(env!("CARGO_BIN_EXE_frontdesk"))
            .arg(&binary)
            .status();
        assert!(copying.unwrap().success());
        let mut command = Command::new(&binary);
        command.arg("run");
        let mut command = self.set_up(command);
        std::os::unix::process::CommandExt::uid(&mut command, NOBODY);
        let output = command.output().unwrap();
        std::fs::remove_file(binary).unwrap();
        output
    }

    fn program(&self) -> Command {
        match self.life {
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

    /// SIGKILL.
    pub(crate) fn kill(&mut self) {
        let mut child = self.child.take().expect("it runs");
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Its number.
    pub(crate) fn id(&self) -> u32 {
        self.child.as_ref().expect("it runs").id()
    }

    /// SIGTERM; waits for the end.
    pub(crate) async fn terminate(&mut self) -> ExitStatus {
        self.signal_term();
        self.ended().await
    }

    /// SIGTERM, without waiting.
    pub(crate) fn signal_term(&self) {
        let child = self.child.as_ref().expect("it runs");
        let signal = format!("kill -TERM {}", child.id());
        assert!(Command::new("sh").args(["-c", &signal]).status().unwrap().success());
    }

    /// Waits for its end.
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

    /// Whether it has ended by itself, and how; then it can be started again.
    pub(crate) fn has_ended(&mut self) -> Option<ExitStatus> {
        let status = self.child.as_mut()?.try_wait().unwrap()?;
        self.child = None;
        Some(status)
    }

    /// A line for whoever stands for the service. Nobody hears it if it has just died.
    pub(crate) fn tell(&mut self, line: &str) {
        if let Some(stdin) = self.child.as_mut().and_then(|child| child.stdin.as_mut()) {
            let _ = writeln!(stdin, "{line}");
        }
    }

    /// Waits until its log holds a line with this word.
    pub(crate) async fn logs(&self, word: &str) {
        self.logs_times(word, 1).await;
    }

    /// Waits until its log holds so many lines with this word.
    pub(crate) async fn logs_times(&self, word: &str, times: usize) {
        let is_logged = becomes(|| self.log().matches(word).count() >= times).await;
        assert!(is_logged, "{word} is logged {times} times");
    }

    /// Both stand-ins.
    pub(crate) fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    /// Doubles that customers saw, and what is said of those whose row is not marked.
    pub(crate) fn doubles(&self) -> (usize, Vec<String>) {
        let all = doubles(&self.sandbox).len();
        (all, unmarked(&self.sandbox, &self.database(), Kind::Double))
    }

    /// Everything that is held against the rows, once it has ended; these contacts were left.
    pub(crate) fn reckoned(&self, contacts: &[(i64, &str)]) -> Verdict {
        reckoned(&self.sandbox, &self.database(), contacts)
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

    /// Waits until nothing is unfinished.
    pub(crate) async fn settles(&self) {
        assert!(becomes(|| self.unfinished() == 0).await, "nothing stays unfinished");
    }

    /// Waits until so many messages have reached customers in all.
    pub(crate) async fn delivers(&self, count: usize) {
        let is_delivered = |event: &Event| matches!(event, Event::MessageDelivered { .. });
        super::seen(&self.sandbox, count, is_delivered).await;
    }

    /// A customer writes, and with the answer so many messages have reached customers in all.
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

    /// What it logged so far.
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
            "the stand-ins were spoken to wrongly: {violations:?}"
        );
        let letters = unmarked(&self.sandbox, &self.database(), Kind::LetterDouble);
        assert!(letters.is_empty(), "letters came twice without a mark: {letters:?}");
        let words = secrets(&self.sandbox, &self.database());
        let leak = log::leak(&self.log(), words.iter().map(String::as_str)).map(str::to_owned);
        assert_eq!(leak, None, "the log holds a secret or a customer's words");
    }
}
