//! Customers, models and servers whose words would like to be more than words in a report.

use proptest::prelude::*;

use crate::tests::examples::{HOSTILE, everywhere_in_a_report, report};
use crate::tests::hostile::{add_nothing, address, harmless};
use crate::tests::*;

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
    let mut page = everywhere_in_a_report(&harmless);
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
    let bad = letters
        .render(&report(everywhere_in_a_report(words)), Files::Attached, words, ZONE)
        .unwrap();
    let good = letters.render(&report(page), Files::Attached, &harmless, ZONE).unwrap();
    add_nothing(&bad, &good, words);
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
