//! Delivery problems of a period: dead deliveries, waiting letters, polling gaps. The part is left out if there are none.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{self, AbsenceKind};
use pages::{DeadLetter, Figures, ReportDialog, ReportPage};

use crate::clean::{at_most, line};
use crate::person::{NAME, person};
use crate::report::parts::{Absence, Dead, Part, Problems};
use crate::report::people::with_names;
use crate::report::room::Extent;
use crate::view::Telegram;
use crate::voice::Voice;

/// Longest lists; the commands show the rest.
const DEAD: usize = 30;
const ABSENCES: usize = 20;
/// Longest list of addresses; only owners and operators have one.
const REFUSED: usize = 10;
/// Characters of a reason.
const REASON: usize = 160;

/// The problems of a period, if it had any.
///
/// # Errors
/// A word that is missing.
pub(crate) fn problems(
    page: &ReportPage,
    figures: &Figures,
    extent: Extent,
    voice: Voice<'_>,
) -> Result<Option<Problems>, String> {
    let notes = notes(page, figures, voice)?;
    let dead = extent.first(DEAD, &page.dead, |one| dead(one, voice))?;
    let losses = pages::Absence::losses(&page.absences);
    let absences = extent.first(ABSENCES, page.absences.iter().zip(losses), |(one, loss)| {
        absence(one, loss, voice)
    })?;
    let (after, upto) = (page.notice.period.after.absence, page.notice.period.upto.absence);
    let rows = format!(
        "frontdesk sql \"SELECT * FROM absences WHERE id BETWEEN {} AND {upto}\"",
        after + 1
    );
    let beyond = &page.beyond;
    let more_dead = page.dead.len() + beyond.dead_letters + beyond.dead_replies - dead.len();
    let more_absences = page.absences.len() + beyond.absences - absences.len();
    let is_any = !(notes.is_empty() && page.dead.is_empty() && page.absences.is_empty());
    let problems = Problems {
        notes,
        dead: Part {
            shown: dead,
            more: voice.more("dead-more", more_dead, "frontdesk outbox list --state dead")?,
        },
        absences: Part {
            shown: absences,
            more: voice.more("absences-more", more_absences, &rows)?,
        },
    };
    Ok(is_any.then_some(problems))
}

/// One line per problem, at the top of the report.
///
/// # Errors
/// A word that is missing.
pub(crate) fn attention(page: &ReportPage, figures: &Figures, voice: Voice<'_>) -> Result<Vec<String>, String> {
    let mut told = Vec::new();
    if let Some(since) = page.away_since {
        told.push(voice.fill("attention-away-now", &[("at", &voice.short_moment(since)?)])?);
    }
    if figures.away > TimeDelta::zero() {
        told.push(voice.fill("attention-away", &[("span", &voice.span(figures.away)?)])?);
    }
    if pages::Absence::losses(&page.absences).iter().any(Option::is_some) {
        told.push(voice.say("attention-lost")?);
    }
    if figures.failed > 0 {
        let asking = page.unanswered.iter().map(|one| &one.profile);
        told.push(with_names(
            voice.count("attention-failed", figures.failed)?,
            asking,
            page.beyond.unanswered,
            voice,
        )?);
    }
    let (letters, replies): (Vec<_>, Vec<_>) = page.dead.iter().partition(|one| one.to.is_some());
    let is_lost = |dialog: &&ReportDialog| dialog.undelivered() > 0;
    let missed = page.dialogs.iter().filter(is_lost).map(|dialog| &dialog.profile);
    // A reply of before that was given up only now, in however many parts; one of this period is counted by its words.
    let border = page.notice.period.after.dialog;
    let is_older = |one: &&&DeadLetter| one.dialog.is_none_or(|dialog| dialog <= border);
    let mut older: Vec<&DeadLetter> = replies.iter().filter(is_older).copied().collect();
    older.sort_by_key(|one| (one.dialog, one.delivery));
    older.dedup_by(|one, before| one.dialog.is_some() && one.dialog == before.dialog);
    let beyond = &page.beyond;
    // Parts beyond the list cannot be grouped: each counts as a reply.
    let lost = figures.undelivered + (older.len() + beyond.dead_replies) as u64;
    if lost > 0 {
        let missed = missed.chain(older.iter().filter_map(|one| one.profile.as_ref()));
        let lost = voice.count("attention-undelivered", lost)?;
        told.push(with_names(lost, missed, beyond.dialogs.missed, voice)?);
    }
    for refused in page.refused.iter().take(REFUSED) {
        told.push(voice.fill("attention-refused", &[("to", &line(refused.to.as_str()))])?);
    }
    for (key, n) in [
        ("attention-letters", (letters.len() + beyond.dead_letters) as u64),
        ("attention-held", page.held_letters),
    ] {
        if n > 0 {
            told.push(voice.count(key, n)?);
        }
    }
    Ok(told)
}

