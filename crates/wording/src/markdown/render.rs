//! CommonMark (with tables, strikethrough and task lists) to text with spans. Style may be added; no letter, digit,
//! sign, line or address that was said is lost.

use domain::{Reply, Style};
use pulldown_cmark::{CodeBlockKind, Event, LinkType, Tag, TagEnd};

use super::canvas::{Break, Canvas};
use super::citations::without_citations;
use super::inline::{Link, Piece, push_text};
use super::links::Target;
use super::lists::{Lists, Marker};
use super::parse::{Parsed, Place};
use super::shield::unshield;
use super::split::trimmed;
use super::table::Table;
use super::{emphasis, write};

/// Reads the model's Markdown. Whatever it holds becomes readable text: raw HTML stays as it was written, an address
/// that a word cannot open is shown beside it. The result has no white space at either end and is empty if nothing
/// visible was there; it may be longer than a message.
pub fn render(markdown: &str) -> Reply {
    let parsed = Parsed::new(&without_citations(markdown));
    let mut renderer = Renderer {
        lists: Lists::new(&parsed),
        ..Renderer::default()
    };
    parsed.read(|event, place| renderer.read(event, &place));
    renderer.flush();
    trimmed(&renderer.canvas.finish())
}

/// A code block that is open.
#[derive(Debug, Default)]
struct Block {
    language: Option<String>,
    code: String,
}

#[derive(Debug, Default)]
struct Renderer {
    canvas: Canvas,
    lists: Lists,
    block: Option<Block>,
    table: Option<Table>,
    /// What stands in the paragraph, cell or item that is being read.
    line: Vec<Piece>,
}

impl Renderer {
    fn read(&mut self, event: Event<'_>, place: &Place<'_>) {
        match event {
            Event::Start(Tag::Link {
                link_type,
                dest_url,
                title,
                ..
            }) => self.open_link(link_type, &dest_url, &title, place),
            Event::Start(Tag::Image { dest_url, title, .. }) => {
                self.open_link(LinkType::Inline, &dest_url, &title, place);
            }
            Event::End(TagEnd::Link | TagEnd::Image) => self.line.push(Piece::LinkEnd),
            Event::InlineHtml(html) | Event::Html(html) if is_line_break(&html) => self.line.push(Piece::Break),
            Event::Html(text) => {
                self.flush();
                self.write(&unshield(&text));
            }
            Event::Text(text) => match &mut self.block {
                Some(block) => block.code.push_str(&unshield(&text)),
                None => push_text(&mut self.line, &text),
            },
            Event::InlineHtml(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                self.line.push(Piece::Text(unshield(&text).into_owned()));
            }
            Event::Code(code) => self.line.push(Piece::Code(unshield(&code).into_owned())),
            Event::FootnoteReference(name) => self.line.push(Piece::Text(format!("[{}]", unshield(&name)))),
            Event::SoftBreak | Event::HardBreak => self.line.push(Piece::Break),
            Event::Start(tag) => {
                self.flush();
                self.start(tag, place);
            }
            Event::End(tag) => {
                self.flush();
                self.end(tag, place);
            }
            Event::Rule => {
                self.flush();
                self.canvas.break_with(Break::Paragraph);
            }
            Event::TaskListMarker(is_done) => self.mark_task(is_done),
        }
    }

    /// Writes what was read of a line.
    fn flush(&mut self) {
        let mut pieces = std::mem::take(&mut self.line);
        if pieces.is_empty() {
            return;
        }
        emphasis::resolve(&mut pieces);
        match &mut self.table {
            Some(table) => write::into_cell(pieces, table),
            None => write::onto_canvas(pieces, &mut self.canvas),
        }
    }

    fn write(&mut self, text: &str) {
        match &mut self.table {
            Some(table) => table.write(text),
            None => self.canvas.write(text),
        }
    }

