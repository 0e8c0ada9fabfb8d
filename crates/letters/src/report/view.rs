//! A report, made ready for the templates: the answer first, then figures, then what an owner may act on, then every
//! dialog. What a letter has no room for is counted and named; its tables hold it.

use chrono::Timelike as _;
use domain::{LeadSource, Occasion, Period};
use pages::{Figures, ReportLead, ReportPage};

use crate::clean::{at_most, line, some_block, some_line};
use crate::labels::Labels;
use crate::person::{NAME, is_said_by_mark, mails, person, phones, source, told};
use crate::report::dialogs::dialogs;
use crate::report::figures::{figures, kpis, reason_in_words};
use crate::report::hours::hours;
use crate::report::parts::{Gap, LeadInReport, Part, Report, Source, Unanswered};
use crate::report::people::brief;
use crate::report::problems::{attention, problems};
use crate::report::room::Extent;
use crate::report::worth::worth;
use crate::sheets::{Files, Sheet};
use crate::voice::Voice;

/// Sources that are named; the table of dialogs has all.
const SOURCES: usize = 20;
/// Characters of a request, and of what a customer had asked.
const WORDS: usize = 300;
/// Characters of a question: as many as are kept of one.
const QUESTION: usize = 500;

/// So much of the report of a page, and whether nothing of its dialogs is missing.
///
/// # Errors
/// A word that is missing.
pub(crate) fn report(
    page: &ReportPage,
    counted: &Figures,
    extent: Extent,
    sheets: &[Sheet],
    voice: Voice<'_>,
) -> Result<(Report, bool), String> {
    let files = Files::of(page.notice.period, voice);
    let attention = attention(page, counted, voice)?;
    let (period, occasion) = (page.notice.period, page.notice.occasion);
    let [since, until] = [period.since, period.until].map(|at| voice.short_moment(at));
    let sum = sum(counted, voice)?;
    let ready = match page.dialogs.is_empty() && page.away_since.is_none() {
        true => Some("report-ready"),
        false => attention.is_empty().then_some("report-no-trouble"),
    };
    let (dialogs, is_whole) = dialogs(page, extent.lines, &files, voice)?;
    let report = Report {
        subject: subject(period, occasion, &sum, voice)?,
        title: title(period, occasion, voice)?,
        preview: preview(page, counted, &attention, voice)?,
        sum: capital(&sum),
        period: voice.fill("report-period", &[("since", &since?), ("until", &until?)])?,
        since: voice.short_moment(period.since)?,
        is_extra: occasion == Occasion::Extra,
        is_marked: occasion == Occasion::Extra || !attention.is_empty(),
        is_catch_up: period.is_catch_up,
        attention,
        ready: ready.map(|key| voice.say(key)).transpose()?,
        brief: brief(page, voice)?,
        kpis: kpis(page, counted, voice)?,
        usual_days: page.past_week.map(|week| ((week.span.num_hours() + 12) / 24).max(1)),
        hours: hours(page, voice)?,
        leads: leads(page, extent, &files, voice)?,
        worth: worth(page, extent, &files, voice)?,
        is_short_of_answers: !(page.gaps.is_empty() && page.unanswered.is_empty()),
        gaps: gaps(page, extent, voice)?,
        unanswered: unanswered(page, extent, &files, voice)?,
        problems: problems(page, counted, extent, voice)?,
        figures: figures(page, counted, voice)?,
        sources: sources(counted, extent, &files, voice)?,
        dialogs,
        sheets: sheets.iter().map(|sheet| sheet.note(voice)).collect::<Result<_, _>>()?,
    };
    Ok((report, is_whole))
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
    let is_short = whole_days(period, voice).is_some();
    let key = match (occasion, is_short) {
        (Occasion::Extra, _) => "subject-report-extra",
        (Occasion::Due, true) => "subject-report",
        (Occasion::Due, false) => "subject-report-between",
    };
    let [since, until] = [period.since, period.until].map(|at| voice.short_moment(at));
    let values = [
        ("report", title),
        ("since", since?),
        ("until", until?),
        ("sum", sum.to_owned()),
    ];
    let values: Vec<_> = values.iter().map(|(name, text)| (*name, text.as_str())).collect();
    voice.fill(key, &values)
}

/// `7 диалогов, 2 заявки`, or only the dialogs on an empty day.
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

fn sources(figures: &Figures, extent: Extent, files: &Files, voice: Voice<'_>) -> Result<Option<Part<Source>>, String> {
    let all = (&figures.sources, figures.sources.len());
    let more = ("sources-more", files.dialogs.as_str());
    extent.part(all, SOURCES, more, voice, |(name, count)| {
        let name = match some_line(name.as_deref()) {
            Some(name) => at_most(&name, NAME),
            None => voice.say("no-source")?,
        };
        let count = count.to_string();
        Ok(Source { name, count })
    })
}

fn leads(
    page: &ReportPage,
    extent: Extent,
    files: &Files,
    voice: Voice<'_>,
) -> Result<Option<Part<LeadInReport>>, String> {
    let labels = Labels::of(voice)?;
    let all = (&page.leads, page.leads.len() + page.beyond.leads);
    let more = ("leads-more", files.leads.as_str());
    extent.part(all, usize::MAX, more, voice, |one| lead(one, &labels, voice))
}

fn lead(lead: &ReportLead, labels: &Labels, voice: Voice<'_>) -> Result<LeadInReport, String> {
    let facts = &lead.facts;
    let who = person(&lead.profile, voice)?;
    let name = some_line(facts.name.as_deref()).map(|name| at_most(&name, NAME));
    let is_said = is_said_by_mark(lead.source, facts.phone());
    Ok(LeadInReport {
        mark: voice.fill("lead-mark", &[("id", &lead.lead.to_string())])?,
        at: voice.short_moment(lead.at)?,
        name: name.filter(|name| *name != who.name),
        who,
        phones: phones(facts, voice)?,
        emails: mails(facts, voice)?,
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
    extent: Extent,
    files: &Files,
    voice: Voice<'_>,
) -> Result<Option<Part<Unanswered>>, String> {
    let labels = Labels::of(voice)?;
    let all = (&page.unanswered, page.unanswered.len() + page.beyond.unanswered);
    let more = ("unanswered-more", files.dialogs.as_str());
    extent.part(all, usize::MAX, more, voice, |one| {
        let asked: Vec<String> = one.question.lines().map(|line| labels.told(line)).collect();
        Ok(Unanswered {
            at: voice.short_moment(one.at)?,
            who: person(&one.profile, voice)?,
            question: at_most(&line(&asked.join(" ")), WORDS),
            reason: reason_in_words(&one.reason, voice)?,
        })
    })
}

fn gaps(page: &ReportPage, extent: Extent, voice: Voice<'_>) -> Result<Option<Part<Gap>>, String> {
    let (after, upto) = (page.notice.period.after.gap, page.notice.period.upto.gap);
    let rows = format!(
        "frontdesk sql \"SELECT question FROM gaps WHERE id BETWEEN {} AND {upto}\"",
        after + 1
    );
    let all = (&page.gaps, page.gaps.len() + page.beyond.gaps);
    extent.part(all, usize::MAX, ("gaps-more", &rows), voice, |gap| {
        Ok(Gap {
            at: voice.short_moment(gap.at)?,
            who: person(&gap.profile, voice)?,
            question: at_most(&line(&gap.question), QUESTION),
        })
    })
}
