//! `frontdesk run` as its own process, for tests that kill it with real signals.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;

use sandbox::{Options, Sandbox, Script};

use super::log;
use super::service::{UNFINISHED, rows, secrets};

/// A process with its stand-ins, files and settings.
pub struct ServiceProcess {
    sandbox: Sandbox,
    folder: tempfile::TempDir,
    settings: Vec<(&'static str, String)>,
    child: Option<Child>,
}

impl ServiceProcess {
    /// A process that has not been started, with these settings on top of the suite's own.
    pub fn new(script: impl Script + 'static, settings: &[(&'static str, &str)]) -> Self {
        let options = Options {
            script: Arc::new(script),
            ..Options::default()
        };
        let sandbox = Sandbox::start(options).unwrap();
        Self {
            sandbox,
            folder: tempfile::tempdir().unwrap(),
            settings: settings
                .iter()
                .map(|(name, value)| (*name, (*value).to_owned()))
                .collect(),
            child: None,
        }
    }

    /// Starts it; its log goes to a file, at `trace`.
    pub fn start(&mut self) {
        assert!(self.child.is_none(), "it runs already");
        let log = File::options().create(true).append(true).open(self.log_file()).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_frontdesk"));
        command
            .arg("run")
            .current_dir(self.folder.path())
            .env_clear()
            .env("TELEGRAM_API_URL", self.sandbox.telegram().url())
            .env("TELEGRAM_BOT_TOKEN", self.sandbox.telegram().token())
            .env("OPENAI_BASE_URL", self.sandbox.openai().url())
            .env("OPENAI_API_KEY", self.sandbox.openai().api_key())
            .env("TELEGRAM_RATE_PER_SECOND", "0")
            .env("TELEGRAM_CHAT_RATE_PER_SECOND", "0")
            .env("RATE_LIMIT_PER_MINUTE", "0")
            .env("MERGE_WAIT_MS", "0")
            .env("RUST_LOG", "trace")
            .envs(self.settings.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log);
        self.child = Some(command.spawn().unwrap());
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        let mut child = self.child.take().expect("it runs");
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// SIGTERM; waits for the end.
    pub fn terminate(&mut self) -> ExitStatus {
        let mut child = self.child.take().expect("it runs");
        let signal = format!("kill -TERM {}", child.id());
        assert!(Command::new("sh").args(["-c", &signal]).status().unwrap().success());
        child.wait().unwrap()
    }

    /// Both stand-ins.
    pub fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    /// Where its files are.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A query; each row as one line, cells joined by `|`.
    pub fn sql(&self, sql: &str) -> Vec<String> {
        rows(&self.database(), sql)
    }

    /// Waits until nothing is unfinished.
    pub async fn settles(&self) {
        let mut clock = tokio::time::interval(std::time::Duration::from_millis(50));
        let waiting = async {
            while self.sql(UNFINISHED) != ["0"] {
                clock.tick().await;
            }
        };
        tokio::time::timeout(super::PATIENCE, waiting)
            .await
            .expect("nothing stays unfinished");
    }

    fn database(&self) -> PathBuf {
        self.folder.path().join("data/frontdesk.db")
    }

    fn log_file(&self) -> PathBuf {
        self.folder.path().join("run.log")
    }

    /// What it logged so far.
    pub fn log(&self) -> String {
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
        let words = secrets(&self.sandbox, &self.database());
        let leak = log::leak(&self.log(), words.iter().map(String::as_str)).map(str::to_owned);
        assert_eq!(leak, None, "the log holds a secret or a customer's words");
    }
}
