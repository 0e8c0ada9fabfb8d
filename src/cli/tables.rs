//! The forms of a table: for eyes, for scripts, for spreadsheets. Cells hold customers' words, so each form keeps them
//! from becoming anything but text.

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{CellAlignment, ContentArrangement};

use super::output::visible;
use crate::db::read_only::{Cell, Table};

/// A table as wide as the terminal.
pub(super) fn table(answer: &Table) -> String {
    if answer.rows.is_empty() {
        return "(no rows)".to_owned();
    }
    let mut drawn = comfy_table::Table::new();
    drawn
        .load_style(UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(answer.columns.iter().map(|name| visible(name)));
    for row in &answer.rows {
        drawn.add_row(row.iter().map(|cell| {
            let shown = comfy_table::Cell::new(visible(&text(cell)));
            match cell {
                Cell::Integer(_) | Cell::Real(_) => shown.set_alignment(CellAlignment::Right),
                _ => shown,
            }
        }));
    }
    drawn.to_string()
}

/// An array of objects, one a line; numbers stay numbers, a blob becomes SQL's `X'…'`. A column whose name came
/// before gets a `_`.
///
/// # Errors
/// None that is known: text is always valid JSON.
pub(super) fn json(answer: &Table) -> serde_json::Result<String> {
    let mut names: Vec<String> = Vec::new();
    for column in &answer.columns {
        let mut name = column.clone();
        while names.contains(&name) {
            name.push('_');
        }
        names.push(name);
    }
    let mut objects = Vec::new();
    for row in &answer.rows {
        let mut fields = Vec::new();
        for (name, cell) in names.iter().zip(row) {
            fields.push(format!("{}:{}", serde_json::to_string(name)?, json_value(cell)?));
        }
        objects.push(format!("{{{}}}", fields.join(",")));
    }
    Ok(format!("[{}]\n", objects.join(",\n ")))
}

fn json_value(cell: &Cell) -> serde_json::Result<String> {
    match cell {
        Cell::Null => Ok("null".to_owned()),
        Cell::Integer(number) => Ok(number.to_string()),
        Cell::Real(number) if number.is_finite() => serde_json::to_string(number),
        other => serde_json::to_string(&text(other)),
    }
}

/// Comma-separated values with a header; NULL is empty.
///
/// # Errors
/// None that is known: the text is made in memory.
pub(super) fn csv(answer: &Table) -> anyhow::Result<String> {
    separated(answer, b',')
}

/// The same for a spreadsheet that is opened by a double click: `;` between values, which Excel wants where the comma
/// stands in numbers, and the mark of UTF-8 in front, without which it reads Cyrillic as something else.
///
/// # Errors
/// As of [`csv`].
pub(super) fn spreadsheet(answer: &Table) -> anyhow::Result<String> {
    Ok(format!("\u{FEFF}{}", separated(answer, b';')?))
}

fn separated(answer: &Table, delimiter: u8) -> anyhow::Result<String> {
    let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
    if !answer.columns.is_empty() {
        writer.write_record(answer.columns.iter().map(|name| harmless(name.clone())))?;
    }
    for row in &answer.rows {
        writer.write_record(row.iter().map(|cell| match cell {
            Cell::Null => String::new(),
            Cell::Text(text) => harmless(text.clone()),
            other => text(other),
        }))?;
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}

/// Keeps a spreadsheet from running a text as a formula. A phone number (`+7 912 …`) computes nothing.
fn harmless(text: String) -> String {
    let is_phone = |rest: &str| rest.chars().all(|c| c.is_ascii_digit() || " ()".contains(c));
    // Spreadsheets pass over leading spaces, and some take the wide signs of an Asian keyboard for the narrow ones.
    let begin = text.trim_start_matches([' ', '\u{a0}', '\u{3000}']);
    match begin.chars().next() {
        Some('+') if is_phone(&begin[1..]) => text,
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠') => format!("'{text}"),
        _ => text,
    }
}

fn text(cell: &Cell) -> String {
    match cell {
        Cell::Null => "NULL".to_owned(),
        Cell::Integer(number) => number.to_string(),
        Cell::Real(number) => number.to_string(),
        Cell::Text(text) => text.clone(),
        Cell::Blob(bytes) => {
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("X'{hex}'")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer() -> Table {
        Table {
            columns: ["id", "message", "id"].map(str::to_owned).to_vec(),
            rows: vec![
                vec![
                    Cell::Integer(1),
                    Cell::Text("=1+1, \"да\"\n\x1b[2J".to_owned()),
                    Cell::Null,
                ],
                vec![
                    Cell::Real(0.5),
                    Cell::Text("+7 912 345".to_owned()),
                    Cell::Blob(vec![10, 255]),
                ],
            ],
        }
    }

    #[test]
    fn the_json_form_keeps_types_and_every_column() {
        let rows: serde_json::Value = serde_json::from_str(&json(&answer()).unwrap()).unwrap();
        assert_eq!(rows[0]["id"], 1);
        assert_eq!(rows[0]["id_"], serde_json::Value::Null);
        assert_eq!(rows[0]["message"], "=1+1, \"да\"\n\x1b[2J");
        assert_eq!(rows[1]["id_"], "X'0aff'");
    }

    #[test]
    fn a_spreadsheet_never_runs_a_customers_text() {
        let text = csv(&answer()).unwrap();
        let mut read = csv::Reader::from_reader(text.as_bytes());
        let rows: Vec<csv::StringRecord> = read.records().map(Result::unwrap).collect();
        assert!(rows[0][1].starts_with("'=1+1"));
        assert_eq!(&rows[1][1], "+7 912 345");
        assert_eq!(&rows[0][2], "");
    }

    #[test]
    fn a_formula_is_seen_behind_spaces_and_in_wide_signs() {
        for text in ["  =1+1", "\u{a0}@SUM(A1)", "＝1+1", "-2+3", "+cmd", "\t=1"] {
            assert_eq!(harmless(text.to_owned()), format!("'{text}"));
        }
        for text in ["+7 912 345 67 89", "a=b", " hello", "2 - 3"] {
            assert_eq!(harmless(text.to_owned()), text);
        }
    }

    #[test]
    fn a_spreadsheet_opens_with_cyrillic_and_columns_as_they_are() {
        let attack = "=cmd|' /C calc'!A0";
        let leads = Table {
            columns: ["имя", "request"].map(str::to_owned).to_vec(),
            rows: vec![
                vec![Cell::Text("Мария; \"Маша\"".to_owned()), Cell::Text(attack.to_owned())],
                vec![Cell::Text("two\nlines".to_owned()), Cell::Null],
            ],
        };
        let text = spreadsheet(&leads).unwrap();
        assert!(text.starts_with("\u{FEFF}имя;request\n"), "{text}");
        assert!(text.contains("\"Мария; \"\"Маша\"\"\";'=cmd|"), "{text}");
        let mut read = csv::ReaderBuilder::new()
            .delimiter(b';')
            .from_reader(text.trim_start_matches('\u{FEFF}').as_bytes());
        let rows: Vec<csv::StringRecord> = read.records().map(Result::unwrap).collect();
        assert_eq!(rows[0].get(1), Some(format!("'{attack}").as_str()));
        assert_eq!(rows[1].get(0), Some("two\nlines"));
    }

    #[test]
    fn a_table_shows_no_control_characters() {
        let drawn = table(&answer());
        assert!(!drawn.contains('\x1b') && drawn.contains("NULL"), "{drawn}");
    }

    #[test]
    fn an_answer_without_rows_is_still_an_answer() {
        let none = Table::default();
        assert_eq!(table(&none), "(no rows)");
        assert_eq!(json(&none).unwrap(), "[]\n");
        assert_eq!(csv(&none).unwrap(), "");
    }
}
