//! Every number a report shows, counted once more: by SQL that is written here and knows nothing of the product's
//! queries, on the rows the story left behind.

use std::collections::BTreeMap;

use anyhow::Context as _;
use serde::Deserialize;

use super::browser::Browser;
use super::story::House;

const SCRIPT: &str = include_str!("numbers.js");
/// Each makes a report say something that is not so, and answers whether it had anything to change.
pub(super) const LIES: [&str; 7] = [
    "[...document.querySelectorAll('p.row')].slice(0, 1).map(people => people.append(', Anna')).length > 0",
    "[...document.querySelectorAll('.box')].slice(0, 1).map(box => box.append(' 2')).length > 0",
    "[...document.querySelectorAll('.kpi .value')].slice(-1).map(value => value.textContent = '77').length > 0",
    "[...document.querySelectorAll('.count')].slice(-1).map(value => value.textContent = '7777').length > 0",
    "[...document.querySelectorAll('.bar .fill')].slice(-1).map(bar => bar.remove()).length > 0",
    "[...document.querySelectorAll('.item.worth')].slice(-1).map(item => item.remove()).length > 0",
    "[...document.querySelectorAll('.dialog')].slice(-1).map(item => item.remove()).length > 0",
];
/// A mean is told in tenths.
const TENTH: f64 = 0.051;
/// What a bar may be off by for standing in the grid of the letter, as a share of the highest.
const GRID: f64 = 4.0 / 64.0;
/// Seconds of the seven days that tell what is usual.
const WEEK: f64 = 7.0 * 86_400.0;

#[derive(Deserialize)]
struct Kpi {
    name: String,
    value: String,
    delta: Option<String>,
    usual: Option<String>,
}

#[derive(Deserialize)]
struct Figure {
    name: String,
    value: String,
}

/// What `numbers.js` finds.
#[derive(Deserialize)]
struct Shown {
    kpis: Vec<Kpi>,
    figures: Vec<Figure>,
    /// Heights.
    bars: Vec<f64>,
    busiest: Option<String>,
    briefs: Vec<(String, String)>,
    attention: Vec<String>,
    lists: BTreeMap<String, i64>,
}

/// A closed period, by the ids of its rows.
struct Period {
    since: f64,
    due: f64,
    dialogs: String,
    /// Its `successful_dialogs`; and those before it.
    leads: String,
    gaps: String,
    after_dialog: String,
    after_lead: String,
    upto_lead: String,
}

/// What a report tells a business in this language, by its zone's distance from UTC in minutes.
pub(super) struct Telling<'a> {
    pub(super) house: &'a House,
    pub(super) language: &'a str,
    pub(super) utc_offset: i32,
    /// Which of the closed periods, from 0 on.
    pub(super) period: usize,
}

/// Compares the report that is shown in the browser, and its subject, with the rows.
pub(super) fn compare(browser: &mut Browser, subject: &str, telling: &Telling<'_>) -> anyhow::Result<Vec<String>> {
    let shown: Shown = serde_json::from_value(browser.ask(SCRIPT)?)?;
    let periods = periods(telling.house)?;
    let period = periods.get(telling.period).context("the period is not closed")?;
    let mut faults = Faults(Vec::new());
    let dialogs = telling.count("figure-dialogs", period)?.unwrap_or_default();
    let leads = telling.count("figure-leads", period)?.unwrap_or_default();
    let told = numbers(subject.rsplit(':').next().unwrap_or_default());
    match dialogs + leads {
        0 => faults.compare("numbers in the subject", &told.len(), &0),
        _ => faults.compare("subject", &told, &vec![exact(dialogs), exact(leads)]),
    }
    if dialogs > 0 && (shown.kpis.is_empty() || shown.bars.is_empty()) {
        faults
            .0
            .push("numbers: the report of a day with dialogs shows no .kpi or no .bar".to_owned());
    }
    for kpi in &shown.kpis {
        telling.kpi(kpi, period, &periods, &mut faults)?;
    }
    for figure in &shown.figures {
        telling.figure(&figure.name, &figure.value, period, &mut faults)?;
    }
    telling.bars(&shown, period, &mut faults)?;
    telling.lists(&shown.lists, period, &mut faults)?;
    telling.first_screen(&shown, period, &mut faults)?;
    Ok(faults.0)
}

