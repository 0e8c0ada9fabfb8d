//! A line that was read, written onto the canvas or into the cell of a table: links with what has to be seen of their
//! addresses, emphasis as styles.

use domain::Style;

use super::canvas::{Break, Canvas};
use super::inline::{Link, Piece, label};
use super::links::{Target, says};
use super::split::is_invisible;
use super::table::Table;

/// What is written, in order.
enum Step {
    Text(String),
    Code(String),
    Break,
    /// `None` opens nothing, but is closed like a style.
    Open(Option<Style>),
    Close,
}

/// Writes a line of text with its styles.
pub(super) fn onto_canvas(pieces: Vec<Piece>, canvas: &mut Canvas) {
    for step in steps(pieces, false) {
        match step {
            Step::Text(text) => canvas.write(&text),
            Step::Code(code) => canvas.write_code(&code),
            Step::Break => canvas.break_with(Break::Line),
            Step::Open(style) => canvas.open(style),
            Step::Close => canvas.close(),
        }
    }
}

/// Writes a line of text into the last cell. A table is one block of code, so nothing in it has a style.
pub(super) fn into_cell(pieces: Vec<Piece>, table: &mut Table) {
    for step in steps(pieces, true) {
        match step {
            Step::Text(text) | Step::Code(text) => table.write(&text),
            Step::Break => table.write(" "),
            Step::Open(_) | Step::Close => {}
        }
    }
}

fn steps(pieces: Vec<Piece>, is_in_table: bool) -> Vec<Step> {
    let is_link = |piece: &Piece| matches!(piece, Piece::Link(_));
    let starts = (0..pieces.len()).filter(|index| is_link(&pieces[*index]));
    let labels: Vec<String> = starts.map(|index| label(&pieces[index..])).collect();
    let mut labels = labels.into_iter();
    let mut open: Vec<Open> = Vec::new();
    // What follows a picture in a link follows the link.
    let mut behind = String::new();
    let mut steps = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Text(text) => steps.push(Step::Text(text)),
            Piece::Code(code) => steps.push(Step::Code(code)),
            Piece::Break => steps.push(Step::Break),
            Piece::Run(run) => {
                steps.extend(run.literal().map(Step::Text));
                steps.extend((0..run.closes).map(|_| Step::Close));
                steps.extend(run.opens.into_iter().map(|style| Step::Open(Some(style))));
            }
            Piece::Link(link) => {
                let link = Open {
                    label: labels.next().unwrap_or_default(),
                    is_shown: is_in_table || !open.is_empty() || matches!(link.address, Target::Shown(_)),
                    link,
                };
                steps.push(Step::Open(link.style()));
                steps.push(Step::Text(link.brackets()[0].to_owned()));
                open.push(link);
            }
            Piece::LinkEnd => {
                let Some(link) = open.pop() else { continue };
                steps.push(Step::Text(format!("{}{}", link.words_instead(), link.brackets()[1])));
                steps.push(Step::Close);
                behind.push_str(&link.behind());
                if open.is_empty() {
                    steps.push(Step::Text(std::mem::take(&mut behind)));
                }
            }
        }
    }
    steps
}

/// A link that is open while its words are written.
struct Open {
    link: Link,
    label: String,
    /// The address has to be seen.
    is_shown: bool,
}

impl Open {
    fn style(&self) -> Option<Style> {
        match &self.link.address {
            Target::Web { url, .. } if !self.is_shown => Some(Style::Link { url: url.clone() }),
            _ => None,
        }
    }

    /// There are no words: the address is shown in their place.
    fn is_blank(&self) -> bool {
        self.label.chars().all(|c| is_invisible(c) || c.is_control())
    }

    fn words_instead(&self) -> &str {
        let address = self.link.address.shown();
        address.filter(|_| self.is_blank()).unwrap_or_default()
    }

    fn brackets(&self) -> [&'static str; 2] {
        if self.link.is_reference { ["[", "]"] } else { ["", ""] }
    }

    /// What follows the words.
    fn behind(&self) -> String {
        let address = self.link.address.shown().filter(|_| self.is_shown && !self.is_blank());
        let title = Some(self.link.title.as_str()).filter(|title| !title.is_empty());
        let is_new = |words: &&str| !says(&self.label, words);
        let told = address.into_iter().chain(title).filter(is_new);
        told.map(|words| format!(" ({words})")).collect()
    }
}
