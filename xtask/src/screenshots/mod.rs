//! `cargo xtask screenshots`: letters in headless Chromium as phones and windows show them, in light and forced dark,
//! measured on the rendered page. Exit code 0 only if no bound is broken.

mod browser;
mod measure;
mod pixels;
mod story;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;

use self::browser::{Browser, Theme};
use self::measure::{ESSENTIALS, PHONE, WIDTHS, measure};

/// Measures letters on the rendered page, and takes pictures of them
#[derive(Args)]
pub(crate) struct ScreenshotsArgs {
    /// Measure these letters: what somebody who writes templates of his own wants
    #[arg(long, value_name = "HTML", num_args = 1..)]
    file: Vec<PathBuf>,
    /// Where pictures go
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// A letter to be judged.
struct Sheet {
    name: String,
    html: String,
    /// What its first screen has to hold, of [`measure::ESSENTIALS`].
    needed: &'static [&'static str],
}

pub(crate) fn run(args: &ScreenshotsArgs) -> anyhow::Result<ExitCode> {
    let mut browser = Browser::start()?;
    let faults = match args.file.is_empty() {
        true => stories(&mut browser, args)?,
        false => files(&mut browser, args)?,
    };
    Ok(match faults {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}

fn files(browser: &mut Browser, args: &ScreenshotsArgs) -> anyhow::Result<usize> {
    let mut faults = 0;
    for path in &args.file {
        let sheet = read(path)?;
        faults += judge(browser, &sheet)?;
        if let Some(folder) = &args.out {
            take(browser, &sheet, folder)?;
        }
    }
    Ok(faults)
}

fn stories(browser: &mut Browser, args: &ScreenshotsArgs) -> anyhow::Result<usize> {
    let mut faults = 0;
    for played in story::play()? {
        for (name, letter) in &played.letters {
            let sheet = Sheet {
                name: format!("{name}.{}", played.language),
                html: letter.html.clone().unwrap_or_default(),
                needed: needed(name),
            };
            if let Some(folder) = &args.out {
                std::fs::create_dir_all(folder)?;
                std::fs::write(folder.join(format!("{}.html", sheet.name)), &sheet.html)?;
            }
            println!("{}", letter.subject);
            faults += judge(browser, &sheet)?;
        }
    }
    Ok(faults)
}

fn needed(name: &str) -> &'static [&'static str] {
    match name {
        "lead" | "lead-in-words" | "lead-updated" => &ESSENTIALS,
        "lead-by-mail" => &["name", "request", "call"],
        _ => &[],
    }
}

fn read(path: &Path) -> anyhow::Result<Sheet> {
    let html = std::fs::read_to_string(path).with_context(|| format!("{}", path.display()))?;
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Sheet {
        name,
        html,
        needed: &[],
    })
}

/// Tells each fault in a line, and a line of the table a letter; how many there are.
fn judge(browser: &mut Browser, sheet: &Sheet) -> anyhow::Result<usize> {
    let mut out = std::io::stdout().lock();
    browser.show(&sheet.html)?;
    let mut row = format!("{:<24}", sheet.name);
    let mut all = 0;
    for width in WIDTHS {
        for theme in [Theme::Light, Theme::Dark] {
            let faults = measure(browser, width, theme, sheet.needed)?;
            for fault in &faults {
                writeln!(out, "{} {width} {}: {}", sheet.name, theme.name(), fault.words)?;
            }
            let told = match faults.len() {
                0 => "ok".to_owned(),
                n => format!("{n}"),
            };
            row.push_str(&format!(" {width} {}: {told:<4}", theme.name()));
            all += faults.len();
        }
    }
    writeln!(out, "{row}")?;
    Ok(all)
}

/// The first screen of a phone and the whole page at each width, in both themes.
fn take(browser: &mut Browser, sheet: &Sheet, folder: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)?;
    for (theme, mark) in [(Theme::Light, ""), (Theme::Dark, ".dark")] {
        browser.dress(PHONE.0, PHONE.1, theme)?;
        let screen = browser.picture(PHONE.0, PHONE.1)?;
        std::fs::write(folder.join(format!("{}{mark}.png", sheet.name)), screen)?;
        for width in WIDTHS {
            browser.dress(width, PHONE.1, theme)?;
            let height = measure::height(browser)?;
            let whole = browser.picture(width, height)?;
            std::fs::write(folder.join(format!("{}-{width}{mark}.png", sheet.name)), whole)?;
        }
    }
    Ok(())
}