/// Compares the number of a lead that is shown in the browser, and that in its subject, with its row.
pub(super) fn compare_lead(browser: &mut Browser, subject: &str, lead: i64) -> anyhow::Result<Vec<String>> {
    let kicker = browser.ask("(document.querySelector('.kicker') || document.body).innerText")?;
    let mut faults = Faults(Vec::new());
    for (what, told) in [("heading", kicker.as_str().unwrap_or_default()), ("subject", subject)] {
        faults.compare(what, &numbers(told).first().copied(), &Some(exact(lead)));
    }
    Ok(faults.0)
}

struct Faults(Vec<String>);

impl Faults {
    fn compare<T: PartialEq + std::fmt::Debug>(&mut self, what: &str, shown: &T, counted: &T) {
        if shown != counted {
            self.0
                .push(format!("numbers: {what} shows {shown:?}, SQL counts {counted:?}"));
        }
    }
}

impl Telling<'_> {
    fn kpi(&self, kpi: &Kpi, period: &Period, all: &[Period], faults: &mut Faults) -> anyhow::Result<()> {
        self.figure(&kpi.name, &kpi.value, period, faults)?;
        let Some(key) = self
            .key(&kpi.name)
            .filter(|_| kpi.usual.is_some() || kpi.delta.is_some())
        else {
            return Ok(());
        };
        let week = all
            .iter()
            .filter(|before| before.due <= period.since && before.due > period.since - WEEK);
        let (mut sum, mut seconds) = (0, 0.0);
        for before in week {
            sum += self.count(&key, before)?.unwrap_or_default();
            seconds += before.due - before.since;
        }
        let usual = exact(sum) / seconds * (period.due - period.since);
        if let Some(told) = kpi.usual.as_deref().and_then(|told| numbers(told).first().copied())
            && (told - usual).abs() > TENTH
        {
            faults.compare(&format!("what is usual of “{}”", kpi.name), &told, &usual);
        }
        if let Some(told) = &kpi.delta {
            let now = self.count(&key, period)?.unwrap_or_default();
            let now = exact(now);
            let is_less = told.contains(['-', '−', '–', '↓', '▼']);
            let size = numbers(told).first().copied().unwrap_or_default();
            let told = if is_less { -size } else { size };
            if (told - (now - usual)).abs() > TENTH {
                faults.compare(&format!("the difference of “{}”", kpi.name), &told, &(now - usual));
            }
        }
        Ok(())
    }

    fn figure(&self, name: &str, value: &str, period: &Period, faults: &mut Faults) -> anyhow::Result<()> {
        let counted = match self.key(name) {
            Some(key) => self.count(&key, period)?,
            None => None,
        };
        match counted {
            Some(counted) => {
                let digits: String = value.chars().filter(char::is_ascii_digit).collect();
                faults.compare(&format!("“{name}”"), &digits, &counted.to_string());
            }
            None => faults.0.push(format!("numbers: nobody counts “{name}” ({value})")),
        }
        Ok(())
    }

    fn bars(&self, shown: &Shown, period: &Period, faults: &mut Faults) -> anyhow::Result<()> {
        let rows = self.house.sql(&format!(
            "SELECT hour, COUNT(*) FROM (SELECT CAST(strftime('%H', MIN(timestamp), '{} minutes') AS INTEGER) AS hour \
             FROM dialogs WHERE role = 'user' AND {} GROUP BY user_id) GROUP BY hour",
            self.utc_offset, period.dialogs
        ))?;
        let counted: BTreeMap<i64, i64> = rows.iter().filter_map(|row| ends(row)).collect();
        if shown.bars.is_empty() {
            return Ok(());
        }
        faults.compare("bars of a day", &shown.bars.len(), &24);
        let most = counted.values().max().copied().map_or(1.0, exact);
        let highest = shown.bars.iter().copied().fold(0.0, f64::max);
        for (hour, height) in (0..).zip(&shown.bars) {
            let n = counted.get(&hour).copied().unwrap_or_default();
            let is_there = (*height > 0.0) == (n > 0);
            if !is_there || (height / highest - exact(n) / most).abs() > GRID {
                let (is, ought) = (format!("{height} of {highest} px"), format!("{n} of {most}"));
                faults.compare(&format!("the bar of {hour} h"), &is, &ought);
            }
        }
        if let Some(busiest) = &shown.busiest {
            let most = counted.iter().max_by_key(|(hour, n)| (**n, -**hour));
            faults.compare("busiest hour", &ends(busiest), &most.map(|(hour, n)| (*hour, *n)));
        }
        Ok(())
    }

    fn lists(&self, lists: &BTreeMap<String, i64>, period: &Period, faults: &mut Faults) -> anyhow::Result<()> {
        let keys = [
            ("lead", "figure-leads"),
            ("worth", "worth"),
            ("gap", "figure-gaps"),
            ("unanswered", "figure-failed"),
            ("problem", "problems"),
            ("dialog", "figure-dialogs"),
        ];
        for (list, key) in keys {
            let counted = self.count(key, period)?.unwrap_or_default();
            let told = lists.get(list).copied().unwrap_or_default();
            faults.compare(&format!("the list .{list}"), &told, &counted);
        }
        Ok(())
    }

    /// The people it names, with those who are only counted; and what the owner should look at.
    fn first_screen(&self, shown: &Shown, period: &Period, faults: &mut Faults) -> anyhow::Result<()> {
        for (heading, people) in &shown.briefs {
            let key = match self.key(heading).as_deref() {
                Some("brief-leads" | "figure-leads") => "figure-leads",
                Some("brief-worth") => "worth",
                _ => continue,
            };
            let more = numbers(people).last().copied().unwrap_or_default();
            let told = people.split(", ").count();
            let told = i64::try_from(told)? + whole(more);
            faults.compare(&format!("“{heading}”"), &Some(told), &self.count(key, period)?);
        }
        let mut counted = Vec::new();
        for key in ["figure-failed", "undelivered", "dead-letters"] {
            counted.extend(self.count(key, period)?.filter(|n| *n > 0).map(exact));
        }
        let told: Vec<f64> = shown.attention.iter().flat_map(|line| numbers(line)).collect();
        faults.compare("what to look at", &told, &counted);
        Ok(())
    }

    /// What the words stand for: those of letters are in one file a language.
    fn key(&self, name: &str) -> Option<String> {
        let words = match self.language {
            "ru" => include_str!("../../../templates/letters/ru.ftl"),
            _ => include_str!("../../../templates/letters/en.ftl"),
        };
        let is_meant = |line: &&str| line.starts_with("figure-") || line.starts_with("brief-");
        let lines = words.lines().filter(is_meant);
        let mut named = lines.filter_map(|line| line.split_once(" = "));
        named.find(|(_, words)| *words == name).map(|(key, _)| key.to_owned())
    }

    /// What SQL counts in a period; `None` for what nobody has written SQL for.
    fn count(&self, key: &str, period: &Period) -> anyhow::Result<Option<i64>> {
        let Period { dialogs, leads, .. } = period;
        let asked = format!("FROM dialogs WHERE role = 'user' AND {dialogs}");
        let turns = format!("SELECT inbox_id {asked}");
        let lost = format!(
            "FROM outbox WHERE state IN ('dead', 'cancelled') AND dialog_id IN (SELECT id FROM dialogs WHERE {dialogs})"
        );
        let sql = match key {
            "figure-dialogs" => format!("SELECT COUNT(DISTINCT user_id) {asked}"),
            "figure-new" => format!(
                "SELECT COUNT(DISTINCT user_id) {asked} AND user_id NOT IN (SELECT user_id FROM dialogs WHERE id <= {})",
                period.after_dialog
            ),
            "figure-leads" => format!("SELECT COUNT(*) FROM successful_dialogs WHERE {leads}"),
            "figure-failed" | "figure-unanswered" => {
                format!("SELECT COUNT(DISTINCT turn_id) FROM inbox WHERE state = 'failed' AND id IN ({turns})")
            }
            "figure-known-contact" => format!(
                "SELECT COUNT(DISTINCT user_id) {asked} AND user_id NOT IN (SELECT user_id FROM successful_dialogs WHERE \
                 {leads}) AND user_id IN (SELECT user_id FROM successful_dialogs WHERE id <= {})",
                period.after_lead
            ),
            "figure-without-contact" => format!(
                "SELECT COUNT(DISTINCT user_id) {asked} AND user_id NOT IN (SELECT user_id FROM successful_dialogs WHERE \
                 id <= {})",
                period.upto_lead
            ),
            "worth" => format!(
                "SELECT COUNT(DISTINCT user_id) {asked} AND user_id NOT IN (SELECT user_id FROM successful_dialogs WHERE \
                 {leads})"
            ),
            "figure-questions" => format!("SELECT COUNT(*) {asked}"),
            "figure-replies" => format!("SELECT COUNT(*) FROM dialogs WHERE role <> 'user' AND {dialogs}"),
            "figure-gaps" => format!("SELECT COUNT(*) FROM gaps WHERE {}", period.gaps),
            // In seconds, the nearest rank; only the turns of the model count.
            "figure-answer" => format!(
                "WITH t AS (SELECT ROUND((julianday(finished_at) - julianday(received_at)) * 86400) AS s FROM inbox WHERE \
                 state = 'done' AND runs > 0 AND id IN ({turns})) SELECT CAST(s AS INTEGER) FROM t ORDER BY s LIMIT 1 \
                 OFFSET (SELECT (COUNT(*) + 1) / 2 - 1 FROM t)"
            ),
            "figure-tokens" => {
                format!("SELECT COALESCE(SUM(input_tokens + output_tokens), 0) FROM inbox WHERE id IN ({turns})")
            }
            "undelivered" => format!("SELECT COUNT(DISTINCT dialog_id) {lost}"),
            "dead-letters" => "SELECT COUNT(*) FROM outbox WHERE state = 'dead' AND address IS NOT NULL".to_owned(),
            // What was given up, and one line for all replies that did not arrive.
            "problems" => format!("SELECT (SELECT COUNT(*) {lost} AND state = 'dead') + (SELECT COUNT(*) > 0 {lost})"),
            _ => return Ok(None),
        };
        self.house.count(&sql).map(Some)
    }
}

