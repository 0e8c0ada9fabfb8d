//! What stands in one paragraph, heading, cell or item, read whole before it is written: whether a star is emphasis is
//! known only at its partner.

use domain::Style;

use super::links::Target;
use super::shield::{delimiter_behind, unshield};

/// A piece of a line.
#[derive(Debug)]
pub(super) enum Piece {
    Text(String),
    Code(String),
    Break,
    Run(Run),
    /// A link or picture begins.
    Link(Link),
    LinkEnd,
}

/// Delimiters of emphasis that follow each other.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) sign: char,
    pub(super) length: usize,
    /// How many styles end here, and which begin, the outer first. Neither: the signs are only themselves.
    pub(super) closes: usize,
    pub(super) opens: Vec<Style>,
}

impl Run {
    /// The signs themselves, where they are no markup.
    pub(super) fn literal(&self) -> Option<String> {
        let is_markup = self.closes > 0 || !self.opens.is_empty();
        (!is_markup).then(|| self.sign.to_string().repeat(self.length))
    }
}

/// A link or picture.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) address: Target,
    pub(super) title: String,
    /// `[1]` without an address of its own is read as a number in brackets.
    pub(super) is_reference: bool,
}

/// Text as pieces: words, and the runs of delimiters between them.
pub(super) fn push_text(pieces: &mut Vec<Piece>, text: &str) {
    let mut rest = text;
    while let Some(at) = rest.find(|c| delimiter_behind(c).is_some()) {
        let (before, from) = rest.split_at(at);
        if !before.is_empty() {
            pieces.push(Piece::Text(unshield(before).into_owned()));
        }
        let Some(stand_in) = from.chars().next() else { break };
        let behind = from.trim_start_matches(stand_in);
        pieces.push(Piece::Run(Run {
            sign: delimiter_behind(stand_in).unwrap_or(stand_in),
            length: (from.len() - behind.len()) / stand_in.len_utf8(),
            closes: 0,
            opens: Vec::new(),
        }));
        rest = behind;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(unshield(rest).into_owned()));
    }
}

/// The words of the link that begins at `pieces[0]`.
pub(super) fn label(pieces: &[Piece]) -> String {
    let mut label = String::new();
    let mut depth = 0_usize;
    for piece in pieces {
        match piece {
            Piece::Text(text) | Piece::Code(text) => label.push_str(text),
            Piece::Break => label.push(' '),
            Piece::Run(run) => label.extend(run.literal()),
            Piece::Link(_) => depth += 1,
            Piece::LinkEnd => depth -= 1,
        }
        if depth == 0 {
            break;
        }
    }
    label
}
