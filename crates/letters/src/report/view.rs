//! A report, made ready for the templates: the answer first, then figures, then what an owner may act on, then every
//! dialog. What a letter has no room for is counted and named; its tables hold it.

use chrono::Timelike as _;
use domain::{LeadSource, Occasion, Period};
use pages::{Figures, ReportLead, ReportPage};

use crate::clean::{at_most, line, some_block, some_line};
use crate::labels::Labels;
use crate::person::person;
use crate::person::{NAME, is_said_by_mark, mail, phone, source, told};
use crate::report::dialogs::dialogs;
use crate::report::figures::{figures, kpis, reason_in_words};
use crate::report::hours::hours;
use crate::report::parts::{Gap, LeadInReport, Part, Report, Source, Unanswered};
use crate::report::people::brief;
use crate::report::problems::{attention, problems};
use crate::report::room::{Bound, Space, weight};
use crate::report::worth::worth;
use crate::sheets::{Files, Sheet};
use crate::voice::Voice;

const SOURCES: Bound = Bound {
    items: 20,
    bytes: 3_000,
    markup: 130,
};
const LEADS: Bound = Bound {
    items: 50,
    bytes: 18_000,
    markup: 620,
};
const UNANSWERED: Bound = Bound {
    items: 50,
    bytes: 8_000,
    markup: 360,
};
const GAPS: Bound = Bound {
    items: 50,
    bytes: 8_000,
    markup: 360,
};
/// Characters of a request, and of what a customer had asked.
const WORDS: usize = 300;
/// Characters of a question: as many as are kept of one.
const QUESTION: usize = 500;

/// The report of a page, whose tables are attached.
///
/// # Errors
/// A word that is missing.
pub(crate) fn report(page: &ReportPage, sheets: &[Sheet], voice: Voice<'_>) -> Result<Report, String> {
    let counted = Figures::of(page);
    let files = Files::of(page.notice.period, voice);
    let mut space = Space::of_a_letter();
    let attention = attention(page, &counted, voice)?;
    let brief = brief(page, voice)?;
    space.take(weight(&attention)? + weight(&brief)?);
    let (period, occasion) = (page.notice.period, page.notice.occasion);
    let [since, until] = [period.since, period.until].map(|at| voice.short_moment(at));
    let sum = sum(&counted, voice)?;
    let ready = match page.dialogs.is_empty() && page.away_since.is_none() {
        true => Some("report-ready"),
        false => attention.is_empty().then_some("report-no-trouble"),
    };
    Ok(Report {
        subject: subject(period, occasion, &sum, voice)?,
        title: title(period, occasion, voice)?,
        preview: preview(page, &counted, &attention, voice)?,
        sum: capital(&sum),
        period: voice.tell("report-period", &[("since", &since?), ("until", &until?)])?,
        since: voice.short_moment(period.since)?,
        is_extra: occasion == Occasion::Extra,
        is_marked: occasion == Occasion::Extra || !attention.is_empty(),
        is_catch_up: period.is_catch_up,
        attention,
        ready: ready.map(|key| voice.say(key)).transpose()?,
        brief,
        kpis: kpis(page, &counted, voice)?,
        usual_days: page.past_week.map(|week| ((week.span.num_hours() + 12) / 24).max(1)),
        hours: hours(page, voice)?,
        leads: leads(page, &mut space, &files, voice)?,
        worth: worth(page, &mut space, &files, voice)?,
        is_short_of_answers: !(page.gaps.is_empty() && page.unanswered.is_empty()),
        gaps: gaps(page, &mut space, voice)?,
        unanswered: unanswered(page, &mut space, &files, voice)?,
        problems: problems(page, &counted, &mut space, voice)?,
        figures: figures(page, &counted, voice)?,
        sources: sources(&counted, &mut space, &files, voice)?,
        dialogs: dialogs(page, &mut space, &files, voice)?,
        sheets: sheets.iter().map(|sheet| sheet.note(voice)).collect::<Result<_, _>>()?,
    })
}

/// How many days lie between the same time on the clock and that time; `None` between different times.
fn whole_days(period: Period, voice: Voice<'_>) -> Option<u64> {
    let [since, until] = [period.since, period.until].map(|at| voice.local(at).naive_local());
    let is_same_time = (since.hour(), since.minute()) == (until.hour(), until.minute());
    let days = u64::try_from((until.date() - since.date()).num_days()).ok()?;
    Some(days).filter(|days| *days > 0 && is_same_time)
}

/// `Отчёт за сутки`.
fn title(period: Period, occasion: Occasion, voice: Voice<'_>) -> Result<String, String> {
    match (occasion, whole_days(period, voice)) {
        (Occasion::Extra, _) => voice.say("report-extra"),
        (Occasion::Due, Some(days)) => voice.count("report-for-days", days),
        (Occasion::Due, None) => voice.say("report"),
    }
}

/// `Отчёт за сутки до 22 ноября 09:00: 7 диалогов, 2 заявки`.
fn subject(period: Period, occasion: Occasion, sum: &str, voice: Voice<'_>) -> Result<String, String> {
    let title = title(period, occasion, voice)?;
    // What somebody has asked for need not say since when: the figures must be seen.
    let is_short = occasion == Occasion::Extra || whole_days(period, voice).is_some();
    let key = match is_short {
        true => "subject-report",
        false => "subject-report-between",
    };
    let [since, until] = [period.since, period.until].map(|at| voice.short_moment(at));
    let values = [
        ("report", title),
        ("since", since?),
        ("until", until?),
        ("sum", sum.to_owned()),
    ];
    let values: Vec<_> = values.iter().map(|(name, text)| (*name, text.as_str())).collect();
    voice.tell(key, &values)
}

