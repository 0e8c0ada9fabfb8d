//! Tables that a spreadsheet opens: comma- or semicolon-separated values in which no stranger's words run as a formula.

use std::io;

use super::pieces::Pieces;

/// One value of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// A number, a time, a word of our own: written as it is.
    Plain(String),
    /// Strangers' words, made harmless.
    Text(String),
}

impl Cell {
    /// A value of our own.
    pub fn plain(value: impl Into<String>) -> Self {
        Self::Plain(value.into())
    }

    /// A stranger's words.
    pub fn text(words: impl Into<String>) -> Self {
        Self::Text(words.into())
    }

    /// A stranger's words, if there are any.
    pub fn some(words: Option<impl Into<String>>) -> Self {
        words.map_or_else(Self::empty, Self::text)
    }

    /// Nothing.
    pub fn empty() -> Self {
        Self::Plain(String::new())
    }

    /// Bytes it takes in a table, at most.
    fn weight(&self) -> usize {
        let (Self::Plain(text) | Self::Text(text)) = self;
        let doubled = text.bytes().filter(|byte| *byte == b'"').count();
        // A `'` before each piece, two quotes around all of it, the mark behind.
        let guards = text.bytes().filter(|byte| b",;\t\r\n".contains(byte)).count();
        text.len() + doubled + guards + 4
    }

    fn written(self) -> String {
        match self {
            Self::Plain(text) => text,
            Self::Text(text) => harmless(text),
        }
    }
}

/// Bytes that a row takes, at most.
pub fn weight(row: &[Cell]) -> usize {
    row.iter().map(Cell::weight).sum()
}

/// Rows with that byte between their values; names of columns are the first of them.
///
/// # Errors
/// None that is known: the text is made in memory.
pub fn separated(delimiter: u8, rows: impl IntoIterator<Item = Vec<Cell>>) -> io::Result<String> {
    let mut writer = csv::WriterBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .from_writer(Vec::new());
    for row in rows {
        writer.write_record(row.into_iter().map(Cell::written))?;
    }
    let bytes = writer.into_inner().map_err(csv::IntoInnerError::into_error)?;
    String::from_utf8(bytes).map_err(io::Error::other)
}

/// The same for a spreadsheet that is opened by a double click.
///
/// # Errors
/// As of [`separated`].
pub fn spreadsheet(rows: impl IntoIterator<Item = Vec<Cell>>) -> io::Result<String> {
    let mut written = Spreadsheet::empty();
    for row in rows {
        written.push(row)?;
    }
    written.finish()?.into_text()
}

/// A spreadsheet that is written row by row, so that a long one is in memory once: `;` between values, which Excel wants
/// where the comma stands in numbers, and the mark of UTF-8 in front, without which it reads Cyrillic as something else.
pub struct Spreadsheet {
    writer: csv::Writer<Pieces>,
}

impl Spreadsheet {
    /// One without rows.
    pub fn empty() -> Self {
        let writer = csv::WriterBuilder::new()
            .delimiter(b';')
            .flexible(true)
            .from_writer(Pieces::from("\u{FEFF}"));
        Self { writer }
    }

    /// Adds a row.
    ///
    /// # Errors
    /// As of [`separated`].
    pub fn push(&mut self, row: Vec<Cell>) -> io::Result<()> {
        self.writer.write_record(row.into_iter().map(Cell::written))?;
        Ok(())
    }

    /// The file.
    ///
    /// # Errors
    /// As of [`separated`].
    pub fn finish(self) -> io::Result<Pieces> {
        self.writer.into_inner().map_err(csv::IntoInnerError::into_error)
    }
}

/// Keeps a spreadsheet from running a text as a formula. Where another separator is the custom, or quotes are not understood, each
/// piece between two of them is a cell of its own, so each is guarded.
fn harmless(text: String) -> String {
    let is_separator = |c: char| matches!(c, ',' | ';' | '\t' | '\r' | '\n');
    let is_guarded = is_formula(&text) || text.starts_with(['\t', '\r', '\n']);
    if !is_guarded && !text.split(is_separator).any(is_formula) {
        return text;
    }
    let mut guarded = String::with_capacity(text.len() + 8);
    for (n, piece) in text.split_inclusive(is_separator).enumerate() {
        if is_formula(piece.trim_end_matches(is_separator)) || n == 0 && is_guarded {
            guarded.push('\'');
        }
        guarded.push_str(piece);
    }
    guarded
}

