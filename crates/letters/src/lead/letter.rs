//! The letter on one lead. A mailbox clips a letter that is too big, so a long dialog gives way in its middle until the
//! HTML is small enough, and goes with the letter as a file. How big a line becomes is the template's business: it is
//! measured on the template, not known here.

use chrono::{DateTime, Utc};
use pages::LeadPage;

use crate::clean::at_most;
use crate::dialog::{Names, Room, by_day, shown};
use crate::lead::excerpt::Excerpt;
use crate::lead::history::history;
use crate::lead::parts::{LeadDialog, OneLead};
use crate::lead::view::lead;
use crate::templates::{Rendered, Templates};
use crate::vcard::cards;
use crate::view::{Day, Frame, Head, Line};
use crate::voice::Voice;

/// Bytes of HTML. Gmail clips at 102 kB of what it is sent, and the encoding for the way makes Cyrillic dearer.
pub(crate) const MOST: usize = 70_000;
/// Lines up to which a dialog is likely to fit: it is tried whole before anything is measured.
const FEW: usize = 100;
/// Lines from each end, and characters of each, on which the template is measured.
const PROBED: usize = 10;
const PROBED_CHARS: usize = 100;
/// How often a dialog is given less room before nothing of it is told. The first excerpt nearly always fits; each one
/// after it knows what the one before came to.
const ROUNDS: usize = 5;
/// Of the room that seems to be there, in percent: the next excerpt is not to miss by a few bytes.
const USED: usize = 98;

/// Writes the letter.
///
/// # Errors
/// What is wrong in the templates or words.
pub(crate) fn lead_letter(
    templates: &Templates,
    page: &LeadPage,
    head: Head<'_>,
    voice: Voice<'_>,
) -> Result<Rendered, String> {
    let mut letter = LeadLetter::of(templates, page, head, voice)?;
    let html = letter.fitting()?;
    let mut rendered = templates.around("lead", &letter.frame, html)?;
    let card = cards(format!("lead-{}.vcf", page.notice.lead), [page], voice)?;
    rendered.attachments.push(card);
    let lead = &letter.frame.body.lead;
    if !lead.dialog.is_whole() {
        let (days, _) = letter.days(&letter.times, &letter.lines, usize::MAX)?;
        let whole = history(templates, page, head, &lead.who, days, voice)?;
        rendered.attachments.push(whole);
    }
    Ok(rendered)
}

struct LeadLetter<'a> {
    templates: &'a Templates,
    voice: Voice<'a>,
    /// When each line was said.
    times: Vec<DateTime<Utc>>,
    /// The whole dialog.
    lines: Vec<Line>,
    /// The last excerpt.
    frame: Frame<OneLead>,
}

impl<'a> LeadLetter<'a> {
    fn of(templates: &'a Templates, page: &LeadPage, head: Head<'_>, voice: Voice<'a>) -> Result<Self, String> {
        let lead = lead(page, voice)?;
        let names = Names::of(&lead.who, voice)?;
        let lines = page.lines.iter().map(|line| shown(line, &names, Room::Alone, voice));
        Ok(Self {
            templates,
            voice,
            times: page.lines.iter().map(|line| line.at).collect(),
            lines: lines.collect(),
            frame: head.frame(OneLead { lead }),
        })
    }

    /// The HTML with as much of the dialog as there is room for.
    fn fitting(&mut self) -> Result<String, String> {
        let whole = Excerpt::whole(&self.lines);
        let is_small = self.lines.len() <= FEW && whole.weight(&self.lines, 0) <= MOST;
        if is_small && let Some(html) = self.if_small(whole)? {
            return Ok(html);
        }
        let frame = self.html(Excerpt::nothing())?.len();
        let markup = self.markup(frame)?;
        let most = MOST.saturating_sub(frame);
        // Near the bound an estimate is no reason to leave something out.
        let may_fit = !is_small && whole.weight(&self.lines, markup) <= most + most / 4;
        if may_fit && let Some(html) = self.if_small(whole)? {
            return Ok(html);
        }
        let mut room = most;
        for _ in 0..ROUNDS {
            let excerpt = Excerpt::within(&self.lines, markup, room);
            let html = self.html(excerpt)?;
            if html.len() <= MOST || excerpt.lines() == 0 {
                return Ok(html);
            }
            let taken = html.len().saturating_sub(frame).max(1);
            room = room * most / taken * USED / 100;
        }
        self.html(Excerpt::nothing())
    }

    /// Bytes that a line takes beside its words, where the letter takes so many without any line.
    fn markup(&mut self, frame: usize) -> Result<usize, String> {
        let probe = Excerpt::ends(&self.lines, PROBED, PROBED_CHARS);
        let measured = self.html(probe)?.len();
        let words = probe.weight(&self.lines, 0);
        Ok(measured.saturating_sub(frame + words).div_ceil(probe.lines().max(1)))
    }

    fn if_small(&mut self, excerpt: Excerpt) -> Result<Option<String>, String> {
        let html = self.html(excerpt)?;
        Ok(Some(html).filter(|html| html.len() <= MOST))
    }

