//! The terminal: narration, the chat, and log events set apart from both. The first failing write ends the demo.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::{Mutex, PoisonError};

use serde_json::Value;
use tokio::sync::Notify;

use super::chat::Text;
use super::line::Line;
use crate::cli::output::visible;

/// The column where the text of a chat begins, after the customer's name.
const NAMES: usize = 13;
/// The widest readable line.
const WIDEST: usize = 96;

/// Stdout, a terminal or not.
pub(super) struct Screen {
    colours: bool,
    width: usize,
    /// The visitor's prompt, redrawn below each new line.
    prompt: Mutex<Option<String>>,
    closed: Notify,
}

/// The style of a line in a terminal with colours.
#[derive(Clone, Copy)]
enum Ink {
    Plain,
    Dim,
    Title,
    Customer,
    Good,
    Bad,
}

impl Ink {
    const fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Dim => "\x1b[2m",
            Self::Title => "\x1b[1m",
            Self::Customer => "\x1b[36m",
            Self::Good => "\x1b[32m",
            Self::Bad => "\x1b[31m",
        }
    }
}

impl Screen {
    /// Uses colours only in a terminal, unless `NO_COLOR` is set (no-color.org).
    pub(super) fn of_stdout() -> Self {
        let stdout = io::stdout();
        let is_refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
            || std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let columns = rustix::termios::tcgetwinsize(&stdout).map(|size| usize::from(size.ws_col));
        Self {
            colours: stdout.is_terminal() && !is_refused,
            width: columns
                .ok()
                .filter(|columns| *columns > 40)
                .unwrap_or(WIDEST)
                .min(WIDEST),
            prompt: Mutex::new(None),
            closed: Notify::new(),
        }
    }

    /// Whether a person is watching.
    pub(super) fn is_watched() -> bool {
        io::stdout().is_terminal()
    }

    /// Waits until stdout is closed.
    pub(super) async fn closed(&self) {
        self.closed.notified().await;
    }

    /// Shows the prompt below everything from now on.
    pub(super) fn prompt(&self, name: &str) {
        *self.prompt.lock().unwrap_or_else(PoisonError::into_inner) = Some(format!("{name:<NAMES$}▸ "));
        self.write("");
    }

