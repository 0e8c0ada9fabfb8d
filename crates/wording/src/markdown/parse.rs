//! Markdown as events with their places in the text.

use std::ops::Range;

use pulldown_cmark::{Event, LinkType, Options, Parser, Tag};

use super::shield::{literal, shield, unshield};

/// Markdown that was read, with every line of it in some event.
#[derive(Debug)]
pub(super) struct Parsed {
    source: String,
}

/// Where an event stands.
#[derive(Debug)]
pub(super) struct Place<'a> {
    source: &'a str,
    range: Range<usize>,
}

impl Parsed {
    pub(super) fn new(markdown: &str) -> Self {
        let mut parsed = Self {
            source: shield(markdown),
        };
        // To show a definition may make the next one visible to the parser as such.
        while let Some(shown) = parsed.with_lost_definitions() {
            parsed.source = shown;
        }
        parsed
    }

    pub(super) fn source(&self) -> &str {
        &self.source
    }

    pub(super) fn read<'a>(&'a self, mut take: impl FnMut(Event<'a>, Place<'a>)) {
        for (event, range) in self.parser().into_offset_iter() {
            let source = &self.source;
            take(event, Place { source, range });
        }
    }

    fn parser(&self) -> Parser<'_> {
        Parser::new_ext(&self.source, Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS)
    }

    /// `[Адрес]: Ленина,5` defines where a link leads. If no link uses it, nothing of it would be seen: the text with its
    /// brackets as brackets only.
    fn with_lost_definitions(&self) -> Option<String> {
        // The parser takes long for what most answers do not hold.
        if !self.source.contains("]:") {
            return None;
        }
        let parser = self.parser();
        let definitions = parser.reference_definitions();
        definitions.iter().next()?;
        let spans: Vec<(String, Range<usize>)> = definitions
            .iter()
            .map(|(label, definition)| (label.to_owned(), definition.span.clone()))
            .collect();
        let mut seen: Vec<Range<usize>> = Vec::new();
        let mut used: Vec<String> = Vec::new();
        for (event, range) in parser.into_offset_iter() {
            match event {
                Event::Start(Tag::List(_) | Tag::Item | Tag::BlockQuote(_)) | Event::End(_) => continue,
                Event::Start(Tag::Link { link_type, id, .. } | Tag::Image { link_type, id, .. }) => {
                    let is_reference = matches!(
                        link_type,
                        LinkType::Reference | LinkType::Collapsed | LinkType::Shortcut
                    );
                    if is_reference {
                        used.push(id.to_lowercase());
                    }
                }
                _ => {}
            }
            seen.push(range);
        }
        let is_used = |label: &str| used.contains(&label.to_lowercase());
        seen.extend(
            spans
                .into_iter()
                .filter(|(label, _)| is_used(label))
                .map(|(_, span)| span),
        );
        seen.sort_by_key(|range| (range.start, range.end));
        self.with_brackets_outside(&seen)
    }

    /// The text with brackets that are in none of these ranges as brackets only; nothing if there are none.
    fn with_brackets_outside(&self, seen: &[Range<usize>]) -> Option<String> {
        let mut shown = String::with_capacity(self.source.len());
        let (mut upto, mut next, mut is_changed) = (0, 0, false);
        for (at, c) in self.source.char_indices() {
            while let Some(range) = seen.get(next).filter(|range| range.start <= at) {
                upto = upto.max(range.end);
                next += 1;
            }
            let is_lost = c == '[' && at >= upto;
            is_changed |= is_lost;
            shown.push(if is_lost { literal(c) } else { c });
        }
        is_changed.then_some(shown)
    }
}

impl<'a> Place<'a> {
    pub(super) fn text(&self) -> &'a str {
        &self.source[self.range.clone()]
    }

    pub(super) fn start(&self) -> usize {
        self.range.start
    }

    /// Whether a line ends between that place and this one.
    pub(super) fn holds_line_end_since(&self, earlier: usize) -> bool {
        self.source
            .get(earlier..self.range.start)
            .is_none_or(|between| between.contains('\n'))
    }

    /// A heading by `#`, or one line with a line drawn under it. A line under several ends them.
    pub(super) fn is_heading(&self) -> bool {
        let text = self.text().trim();
        text.starts_with('#') || text.lines().count() < 3
    }

    /// What is between the brackets of a link.
    pub(super) fn label(&self) -> String {
        unshield(self.text()).into_owned()
    }

    /// The cells of a row of a table behind the first `known`.
    pub(super) fn cells_behind(&self, known: usize) -> Vec<&'a str> {
        let row = self.text().trim();
        let row = row.strip_prefix('|').unwrap_or(row);
        let mut cells = Vec::new();
        let mut from = 0;
        let mut is_escaped = false;
        for (at, c) in row.char_indices() {
            if c == '|' && !is_escaped {
                cells.push(&row[from..at]);
                from = at + 1;
            }
            is_escaped = c == '\\' && !is_escaped;
        }
        cells.push(&row[from..]);
        if cells.last().is_some_and(|cell| cell.trim().is_empty()) {
            cells.pop();
        }
        cells.into_iter().skip(known).collect()
    }
}