    fn start(&mut self, tag: Tag<'_>, place: &Place<'_>) {
        match tag {
            Tag::Heading { .. } => {
                self.canvas.break_with(Break::Paragraph);
                self.canvas.open(place.is_heading().then_some(Style::Bold));
            }
            Tag::BlockQuote(_) => {
                self.canvas.break_with(Break::Line);
                self.canvas.open(Some(Style::Blockquote));
            }
            Tag::CodeBlock(kind) => self.block = Some(block(&kind)),
            Tag::List(_) => self.lists.begin(place, self.canvas.has_footnote_star()),
            Tag::Item => self.begin_item(place),
            Tag::Table(alignments) => self.table = Some(Table::new(alignments)),
            Tag::TableHead | Tag::TableRow => self.in_table(Table::begin_row),
            Tag::TableCell => self.in_table(Table::begin_cell),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd, place: &Place<'_>) {
        match tag {
            TagEnd::Paragraph | TagEnd::HtmlBlock => self.canvas.break_with(Break::Paragraph),
            TagEnd::Heading(_) => {
                self.canvas.close();
                self.canvas.break_with(if place.is_heading() {
                    Break::Line
                } else {
                    Break::Paragraph
                });
            }
            TagEnd::BlockQuote(_) => {
                self.canvas.close();
                self.canvas.break_with(Break::Paragraph);
            }
            TagEnd::CodeBlock => self.end_block(),
            TagEnd::List(_) => self.end_list(),
            TagEnd::Item => {
                self.canvas.flush_marker();
                self.canvas.break_with(Break::Line);
            }
            TagEnd::TableHead | TagEnd::TableRow => self.end_row(place),
            TagEnd::Table => self.end_table(),
            _ => {}
        }
    }

    fn open_link(&mut self, kind: LinkType, target: &str, title: &str, place: &Place<'_>) {
        let is_shortcut = matches!(kind, LinkType::Shortcut | LinkType::Collapsed);
        let address = match kind {
            LinkType::Autolink | LinkType::Email => Target::Itself,
            _ => Target::of(target),
        };
        self.line.push(Piece::Link(Link {
            address,
            title: unshield(title).trim().to_owned(),
            is_reference: is_shortcut && !place.label().contains(char::is_alphabetic),
        }));
    }

    fn begin_item(&mut self, place: &Place<'_>) {
        match self.lists.item(place, self.canvas.marker_mut().is_some()) {
            Marker::OnNewLine { columns, text } => self.canvas.begin_item(columns, text),
            Marker::Behind(text) => {
                if let Some(marker) = self.canvas.marker_mut() {
                    marker.push_str(&text);
                }
            }
        }
        self.canvas.set_indent(self.lists.indent());
    }

    fn mark_task(&mut self, is_done: bool) {
        let sign = if is_done { "☑ " } else { "☐ " };
        match self.canvas.marker_mut() {
            Some(marker) if marker.starts_with(['•', '-', '*', '+']) => sign.clone_into(marker),
            Some(marker) => marker.push_str(sign),
            None => self.canvas.write(sign),
        }
    }

    fn end_list(&mut self) {
        self.lists.end();
        self.canvas.set_indent(self.lists.indent());
        if self.lists.is_over() {
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

    /// The parser leaves out cells for which the head has no column.
    fn end_row(&mut self, place: &Place<'_>) {
        let Some(table) = &mut self.table else { return };
        for cell in place.cells_behind(table.cells_in_row()) {
            table.begin_cell();
            table.write(&render(&unshield(cell)).text);
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
    let tag = html.trim();
    let name = tag.trim_start_matches('<').trim_end_matches('>').trim_end_matches('/');
    tag.starts_with('<') && name.trim().eq_ignore_ascii_case("br")
}

/// The first word behind the opening fence is the language; a text that begins there is the first line.
fn block(kind: &CodeBlockKind<'_>) -> Block {
    let CodeBlockKind::Fenced(info) = kind else {
        return Block::default();
    };
    let info = unshield(info);
    let info = info.trim();
    let is_language = info.is_ascii() && info.starts_with(|c: char| c.is_ascii_alphabetic());
    let language = info.split_whitespace().next().filter(|_| is_language);
    Block {
        language: language.map(str::to_owned),
        code: if is_language || info.is_empty() {
            String::new()
        } else {
            format!("{info}\n")
        },
    }
}
