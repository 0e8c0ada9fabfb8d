//! Which stars, underscores and tildes are emphasis. CommonMark's rule is made for English prose: it leaves `**Важно!**Запись`
//! as it is and makes emphasis of `100*200*50`. Here a run of delimiters is markup only if the whole of it has its
//! partners, and none of them can be meant as an operator.

use domain::Style;

use super::inline::Piece;
use super::shield::is_currency;

/// How many runs back a partner is looked for. Without a bound thousands of stars would take a second.
const FURTHEST: usize = 300;

/// Marks the runs that are markup.
pub(super) fn resolve(pieces: &mut [Piece]) {
    let mut delimiters = delimiters(pieces);
    let mut pairs = Vec::new();
    // Where delimiters are between space and word there is no doubt; the others come second.
    for is_sure in [true, false] {
        pair_up(&mut delimiters, &mut pairs, is_sure);
    }
    let mut pairs = whole(&delimiters, pairs);
    // Of the styles that begin at one run the outer comes first: the one that ends last, or was found last.
    pairs.reverse();
    pairs.sort_by_key(|pair| std::cmp::Reverse(pair.closing));
    for pair in pairs {
        let style = style(delimiters[pair.opening].sign, pair.signs);
        if let Some(Piece::Run(run)) = pieces.get_mut(delimiters[pair.opening].piece) {
            run.opens.push(style);
        }
        if let Some(Piece::Run(run)) = pieces.get_mut(delimiters[pair.closing].piece) {
            run.closes += 1;
        }
    }
}

fn style(sign: char, signs: usize) -> Style {
    match (sign, signs) {
        ('~', _) => Style::Strikethrough,
        (_, 2) => Style::Bold,
        _ => Style::Italic,
    }
}

/// Two runs that are partners by so many signs of each.
#[derive(Debug, Clone, Copy)]
struct Pair {
    opening: usize,
    closing: usize,
    signs: usize,
}

/// A run and what is beside it.
#[derive(Debug)]
struct Delimiter {
    piece: usize,
    sign: char,
    length: usize,
    /// Signs that have no partner yet.
    left: usize,
    /// The first and the last run it is a partner of; itself where it has none.
    from: usize,
    upto: usize,
    /// The last run it closed, and by how many signs.
    latest: Option<(usize, usize)>,
    /// The link it is in; emphasis does not cross the border of one.
    scope: usize,
    before: Side,
    after: Side,
    /// The last character before that is no space.
    before_spaces: Option<char>,
}

/// What stands on one side of a run.
#[derive(Debug, Clone, Copy)]
struct Side {
    /// White space where nothing is.
    next: char,
    /// A number, a bracket, a variable: what operators are beside.
    is_operand: bool,
}

impl Side {
    fn new(mut away: impl Iterator<Item = char>, brackets: [char; 2]) -> Self {
        let next = away.next().unwrap_or(' ');
        let is_variable = next.is_ascii_alphabetic() && !away.next().is_some_and(char::is_alphabetic);
        Self {
            next,
            is_operand: next.is_numeric() || is_variable || brackets.contains(&next),
        }
    }

    fn is_space(self) -> bool {
        self.next.is_whitespace()
    }

    fn is_word(self) -> bool {
        self.next.is_alphanumeric()
    }

    fn is_foreign_letter(self) -> bool {
        self.next.is_alphabetic() && !self.next.is_ascii()
    }

    fn opens(self) -> bool {
        "([{«“„‘\"'".contains(self.next)
    }

    fn closes(self) -> bool {
        ")]}»”’\"'.,!?:;…".contains(self.next)
    }
}

impl Delimiter {
    /// Text begins behind it, and none ends before it.
    fn is_strong_opening(&self) -> bool {
        self.before.is_space() || self.before.opens()
    }

    fn is_strong_closing(&self) -> bool {
        self.after.is_space() || self.after.closes()
    }

    /// Between two digits a star is an operator, whatever else is in the line.
    fn is_between_digits(&self) -> bool {
        self.before.next.is_numeric() && self.after.next.is_numeric()
    }

    fn can_open(&self, is_sure: bool) -> bool {
        let points_back = self.after.closes() && !self.before.is_space() && !self.after.opens();
        let is_clean = !self.before.is_word();
        let is_weak = !is_sure && (self.sign != '_' || self.length > 1 && self.before.is_foreign_letter());
        !self.after.is_space() && !points_back && (is_clean || is_weak)
    }

    fn can_close(&self, is_sure: bool) -> bool {
        let points_on = self.before.opens() && !self.after.is_space() && !self.before.closes();
        let is_clean = !self.after.is_word();
        let is_weak = !is_sure && (self.sign != '_' || self.length > 1 && self.after.is_foreign_letter());
        !self.before.is_space() && !points_on && (is_clean || is_weak)
    }
}

