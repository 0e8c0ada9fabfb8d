//! Compares every number that a report shows with the figures of its period, counted from the rows that the story left
//! behind. `tests/service/reports` checks those figures with SQL of its own; this file checks that the page shows each of
//! them under its name.

use std::collections::BTreeMap;

use anyhow::Context as _;
use chrono::{DateTime, FixedOffset, TimeDelta};
use domain::{Occasion, ReportNotice};
use pages::{FIGURES, Figures, ReportPage};
use serde::Deserialize;
use store::records::Records;

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

/// A closed period as it is read now.
struct Told {
    page: ReportPage,
    figures: Figures,
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
    let period = &telling.read()?;
    let mut faults = Faults(Vec::new());
    let dialogs = count(period.figures.dialogs);
    let leads = count(period.figures.leads);
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
        telling.kpi(kpi, period, &mut faults);
    }
    for figure in &shown.figures {
        telling.figure(&figure.name, &figure.value, period, &mut faults);
    }
    telling.bars(&shown, period, &mut faults)?;
    lists(&shown.lists, period, &mut faults);
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
                .push(format!("numbers: {what} shows {shown:?}, the rows come to {counted:?}"));
        }
    }
}

impl Telling<'_> {
    fn kpi(&self, kpi: &Kpi, period: &Told, faults: &mut Faults) {
        self.figure(&kpi.name, &kpi.value, period, faults);
        let length = period.page.notice.period.until - period.page.notice.period.since;
        let key = self.key(&kpi.name).unwrap_or_default();
        let past = figure(&key).and_then(|figure| figure.past);
        let (Some(past), Some(week)) = (past, period.page.past_week) else {
            return;
        };
        let usual = exact(count(week.usual(past(&week), length).0)) / 10.0;
        if let Some(told) = kpi.usual.as_deref().and_then(|told| numbers(told).first().copied())
            && (told - usual).abs() > TENTH
        {
            faults.compare(&format!("what is usual of “{}”", kpi.name), &told, &usual);
        }
        if let Some(told) = &kpi.delta {
            let now = exact(period.count(&key).unwrap_or_default());
            let is_less = told.contains(['-', '−', '–', '↓', '▼']);
            let size = numbers(told).first().copied().unwrap_or_default();
            let told = if is_less { -size } else { size };
            if (told - (now - usual)).abs() > TENTH {
                faults.compare(&format!("the difference of “{}”", kpi.name), &told, &(now - usual));
            }
        }
    }

    fn figure(&self, name: &str, value: &str, period: &Told, faults: &mut Faults) {
        match self.key(name).and_then(|key| period.count(&key)) {
            Some(counted) => {
                let digits: String = value.chars().filter(char::is_ascii_digit).collect();
                faults.compare(&format!("“{name}”"), &digits, &counted.to_string());
            }
            None => faults.0.push(format!("numbers: nobody counts “{name}” ({value})")),
        }
    }

    fn bars(&self, shown: &Shown, period: &Told, faults: &mut Faults) -> anyhow::Result<()> {
        let zone = FixedOffset::east_opt(self.utc_offset * 60).context("no such zone")?;
        let hours = period.page.dialogs_by_hour(&zone).map(count);
        let counted: BTreeMap<i64, i64> = (0..).zip(hours).filter(|(_, n)| *n > 0).collect();
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

    /// The people it names, with those who are only counted; and what the owner should look at.
    fn first_screen(&self, shown: &Shown, period: &Told, faults: &mut Faults) -> anyhow::Result<()> {
        for (heading, people) in &shown.briefs {
            let key = match self.key(heading).as_deref() {
                Some("brief-leads" | "figure-leads") => "figure-leads",
                Some("brief-worth") => "worth",
                _ => continue,
            };
            let more = numbers(people).last().copied().unwrap_or_default();
            let told = people.split(", ").count();
            let told = i64::try_from(told)? + whole(more);
            faults.compare(&format!("“{heading}”"), &Some(told), &period.count(key));
        }
        let mut counted = Vec::new();
        for key in ["figure-failed", "undelivered", "dead-letters"] {
            counted.extend(period.count(key).filter(|n| *n > 0).map(exact));
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

    /// The period, as a letter would tell of it now.
    fn read(&self) -> anyhow::Result<Told> {
        let mut records = Records::open(self.house.database())?;
        let due = "SELECT strftime('%s', due_at) FROM reports WHERE due_at IS NOT NULL ORDER BY due_at";
        let due = self.house.sql(due)?.get(self.period).and_then(|due| due.parse().ok());
        let due = due
            .and_then(|due| DateTime::from_timestamp(due, 0))
            .context("the period is not closed")?;
        let period = records.period_due(due, due + TimeDelta::seconds(1))?;
        let notice = ReportNotice {
            period: period.context("nothing was due then")?,
            occasion: Occasion::Due,
        };
        let page = records.report(notice, self.house.now())?;
        let figures = Figures::of(&page);
        Ok(Told { page, figures })
    }
}

impl Told {
    /// The figure behind the key of a word or of a list; `None` if there is none.
    fn count(&self, key: &str) -> Option<i64> {
        let Self { page, figures } = self;
        let dead_letters = page.dead.iter().filter(|one| one.to.is_some());
        Some(match key {
            "worth" => count(figures.known_contact + figures.without_contact),
            "undelivered" => count(figures.undelivered),
            "dead-letters" => count(dead_letters.count() as u64),
            // What was given up, and one line for all replies that did not arrive.
            "problems" => count(figures.dead) + i64::from(figures.undelivered > 0),
            key => count((figure(key)?.value)(page, figures).number().unwrap_or_default()),
        })
    }
}

fn figure(key: &str) -> Option<&'static pages::Figure> {
    FIGURES.iter().find(|figure| figure.key == key)
}

fn lists(lists: &BTreeMap<String, i64>, period: &Told, faults: &mut Faults) {
    let keys = [
        ("lead", "figure-leads"),
        ("worth", "worth"),
        ("gap", "figure-gaps"),
        ("unanswered", "figure-failed"),
        ("problem", "problems"),
        ("dialog", "figure-dialogs"),
    ];
    for (list, key) in keys {
        let told = lists.get(list).copied().unwrap_or_default();
        faults.compare(
            &format!("the list .{list}"),
            &told,
            &period.count(key).unwrap_or_default(),
        );
    }
}

fn count(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
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
