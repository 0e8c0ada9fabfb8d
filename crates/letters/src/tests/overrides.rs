//! An operator's own templates and words.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use wording::phrases::LetterWords;

use super::examples::{one, short};
use super::*;
use crate::render::render;
use crate::samples;
use crate::templates::{PAGES, TEXTS, Templates};

pub(crate) fn with(file: &str, text: &str) -> Result<Letters, LetterError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
    Letters::load(Language::En, Some(folder.path()))
}

fn fault(file: &str, text: &str) -> String {
    with(file, text).unwrap_err().to_string()
}

#[test]
fn the_built_in_letters_pass_their_trial_in_each_language() {
    for language in Language::ALL {
        assert_eq!(Letters::load(language, None).unwrap().try_out(), Ok(()));
    }
}

#[test]
fn an_own_template_replaces_the_built_in_one_by_name() {
    let own = with(
        "lead/body.html.hbs",
        "<p>Call {{lead.who}}{{#if lead.phone}} on {{lead.phone.shown}}{{/if}}",
    )
    .unwrap();
    let letter = own
        .render(&one(short()), Files::Attached, "B", ZONE)
        .unwrap_or_else(|error| panic!("{error}"));
    assert!(
        letter.html.contains(&format!("Call Мария on {}", shown("79123456789"))),
        "{}",
        letter.html
    );
    assert!(letter.text.contains("New lead"), "the text stays ours");
}

#[test]
fn own_words_are_used_in_every_template() {
    let own = with("letters/en.ftl", "request = The wish\n").unwrap();
    let letter = own.render(&one(short()), Files::Attached, "B", ZONE).unwrap();
    assert!(letter.html.contains("The wish") && letter.text.contains("The wish: "));
}

#[test]
fn a_broken_template_is_refused_with_file_line_and_column() {
    for (file, text) in [
        ("lead/body.html.hbs", "ok\n{{#if lead}}"),
        ("lead/body.txt.hbs", "ok\n{{lead.nmae}}"),
        ("card.txt.hbs", "ok\n{{nothing}}"),
        ("report/body.html.hbs", "ok\n{{report.leads.nothing}}"),
        ("alert/subject.txt.hbs", "ok\n{{t \"no-such-word\"}}"),
    ] {
        let fault = fault(file, text);
        assert!(fault.contains(&format!("{file}:2:")), "{file}: {fault}");
        assert!(fault.lines().count() <= 2, "told once: {fault}");
    }
    assert!(fault("letters/en.ftl", "requst = x\n").contains("letters/en.ftl:1: "));
}

#[test]
fn a_template_that_would_lose_a_lead_or_let_a_stranger_write_is_refused_at_start() {
    let number = "{{lead.who}}{{#if lead.phone}}{{lead.phone.shown}}{{/if}}";
    let link = "{{#if lead.telegram}}{{#if lead.telegram.link}}<a HREF='{{lead.telegram.link}}'>x</a>{{/if}}{{/if}}";
    for (template, told) in [
        (String::new(), "does not tell the number of a lead"),
        ("<p>{{lead.who}}</p>".to_owned(), "does not tell the number of a lead"),
        (format!("{number}{link}"), "an address in href is written as {{url …}}"),
        (
            format!("{number}{{{{lead.phone}}}}"),
            "name the part, as in lead.phone.shown",
        ),
        (
            format!("{number}{{{{#if lead.request}}}}{{{{{{lead.request}}}}}}{{{{/if}}}}"),
            "a customer's words are written as HTML",
        ),
    ] {
        let fault = fault("lead/body.html.hbs", &template);
        assert!(fault.contains(told), "{template}: {fault}");
    }
    assert!(with("lead/body.html.hbs", number).is_ok());
}

#[test]
fn errors_are_in_plain_words_and_windows_encodings_are_read() {
    let unclosed = fault("lead/body.html.hbs", "a\n{{#if lead}}");
    assert!(unclosed.contains("a {{#…}} above has no {{/…}}"), "{unclosed}");
    let missing = fault("lead/body.html.hbs", "{{lead.phone.shown}}");
    assert!(missing.contains("there is no lead.phone.shown here"), "{missing}");
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("letters")).unwrap();
    std::fs::write(folder.path().join("letters/en.ftl"), "\u{feff}new-lead = Fresh\n").unwrap();
    let own = Letters::load(Language::En, Some(folder.path())).unwrap();
    let letter = own.render(&one(short()), Files::Attached, "B", ZONE).unwrap();
    assert!(letter.text.starts_with("Fresh No. 42"), "{}", letter.text);
}

#[test]
fn a_file_that_replaces_nothing_is_an_error() {
    let fault = fault("lead/Body.html.hbs", "x");
    assert!(
        fault.ends_with("lead/Body.html.hbs: replaces nothing, no template has this name"),
        "{fault}"
    );
}