fn delimiters(pieces: &[Piece]) -> Vec<Delimiter> {
    let mut flat: Vec<char> = Vec::new();
    let mut places = Vec::new();
    let mut scopes = vec![0];
    for (index, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Text(text) => flat.extend(text.chars()),
            Piece::Code(code) => {
                flat.push('`');
                flat.extend(code.chars());
                flat.push('`');
            }
            Piece::Break => flat.push('\n'),
            Piece::Run(run) => {
                places.push((index, flat.len(), scopes.last().copied().unwrap_or_default()));
                flat.extend(std::iter::repeat_n(run.sign, run.length));
            }
            Piece::Link(_) => {
                flat.push('[');
                scopes.push(index + 1);
            }
            Piece::LinkEnd => {
                flat.push(']');
                scopes.pop();
            }
        }
    }
    let delimiter = |(index, (piece, at, scope)): (usize, (usize, usize, usize))| {
        let Some(Piece::Run(run)) = pieces.get(piece) else {
            return None;
        };
        Some(Delimiter {
            piece,
            sign: run.sign,
            length: run.length,
            left: run.length,
            from: index,
            upto: index,
            latest: None,
            scope,
            before: Side::new(flat[..at].iter().rev().copied(), [')', ']']),
            after: Side::new(flat[at + run.length..].iter().copied(), ['(', '[']),
            before_spaces: flat[..at].iter().rev().find(|c| **c != ' ').copied(),
        })
    };
    places.into_iter().enumerate().filter_map(delimiter).collect()
}

fn pair_up(delimiters: &mut [Delimiter], pairs: &mut Vec<Pair>, is_sure: bool) {
    for closing in 0..delimiters.len() {
        while delimiters[closing].left > 0 && delimiters[closing].can_close(is_sure) {
            let Some(pair) = partner(delimiters, closing, is_sure) else {
                break;
            };
            // Bold in bold: `****1234****` is a number of which most is hidden.
            let latest = Some((pair.opening, pair.signs));
            if delimiters[closing].latest == latest {
                break;
            }
            delimiters[closing].latest = latest;
            delimiters[pair.opening].left -= pair.signs;
            delimiters[pair.opening].upto = delimiters[pair.opening].upto.max(closing);
            delimiters[closing].left -= pair.signs;
            delimiters[closing].from = pair.opening;
            pairs.push(pair);
        }
    }
}

/// The nearest run before that opens what this one closes, with all pairs between the two closed between them.
fn partner(delimiters: &[Delimiter], closing: usize, is_sure: bool) -> Option<Pair> {
    let close = &delimiters[closing];
    let mut outermost = close.from;
    for opening in (closing.saturating_sub(FURTHEST)..closing).rev() {
        let open = &delimiters[opening];
        if opening <= outermost
            && open.left > 0
            && let Some(signs) = signs_in_common(open, close)
            && open.can_open(is_sure)
            && may_be_partners(open, close)
        {
            return Some(Pair {
                opening,
                closing,
                signs,
            });
        }
        if open.upto > closing {
            return None;
        }
        outermost = outermost.min(open.from);
    }
    None
}

/// By how many signs two runs can be partners: two for bold, one for italic, tildes by two only.
fn signs_in_common(opening: &Delimiter, closing: &Delimiter) -> Option<usize> {
    if opening.sign != closing.sign || opening.scope != closing.scope {
        return None;
    }
    if opening.sign == '~' {
        return (opening.length == 2 && closing.length == 2 && opening.left == 2).then_some(2);
    }
    match (opening.left, closing.left) {
        (2.., 2..) => Some(2),
        (ours, theirs) if ours % 2 == 1 && theirs % 2 == 1 => Some(1),
        _ => None,
    }
}

/// Neither of the two can be meant as an operator.
fn may_be_partners(opening: &Delimiter, closing: &Delimiter) -> bool {
    if opening.is_between_digits() || closing.is_between_digits() {
        return false;
    }
    let (left, right) = (opening.before, closing.after);
    let is_opening_strong = opening.is_strong_opening();
    let is_closing_strong = closing.is_strong_closing();
    if opening.length > 1 && closing.length > 1 {
        let is_power = left.is_operand && left.is_word() && opening.after.is_word();
        return match (is_opening_strong, is_closing_strong) {
            (true, _) => true,
            (false, true) => !is_power,
            (false, false) => !left.is_operand && !right.is_operand,
        };
    }
    // "5 *500": a factor.
    let is_factor =
        opening.before_spaces.is_some_and(|c| c.is_numeric() || c == ')') && opening.after.next.is_numeric();
    let is_left_free = is_opening_strong || !left.is_word() && !left.is_operand && !is_amount_end(left.next);
    let ends_word = !right.next.is_numeric()
        && right.next != '('
        && !(right.is_word() && (closing.before.next.is_numeric() || closing.before.is_operand));
    let is_right_free = is_closing_strong || is_opening_strong && ends_word || !right.is_word() && !right.is_operand;
    is_left_free && is_right_free && !is_factor
}

fn is_amount_end(c: char) -> bool {
    c == '%' || is_currency(c)
}

/// The pairs of runs that have partners for all their signs.
fn whole(delimiters: &[Delimiter], mut pairs: Vec<Pair>) -> Vec<Pair> {
    loop {
        let mut used = vec![0; delimiters.len()];
        for pair in &pairs {
            used[pair.opening] += pair.signs;
            used[pair.closing] += pair.signs;
        }
        let before = pairs.len();
        let is_whole = |index: usize| used[index] == delimiters[index].length;
        pairs.retain(|pair| is_whole(pair.opening) && is_whole(pair.closing));
        if pairs.len() == before {
            return pairs;
        }
    }
}