/// `7 диалогов, 2 заявки`. A day without either is told by its dialogs alone.
fn sum(figures: &Figures, voice: Voice<'_>) -> Result<String, String> {
    let dialogs = voice.count("sum-dialogs", figures.dialogs)?;
    match (figures.dialogs, figures.leads) {
        (0, 0) => Ok(dialogs),
        (_, leads) => Ok(format!("{dialogs}, {}", voice.count("sum-leads", leads)?)),
    }
}

/// With its first letter large: a heading.
fn capital(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().into_iter().flat_map(char::to_uppercase);
    first.chain(chars).collect()
}

/// What the subject does not say yet.
fn preview(page: &ReportPage, figures: &Figures, attention: &[String], voice: Voice<'_>) -> Result<String, String> {
    if let Some(first) = attention.first() {
        return Ok(first.clone());
    }
    if page.dialogs.is_empty() {
        return voice.say("report-ready");
    }
    let new = voice.count("sum-new", figures.new_customers)?;
    let without = voice.say("figure-without-contact")?;
    Ok(format!("{}. {without}: {}", capital(&new), figures.without_contact))
}

fn sources(
    figures: &Figures,
    space: &mut Space,
    files: &Files,
    voice: Voice<'_>,
) -> Result<Option<Part<Source>>, String> {
    let shown = space.fit(SOURCES, &figures.sources, |(name, count)| {
        let name = match some_line(name.as_deref()) {
            Some(name) => at_most(&name, NAME),
            None => voice.say("no-source")?,
        };
        let count = count.to_string();
        Ok(Source { name, count })
    })?;
    let more = voice.more("sources-more", figures.sources.len() - shown.len(), &files.dialogs)?;
    Ok(Part::of(shown, more))
}

fn leads(
    page: &ReportPage,
    space: &mut Space,
    files: &Files,
    voice: Voice<'_>,
) -> Result<Option<Part<LeadInReport>>, String> {
    let labels = Labels::of(voice)?;
    let shown = space.fit(LEADS, &page.leads, |one| lead(one, &labels, voice))?;
    let more = voice.more(
        "leads-more",
        page.leads.len() + page.beyond.leads - shown.len(),
        &files.leads,
    )?;
    Ok(Part::of(shown, more))
}

fn lead(lead: &ReportLead, labels: &Labels, voice: Voice<'_>) -> Result<LeadInReport, String> {
    let facts = &lead.facts;
    let who = person(&lead.profile, voice)?;
    let name = some_line(facts.name.as_deref()).map(|name| at_most(&name, NAME));
    let phones = facts.phones.iter().map(|known| phone(known, voice));
    let is_said = is_said_by_mark(lead.source, facts.phone());
    Ok(LeadInReport {
        mark: voice.tell("lead-mark", &[("id", &lead.lead.to_string())])?,
        at: voice.short_moment(lead.at)?,
        name: name.filter(|name| *name != who.name),
        who,
        phones: phones.collect::<Result<_, _>>()?,
        emails: facts
            .emails
            .iter()
            .map(|email| mail(email, voice))
            .collect::<Result<_, _>>()?,
        wants_telegram: facts.wants_telegram,
        request: some_block(facts.request.as_deref()).map(|request| at_most(&request, WORDS)),
        own_words: facts
            .own_words
            .as_deref()
            .filter(|_| facts.request.is_none())
            .and_then(|words| told(words, labels))
            .map(|words| at_most(&words, WORDS)),
        preferred_time: some_line(facts.preferred_time.as_deref()).map(|time| at_most(&time, NAME)),
        source: (!is_said).then(|| voice.say(source(lead.source))).transpose()?,
        is_to_be_checked: lead.source == LeadSource::Text && !is_said,
        came_from: some_line(lead.came_from.as_deref()).map(|mark| at_most(&mark, NAME)),
    })
}

fn unanswered(
    page: &ReportPage,
    space: &mut Space,
    files: &Files,
    voice: Voice<'_>,
) -> Result<Option<Part<Unanswered>>, String> {
    let labels = Labels::of(voice)?;
    let shown = space.fit(UNANSWERED, &page.unanswered, |one| {
        let asked: Vec<String> = one.question.lines().map(|line| labels.told(line)).collect();
        Ok(Unanswered {
            at: voice.short_moment(one.at)?,
            who: person(&one.profile, voice)?,
            question: at_most(&line(&asked.join(" ")), WORDS),
            reason: reason_in_words(&one.reason, voice)?,
        })
    })?;
    let more = voice.more(
        "unanswered-more",
        page.unanswered.len() + page.beyond.unanswered - shown.len(),
        &files.dialogs,
    )?;
    Ok(Part::of(shown, more))
}

fn gaps(page: &ReportPage, space: &mut Space, voice: Voice<'_>) -> Result<Option<Part<Gap>>, String> {
    let shown = space.fit(GAPS, &page.gaps, |gap| {
        Ok(Gap {
            at: voice.short_moment(gap.at)?,
            who: person(&gap.profile, voice)?,
            question: at_most(&line(&gap.question), QUESTION),
        })
    })?;
    let (after, upto) = (page.notice.period.after.gap, page.notice.period.upto.gap);
    let rows = format!(
        "frontdesk sql \"SELECT question FROM gaps WHERE id BETWEEN {} AND {upto}\"",
        after + 1
    );
    let more = voice.more("gaps-more", page.gaps.len() + page.beyond.gaps - shown.len(), &rows)?;
    Ok(Part::of(shown, more))
}