    fn html(&mut self, excerpt: Excerpt) -> Result<String, String> {
        let (first_times, last_times) = excerpt.split(&self.times);
        let (first, last) = excerpt.split(&self.lines);
        let (days, is_first_cut) = self.days(first_times, first, excerpt.chars)?;
        let (last_days, is_last_cut) = self.days(last_times, last, excerpt.chars)?;
        let gap = self.lines.len() - excerpt.lines();
        let dialog = &mut self.frame.body.lead.dialog;
        *dialog = LeadDialog {
            days,
            gap,
            last_days,
            has_cut: is_first_cut || is_last_cut,
            ..std::mem::take(dialog)
        };
        self.templates.page("lead", &self.frame)
    }

    /// Lines under their days, and whether one of them was cut.
    fn days(&self, times: &[DateTime<Utc>], lines: &[Line], chars: usize) -> Result<(Vec<Day>, bool), String> {
        let cut = |line: &Line| {
            let text = at_most(&line.text, chars);
            Line {
                is_cut: text != line.text,
                text,
                ..line.clone()
            }
        };
        let lines: Vec<Line> = lines.iter().map(cut).collect();
        let has_cut = lines.iter().any(|line| line.is_cut);
        Ok((by_day(times.iter().copied().zip(lines), self.voice)?, has_cut))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use domain::Language;
    use pages::{DialogLine, Speaker};
    use proptest::prelude::*;
    use wording::phrases::LetterWords;

    use super::*;
    use crate::samples::lead as samples;

    /// Bytes of the HTML that is sent and of the one with the whole dialog, and whether that is what is sent.
    fn sizes(lines: &[(usize, usize)], is_heavy: bool) -> (usize, usize, bool) {
        thread_local! {
            static OURS: (Arc<LetterWords>, Templates) = compiled(|_| None);
            static HEAVY: (Arc<LetterWords>, Templates) = compiled(heavy);
        }
        const WORDS: [&str; 4] = ["я", "& ", "🙂", "да\n"];
        let mut page = samples::whole();
        let line = |(n, (kind, chars)): (usize, &(usize, usize))| DialogLine {
            at: samples::moment(i64::try_from(n * 90).unwrap()),
            speaker: Speaker::Customer,
            text: WORDS[kind % WORDS.len()].chars().cycle().take(*chars).collect(),
            is_edit: kind % 3 == 0,
            is_markdown: false,
        };
        page.lines = lines.iter().enumerate().map(line).collect();
        let written = |(words, templates): &(Arc<LetterWords>, Templates)| {
            let zone = chrono_tz::Europe::Moscow;
            let voice = Voice { words, zone };
            let head = Head {
                language: Language::Ru,
                business: "B",
                zone: "UTC+3",
                notice: None,
            };
            let mut letter = LeadLetter::of(templates, &page, head, voice).unwrap();
            let sent = letter.fitting().unwrap();
            let is_whole = letter.frame.body.lead.dialog.is_whole();
            let whole = letter.html(Excerpt::whole(&letter.lines)).unwrap();
            (sent.len(), whole.len(), is_whole)
        };
        if is_heavy {
            HEAVY.with(written)
        } else {
            OURS.with(written)
        }
    }

    fn compiled(own: impl Fn(&str) -> Option<(String, String)>) -> (Arc<LetterWords>, Templates) {
        let words = Arc::new(LetterWords::load(Language::Ru, None).unwrap());
        let templates = Templates::compile(&words, own).unwrap();
        (words, templates)
    }

    /// A template of an operator's own that writes ten times as much for each line.
    fn heavy(file: &str) -> Option<(String, String)> {
        let line = format!("<p title=\"{}\">{{{{text}}}}</p>", "x".repeat(3_000));
        let days = format!("{{{{#each days}}}}{{{{#each lines}}}}{line}{{{{/each}}}}{{{{/each}}}}");
        (file == "days.html.hbs").then(|| (file.to_owned(), days))
    }

    #[track_caller]
    fn holds(lines: &[(usize, usize)]) {
        let (sent, whole, is_whole) = sizes(lines, false);
        assert!(sent <= MOST, "{sent} of {whole} bytes");
        assert_eq!(is_whole, whole <= MOST, "{sent} of {whole} bytes");
        assert!(is_whole || sent > MOST / 2, "{sent} of {whole} bytes: there was room");
    }

    #[test]
    fn a_dialog_is_shown_whole_if_it_fits() {
        for lines in [50, 100, 101, 150, 160, 170, 180, 190, 200, 210, 220, 400] {
            holds(&vec![(0, 40); lines]);
            holds(&vec![(1, 4); lines]);
        }
        // Marks at both ends make every line seem dearer than it is.
        for lines in (150..260).step_by(5) {
            let mut lines = vec![(1, 4); lines];
            let behind = lines.len() - PROBED;
            lines[..PROBED].fill((0, 4));
            lines[behind..].fill((0, 4));
            holds(&lines);
        }
        holds(&[(0, 8_000); 4]);
        holds(&[(1, 8_000); 80]);
        holds(&vec![(3, 2); 2_000]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases / 16))]

        #[test]
        fn no_dialog_makes_a_letter_that_is_too_big_or_gives_way_without_need(
            lines in proptest::collection::vec((0..12_usize, prop_oneof![1..200_usize, 1..8_000_usize]), 0..300)
        ) {
            holds(&lines);
            let (sent, whole, is_whole) = sizes(&lines, true);
            prop_assert!(sent <= MOST, "{sent} of {whole} bytes");
            prop_assert!(!is_whole || sent == whole, "{sent} of {whole} bytes");
        }
    }
}
