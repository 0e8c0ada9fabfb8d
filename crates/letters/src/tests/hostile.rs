//! Customers who write markup, headers and templates: their words stay words.

use pages::{Fate, Speaker};
use proptest::prelude::*;

use super::examples::{HOSTILE, everywhere, one, said, short};
use super::*;
use crate::clean::block;
use crate::reach::mail_link;
use crate::vcard::tests::read as card;

/// The same words without anything that could do harm: as many lines, as many words.
pub(crate) fn harmless(words: &str) -> String {
    // Commands stay commands: they are shown differently. Which words are one is decided by all of their characters, also by
    // those that no letter shows.
    let is_command = !said(Speaker::Customer, 0, words).has_words();
    let harmless = |c: char| match c {
        '/' if is_command => c,
        '@' | '_' => c,
        c if c.is_whitespace() => c,
        c if c.is_ascii_alphanumeric() => 'x',
        _ => 'ж',
    };
    block(words).chars().map(harmless).collect()
}

/// The address that is beside the harmless words. Whether words are an address that is linked, or marked, is decided
/// by their form: this one is linked and marked as theirs is.
pub(crate) fn address(words: &str) -> Email {
    let written = Email::normalised(words);
    match (mail_link(&written), written.is_confirmed()) {
        (Some(_), _) => written,
        (None, true) => Email::normalised("x!x@x.xx"),
        (None, false) => Email::normalised(&harmless(words)),
    }
}

/// With these words a letter has the tags and the lines of one with harmless words.
#[track_caller]
pub(crate) fn add_nothing(bad: &Rendered, good: &Rendered, words: &str) {
    let (bad_tags, good_tags) = (tags(&bad.html), tags(&good.html));
    let differing = bad_tags.iter().zip(&good_tags).find(|(bad, good)| bad != good);
    assert_eq!((differing, bad_tags.len()), (None, good_tags.len()), "{words:?}");
    let starts = |text: &str| text.lines().filter(|line| !line.starts_with(' ')).count();
    let (bad, good) = (starts(&bad.text), starts(&good.text));
    assert_eq!(bad, good, "a line of ours was forged: {words:?}");
}

/// The HTML's tags in order, attributes and all.
fn tags(html: &str) -> Vec<&str> {
    let behind = html.split('<').skip(1);
    behind
        .map(|tag| tag.split_once('>').map_or(tag, |(tag, _)| tag))
        .collect()
}

#[track_caller]
fn is_only_words(letters: &Letters, words: &str) {
    let harmless = harmless(words);
    let mut page = everywhere(&harmless);
    // Whether it is a user name is decided by its form: what has it is linked in both.
    page.profile.username = Some(words.to_owned());
    page.notice.facts.emails = vec![address(words)];
    let bad = letters
        .render(&one(everywhere(words)), Files::Attached, words, ZONE)
        .unwrap();
    let good = letters.render(&one(page), Files::Attached, &harmless, ZONE).unwrap();
    add_nothing(&bad, &good, words);
    assert!(!bad.subject.chars().any(char::is_control) && bad.subject.chars().count() <= 180);
    let forms = |letter: &Rendered| -> Vec<(String, Vec<String>)> {
        let cards = card(&content(&letter.attachments[0])).into_iter();
        cards
            .map(|(name, values)| (name, vec!["x".to_owned(); values.len()]))
            .collect()
    };
    assert_eq!(forms(&bad), forms(&good), "a property of a card was forged: {words:?}");
}

/// The file with a dialog that has the words in every line and whose letter has no room for it.
fn history(letters: &Letters, words: &str) -> String {
    let mut page = everywhere(words);
    page.lines = page.lines.into_iter().cycle().take(40).collect();
    page.lines
        .extend((0..40).map(|n| said(Speaker::Customer, n, &"&".repeat(1_000))));
    let letter = letters.render(&one(page), Files::Attached, words, ZONE).unwrap();
    content(letter.attachments.last().unwrap())
}

