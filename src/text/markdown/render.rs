//! CommonMark (with tables, strikethrough and task lists) to text with spans.

use pulldown_cmark::{CodeBlockKind, Event, LinkType, Options, Parser, Tag, TagEnd};

use super::canvas::{Break, Canvas};
use super::citations::without_citations;
use super::split::trimmed;
use super::table::Table;
use crate::domain::{Reply, Style};

/// Reads the model's Markdown. Whatever it holds becomes readable text: raw HTML stays as it was written, a
/// link that a customer may not open (anything but http, https, mailto, tel) is its text alone. The result has
/// no white space at either end and is empty if nothing visible was there; it may be longer than a message.
pub fn render(markdown: &str) -> Reply {
    let markdown = without_citations(markdown);
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut renderer = Renderer::default();
    for event in Parser::new_ext(&markdown, options) {
        renderer.read(event);
    }
    trimmed(&renderer.canvas.finish())
}

/// A list that is open.
#[derive(Debug)]
struct List {
    /// The number of the next item; `None` in a list of bullets.
    next: Option<u64>,
}

/// Columns by which each level of a list is moved to the right.
const LIST_INDENT: usize = 2;

/// A code block that is open.
#[derive(Debug, Default)]
struct Block {
    language: Option<String>,
    code: String,
}

#[derive(Debug, Default)]
struct Renderer {
    canvas: Canvas,
    lists: Vec<List>,
    block: Option<Block>,
    table: Option<Table>,
    /// Addresses of the links and images that are open; `None` where the text alone is shown.
    targets: Vec<Option<String>>,
}