/// Whether a cell with these words would be computed. A phone number (`+7 912 …`) computes nothing.
fn is_formula(piece: &str) -> bool {
    let is_digit = |c: char| c.is_ascii_digit();
    let is_phone = |rest: &str| rest.contains(is_digit) && rest.chars().all(|c| is_digit(c) || " ()".contains(c));
    // Spreadsheets pass over leading white space of every kind, quotes and what is invisible, and some take the wide signs of an
    // Asian keyboard for the narrow ones.
    let is_passed_over = |c: char| {
        let is_invisible = matches!(c, '\u{200b}' | '\u{2060}' | '\u{feff}' | '"');
        is_invisible || c.is_control() || c.is_whitespace()
    };
    let begin = piece.trim_start_matches(is_passed_over);
    match begin.chars().next() {
        Some('+') if is_phone(&begin[1..]) => false,
        first => matches!(first, Some('=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠')),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str, delimiter: u8) -> Vec<csv::StringRecord> {
        let text = text.trim_start_matches('\u{FEFF}').as_bytes();
        let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(text);
        reader.records().map(Result::unwrap).collect()
    }

    #[test]
    fn a_spreadsheet_never_runs_a_customers_text() {
        let names = ["id", "message"].map(Cell::plain).to_vec();
        let rows = vec![
            names,
            vec![Cell::plain("-1"), Cell::text("=1+1, \"да\"\n")],
            vec![Cell::empty(), Cell::text("+7 912 345")],
        ];
        let rows = read(&separated(b',', rows).unwrap(), b',');
        assert_eq!((&rows[0][0], &rows[0][1]), ("-1", "'=1+1, \"да\"\n"));
        assert_eq!((&rows[1][0], &rows[1][1]), ("", "+7 912 345"));
    }

    #[test]
    fn no_separator_in_a_text_makes_a_cell_that_computes() {
        for separator in [',', ';', '\t'] {
            let attack = format!("b{separator}=1+1+cmd|' /C calc'!A0{separator} \"@x\n=2\n- a, -b, +7 912 345");
            let table = separated(
                b';',
                [
                    vec![Cell::text("n"), Cell::text("m")],
                    vec![Cell::text("a"), Cell::text(attack)],
                ],
            );
            let table = table.unwrap();
            for line in table.lines() {
                for cell in line.split([',', ';', '\t']) {
                    assert!(!is_formula(cell.trim_end_matches('"')), "{cell} in {table}");
                }
            }
            assert!(table.contains(" +7 912 345"), "{table}");
        }
        assert_eq!(harmless("да, конечно; жду".into()), "да, конечно; жду");
        assert_eq!(harmless("\t=1".into()), "'\t'=1");
    }

    #[test]
    fn a_formula_is_seen_behind_spaces_and_in_wide_signs() {
        let formulas = [
            "  =1+1",
            "\u{a0}@SUM(A1)",
            "＝1+1",
            "-2+3",
            "+cmd",
            "+ ()",
            "\0=1",
            "\u{feff}=1",
            "\u{200b} =1",
            "\u{b}=1",
            "\u{c}\u{2028}=1",
        ];
        for text in formulas {
            assert_eq!(harmless(text.to_owned()), format!("'{text}"));
        }
        for text in ["+7 912 345 67 89", "a=b", " hello", "2 - 3", "", "\0"] {
            assert_eq!(harmless(text.to_owned()), text);
        }
    }

    #[test]
    fn a_spreadsheet_opens_with_cyrillic_and_columns_as_they_are() {
        let attack = "=cmd|' /C calc'!A0";
        let rows = vec![
            ["имя", "request"].map(Cell::text).to_vec(),
            vec![Cell::text("Мария; \"Маша\""), Cell::text(attack)],
            vec![Cell::text("two\nlines"), Cell::empty()],
        ];
        let text = spreadsheet(rows).unwrap();
        assert!(text.starts_with("\u{FEFF}имя;request\n"), "{text}");
        assert!(text.contains("\"Мария; \"\"Маша\"\"\";'=cmd|"), "{text}");
        let rows = read(&text, b';');
        assert_eq!(rows[0].get(1), Some(format!("'{attack}").as_str()));
        assert_eq!(rows[1].get(0), Some("two\nlines"));
    }

    #[test]
    fn a_row_never_takes_more_than_its_weight() {
        for words in ["", "a;b", "\"\"\"", "=\"1\"\n", "щ"] {
            let row = vec![Cell::text(words), Cell::plain(words), Cell::text(words.repeat(9))];
            let most = weight(&row);
            assert!(separated(b';', [row]).unwrap().len() <= most, "{words:?}");
        }
    }

    /// Words of which a spreadsheet makes something, far more often than chance would have them.
    fn any_words() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            4 => "[=+@;,\t\r\n\" '\\-]",
            1 => "[\u{feff}\u{200b}\u{a0}\u{3000}＝＋－＠\0\u{2028}\u{85}|]",
            1 => "(cmd|SUM\\(A1\\)|HYPERLINK|1\\+1|\\+7 912 345)",
            1 => "\\PC{0,3}",
        ];
        prop::collection::vec(piece, 0..16).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn no_words_at_all_compute_or_make_another_cell(words in any_words(), more in any_words()) {
            for delimiter in [b',', b';'] {
                let row = vec![Cell::text(words.clone()), Cell::plain("-1"), Cell::text(more.clone())];
                let table = separated(delimiter, [vec![Cell::plain("a"), Cell::plain("b"), Cell::plain("c")], row.clone()]);
                let table = table.unwrap();
                prop_assert!(table.len() <= weight(&row) + "a,b,c\n".len());
                let rows = read(&table, delimiter);
                prop_assert_eq!(rows.len(), 1, "{:?}", table);
                prop_assert_eq!((rows[0].len(), &rows[0][1]), (3, "-1"));
                for (cell, words) in [(&rows[0][0], &words), (&rows[0][2], &more)] {
                    prop_assert!(!is_formula(cell), "{:?}", cell);
                    // Nothing is added but guards, and nothing is taken away.
                    prop_assert_eq!(cell.replace('\'', ""), words.replace('\'', ""));
                    // Whoever takes another separator, or no quotes, finds nothing to compute either.
                    for piece in cell.split([',', ';', '\t', '\r', '\n']) {
                        prop_assert!(!is_formula(piece), "{:?} in {:?}", piece, cell);
                    }
                }
            }
        }
    }
}
