//! `cargo xtask screenshots`: letters in headless Chromium at phone and desktop widths, light and forced dark, measured on the
//! rendered page. Exit code 0 only without errors.

mod browser;
mod measure;
mod packed;
mod pictures;
mod pixels;
mod selftest;
mod story;
mod table;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::Args;

use self::browser::{Browser, Theme};
use self::measure::{ESSENTIALS, WIDTHS, measure};
use self::table::{Table, print_errors};

/// Measure letters on the rendered page and take pictures for the README
#[derive(Args)]
pub(crate) struct ScreenshotsArgs {
    /// Measure only these letters (for custom templates)
    #[arg(long, value_name = "HTML", num_args = 1..)]
    file: Vec<PathBuf>,
    /// Measure without writing pictures
    #[arg(long, conflicts_with = "out")]
    check: bool,
    /// Folder for pictures [default: docs/img; none with --file]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Save the letters of the stories as HTML in this folder
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// Only measure test pages that violate one limit each
    #[arg(long, conflicts_with_all = ["file", "check", "out", "keep"])]
    self_test: bool,
}

/// A letter to check.
struct Sheet {
    name: String,
    html: String,
    /// Elements required on its first screen.
    needed: &'static [&'static str],
}

pub(crate) fn run(args: &ScreenshotsArgs) -> anyhow::Result<ExitCode> {
    let mut browser = Browser::start()?;
    let is_clean = match (args.self_test, args.file.is_empty()) {
        (true, _) => selftest::run(&mut browser)?,
        (false, true) => stories(&mut browser, args)?,
        (false, false) => files(&mut browser, args)?,
    };
    Ok(match is_clean {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

fn files(browser: &mut Browser, args: &ScreenshotsArgs) -> anyhow::Result<bool> {
    let mut table = Table::default();
    for path in &args.file {
        let html = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
        if html.to_lowercase().contains("<script") {
            bail!(
                "{} has a script: no mail program runs it, and here it could stop the measuring",
                path.display()
            );
        }
        let sheet = Sheet {
            name: path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
            html,
            needed: &[],
        };
        judge(browser, &sheet, &mut table)?;
        if let Some(folder) = &args.out {
            pictures::take_all(browser, &sheet.name, folder)?;
        }
    }
    table.print()
}

fn stories(browser: &mut Browser, args: &ScreenshotsArgs) -> anyhow::Result<bool> {
    let home = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(PathBuf::new, PathBuf::from);
    let folder = match (args.check, &args.out) {
        (true, _) => None,
        (false, Some(folder)) => Some(folder.clone()),
        (false, None) => Some(home.join("../docs/img")),
    };
    let mut table = Table::default();
    for played in story::play()? {
        for sent in &played.letters {
            let sheet = Sheet {
                name: format!("{}.{}", sent.name, played.language),
                html: sent.letter.html.clone().context("a letter without an HTML part")?,
                needed: needed(sent.name),
            };
            if let Some(folder) = &args.keep {
                keep(&sheet, folder)?;
            }
            judge(browser, &sheet, &mut table)?;
            if let Some(folder) = &folder {
                pictures::take(browser, sent.name, played.language, folder)?;
            }
        }
    }
    table.print()
}

/// Elements the owner must see at once, for letters with a picture.
fn needed(name: &str) -> &'static [&'static str] {
    match name {
        "lead" | "lead-in-words" | "lead-updated" => &ESSENTIALS,
        "lead-by-mail" => &["name", "request", "call"],
        "leads-gathered" => &["name"],
        _ => &[],
    }
}

fn keep(sheet: &Sheet, folder: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join(format!("{}.html", sheet.name)), &sheet.html)?;
    Ok(())
}

/// Shows the letter, prints its errors, and adds a row to the table.
fn judge(browser: &mut Browser, sheet: &Sheet, table: &mut Table) -> anyhow::Result<()> {
    browser.show(&sheet.html)?;
    let mut views = Vec::new();
    for width in WIDTHS {
        for theme in [Theme::Light, Theme::Dark] {
            views.push(((width, theme), measure(browser, width, theme, sheet.needed)?));
        }
    }
    print_errors(&sheet.name, &views)?;
    table.row(&sheet.name, &views);
    Ok(())
}