#[track_caller]
fn is_only_set_in(letters: &Letters, words: &str) {
    let starts = |text: &str| text.split("\r\n").filter(|line| !line.starts_with(' ')).count();
    let bad = history(letters, words);
    assert_eq!(starts(&bad), starts(&history(letters, &harmless(words))), "{words:?}");
    let is_bare =
        |c: char| c.is_control() && c != '\t' || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    assert!(!bad.replace("\r\n", "").contains(is_bare), "{words:?}");
}

#[test]
fn hostile_words_add_no_line_to_the_file_of_a_dialog() {
    for language in Language::ALL {
        for words in HOSTILE {
            is_only_set_in(&letters(language), words);
        }
    }
}

#[test]
fn hostile_words_add_no_tag_no_attribute_and_no_line_of_ours() {
    for language in Language::ALL {
        let letters = letters(language);
        for words in HOSTILE {
            is_only_words(&letters, words);
        }
    }
}

#[test]
fn what_looks_like_a_template_arrives_as_it_was_written() {
    let words = "{{name}} {{{x}}} <b>";
    let letter = rendered(Language::Ru, &one(everywhere(words)));
    assert!(letter.subject.contains(words) && letter.text.contains(words));
    assert!(letter.html.contains("{{name}} {{{x}}} &lt;b&gt;"), "{}", letter.html);
}

#[test]
fn only_our_own_numbers_and_user_names_can_be_tapped() {
    for words in HOSTILE
        .into_iter()
        .chain(["https://evil.example/", "mailto:a@b.c", "tel:+1"])
    {
        let html = rendered(Language::Ru, &one(everywhere(words))).html;
        let targets: Vec<&str> = html
            .split("href=\"")
            .skip(1)
            .filter_map(|behind| behind.split('"').next())
            .collect();
        let own = ["tel:+79123456789", "https://t.me/+79123456789"];
        assert!(
            targets.len() == 4 && targets.iter().all(|target| own.contains(target)),
            "{words:?}: {targets:?}"
        );
    }
}

#[test]
fn later_lines_of_a_message_are_indented() {
    let mut page = short();
    page.lines = vec![said(
        Speaker::Customer,
        0,
        "привет\n13:51 Ассистент: верните деньги\n-- \nконец",
    )];
    let text = rendered(Language::Ru, &one(page)).text;
    assert!(
        text.contains("13:50 Мария: привет\n    13:51 Ассистент: верните деньги\n    --\n    конец"),
        "{text}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases / 4))]

    #[test]
    fn no_words_at_all_add_a_tag_or_a_line(
        words in r#"([<>&"'`={}/\\#!\-\r\n\t \x00-\x1f\x7f-\x9f\u{2028}\u{202e}a-zа-я@.]|\PC){0,60}"#
    ) {
        thread_local! {
            static LETTERS: Letters = letters(Language::En);
        }
        LETTERS.with(|letters| is_only_words(letters, &words));
    }

    #[test]
    fn no_words_at_all_add_a_line_to_the_file_of_a_dialog(
        words in r#"([\[\]=\-(): \r\n\t\x00-\x1f\x7f-\x9f\u{2028}\u{85}a-zа-я]|\PC){0,60}"#
    ) {
        thread_local! {
            static LETTERS: Letters = letters(Language::En);
        }
        LETTERS.with(|letters| is_only_set_in(letters, &words));
    }
}

#[test]
fn a_customer_named_like_the_assistant_does_not_pass_for_it() {
    let mut page = short();
    page.notice.facts.name = Some("АССИСТЕНТ".into());
    page.lines = vec![
        said(Speaker::Customer, 0, "Вам скидка 90 %"),
        said(Speaker::Us(Fate::Sent), 1, "Нет"),
    ];
    let text = rendered(Language::Ru, &one(page)).text;
    assert!(
        text.contains("13:50 Клиент: Вам скидка") && text.contains("13:51 Ассистент: Нет"),
        "{text}"
    );
}
