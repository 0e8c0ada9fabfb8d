//! The output: one line per error with its views, and a final table with one line per letter.

use std::collections::BTreeMap;
use std::io::Write as _;

use super::browser::Theme;
use super::measure::{Problem, WIDTHS};

/// A width, a theme, and the errors there.
pub(super) type View = ((u32, Theme), Vec<Problem>);

/// Letters down, views across.
#[derive(Default)]
pub(super) struct Table {
    rows: Vec<String>,
    faults: usize,
}

impl Table {
    pub(super) fn row(&mut self, name: &str, views: &[View]) {
        let cells = views.iter().map(|(_, faults)| match faults.len() {
            0 => "ok".to_owned(),
            1 => "1 fault".to_owned(),
            n => format!("{n} faults"),
        });
        let cells: String = cells.map(|cell| format!(" {cell:>11}")).collect();
        self.rows.push(format!("{name:<18}{cells}"));
        self.faults += views.iter().map(|(_, faults)| faults.len()).sum::<usize>();
    }

    /// Prints the table; returns whether it has no errors.
    pub(super) fn print(&self) -> anyhow::Result<bool> {
        let mut out = std::io::stdout().lock();
        let views = WIDTHS
            .iter()
            .flat_map(|width| [Theme::Light, Theme::Dark].map(|theme| view(*width, theme)));
        let head: String = views.map(|view| format!(" {view:>11}")).collect();
        writeln!(out, "{:<18}{head}", "")?;
        for row in &self.rows {
            writeln!(out, "{row}")?;
        }
        Ok(self.faults == 0)
    }
}

/// Prints a line per error, with all its views.
pub(super) fn print_errors(name: &str, views: &[View]) -> anyhow::Result<()> {
    let mut places: BTreeMap<&str, Vec<(u32, Theme)>> = BTreeMap::new();
    for (view, faults) in views {
        for fault in faults {
            places.entry(&fault.words).or_default().push(*view);
        }
    }
    let mut out = std::io::stdout().lock();
    for (words, places) in places {
        writeln!(out, "{name}, {}: {words}", names(&places))?;
    }
    Ok(())
}

fn names(places: &[(u32, Theme)]) -> String {
    let of = |theme: Theme| -> Vec<String> {
        let here = places.iter().filter(|(_, other)| *other == theme);
        here.map(|(width, theme)| view(*width, *theme)).collect()
    };
    let (light, dark) = (of(Theme::Light), of(Theme::Dark));
    let all = |views: &Vec<String>| views.len() == WIDTHS.len();
    match (all(&light), all(&dark)) {
        (true, true) => "everywhere".to_owned(),
        (true, false) => [vec!["light".to_owned()], dark].concat().join(", "),
        (false, true) => [light, vec!["dark".to_owned()]].concat().join(", "),
        (false, false) => [light, dark].concat().join(", "),
    }
}

fn view(width: u32, theme: Theme) -> String {
    format!("{width} {}", theme.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_listed_once_with_all_its_places() {
        let all = WIDTHS
            .map(|width| [(width, Theme::Light), (width, Theme::Dark)])
            .concat();
        assert_eq!(names(&all), "everywhere");
        assert_eq!(names(&WIDTHS.map(|width| (width, Theme::Dark))), "dark");
        assert_eq!(names(&[(320, Theme::Light), (360, Theme::Dark)]), "320 light, 360 dark");
    }
}
