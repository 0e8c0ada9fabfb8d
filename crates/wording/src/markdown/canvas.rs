//! Text with spans while it is being written. Breaks are kept back until more text comes, so no span begins or
//! ends with one; styles that may not touch code are closed around it and opened again.

use std::cmp::Reverse;

use domain::{Reply, Span, Style};

/// What is between two pieces of text; the stronger of two wishes wins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Break {
    /// They follow each other.
    #[default]
    None,
    /// A new line.
    Line,
    /// A blank line.
    Paragraph,
}

/// A style that is open.
#[derive(Debug)]
struct Open {
    /// `None` where an equal or excluding style is already open around it.
    style: Option<Style>,
    /// Where its text begins; `None` until there is some.
    start: Option<usize>,
    /// When it was opened, to keep the outer before the inner where both cover the same text.
    order: usize,
}

/// The text and spans so far.
#[derive(Debug, Default)]
pub(super) struct Canvas {
    text: String,
    /// Length of `text` in UTF-16 code units.
    units: usize,
    spans: Vec<(usize, Span)>,
    open: Vec<Open>,
    opened: usize,
    pending: Break,
    /// Columns before a new line's text.
    indent: usize,
    /// A list marker and its columns, waiting for the first text of its item.
    marker: Option<(usize, String)>,
}

impl Canvas {
    /// Asks for a break before the next text.
    pub(super) fn break_with(&mut self, wish: Break) {
        self.pending = self.pending.max(wish);
    }

    /// Sets the columns that precede each new line.
    pub(super) fn set_indent(&mut self, columns: usize) {
        self.indent = columns;
    }

    /// Begins a list item on a new line.
    pub(super) fn begin_item(&mut self, columns: usize, marker: String) {
        self.flush_marker();
        self.break_with(Break::Line);
        self.marker = Some((columns, marker));
    }

    /// The marker of the item that has no text yet.
    pub(super) fn marker_mut(&mut self) -> Option<&mut String> {
        self.marker.as_mut().map(|(_, marker)| marker)
    }

    /// Writes a marker that still waits: the item is empty, or its text comes with a style of its own.
    pub(super) fn flush_marker(&mut self) {
        let Some((columns, marker)) = self.marker.take() else {
            return;
        };
        let usual = std::mem::replace(&mut self.indent, columns);
        self.write_run(&marker);
        self.indent = usual;
    }

    /// Opens a style, or nothing that is closed like one; each call needs its [`Self::close`].
    pub(super) fn open(&mut self, style: Option<Style>) {
        self.flush_marker();
        let style = style.filter(|style| !self.excludes(style));
        self.open.push(Open {
            style,
            start: None,
            order: self.opened,
        });
        self.opened += 1;
    }

    /// Closes the innermost style.
    pub(super) fn close(&mut self) {
        if let Some(open) = self.open.pop() {
            self.emit(open.start, open.style, open.order);
        }
    }

    /// Whether a star follows a word so far, as one does that points to a footnote.
    pub(super) fn has_footnote_star(&self) -> bool {
        let mut before = ' ';
        let mut chars = self.text.chars().peekable();
        while let Some(c) = chars.next() {
            let is_end = chars.peek().is_none_or(|next| !next.is_alphanumeric());
            if c == '*' && !before.is_whitespace() && is_end {
                return true;
            }
            before = c;
        }
        false
    }

    /// Writes text; line feeds in it are line breaks.
    pub(super) fn write(&mut self, text: &str) {
        for (index, line) in text.split('\n').enumerate() {
            if index > 0 {
                self.break_with(Break::Line);
            }
            if !line.is_empty() {
                self.flush_marker();
                self.write_run(line);
            }
        }
    }

    /// Writes code inside a line. In a link or a quotation it stays plain: no entity may hold it, and those
    /// two would fall apart if they were closed around it.
    pub(super) fn write_code(&mut self, code: &str) {
        if self.is_open(|style| matches!(style, Style::Link { .. } | Style::Blockquote)) {
            self.write(code);
        } else {
            self.write_alone(code, Style::Code);
        }
    }

    /// Writes a block of code on lines of its own.
    pub(super) fn write_block(&mut self, code: &str, language: Option<String>) {
        self.flush_marker();
        self.break_with(Break::Line);
        let usual = std::mem::take(&mut self.indent);
        self.write_alone(code, Style::Pre { language });
        self.indent = usual;
        self.break_with(Break::Line);
    }

    /// Everything written, styles that are still open closed.
    pub(super) fn finish(mut self) -> Reply {
        self.flush_marker();
        while !self.open.is_empty() {
            self.close();
        }
        let mut spans = self.spans;
        spans.sort_by_key(|(order, span)| (span.offset, Reverse(span.length), *order));
        Reply {
            text: self.text,
            spans: spans.into_iter().map(|(_, span)| span).collect(),
        }
    }

    /// Code and blocks of it hold no other entity and sit in none (Bot API, MessageEntity).
    fn write_alone(&mut self, code: &str, style: Style) {
        if code.is_empty() {
            return;
        }
        self.flush_marker();
        for index in 0..self.open.len() {
            let start = self.open[index].start.take();
            let around = self.open[index].style.clone();
            self.emit(start, around, self.open[index].order);
        }
        self.flush_break();
        let start = self.units;
        self.push(code);
        let order = self.opened;
        self.emit(Some(start), Some(style), order);
    }

    fn write_run(&mut self, text: &str) {
        self.flush_break();
        for open in &mut self.open {
            open.start.get_or_insert(self.units);
        }
        self.push(text);
    }

    fn flush_break(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        if self.text.is_empty() || pending == Break::None {
            return;
        }
        self.push(if pending == Break::Paragraph { "\n\n" } else { "\n" });
        self.push(&" ".repeat(self.indent));
    }

    /// Telegram drops or replaces control characters, which would move every offset behind them.
    fn push(&mut self, text: &str) {
        let kept = text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t'));
        for c in kept {
            self.units += c.len_utf16();
            self.text.push(c);
        }
    }

    fn emit(&mut self, start: Option<usize>, style: Option<Style>, order: usize) {
        if let (Some(offset), Some(style)) = (start, style) {
            let length = self.units - offset;
            if length > 0 {
                self.spans.push((order, Span { offset, length, style }));
            }
        }
    }

    /// A style inside an equal one says nothing new; quotations are never nested, nor are links.
    fn excludes(&self, style: &Style) -> bool {
        self.is_open(|open| std::mem::discriminant(open) == std::mem::discriminant(style))
    }

    fn is_open(&self, wanted: impl Fn(&Style) -> bool) -> bool {
        self.open.iter().filter_map(|open| open.style.as_ref()).any(wanted)
    }
}
