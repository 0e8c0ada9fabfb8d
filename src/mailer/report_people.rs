//! The people of a report by name: an owner who reads the first screen alone knows whom to call.

use std::collections::HashSet;

use super::clean::{at_most, some_line};
use super::lead_view::telegram;
use super::report_parts::Brief;
use super::report_worth::asking;
use super::view::Telegram;
use super::voice::Voice;
use crate::domain::{Profile, ReportPage};

/// People that the first screen names, and characters of each.
const NAMED: usize = 8;
const NAME: usize = 24;

/// Who left a contact, and who is worth a call.
///
/// # Errors
/// A word that is missing.
pub(super) fn brief(page: &ReportPage, voice: Voice<'_>) -> Result<Vec<Brief>, String> {
    let leads = page.leads.iter().map(|lead| {
        let name = some_line(lead.facts.name.as_deref());
        name.map_or_else(|| name_of(&lead.profile, voice), Ok)
    });
    let worth = asking(page).map(|dialog| name_of(&dialog.profile, voice));
    let mut told = Vec::new();
    for (key, people) in [
        ("brief-leads", leads.collect::<Result<Vec<_>, _>>()?),
        ("brief-worth", worth.collect::<Result<Vec<_>, _>>()?),
    ] {
        if !people.is_empty() {
            let name = voice.say(key)?;
            let people = together(&people, voice)?;
            told.push(Brief { name, people });
        }
    }
    Ok(told)
}

/// What is wrong, and with whom: `1 вопрос без ответа: Павел`. Each is named once.
///
/// # Errors
/// A word that is missing.
pub(super) fn with_names<'a>(
    told: String,
    people: impl Iterator<Item = &'a Profile>,
    voice: Voice<'_>,
) -> Result<String, String> {
    let mut seen = HashSet::new();
    let mut names: Vec<String> = Vec::new();
    for profile in people {
        let name = name_of(profile, voice)?;
        if seen.insert(name.clone()) {
            names.push(name);
        }
    }
    match names.is_empty() {
        true => Ok(told),
        false => Ok(format!("{told}: {}", together(&names, voice)?)),
    }
}

/// `Мария, Олег и ещё 3`.
fn together(people: &[String], voice: Voice<'_>) -> Result<String, String> {
    let named = people.iter().take(NAMED).map(|name| at_most(name, NAME));
    let named = named.collect::<Vec<_>>().join(", ");
    match people.len().saturating_sub(NAMED) as u64 {
        0 => Ok(named),
        more => Ok(format!("{named} {}", voice.count("and-more", more)?)),
    }
}

/// How a customer is called: there is always a name or a user name.
///
/// # Errors
/// A word that is missing.
pub(super) fn person(profile: &Profile, voice: Voice<'_>) -> Result<Telegram, String> {
    match telegram(profile, &[]) {
        Some(known) => Ok(known),
        None => Ok(Telegram {
            name: voice.say("nameless")?,
            username: None,
            link: None,
        }),
    }
}

/// In a word or two.
fn name_of(profile: &Profile, voice: Voice<'_>) -> Result<String, String> {
    let who = person(profile, voice)?;
    Ok(if who.name.is_empty() {
        who.username.unwrap_or_default()
    } else {
        who.name
    })
}
