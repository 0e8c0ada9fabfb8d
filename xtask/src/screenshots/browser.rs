//! Headless Chromium over the DevTools protocol: one page that shows a letter at a width and in a theme, evaluates scripts and
//! takes pictures. The protocol uses pipes: no port is opened.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;

/// Names of the installed binary.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
/// The browser reads commands from 3 and answers on 4; its own output must not mix with them.
const ON_PIPES: &str = r#"exec "$@" 3<&0 4>&1 </dev/null >/dev/null"#;
const FLAGS: [&str; 12] = [
    "--remote-debugging-pipe",
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    // Grey antialiasing, as on phones: edges of characters blend only two colours.
    "--disable-lcd-text",
    // Remote pictures are blocked, so that measurements do not depend on the network.
    "--host-resolver-rules=MAP * ~NOTFOUND",
];
/// Timeout for an answer: only bounds a hanging browser.
const PATIENCE: Duration = Duration::from_secs(60);
/// Device pixels per CSS pixel: as on most phones, so that thin strokes reach their full colour.
pub(super) const SCALE: u32 = 2;
/// Maximum height of one picture.
const SLICE: u32 = 4000;

/// The mail client's theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Theme {
    /// As it is designed.
    Light,
    /// Forced dark by the client.
    Dark,
}

impl Theme {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// A browser with one page. Dropping it ends the process; so does the end of this process, because the pipe closes.
pub(super) struct Browser {
    child: Child,
    commands: ChildStdin,
    answers: Receiver<Value>,
    last: u64,
    session: Option<String>,
    frame: String,
    profile: TempDir,
}

impl Browser {
    pub(super) fn start() -> anyhow::Result<Self> {
        let program = installed()?;
        let profile = tempfile::Builder::new().prefix("frontdesk-browser-").tempdir()?;
        let mut child = Command::new("sh")
            .args(["-c", ON_PIPES, "sh"])
            .arg(&program)
            .args(FLAGS)
            .arg(format!("--user-data-dir={}", profile.path().display()))
            // Its other folders are removed with its profile.
            .env("TMPDIR", profile.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::create(log(&profile))?)
            .spawn()
            .with_context(|| format!("{} cannot be started", program.display()))?;
        let (Some(commands), Some(out)) = (child.stdin.take(), child.stdout.take()) else {
            bail!("the browser has no pipes");
        };
        let mut browser = Self {
            child,
            commands,
            answers: listen(out),
            last: 0,
            session: None,
            frame: String::new(),
            profile,
        };
        browser.open()?;
        Ok(browser)
    }

    fn open(&mut self) -> anyhow::Result<()> {
        let target = self.call("Target.createTarget", &json!({"url": "about:blank"}))?;
        let wanted = json!({"targetId": target["targetId"], "flatten": true});
        let attached = self.call("Target.attachToTarget", &wanted)?;
        self.session = attached["sessionId"].as_str().map(str::to_owned);
        let tree = self.call("Page.getFrameTree", &json!({}))?;
        let frame = &tree["frameTree"]["frame"]["id"];
        self.frame = frame.as_str().context("the page has no frame")?.to_owned();
        Ok(())
    }

    /// Replaces the shown letter.
    pub(super) fn show(&mut self, html: &str) -> anyhow::Result<()> {
        let content = json!({"frameId": self.frame, "html": html});
        self.call("Page.setDocumentContent", &content)?;
        Ok(())
    }

    /// Sets the width in CSS pixels and the theme, and waits until the page is painted.
    pub(super) fn dress(&mut self, width: u32, height: u32, theme: Theme) -> anyhow::Result<()> {
        let metrics = json!({"width": width, "height": height, "deviceScaleFactor": SCALE, "mobile": false});
        self.call("Emulation.setDeviceMetricsOverride", &metrics)?;
        let dark = json!({"enabled": theme == Theme::Dark});
        self.call("Emulation.setAutoDarkModeOverride", &dark)?;
        self.ask("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(0))))")?;
        Ok(())
    }