#[test]
fn a_folder_that_is_not_there_replaces_nothing() {
    let none = Letters::load(Language::Ru, Some(Path::new("no/such/folder"))).unwrap();
    let built_in = letters(Language::Ru);
    let body = one(short());
    assert_eq!(
        none.render(&body, Files::Attached, "B", ZONE).unwrap(),
        built_in.render(&body, Files::Attached, "B", ZONE).unwrap()
    );
}

/// Breaks every branch of these templates, one after the other: one of the pages must take it.
fn is_tried(is_meant: impl Fn(&str) -> bool, pages: impl Fn() -> Vec<PageBody>) {
    let words = Arc::new(LetterWords::load(Language::En, None).unwrap());
    for (_, file, text) in TEXTS.iter().chain(PAGES).filter(|(_, file, _)| is_meant(file)) {
        let branches = text
            .match_indices("{{#")
            .map(|(at, _)| at + text[at..].find("}}").unwrap() + 2);
        for at in branches.chain(text.match_indices("{{else}}").map(|(at, found)| at + found.len())) {
            let broken = format!("{}{{{{nothing}}}}{}", &text[..at], &text[at..]);
            let own = |name: &str| (name == *file).then(|| (name.to_owned(), broken.clone()));
            let templates = Templates::compile(&words, own).unwrap();
            let tried = pages()
                .iter()
                .map(|body| render(&templates, &words, Language::En, body, ("-", Tz::UTC), Files::Attached))
                .find(Result::is_err);
            assert!(
                tried.is_some(),
                "{file}: nothing takes {}",
                &text[..at].lines().last().unwrap()
            );
        }
    }
}

#[test]
fn every_branch_of_a_report_is_tried_before_anything_is_sent() {
    is_tried(
        |file| file.starts_with("report/"),
        || samples::report::pages().collect(),
    );
}

#[test]
fn every_branch_of_a_dialog_and_its_file_is_tried_before_anything_is_sent() {
    let files = ["dialog.txt.hbs", "dialog.html.hbs", "lead/history.txt.hbs"];
    is_tried(|file| files.contains(&file), samples::pages);
}

/// Prints the names of all that it is given, one within the other: `lead(phone(shown()))`.
const NAMES: &str = "{{#each this}}{{#if @key}}{{@key}}{{/if}}({{> OTHER this}}){{else}}{{/each}}";

/// `lead(phone(shown()))` as `lead`, `lead.phone`, `lead.phone.shown`.
fn paths(kind: &str, names: &str) -> BTreeSet<String> {
    let (mut found, mut path, mut name) = (BTreeSet::new(), vec![kind.to_owned()], String::new());
    for c in names.chars() {
        match c {
            '(' => {
                if !name.is_empty() {
                    found.insert(format!("{}.{name}", path.concat()));
                }
                // A member of a list has no name of its own.
                path.push(if name.is_empty() {
                    String::new()
                } else {
                    format!(".{name}")
                });
                name.clear();
            }
            ')' => drop(path.pop()),
            // A file begins with a mark of its encoding.
            c if c.is_ascii() => name.push(c),
            _ => {}
        }
    }
    found
}

#[test]
fn every_name_that_an_operators_template_can_use_stays() {
    let words = Arc::new(LetterWords::load(Language::En, None).unwrap());
    let own = |file: &str| {
        let text = match file {
            "card.txt.hbs" => NAMES.replace("OTHER", "days"),
            "days.txt.hbs" => NAMES.replace("OTHER", "card"),
            "lead/history.txt.hbs" => "{{> card this}}".to_owned(),
            body if body.ends_with("/body.txt.hbs") => "{{> card this}}".to_owned(),
            _ => return None,
        };
        Some((file.to_owned(), text))
    };
    let templates = Templates::compile(&words, own).unwrap();
    let mut names = BTreeSet::new();
    for body in samples::pages() {
        let kind = match body {
            PageBody::Lead(_) => "lead",
            PageBody::Leads(_) => "leads",
            PageBody::Report(_) => "report",
            PageBody::Alert(_) => "alert",
        };
        let letter = render(&templates, &words, Language::En, &body, ("-", Tz::UTC), Files::Attached).unwrap();
        names.extend(paths(kind, &letter.text));
        let history = letter
            .attachments
            .iter()
            .filter(|file| file.file.starts_with("dialog-"));
        names.extend(history.flat_map(|file| paths("lead/history", &content(file))));
    }
    let names = names.into_iter().collect::<Vec<_>>().join("\n");
    insta::with_settings!({omit_expression => true, prepend_module_to_snapshot => false}, {
        insta::assert_snapshot!("names-in-templates", names);
    });
}
