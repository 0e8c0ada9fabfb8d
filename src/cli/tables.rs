//! Output formats of a table: for terminals, scripts and spreadsheets. Cells contain customer text, so each format escapes it.

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{CellAlignment, ContentArrangement};
use store::read_only::{Cell, Table};
use wording::spreadsheet::{self, Cell as Value, separated};

use super::output::visible;

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

/// An array of objects, one per line. Numbers stay numbers, a blob becomes SQL's `X'…'`. A repeated column name gets a `_`.
///
/// # Errors
/// None known.
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
/// None known.
pub(super) fn csv(answer: &Table) -> anyhow::Result<String> {
    Ok(separated(b',', rows(answer))?)
}

/// CSV that Excel opens without an import dialog.
///
/// # Errors
/// As for [`csv`].
pub(super) fn spreadsheet(answer: &Table) -> anyhow::Result<String> {
    Ok(spreadsheet::spreadsheet(rows(answer))?)
}

/// Column names and rows; NULL is empty.
fn rows(answer: &Table) -> impl Iterator<Item = Vec<Value>> {
    let names = answer.columns.iter().map(Value::text).collect();
    let names = Some(names).filter(|_| !answer.columns.is_empty());
    let rows = answer.rows.iter().map(|row| {
        let values = row.iter().map(|cell| match cell {
            Cell::Null => Value::empty(),
            Cell::Text(words) => Value::text(words),
            other => Value::Plain(text(other)),
        });
        values.collect()
    });
    names.into_iter().chain(rows)
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
    fn json_keeps_types_and_every_column() {
        let rows: serde_json::Value = serde_json::from_str(&json(&answer()).unwrap()).unwrap();
        assert_eq!(rows[0]["id"], 1);
        assert_eq!(rows[0]["id_"], serde_json::Value::Null);
        assert_eq!(rows[0]["message"], "=1+1, \"да\"\n\x1b[2J");
        assert_eq!(rows[1]["id_"], "X'0aff'");
    }

    #[test]
    fn customer_text_is_never_a_formula_and_null_is_empty() {
        assert_eq!(
            csv(&answer()).unwrap(),
            "id,message,id\n1,\"'=1+1, \"\"да\"\"\n\u{1b}[2J\",\n0.5,+7 912 345,X'0aff'\n"
        );
        let text = spreadsheet(&answer()).unwrap();
        assert!(text.starts_with("\u{FEFF}id;message;id\n"), "{text}");
    }

    #[test]
    fn a_table_shows_no_control_characters() {
        let drawn = table(&answer());
        assert!(!drawn.contains('\x1b') && drawn.contains("NULL"), "{drawn}");
    }

    #[test]
    fn an_empty_result_has_a_form_in_every_format() {
        let none = Table::default();
        assert_eq!(table(&none), "(no rows)");
        assert_eq!(json(&none).unwrap(), "[]\n");
        assert_eq!(csv(&none).unwrap(), "");
    }
}