    /// Evaluates an expression on the page.
    pub(super) fn ask(&mut self, expression: &str) -> anyhow::Result<Value> {
        let question = json!({"expression": expression, "returnByValue": true, "awaitPromise": true});
        let mut answer = self.call("Runtime.evaluate", &question)?;
        match answer.get("exceptionDetails") {
            Some(fault) => Err(anyhow!("the script fails: {fault}")),
            None => Ok(answer["result"]["value"].take()),
        }
    }

    /// A PNG of the top of the page in CSS pixels, even beyond the window.
    pub(super) fn picture(&mut self, width: u32, height: u32) -> anyhow::Result<Vec<u8>> {
        self.piece(0, width, height, false)
    }

    /// The same in pieces of full width; weakly compressed, because they are only analysed.
    pub(super) fn pictures(&mut self, width: u32, height: u32) -> anyhow::Result<Vec<Vec<u8>>> {
        let tops = (0..height).step_by(usize::try_from(SLICE)?);
        tops.map(|top| self.piece(top, width, SLICE.min(height - top), true))
            .collect()
    }

    fn piece(&mut self, top: u32, width: u32, height: u32, is_quick: bool) -> anyhow::Result<Vec<u8>> {
        let clip = json!({"x": 0, "y": top, "width": width, "height": height, "scale": 1});
        let wanted = json!({"format": "png", "clip": clip, "captureBeyondViewport": true,
            "optimizeForSpeed": is_quick});
        let answer = self.call("Page.captureScreenshot", &wanted)?;
        let text = answer["data"].as_str().context("the picture is missing")?;
        Ok(STANDARD.decode(text)?)
    }

    fn call(&mut self, method: &str, params: &Value) -> anyhow::Result<Value> {
        self.last += 1;
        let mut command = json!({"id": self.last, "method": method, "params": params});
        if let Some(session) = &self.session {
            command["sessionId"] = json!(session);
        }
        let mut bytes = command.to_string().into_bytes();
        bytes.push(0);
        let sent = self.commands.write_all(&bytes);
        sent.map_err(|error| self.gone(&error.to_string()))?;
        loop {
            let answer = self.answers.recv_timeout(PATIENCE);
            let mut answer = answer.map_err(|error| self.gone(&format!("{method}: {error}")))?;
            // Anything else is an event or a late answer.
            if answer["id"] == self.last {
                return match answer.get("error") {
                    Some(error) => Err(anyhow!("{method}: {error}")),
                    None => Ok(answer["result"].take()),
                };
            }
        }
    }

    /// The browser's last output explains more than a closed pipe.
    fn gone(&self, why: &str) -> anyhow::Error {
        let printed = std::fs::read(log(&self.profile)).unwrap_or_default();
        let printed = String::from_utf8_lossy(&printed);
        anyhow!(
            "the browser does not answer ({why}): {}",
            printed.lines().last().unwrap_or_default()
        )
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn log(profile: &TempDir) -> PathBuf {
    profile.path().join("printed.log")
}

/// Answers end with NUL.
fn listen(out: ChildStdout) -> Receiver<Value> {
    let (send, answers) = channel();
    std::thread::spawn(move || {
        let mut parts = BufReader::new(out).split(0).map_while(Result::ok);
        // Ends with the browser or with the receiver.
        parts.try_for_each(|part| match serde_json::from_slice(&part) {
            Ok(answer) => send.send(answer).map_err(|_gone| ()),
            Err(_) => Err(()),
        })
    });
    answers
}

fn installed() -> anyhow::Result<PathBuf> {
    if let Some(named) = std::env::var_os("CHROMIUM") {
        return Ok(named.into());
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let places: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let found = NAMES
        .iter()
        .flat_map(|name| places.iter().map(move |place| Path::join(place, name)))
        .find(|program| program.is_file());
    found.context("there is no browser: install chromium (apt-get install chromium), or name one in CHROMIUM")
}