impl Renderer {
    fn read(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::InlineHtml(html) if is_line_break(&html) => self.break_line(),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.write(&text),
            Event::Code(code) if self.table.is_none() => self.canvas.write_code(&code),
            Event::Code(text) | Event::InlineMath(text) | Event::DisplayMath(text) => self.write(&text),
            Event::FootnoteReference(name) => self.write(&format!("[{name}]")),
            Event::SoftBreak | Event::HardBreak => self.break_line(),
            Event::Rule => self.canvas.break_with(Break::Paragraph),
            Event::TaskListMarker(is_done) => self.mark_task(is_done),
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Heading { .. } => {
                self.canvas.break_with(Break::Paragraph);
                self.open(Style::Bold);
            }
            Tag::BlockQuote(_) => {
                self.canvas.break_with(Break::Line);
                self.open(Style::Blockquote);
            }
            Tag::CodeBlock(kind) => {
                self.block = Some(Block {
                    language: language(&kind),
                    code: String::new(),
                });
            }
            Tag::List(first) => self.lists.push(List { next: first }),
            Tag::Item => self.begin_item(),
            Tag::Table(alignments) => self.table = Some(Table::new(alignments)),
            Tag::TableHead | Tag::TableRow => self.in_table(Table::begin_row),
            Tag::TableCell => self.in_table(Table::begin_cell),
            Tag::Emphasis => self.open(Style::Italic),
            Tag::Strong => self.open(Style::Bold),
            Tag::Strikethrough => self.open(Style::Strikethrough),
            Tag::Link {
                link_type, dest_url, ..
            } => self.open_link(&dest_url, matches!(link_type, LinkType::Autolink | LinkType::Email)),
            Tag::Image { dest_url, .. } => self.open_link(&dest_url, false),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::HtmlBlock => self.canvas.break_with(Break::Paragraph),
            TagEnd::Heading(_) => {
                self.close();
                self.canvas.break_with(Break::Line);
            }
            TagEnd::BlockQuote(_) => {
                self.close();
                self.canvas.break_with(Break::Paragraph);
            }
            TagEnd::CodeBlock => self.end_block(),
            TagEnd::List(_) => self.end_list(),
            TagEnd::Item => {
                self.canvas.flush_marker();
                self.canvas.break_with(Break::Line);
            }
            TagEnd::Table => self.end_table(),
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough => self.close(),
            TagEnd::Link | TagEnd::Image => self.close_link(),
            _ => {}
        }
    }

    fn write(&mut self, text: &str) {
        match (&mut self.block, &mut self.table) {
            (Some(block), _) => block.code.push_str(text),
            (None, Some(table)) => table.write(text),
            (None, None) => self.canvas.write(text),
        }
    }

    fn break_line(&mut self) {
        match &mut self.table {
            Some(table) => table.write(" "),
            None => self.canvas.break_with(Break::Line),
        }
    }

    /// A table is one block of code, so nothing in it has a style.
    fn open(&mut self, style: Style) {
        if self.table.is_none() {
            self.canvas.open(style);
        }
    }

    fn close(&mut self) {
        if self.table.is_none() {
            self.canvas.close();
        }
    }

    /// `shows_itself`: the text is the address, and Telegram finds it without us.
    fn open_link(&mut self, address: &str, shows_itself: bool) {
        let target = (may_be_opened(address) && !shows_itself).then(|| address.to_owned());
        if self.table.is_none() {
            match &target {
                Some(url) => self.canvas.open(Style::Link { url: url.clone() }),
                None => self.canvas.open_nothing(),
            }
        }
        self.targets.push(target);
    }

    fn close_link(&mut self) {
        let target = self.targets.pop().flatten();
        match (&mut self.table, target) {
            (Some(table), Some(url)) => table.write(&format!(" ({url})")),
            (Some(_), None) => {}
            (None, target) => {
                if let Some(url) = target.filter(|_| !self.canvas.is_innermost_used()) {
                    self.canvas.write(&url);
                }
                self.canvas.close();
            }
        }
    }

    fn begin_item(&mut self) {
        let columns = LIST_INDENT * self.lists.len().saturating_sub(1);
        let marker = match self.lists.last_mut().map(|list| &mut list.next) {
            Some(Some(number)) => {
                let marker = format!("{number}. ");
                *number = number.saturating_add(1);
                marker
            }
            _ => "• ".to_owned(),
        };
        self.canvas.begin_item(columns, marker);
        self.canvas.set_indent(columns + LIST_INDENT);
    }

    fn mark_task(&mut self, is_done: bool) {
        let sign = if is_done { "☑ " } else { "☐ " };
        match self.canvas.marker_mut() {
            Some(marker) if marker.starts_with('•') => sign.clone_into(marker),
            Some(marker) => marker.push_str(sign),
            None => self.canvas.write(sign),
        }
    }

    fn end_list(&mut self) {
        self.lists.pop();
        self.canvas.set_indent(LIST_INDENT * self.lists.len());
        if self.lists.is_empty() {
            self.canvas.break_with(Break::Paragraph);
        }
    }

    fn end_block(&mut self) {
        if let Some(block) = self.block.take() {
            let code = block.code.strip_suffix('\n').unwrap_or(&block.code);
            self.canvas.write_block(code, block.language);
        }
    }

    fn in_table(&mut self, change: fn(&mut Table)) {
        if let Some(table) = &mut self.table {
            change(table);
        }
    }

    fn end_table(&mut self) {
        if let Some(table) = self.table.take() {
            self.canvas.write_block(&table.lines(), None);
            self.canvas.break_with(Break::Paragraph);
        }
    }
}

/// The one tag that models use inside tables and lines; shown literally it would only disturb.
fn is_line_break(html: &str) -> bool {
    let name = html.trim_start_matches('<').trim_end_matches('>').trim_end_matches('/');
    name.trim().eq_ignore_ascii_case("br")
}

/// The first word behind the opening fence.
fn language(kind: &CodeBlockKind<'_>) -> Option<String> {
    match kind {
        CodeBlockKind::Fenced(info) => info.split_whitespace().next().map(str::to_owned),
        CodeBlockKind::Indented => None,
    }
}

/// An address that is safe to offer and that Telegram takes.
fn may_be_opened(address: &str) -> bool {
    const SCHEMES: [&str; 4] = ["http://", "https://", "mailto:", "tel:"];
    let has_scheme = SCHEMES.iter().any(|scheme| {
        address.len() > scheme.len()
            && address
                .get(..scheme.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    });
    has_scheme && !address.contains(|c: char| c.is_whitespace() || c.is_control())
}