    /// Removes the prompt.
    pub(super) fn unprompt(&self) {
        *self.prompt.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Leaves the cursor on an empty line.
    pub(super) fn end(&self) {
        let prompt = self.prompt.lock().unwrap_or_else(PoisonError::into_inner).take();
        if prompt.is_some() {
            self.write("\n");
        }
    }

    /// A heading.
    pub(super) fn title(&self, text: &str) {
        let rule = "─".repeat(self.width.saturating_sub(text.chars().count() + 4));
        self.lines(Ink::Title, &format!("\n── {text} {rule}"));
    }

    /// Narration.
    pub(super) fn narrate(&self, text: &str) {
        for line in Text::plain(text).fold(self.width) {
            self.lines(Ink::Plain, &line.drawn(false));
        }
    }

    /// Text without folding or style.
    pub(super) fn bare(&self, text: &str) {
        self.lines(Ink::Plain, &visible(text));
    }

    /// A message from a customer.
    pub(super) fn customer(&self, name: &str, text: &str) {
        self.bubble(name, '▸', &Text::plain(text), Ink::Customer);
    }

    /// A reply to a customer.
    pub(super) fn reply(&self, name: &str, text: &str, entities: &[Value]) {
        let label = format!("   → {name}");
        self.bubble(&label, '◂', &Text::with_entities(text, entities), Ink::Good);
    }

    /// The chat action shown to a customer.
    pub(super) fn typing(&self, name: &str, text: &str) {
        let label = format!("   → {name}");
        self.lines(Ink::Dim, &format!("{label:<NAMES$}{text}"));
    }

    /// Names the styles of the reply above if colours are off.
    pub(super) fn styles(&self, text: &str) {
        if !self.colours {
            self.lines(Ink::Plain, &format!("{:NAMES$}  ({text})", ""));
        }
    }

    /// The buttons under the reply above.
    pub(super) fn buttons(&self, texts: &[&str]) {
        let drawn: Vec<_> = texts.iter().map(|text| format!("[ {} ]", visible(text))).collect();
        self.lines(Ink::Good, &format!("{:NAMES$}  {}", "", drawn.join("  ")));
    }

    /// A letter in a mailbox.
    pub(super) fn letter(&self, lines: &[String]) {
        let room = self.width.saturating_sub(NAMES + 2);
        let rule = "─".repeat(room);
        let head = format!("{:<NAMES$}", "   ✉");
        self.lines(Ink::Good, &format!("{head}┌{rule}"));
        for line in lines.iter().flat_map(|line| Text::plain(line).fold(room)) {
            let line = format!("{:NAMES$}{} {}", "", self.inked(Ink::Good, "│"), line.drawn(false));
            self.write(&format!("{}\n", line.trim_end()));
        }
        self.lines(Ink::Good, &format!("{:NAMES$}└{rule}", ""));
    }

    fn bubble(&self, label: &str, mark: char, text: &Text, ink: Ink) {
        for (n, line) in text.fold(self.width - NAMES - 2).iter().enumerate() {
            let label = if n == 0 { visible(label) } else { String::new() };
            let label = self.inked(ink, &format!("{label:<NAMES$}{mark}"));
            let line = format!("{label} {}", line.drawn(self.colours));
            self.write(&format!("{}\n", line.trim_end()));
        }
    }

    /// A log event.
    pub(super) fn event(&self, line: &Line) {
        let mark = if line.is_warning { '!' } else { '·' };
        let figures = line.figures.iter().map(|(key, value)| format!(" {key}={value}"));
        let text = format!("{} {}{}", line.actor, line.name, figures.collect::<String>());
        self.report(&format!("{mark} "), &text);
    }

    /// The same event of many actors.
    pub(super) fn crowd(&self, name: &str, actors: &[&str]) {
        self.report(&format!("· {name}: "), &actors.join(", "));
    }

    /// Lines with a prefix, set apart from the chat.
    fn report(&self, head: &str, text: &str) {
        let indent = NAMES + 2 + head.chars().count();
        let room = self.width.saturating_sub(indent);
        for (n, line) in Text::plain(text).fold(room).iter().enumerate() {
            let head = if n == 0 { head } else { "" };
            let head = format!("{:NAMES$}  {head}", "");
            self.lines(Ink::Dim, &format!("{head:<indent$}{}", line.drawn(false)));
        }
    }

    /// A failure injected into the service.
    pub(super) fn failure(&self, text: &str) {
        self.lines(Ink::Bad, &format!("{:NAMES$}✖ {}", "", visible(text)));
    }

    /// A recovery.
    pub(super) fn recovery(&self, text: &str) {
        self.lines(Ink::Good, &format!("{:NAMES$}✔ {}", "", visible(text)));
    }

    /// One line of the checklist.
    pub(super) fn check(&self, is_met: bool, what: &str, figures: &str) {
        let (mark, ink) = if is_met { ("✔", Ink::Good) } else { ("✖", Ink::Bad) };
        let line = format!("  {} {what:<50} {figures}\n", self.inked(ink, mark));
        self.write(&line);
    }

    /// The last line.
    pub(super) fn verdict(&self, is_met: bool, text: &str) {
        self.lines(if is_met { Ink::Good } else { Ink::Bad }, &format!("\n{text}"));
    }

    fn inked(&self, ink: Ink, text: &str) -> String {
        match (self.colours, ink.code()) {
            (false, _) | (_, "") => text.to_owned(),
            (true, code) => format!("{code}{text}\x1b[0m"),
        }
    }

    fn lines(&self, ink: Ink, text: &str) {
        let lines = text.split('\n').map(|line| match line {
            "" => "\n".to_owned(),
            line => self.inked(ink, line) + "\n",
        });
        self.write(&lines.collect::<String>());
    }

    /// One write per line: the journal and the service's log are shown concurrently.
    fn write(&self, text: &str) {
        let prompt = self.prompt.lock().unwrap_or_else(PoisonError::into_inner);
        let whole = match prompt.as_deref() {
            Some(prompt) => format!("\r\x1b[K{text}{}", self.inked(Ink::Customer, prompt)),
            None => text.to_owned(),
        };
        let mut out = io::stdout().lock();
        if out.write_all(whole.as_bytes()).and_then(|()| out.flush()).is_err() {
            self.closed.notify_one();
        }
    }
}
