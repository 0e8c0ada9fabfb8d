//! The names on the first screen of a report: the people to call.

use std::collections::{HashMap, HashSet};

use domain::{Phone, Profile};
use pages::ReportPage;

use crate::clean::{at_most, line, some_line};
use crate::person::name_of;
use crate::reach::{display, username};
use crate::report::parts::Brief;
use crate::report::worth::asking;
use crate::voice::Voice;

/// Most names on the first screen, and the longest one in characters.
const NAMED: usize = 8;
const NAME: usize = 24;
/// Digits shown to distinguish two people with the same name.
const TAIL: usize = 4;

/// The leads and the people worth a call.
///
/// # Errors
/// A word that is missing.
pub(crate) fn brief(page: &ReportPage, voice: Voice<'_>) -> Result<Vec<Brief>, String> {
    let leads = page.leads.iter().map(|lead| {
        let name = some_line(lead.facts.name.as_deref());
        let name = name.map_or_else(|| name_of(&lead.profile, voice), Ok)?;
        let reach = lead.facts.phone().map(|known| tail(&known.number));
        let reach = reach.or_else(|| lead.facts.emails.first().map(|email| line(email.as_str())));
        Ok((name, reach.or_else(|| username(&lead.profile))))
    });
    let worth = asking(page).map(|dialog| Ok((name_of(&dialog.profile, voice)?, username(&dialog.profile))));
    let mut told = Vec::new();
    let beyond = &page.beyond;
    for (key, people, others) in [
        ("brief-leads", leads.collect::<Result<Vec<_>, String>>()?, beyond.leads),
        (
            "brief-worth",
            worth.collect::<Result<Vec<_>, String>>()?,
            beyond.dialogs.asking,
        ),
    ] {
        // A person is listed once.
        let mut seen = HashSet::new();
        let people: Vec<_> = people
            .into_iter()
            .filter(|person| seen.insert(person.clone()))
            .collect();
        if !people.is_empty() {
            let name = voice.say(key)?;
            let people = together(&apart(&people), others, voice)?;
            told.push(Brief { name, people });
        }
    }
    Ok(told)
}

/// `1 вопрос без ответа: Павел`. Each person is named once; `others` are counted.
///
/// # Errors
/// A word that is missing.
pub(crate) fn with_names<'a>(
    told: String,
    people: impl Iterator<Item = &'a Profile>,
    others: usize,
    voice: Voice<'_>,
) -> Result<String, String> {
    let mut seen = HashSet::new();
    let mut names: Vec<(String, Option<String>)> = Vec::new();
    for profile in people {
        let name = (name_of(profile, voice)?, username(profile));
        if seen.insert(name.clone()) {
            names.push(name);
        }
    }
    match names.is_empty() {
        true => Ok(told),
        false => Ok(format!("{told}: {}", together(&apart(&names), others, voice)?)),
    }
}

/// Shortened names; equal ones get a contact to distinguish them: `Анна +7…4567`.
fn apart(people: &[(String, Option<String>)]) -> Vec<String> {
    let names: Vec<String> = people.iter().map(|(name, _)| at_most(name, NAME)).collect();
    let mut bearers: HashMap<&str, usize> = HashMap::new();
    for name in &names {
        *bearers.entry(name).or_default() += 1;
    }
    let told = people.iter().zip(&names).map(|((_, reach), name)| {
        let is_alone = bearers.get(name.as_str()).is_none_or(|bearers| *bearers < 2);
        match reach.as_ref().filter(|reach| !is_alone && *reach != name) {
            Some(reach) => format!("{name} {}", at_most(reach, NAME)),
            None => name.clone(),
        }
    });
    told.collect()
}

/// The two ends of a number: `+7…4567`.
fn tail(phone: &Phone) -> String {
    let number = phone.as_str();
    let (_, tail) = number.split_at(number.len() - TAIL);
    let head = display(phone)
        .split([' ', '-', '('])
        .next()
        .unwrap_or_default()
        .to_owned();
    match number.starts_with(&head) && head.starts_with('+') {
        true => format!("{head}…{tail}"),
        false => format!("…{tail}"),
    }
}

/// `Мария, Олег и ещё 3`.
fn together(people: &[String], others: usize, voice: Voice<'_>) -> Result<String, String> {
    let named = people
        .iter()
        .take(NAMED)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    match people.len().saturating_sub(NAMED) as u64 + others as u64 {
        0 => Ok(named),
        more => Ok(format!("{named} {}", voice.count("and-more", more)?)),
    }
}
