//! Customers, models and servers whose words would like to be more than words in a report.

use pages::{Fate, ReportPage, Speaker};
use proptest::prelude::*;

use super::hostile::{HOSTILE, address, harmless, tags};
use super::report_pages::{dead, dialog, failed, gap, lead, quiet, report, spoken, turn};
use super::*;

/// The same words wherever somebody else can put them.
fn everywhere(words: &str) -> ReportPage {
    let text = || Some(words.to_owned());
    let mut page = quiet();
    page.dialogs = vec![dialog(
        0,
        vec![
            spoken(Speaker::Customer, 0, words),
            spoken(Speaker::Us(Fate::NotDelivered), 1, words),
            spoken(Speaker::Customer, 2, words),
        ],
    )];
    page.dialogs[0].came_from = text();
    page.dialogs[0].profile.first_name = words.to_owned();
    page.dialogs[0].profile.last_name = text();
    page.dialogs[0].profile.username = text();
    let profile = || page.dialogs[0].profile.clone();
    let mut lead = lead(0);
    lead.profile = profile();
    lead.came_from = text();
    lead.facts.name = text();
    lead.facts.request = text();
    lead.facts.preferred_time = text();
    lead.facts.note = text();
    lead.facts.emails = vec![Email::normalised(words)];
    let mut gap = gap(0, words);
    gap.profile = profile();
    let mut dead = [dead(1, None, words), dead(2, Some(words), words)];
    for one in &mut dead {
        one.profile = Some(profile());
    }
    page.leads = vec![lead];
    page.gaps = vec![gap];
    page.dead = dead.to_vec();
    page.turns = vec![turn(failed(words, true), 1)];
    page
}

/// Cells that a spreadsheet would run.
fn formulas(letter: &Rendered) -> Vec<String> {
    let mut found = Vec::new();
    for sheet in &letter.attachments {
        let text = content(sheet);
        let text = text.trim_start_matches('\u{FEFF}');
        let mut reader = csv::ReaderBuilder::new().delimiter(b';').from_reader(text.as_bytes());
        for cell in reader
            .records()
            .flat_map(|row| row.unwrap().iter().map(str::to_owned).collect::<Vec<_>>())
        {
            let begin = cell.trim_start_matches(|c: char| c == ' ' || c.is_control());
            let is_phone = cell == "+7 912 345 67 89";
            if begin.starts_with(['=', '+', '-', '@']) && !is_phone {
                found.push(cell);
            }
        }
    }
    found
}

#[track_caller]
fn is_only_words(letters: &Letters, words: &str) {
    let harmless = harmless(words);
    let mut page = everywhere(&harmless);
    // Whether it is a user name is decided by its form: what has it is linked in both.
    let named = [
        &mut page.dialogs[0].profile,
        &mut page.leads[0].profile,
        &mut page.gaps[0].profile,
    ];
    for profile in named
        .into_iter()
        .chain(page.dead.iter_mut().filter_map(|dead| dead.profile.as_mut()))
    {
        profile.username = Some(words.to_owned());
    }
    page.leads[0].facts.emails = vec![address(words)];
    let bad = letters.render(&report(everywhere(words)), words, ZONE).unwrap();
    let good = letters.render(&report(page), &harmless, ZONE).unwrap();
    let (bad_tags, good_tags) = (tags(&bad.html), tags(&good.html));
    let differing = bad_tags.iter().zip(&good_tags).find(|(bad, good)| bad != good);
    assert_eq!((differing, bad_tags.len()), (None, good_tags.len()), "{words:?}");
    let starts = |text: &str| text.lines().filter(|line| !line.starts_with(' ')).count();
    assert_eq!(
        starts(&bad.text),
        starts(&good.text),
        "a line of ours was forged: {words:?}"
    );
    assert_eq!(formulas(&bad), Vec::<String>::new(), "{words:?}");
    assert_eq!(bad.subject, good.subject);
}

#[test]
fn hostile_words_add_no_tag_no_line_and_no_formula_to_a_report() {
    for language in Language::ALL {
        let letters = letters(language);
        for words in HOSTILE
            .into_iter()
            .chain(["=1+1", " @SUM(A1)", "-2", "+cmd|' /C calc'!A0", "a;b\";=1"])
        {
            is_only_words(&letters, words);
        }
    }
}

#[test]
fn hostile_words_add_no_header_and_no_part_to_a_report() {
    let names = |bytes: &[u8]| -> Vec<String> {
        let letter = read(bytes);
        assert_eq!(letter.parts.len(), 6);
        letter.headers().iter().map(|header| header.name().to_owned()).collect()
    };
    let plain = names(&written(report(everywhere("x"))).to_bytes());
    for words in HOSTILE {
        assert_eq!(
            names(&written(report(everywhere(words))).to_bytes()),
            plain,
            "{words:?}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases / 8))]

    #[test]
    fn no_words_at_all_add_a_tag_a_line_or_a_formula(
        words in r#"[ \t=+@-]{0,2}([<>&"'`={}/\\#!;\-\r\n\t \x00-\x1f\x7f-\x9f\u{2028}\u{202e}a-zа-я@.]|\PC){0,60}"#
    ) {
        thread_local! {
            static LETTERS: Letters = letters(Language::En);
        }
        LETTERS.with(|letters| is_only_words(letters, &words));
    }
}