fn periods(house: &House) -> anyhow::Result<Vec<Period>> {
    let rows = house.sql(
        "SELECT strftime('%s', since), strftime('%s', due_at), after_dialog, upto_dialog, after_lead, upto_lead, \
         after_gap, upto_gap FROM reports WHERE due_at IS NOT NULL ORDER BY due_at",
    )?;
    let period = |row: &String| -> anyhow::Result<Period> {
        let cells: Vec<&str> = row.split('|').collect();
        let [
            since,
            due,
            after_dialog,
            upto_dialog,
            after_lead,
            upto_lead,
            after_gap,
            upto_gap,
        ] = cells[..]
        else {
            anyhow::bail!("a report without its borders: {row}");
        };
        let within = |after: &str, upto: &str| format!("id > {after} AND id <= {upto}");
        Ok(Period {
            since: since.parse()?,
            due: due.parse()?,
            dialogs: within(after_dialog, upto_dialog),
            leads: within(after_lead, upto_lead),
            gaps: within(after_gap, upto_gap),
            after_dialog: after_dialog.to_owned(),
            after_lead: after_lead.to_owned(),
            upto_lead: upto_lead.to_owned(),
        })
    };
    rows.iter().map(period).collect()
}

/// The first number and the last one: of an hour and what was counted in it.
fn ends(text: &str) -> Option<(i64, i64)> {
    let numbers = numbers(text);
    let [first, .., last] = numbers[..] else { return None };
    Some((whole(first), whole(last)))
}

#[expect(clippy::cast_possible_truncation, reason = "hours and counts")]
fn whole(number: f64) -> i64 {
    number.round() as i64
}

#[expect(clippy::cast_precision_loss, reason = "counts of a story")]
fn exact(count: i64) -> f64 {
    count as f64
}

/// All numbers in a text, with a point or a comma before their fraction.
pub(super) fn numbers(text: &str) -> Vec<f64> {
    let parts = text.split(|c: char| !c.is_ascii_digit() && c != '.' && c != ',');
    let parts = parts.map(|part| part.trim_matches(['.', ',']).replace(',', "."));
    parts.filter_map(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_in_words_of_both_languages() {
        assert_eq!(numbers("обычно 3,1, за 7 дней."), [3.1, 7.0]);
        assert_eq!(numbers("usually 3.1"), [3.1]);
        assert_eq!(numbers("диалогов не было"), [0.0; 0]);
    }

    #[test]
    fn an_hour_is_told_with_its_number() {
        assert_eq!(ends("Больше всего в 09:00–10:00: 2 диалога"), Some((9, 2)));
        assert_eq!(ends("9|12"), Some((9, 12)));
        assert_eq!(ends("9"), None);
    }
}
