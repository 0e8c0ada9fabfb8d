//! What a letter on the leads of an hour has to show: each of them, with a way to reach them that can be tapped.

use super::browser::Browser;
use super::numbers::numbers;

/// Each makes the letter leave something out, and answers whether it had anything to leave out.
pub(super) const OMISSIONS: [&str; 2] = [
    "[...document.querySelectorAll('a.tap')].slice(-1).map(tap => tap.remove()).length > 0",
    "[...document.querySelectorAll('.one')].slice(-1).map(who => who.remove()).length > 0",
];

/// Where the letter does not count, name or give a way to reach so many leads as were gathered.
pub(super) fn compare_leads(browser: &mut Browser, subject: &str, leads: usize) -> anyhow::Result<Vec<String>> {
    let leads = f64::from(u32::try_from(leads)?);
    let heading = browser.ask("(document.querySelector('.name') || document.body).innerText")?;
    let first = |text: &str| numbers(text).first().copied();
    let mut shown = vec![
        ("heading", first(heading.as_str().unwrap_or_default())),
        ("subject", first(subject)),
    ];
    for what in [".one", "a.tap"] {
        let found = browser.ask(&format!("document.querySelectorAll('{what}').length"))?;
        shown.push((what, found.as_f64()));
    }
    let wrong = shown.into_iter().filter(|(_, shown)| *shown != Some(leads));
    Ok(wrong
        .map(|(what, shown)| format!("numbers: {what} shows {shown:?}, {leads} leads were gathered"))
        .collect())
}
