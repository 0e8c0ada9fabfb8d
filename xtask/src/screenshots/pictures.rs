//! The pictures: the first screen of a phone in both themes, and the whole page where the README shows one.

use std::path::Path;

use super::browser::{Browser, Theme};
use super::measure::{PHONE, WIDTHS, height};
use super::packed::packed;

const THEMES: [(Theme, &str); 2] = [(Theme::Light, ""), (Theme::Dark, ".dark")];
/// The letters in the README.
const SHOWN: [&str; 2] = ["lead", "report"];
/// The width of a whole page there.
const WHOLE: u32 = 600;
/// The maximum height of a page there: the dialogs of a report are very long.
const LONGEST: u32 = 1600;

/// Takes the README pictures of the shown letter, if it has any.
pub(super) fn take(browser: &mut Browser, name: &str, language: &str, folder: &Path) -> anyhow::Result<()> {
    if !SHOWN.contains(&name) {
        return Ok(());
    }
    std::fs::create_dir_all(folder)?;
    for (theme, mark) in THEMES {
        screen(browser, theme, &folder.join(format!("{name}{mark}.{language}.png")))?;
    }
    let path = folder.join(format!("{name}-{WHOLE}.{language}.png"));
    page(browser, (WHOLE, LONGEST), Theme::Light, &path)
}

/// Takes the first screen of a phone and the whole page at each width, in both themes.
pub(super) fn take_all(browser: &mut Browser, name: &str, folder: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)?;
    for (theme, mark) in THEMES {
        screen(browser, theme, &folder.join(format!("{name}{mark}.png")))?;
        for width in WIDTHS {
            page(
                browser,
                (width, u32::MAX),
                theme,
                &folder.join(format!("{name}-{width}{mark}.png")),
            )?;
        }
    }
    Ok(())
}

fn screen(browser: &mut Browser, theme: Theme, path: &Path) -> anyhow::Result<()> {
    browser.dress(PHONE.0, PHONE.1, theme)?;
    std::fs::write(path, packed(browser.picture(PHONE.0, PHONE.1)?)?)?;
    Ok(())
}

fn page(browser: &mut Browser, (width, longest): (u32, u32), theme: Theme, path: &Path) -> anyhow::Result<()> {
    browser.dress(width, PHONE.1, theme)?;
    let height = height(browser)?.min(longest);
    std::fs::write(path, packed(browser.picture(width, height)?)?)?;
    Ok(())
}
