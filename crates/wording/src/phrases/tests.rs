//! Rules of the service's own texts.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use domain::Language;

use super::load::{built_in_text, keys};
use super::{MenuCommand, Phrase, Phrases};

fn phrases() -> Phrases {
    Phrases::load().unwrap()
}

fn with_own(file: &str, text: &str) -> Result<Phrases, Vec<String>> {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("texts")).unwrap();
    fs::write(dir.path().join("texts").join(file), text).unwrap();
    let prefix = format!("{}/", dir.path().join("texts").display());
    let faults = |error: super::PhraseError| error.faults.iter().map(|fault| fault.replace(&prefix, "")).collect();
    Phrases::with_overrides(dir.path()).map_err(faults)
}

#[test]
fn every_phrase_can_be_said_in_both_languages() {
    for language in Language::ALL {
        for phrase in Phrase::samples() {
            let text = phrases().say(language, phrase);
            assert!(!text.is_empty() && !text.contains(['{', '}', '\u{2068}']), "{text}");
            assert!(text.encode_utf16().count() <= phrase.limit(), "{text}");
        }
    }
}

#[test]
fn both_files_hold_exactly_the_phrases_that_are_used() {
    let used: BTreeSet<String> = Phrase::samples().iter().map(|phrase| phrase.key().to_owned()).collect();
    for language in Language::ALL {
        let text = built_in_text(language);
        let written: Vec<String> = keys(&text).map(|(_, key)| key.to_owned()).collect();
        let once: BTreeSet<String> = written.iter().cloned().collect();
        assert_eq!(once.len(), written.len(), "a key stands twice in {}", language.code());
        assert_eq!(once, used, "{}", language.code());
    }
}

#[test]
fn the_greeting_names_business_customer_assistant_and_storage() {
    let greeting = Phrase::Greeting {
        business: "Ромашка",
        name: Some("Анна"),
    };
    let ru = phrases().say(Language::Ru, greeting);
    for word in [
        "Ромашка",
        "Анна",
        "ИИ-помощник",
        "сохраняются",
        "OpenAI",
        "/privacy",
        "?",
    ] {
        assert!(ru.contains(word), "{ru}");
    }
    let en = phrases().say(Language::En, greeting);
    for word in ["Ромашка", "Анна", "AI assistant", "stored", "OpenAI", "/privacy", "?"] {
        assert!(en.contains(word), "{en}");
    }
    assert_eq!(ru.lines().count(), 5);
}

#[test]
fn a_business_name_is_quoted_once() {
    for (business, shown) in [
        ("Ромашка", "Это «Ромашка»."),
        ("Салон «Ромашка»", "Это Салон «Ромашка»."),
        ("ООО \"Ромашка\"", "Это ООО \"Ромашка\"."),
    ] {
        let text = phrases().say(Language::Ru, Phrase::Greeting { business, name: None });
        assert!(text.contains(shown), "{text}");
    }
}

#[test]
fn a_customer_without_a_name_is_greeted_without_it() {
    for name in [None, Some(" \u{7} ")] {
        let text = phrases().say(Language::En, Phrase::Greeting { business: "B", name });
        assert!(text.starts_with("Hello, and welcome to B!"), "{text}");
    }
}

#[test]
fn a_name_cannot_speak_in_our_place() {
    let name = Some("Ann\n\nYou won {1000}!");
    let text = phrases().say(Language::En, Phrase::ContactThanks { name });
    assert_eq!(text.lines().count(), 1);
    assert!(text.starts_with("Thank you, Ann You won {1000}!!"), "{text}");
}

#[test]
fn menu_descriptions_fit_the_limits_of_telegram() {
    for command in MenuCommand::ALL {
        for language in Language::ALL {
            let text = phrases().say(language, Phrase::CommandDescription(command));
            assert!((1..=256).contains(&text.chars().count()) && !text.contains('\n'));
        }
        assert!(command.name().chars().all(|c| c.is_ascii_lowercase()));
    }
}

#[test]
fn no_text_in_place_of_an_answer_names_anything_technical() {
    for phrase in [
        Phrase::Form,
        Phrase::Failed,
        Phrase::FailedSaved,
        Phrase::FailedKnown,
        Phrase::Refused,
    ] {
        for language in Language::ALL {
            let text = phrases().say(language, phrase).to_lowercase();
            for word in ["openai", "error", "server", "ошибк", "сервер", "модел"] {
                assert!(!text.contains(word), "{text}");
            }
        }
    }
}

#[test]
fn an_own_file_replaces_texts_by_name_only() {
    let own = with_own("ru.ftl", "apology = Извините за ожидание!\n").unwrap();
    assert_eq!(own.say(Language::Ru, Phrase::Apology), "Извините за ожидание!");
    assert_eq!(
        own.say(Language::Ru, Phrase::Help),
        phrases().say(Language::Ru, Phrase::Help)
    );
    assert_eq!(own.say(Language::En, Phrase::Apology), "Sorry for the late reply.");
}

#[test]
fn a_folder_without_texts_changes_nothing() {
    let own = Phrases::with_overrides(Path::new("no/such/folder")).unwrap();
    assert_eq!(own.say(Language::En, Phrase::Apology), "Sorry for the late reply.");
}

#[test]
fn faults_of_an_own_file_name_file_and_line() {
    let faults = with_own("en.ftl", "# mine\napologie = Sorry\n").unwrap_err();
    assert_eq!(faults, ["en.ftl:2: there is no text named apologie"]);
    let faults = with_own("en.ftl", "apology = Sorry\n\nflood = { $business\n").unwrap_err();
    assert!(
        faults[0].starts_with("en.ftl:3: ") || faults[0].starts_with("en.ftl:4: "),
        "{faults:?}"
    );
    let faults = with_own("en.ftl", "flood = Dear { $custommer }\n").unwrap_err();
    assert!(
        faults[0].starts_with("en.ftl:1: flood ") && faults[0].contains("custommer"),
        "{faults:?}"
    );
    let faults = with_own("en.ftl", &format!("command-help = {}\n", "x".repeat(257))).unwrap_err();
    assert_eq!(faults, ["en.ftl:1: command-help is longer than 256 characters"]);
}

#[test]
fn phrases_may_be_said_from_any_thread() {
    let phrases = phrases();
    let text = std::thread::spawn(move || phrases.say(Language::En, Phrase::Apology)).join();
    assert_eq!(text.unwrap(), "Sorry for the late reply.");
}
