//! A report in templates of an operator's own that write ten times as much for each line: what fits is measured, not known.

use std::fs;

use pages::{ReportPage, Speaker};
use proptest::prelude::*;

use super::tables::is_all_counted;
use crate::templates::PAGES;
use crate::tests::examples::{day_of, dead, dialog, gap, report, spoken};
use crate::tests::*;

/// Bytes more for each item and each line; the built-in ones have a few hundred.
const PADDING: usize = 3_000;

/// What is written once for each item and each line.
const LOOPS: [&str; 7] = [
    "{{#each report.leads.shown}}",
    "{{#each report.worth.shown}}",
    "{{#each report.sources.shown}}",
    "{{#each absences.shown}}",
    "{{#each dead.shown}}",
    "{{#each shown}}",
    "{{#each lines}}",
];

/// The built-in templates with the padding.
fn heavy() -> Letters {
    let folder = tempfile::tempdir().unwrap();
    let padding = format!("<i title=\"{}\">.</i>", "x".repeat(PADDING));
    for (_, file, text) in PAGES {
        let with = |text: String, each: &&str| text.replace(*each, &format!("{each}{padding}"));
        let own = LOOPS.iter().fold((*text).to_owned(), with);
        if own != *text {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, own).unwrap();
        }
    }
    Letters::load(Language::Ru, Some(folder.path())).unwrap()
}

/// A day of so many leads, questions and letters that were given up, and of so many dialogs of so many lines.
fn day(leads: usize, asked: usize, (dialogs, lines, chars): (usize, i64, usize)) -> ReportPage {
    let mut page = day_of(0, leads);
    let words = "щ".repeat(chars);
    let line = |n| spoken(Speaker::Customer, n, &words);
    page.dialogs = (0..dialogs)
        .map(|n| dialog(n, (0..lines).map(line).collect()))
        .collect();
    page.gaps = (0..asked).map(|n| gap(n, &format!("вопрос {n}."))).collect();
    page.dead = (0..asked)
        .map(|n| dead(i64::try_from(n).unwrap(), None, "blocked"))
        .collect();
    page
}

fn written(letters: &Letters, page: &ReportPage) -> Rendered {
    let body = report(page.clone());
    letters.render(&body, Files::Attached, "Чистый дом", ZONE).unwrap()
}

#[test]
fn a_report_in_heavy_templates_fits_and_counts_what_gives_way() {
    let letters = heavy();
    let page = day(300, 120, (200, 10, 40));
    let letter = written(&letters, &page);
    assert!(
        (70_000..=90_000).contains(&letter.html.len()),
        "{} bytes",
        letter.html.len()
    );
    is_all_counted(&letter.text, &page, 1);
}

#[test]
fn a_report_in_light_templates_has_more_than_ours() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("days.html.hbs"),
        "{{#each days}}{{#each lines}}{{text}} {{/each}}{{/each}}",
    )
    .unwrap();
    let light = Letters::load(Language::Ru, Some(folder.path())).unwrap();
    let page = day(0, 0, (20, 60, 20));
    let dialogs = |letters: &Letters| {
        let letter = written(letters, &page);
        assert!(letter.html.len() <= 90_000, "{} bytes", letter.html.len());
        letter.html.matches(&"щ".repeat(20)).count()
    };
    let (ours, own) = (dialogs(&letters(Language::Ru)), dialogs(&light));
    assert!(own > 2 * ours, "{own} lines and {ours}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases / 16))]

    #[test]
    fn no_day_makes_a_report_in_heavy_templates_too_big_or_hides_what_gives_way(
        leads in 0..80_usize,
        asked in 0..80_usize,
        dialogs in (0..80_usize, 1..40_i64, 1..1_200_usize),
    ) {
        thread_local! {
            static HEAVY: Letters = heavy();
        }
        let page = day(leads, asked, dialogs);
        let letter = HEAVY.with(|letters| written(letters, &page));
        prop_assert!(letter.html.len() <= 90_000, "{} bytes", letter.html.len());
        is_all_counted(&letter.text, &page, 0);
    }
}
