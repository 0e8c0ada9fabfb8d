//! The pictures: the first screen of a phone in both themes, and the whole page where the README shows one.

use std::path::Path;

use super::browser::{Browser, Theme};
use super::measure::{PHONE, WIDTHS, height};

const THEMES: [(Theme, &str); 2] = [(Theme::Light, ""), (Theme::Dark, ".dark")];
/// Which letters the README shows.
const SHOWN: [&str; 2] = ["lead", "report"];
/// Which language it shows as a whole page, and how wide.
const WHOLE: (&str, u32) = ("ru", 600);

/// The pictures of the letter that is shown in the browser, if there are to be any.
pub(super) fn take(browser: &mut Browser, name: &str, language: &str, folder: &Path) -> anyhow::Result<()> {
    if !SHOWN.contains(&name) {
        return Ok(());
    }
    std::fs::create_dir_all(folder)?;
    for (theme, mark) in THEMES {
        screen(browser, theme, &folder.join(format!("{name}{mark}.{language}.png")))?;
    }
    if language == WHOLE.0 {
        let path = folder.join(format!("{name}-{}.{language}.png", WHOLE.1));
        whole(browser, WHOLE.1, Theme::Light, &path)?;
    }
    Ok(())
}

/// The first screen of a phone and the whole page at each width, in both themes.
pub(super) fn take_all(browser: &mut Browser, name: &str, folder: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)?;
    for (theme, mark) in THEMES {
        screen(browser, theme, &folder.join(format!("{name}{mark}.png")))?;
        for width in WIDTHS {
            whole(browser, width, theme, &folder.join(format!("{name}-{width}{mark}.png")))?;
        }
    }
    Ok(())
}

fn screen(browser: &mut Browser, theme: Theme, path: &Path) -> anyhow::Result<()> {
    browser.dress(PHONE.0, PHONE.1, theme)?;
    std::fs::write(path, browser.picture(PHONE.0, PHONE.1)?)?;
    Ok(())
}

fn whole(browser: &mut Browser, width: u32, theme: Theme, path: &Path) -> anyhow::Result<()> {
    browser.dress(width, PHONE.1, theme)?;
    let height = height(browser)?;
    std::fs::write(path, browser.picture(width, height)?)?;
    Ok(())
}
