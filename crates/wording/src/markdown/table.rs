//! A table as text: columns padded to one width, for a block in a fixed-width font.

use pulldown_cmark::Alignment;

/// The cells of a table while it is read. The first row is its head.
#[derive(Debug)]
pub(super) struct Table {
    alignments: Vec<Alignment>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table without rows.
    pub(super) fn new(alignments: Vec<Alignment>) -> Self {
        Self {
            alignments,
            rows: Vec::new(),
        }
    }

    /// Begins a row.
    pub(super) fn begin_row(&mut self) {
        self.rows.push(Vec::new());
    }

    /// Begins a cell of the last row.
    pub(super) fn begin_cell(&mut self) {
        if let Some(row) = self.rows.last_mut() {
            row.push(String::new());
        }
    }

    /// How many cells the last row has.
    pub(super) fn cells_in_row(&self) -> usize {
        self.rows.last().map_or(0, Vec::len)
    }

    /// Writes into the last cell. A cell is one line.
    pub(super) fn write(&mut self, text: &str) {
        if let Some(cell) = self.rows.last_mut().and_then(|row| row.last_mut()) {
            cell.extend(text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }));
        }
    }

    /// The aligned lines, a rule under the head.
    pub(super) fn lines(&self) -> String {
        let widths = self.widths();
        let mut lines: Vec<String> = self.rows.iter().map(|row| self.line(row, &widths)).collect();
        if lines.len() > 1 {
            let rule: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
            lines.insert(1, rule.join("-+-"));
        }
        lines.join("\n")
    }

    fn widths(&self) -> Vec<usize> {
        let mut widths = vec![0; self.rows.iter().map(Vec::len).max().unwrap_or(0)];
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.trim().chars().count());
            }
        }
        widths
    }

    fn line(&self, row: &[String], widths: &[usize]) -> String {
        let cells: Vec<String> = widths
            .iter()
            .enumerate()
            .map(|(column, width)| {
                let cell = row.get(column).map_or("", |cell| cell.trim());
                match self.alignments.get(column) {
                    Some(Alignment::Right) => format!("{cell:>width$}"),
                    Some(Alignment::Center) => format!("{cell:^width$}"),
                    _ => format!("{cell:<width$}"),
                }
            })
            .collect();
        cells.join(" | ").trim_end().to_owned()
    }
}