fn notes(page: &ReportPage, figures: &Figures, voice: Voice<'_>) -> Result<Vec<String>, String> {
    let mut notes = Vec::new();
    if let Some(since) = page.away_since {
        notes.push(voice.fill("away-now", &[("at", &voice.short_moment(since)?)])?);
    }
    if figures.undelivered > 0 {
        notes.push(voice.count("undelivered", figures.undelivered)?);
    }
    if page.held_letters > 0 {
        notes.push(voice.count("held-letters", page.held_letters)?);
    }
    for refused in page.refused.iter().take(REFUSED) {
        let (to, reason) = (line(refused.to.as_str()), at_most(&line(&refused.reason), REASON));
        let letters = refused.letters.to_string();
        let values = [("to", to.as_str()), ("reason", &reason), ("letters", &letters)];
        notes.push(voice.fill("refused-address", &values)?);
    }
    Ok(notes)
}

fn dead(letter: &DeadLetter, voice: Voice<'_>) -> Result<Dead, String> {
    let who = match &letter.profile {
        Some(profile) => Some(name(&person(profile, voice)?)),
        None => None,
    };
    let to = letter.to.as_deref().map(line);
    let what = match (to, who) {
        (Some(to), Some(who)) => voice.fill("dead-letter-about", &[("to", &to), ("who", &who)]),
        (Some(to), None) => voice.fill("dead-letter", &[("to", &to)]),
        (None, who) => voice.fill("dead-reply", &[("who", who.as_deref().unwrap_or("–"))]),
    };
    let command = format!("frontdesk outbox requeue {}", letter.delivery);
    Ok(Dead {
        what: what?,
        at: letter.at.map(|at| voice.short_moment(at)).transpose()?,
        reason: at_most(&line(&letter.reason), REASON),
        todo: voice.fill("dead-todo", &[("command", &command)])?,
    })
}

/// `Мария Котова @maria_k`.
fn name(who: &Telegram) -> String {
    let username = who.username.as_deref().unwrap_or_default();
    at_most(&line(&format!("{} {username}", who.name)), NAME)
}

fn absence(
    absence: &pages::Absence,
    loss: Option<(DateTime<Utc>, DateTime<Utc>)>,
    voice: Voice<'_>,
) -> Result<Absence, String> {
    let lost = loss.map(|(since, at)| {
        let (since, at) = (voice.short_moment(since)?, voice.short_moment(at)?);
        voice.fill("away-lost", &[("since", &since), ("at", &at)])
    });
    let day = |at| voice.local(at).date_naive();
    let to = match day(absence.began) == day(absence.ended) {
        true => voice.time(absence.ended),
        false => voice.short_moment(absence.ended)?,
    };
    Ok(Absence {
        kind: voice.say(match absence.kind {
            AbsenceKind::Stopped => "away-stopped",
            AbsenceKind::Unreachable => "away-unreachable",
        })?,
        from: voice.short_moment(absence.began)?,
        to,
        span: voice.span(absence.span())?,
        lost: lost.transpose()?,
    })
}
