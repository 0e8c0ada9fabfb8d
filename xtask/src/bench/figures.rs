//! The figures of a run: one line of JSON for a script, a row of a table for a person.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::case::Case;

/// The columns of the table, and the names of their figures in JSON.
const COLUMNS: [(&str, &str); 10] = [
    ("msg/s", "messages_per_second"),
    ("p50 ms", "own_delay_p50_ms"),
    ("p99 ms", "own_delay_p99_ms"),
    ("CPU ms/msg", "cpu_ms_per_message"),
    ("peak MB", "peak_mb"),
    ("stand-ins", "stand_ins_cpu_share"),
    ("others", "other_cpu_share"),
    ("start ms", "start_ms"),
    ("idle MB", "idle_mb"),
    ("stop ms", "stop_ms"),
];

pub(super) struct Figures {
    pub(super) case: Case,
    pub(super) bot: &'static str,
    known: Map<String, Value>,
    /// Errors of the run: messages without an answer, unexpected texts, duplicate answers, contract violations.
    pub(super) surprises: Vec<String>,
}

impl Figures {
    pub(super) fn new(case: Case, bot: &'static str) -> Self {
        Self {
            case,
            bot,
            known: Map::new(),
            surprises: Vec::new(),
        }
    }

    pub(super) fn count(&mut self, name: &str, count: u64) {
        self.known.insert(name.to_owned(), json!(count));
    }

    /// Rounds to three decimals; unknown figures are omitted.
    pub(super) fn set(&mut self, name: &str, figure: impl Into<Option<f64>>) {
        if let Some(figure) = figure.into() {
            let rounded = (figure * 1_000.0).round() / 1_000.0;
            self.known.insert(name.to_owned(), json!(rounded));
        }
    }

    pub(super) fn delays(&mut self, mut delays: Vec<Duration>) {
        delays.sort_unstable();
        self.set("own_delay_p50_ms", ms(percentile(&delays, 50)));
        self.set("own_delay_p99_ms", ms(percentile(&delays, 99)));
    }

    /// The line of this run, with the members that all lines share.
    pub(super) fn json(&self, shared: &Map<String, Value>, version: Option<&str>) -> Value {
        let mut line = shared.clone();
        line.extend(self.known.clone());
        let mut line = Value::Object(line);
        line["case"] = json!(self.case);
        line["bot"] = json!(self.bot);
        line["version"] = json!(version);
        line["surprises"] = json!(self.surprises.len());
        line
    }
}

pub(super) fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    let position = (sorted.len() * percent).div_ceil(100);
    sorted.get(position.saturating_sub(1)).copied().unwrap_or_default()
}

/// A row for each case and bot, with the medians of its runs.
pub(super) fn table(all: &[Figures]) -> String {
    let titles = COLUMNS.map(|(title, _)| title.to_owned());
    let mut table = row("case", "bot", &titles);
    let mut shown = Vec::new();
    for run in all {
        if !shown.contains(&(run.case, run.bot)) {
            shown.push((run.case, run.bot));
            let cells = COLUMNS.map(|(_, name)| median(all, run, name).map_or_else(|| "–".to_owned(), short));
            let case = json!(run.case);
            table += &row(case.as_str().unwrap_or_default(), run.bot, &cells);
        }
    }
    table
}

fn median(all: &[Figures], like: &Figures, name: &str) -> Option<f64> {
    let runs = all.iter().filter(|run| run.case == like.case && run.bot == like.bot);
    let mut known: Vec<f64> = runs.filter_map(|run| run.known.get(name)?.as_f64()).collect();
    known.sort_unstable_by(f64::total_cmp);
    known.get(known.len() / 2).copied()
}

fn row(case: &str, bot: &str, cells: &[String]) -> String {
    let cells: String = cells.iter().map(|cell| format!("{cell:>12}")).collect();
    format!("{case:<7}{bot:<10}{cells}\n")
}

/// Three significant digits.
fn short(figure: f64) -> String {
    let decimals = [100.0, 10.0, 1.0].iter().filter(|step| figure < **step).count();
    format!("{figure:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_one_of_the_delays() {
        let delays: Vec<Duration> = (1..=200).map(Duration::from_millis).collect();
        assert_eq!(percentile(&delays, 50), Duration::from_millis(100));
        assert_eq!(percentile(&delays, 99), Duration::from_millis(198));
        assert_eq!(percentile(&[], 99), Duration::ZERO);
    }

    #[test]
    fn a_figure_is_shown_with_three_digits() {
        assert_eq!(
            [1_688.4, 78.25, 2.604, 0.7704].map(short),
            ["1688", "78.2", "2.60", "0.770"]
        );
    }
}
