//! Checks the checks: small pages that violate exactly one limit, measured at the width of a phone. The result must be that
//! violation and no other.

use std::collections::BTreeSet;
use std::io::Write as _;

use super::browser::{Browser, Theme};
use super::measure::{ESSENTIALS, PHONE, Problem, judge, measure};

/// A page and its expected violations in light and in forced dark.
struct Case {
    what: &'static str,
    html: String,
    light: &'static [&'static str],
    dark: &'static [&'static str],
}

/// Whether every page has exactly its expected violations.
pub(super) fn run(browser: &mut Browser) -> anyhow::Result<bool> {
    let mut is_sound = true;
    for case in cases() {
        browser.show(&case.html)?;
        for (theme, expected) in [(Theme::Light, case.light), (Theme::Dark, case.dark)] {
            let found = measure(browser, PHONE.0, theme, &ESSENTIALS)?;
            is_sound &= is_as_expected(&format!("{} in {}", case.what, theme.name()), &found, expected)?;
        }
    }
    // The result of a browser that does not force dark mode.
    browser.show(&page("", ""))?;
    browser.dress(PHONE.0, PHONE.1, Theme::Light)?;
    let found = judge(browser, PHONE.0, Theme::Dark, &ESSENTIALS)?;
    Ok(is_as_expected("a page that was not turned dark", &found, &["dark mode"])? && is_sound)
}

fn is_as_expected(what: &str, found: &[Problem], expected: &[&str]) -> anyhow::Result<bool> {
    let mut out = std::io::stdout().lock();
    let rules: BTreeSet<&str> = found.iter().map(|fault| fault.rule).collect();
    let expected: BTreeSet<&str> = expected.iter().copied().collect();
    let verdict = if rules == expected { "ok" } else { "WRONG" };
    writeln!(out, "{verdict:<6}{what}: {rules:?}")?;
    if rules != expected {
        writeln!(out, "      expected {expected:?}")?;
        for fault in found {
            writeln!(out, "      {}", fault.words)?;
        }
    }
    Ok(rules == expected)
}

const CALL: &str = r#"<a class="call button" href="tel:+1">Call</a>"#;

/// A valid letter with an addition.
fn page(style: &str, more: &str) -> String {
    format!(
        r#"<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light"><style>
body {{ margin: 0; background: #f4f4f2; color: #222222; font: 16px/24px sans-serif; }}
p {{ margin: 0 0 8px; }}
.hidden {{ max-height: 0; overflow: hidden; font-size: 1px; color: #f4f4f2; }}
.big {{ font-size: 20px; }}
.button {{ display: block; padding: 12px; background: #0a5794; color: #fdfdfc; font: 16px/24px sans-serif; }}
{style}</style></head><body><div style="display:none">seen nowhere</div><div class="hidden">seen nowhere</div>
<table role="presentation" cellspacing="0" cellpadding="0"><tr><td style="padding: 16px">
<p class="name big">Anna</p><p class="phone">+1 202-555-0143</p>{more}<p class="request">a window · “soon” — ok</p>{CALL}
</td></tr></table></body></html>"#
    )
}

fn case(what: &'static str, html: String, broken: &'static [&'static str]) -> Case {
    Case {
        what,
        html,
        light: broken,
        dark: broken,
    }
}

fn cases() -> Vec<Case> {
    [laid_out(), framed(), painted()].into_iter().flatten().collect()
}

fn laid_out() -> Vec<Case> {
    let plain = || page("", "");
    vec![
        case("a good letter", plain(), &[]),
        case(
            "a box wider than the phone",
            page("", r#"<div style="width: 400px">wide</div>"#),
            &["horizontal scroll"],
        ),
        case(
            "a word of 15 px",
            page("", r#"<p style="font-size: 15px">small</p>"#),
            &["text size"],
        ),
        case(
            "four sizes",
            page(
                "",
                r#"<p style="font-size: 24px">a</p><p style="font-size: 28px">b</p>"#,
            ),
            &["text sizes"],
        ),
        case(
            "seven colours, of lines too",
            page(
                "",
                r#"<p style="border-bottom: 1px solid #aabbcc; color: #003300">a</p><p style="color: #330000">b</p>"#,
            ),
            &["colours"],
        ),
        case(
            "a margin of 6 px",
            page("", r#"<p style="margin-bottom: 6px">a</p>"#),
            &["spacing"],
        ),
        case(
            "cells 2 px apart",
            plain().replace(r#"cellspacing="0""#, r#"cellspacing="2""#),
            &["spacing"],
        ),
        case(
            "a link within a line",
            page("", r##"<p><a href="#" style="color: #222222">more</a></p>"##),
            &["target"],
        ),
        case(
            "two buttons one over the other",
            page("", &format!(r#"{CALL}<div style="margin-top: -20px">{CALL}</div>"#)),
            &["target"],
        ),
        case(
            "the call below the first screen",
            page("", r#"<div style="height: 520px">a</div>"#),
            &["first screen"],
        ),
        case(
            "no button to call",
            plain().replace("call button", "button"),
            &["first screen"],
        ),
        case(
            "a call that is hidden",
            page(".call { opacity: 0; }", ""),
            &["first screen"],
        ),
    ]
}

fn framed() -> Vec<Case> {
    let plain = || page("", "");
    vec![
        case("no language", plain().replace(r#" lang="en""#, ""), &["frame"]),
        case(
            "a table of layout",
            plain().replace(r#" role="presentation""#, ""),
            &["frame"],
        ),
        case("no doctype", plain().replace("<!doctype html>", ""), &["frame"]),
    ]
}

/// Pages whose errors depend on the theme.
fn painted() -> Vec<Case> {
    vec![
        Case {
            what: "grey that is too light",
            html: page("", r#"<p style="color: #777777; background: #ffffff">a grey line</p>"#),
            light: &["contrast"],
            dark: &[],
        },
        Case {
            what: "grey that is just dark enough",
            html: page("", r#"<p style="color: #767676; background: #ffffff">a grey line</p>"#),
            light: &[],
            dark: &[],
        },
        Case {
            what: "a middle tone that forced dark drowns",
            html: page("", r#"<p style="color: #000000; background: #b0b0b0">a grey line</p>"#),
            light: &[],
            dark: &["contrast"],
        },
    ]
}
