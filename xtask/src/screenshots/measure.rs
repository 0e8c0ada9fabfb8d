//! The limits of a letter, checked on the rendered page at every width and in both themes; the first screen is checked only on a
//! phone.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::browser::{Browser, Theme};
use super::pixels::{Box, Picture, luminance};

/// CSS pixels: a small phone, a common phone, the width letters are made for, a window.
pub(super) const WIDTHS: [u32; 4] = [320, 360, 600, 800];
/// The phone whose first screen must show the essentials.
pub(super) const PHONE: (u32, u32) = (360, 640);
/// Classes of elements required on the first screen of a lead letter.
pub(super) const ESSENTIALS: [&str; 4] = ["name", "phone", "request", "call"];

const SCRIPT: &str = include_str!("measure.js");
const SMALLEST_TEXT: f64 = 16.0;
const MOST_SIZES: usize = 3;
const MOST_COLOURS: usize = 6;
const SPACING: f64 = 4.0;
const SMALLEST_TARGET: f64 = 44.0;
/// Tolerance: layouts are computed in 64ths of a pixel.
const ROUNDING: f64 = 0.05;
/// "Contrast (minimum)" of WCAG 2.2.
const LEAST_CONTRAST: f64 = 4.5;
/// Minimum where the client chose the colours.
const LEAST_CONTRAST_DARK: f64 = 3.0;
/// A lighter page was not turned dark, so its contrast is meaningless for dark mode.
const LIGHTEST_DARK: f64 = 0.18;

impl Box {
    fn overlaps(&self, other: &Self) -> bool {
        let along = |a: f64, a_length: f64, b: f64, b_length: f64| (a + a_length).min(b + b_length) - a.max(b);
        let across = along(self.x, self.width, other.x, other.width);
        across > ROUNDING && along(self.y, self.height, other.y, other.height) > ROUNDING
    }
}

#[derive(Debug, Deserialize)]
struct Text {
    text: String,
    element: String,
    size: f64,
    boxes: Vec<Box>,
}

#[derive(Debug, Deserialize)]
struct Link {
    text: String,
    #[serde(rename = "box")]
    place: Box,
}

#[derive(Debug, Deserialize)]
struct Paint {
    colour: String,
    what: String,
}

#[derive(Debug, Deserialize)]
struct Spacing {
    what: String,
    px: f64,
}

/// The output of `measure.js`.
#[derive(Debug, Deserialize)]
struct Seen {
    width: f64,
    height: f64,
    has_doctype: bool,
    lang: String,
    layout_tables: u32,
    texts: Vec<Text>,
    colours: Vec<Paint>,
    spacings: Vec<Spacing>,
    links: Vec<Link>,
    ends: BTreeMap<String, f64>,
}

/// A violated limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    /// The violated rule, for the self-test.
    pub(super) rule: &'static str,
    /// Element, value and limit.
    pub(super) words: String,
}

/// Sets width and theme of the shown letter and checks it.
pub(super) fn measure(
    browser: &mut Browser,
    width: u32,
    theme: Theme,
    needed: &[&str],
) -> anyhow::Result<Vec<Problem>> {
    browser.dress(width, PHONE.1, theme)?;
    judge(browser, width, theme, needed)
}

/// Checks the page with its current width and theme.
pub(super) fn judge(browser: &mut Browser, width: u32, theme: Theme, needed: &[&str]) -> anyhow::Result<Vec<Problem>> {
    let seen: Seen = serde_json::from_value(browser.ask(SCRIPT)?)?;
    let picture = Picture::of(&browser.pictures(width, whole(seen.height))?)?;
    let mut faults = Problems::default();
    seen.frame(width, &mut faults);
    seen.sizes(&mut faults);
    seen.paints(&mut faults);
    seen.rhythm(&mut faults);
    seen.targets(&mut faults);
    seen.contrasts(&picture, theme, &mut faults);
    if width == PHONE.0 {
        seen.first_screen(needed, &mut faults);
    }
    Ok(faults.listed())
}

/// The height of the shown page.
pub(super) fn height(browser: &mut Browser) -> anyhow::Result<u32> {
    let height = browser.ask("document.documentElement.scrollHeight")?;
    Ok(whole(height.as_f64().unwrap_or_default()))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the height of a page"
)]
fn whole(px: f64) -> u32 {
    px.ceil() as u32
}

/// The same error at many places is listed once, with its first place.
#[derive(Default)]
struct Problems(BTreeMap<(&'static str, String), (String, usize)>);

impl Problems {
    fn add(&mut self, rule: &'static str, measured: &str, bound: &str, place: &str) {
        let place = shortened(place);
        let entry = self.0.entry((rule, format!("{measured}, {bound}")));
        entry.or_insert_with(|| (place, 0)).1 += 1;
    }

    fn listed(self) -> Vec<Problem> {
        let listed = self.0.into_iter().map(|((rule, words), (place, times))| {
            let place = match (place.is_empty(), times) {
                (true, _) => String::new(),
                (false, 1) => format!(" ({place})"),
                (false, _) => format!(" ({place}, and {} more)", times - 1),
            };
            Problem {
                rule,
                words: format!("{rule}: {words}{place}"),
            }
        });
        listed.collect()
    }
}

fn shortened(place: &str) -> String {
    let words = place.split_whitespace().collect::<Vec<_>>().join(" ");
    match words.char_indices().nth(60) {
        Some((at, _)) => format!("{}…", &words[..at]),
        None => words,
    }
}

fn is_multiple(px: f64) -> bool {
    let rest = px.rem_euclid(SPACING);
    rest.min(SPACING - rest) <= ROUNDING
}

impl Seen {
    fn frame(&self, width: u32, faults: &mut Problems) {
        if self.width > f64::from(width) {
            let measured = format!("the page is {} px wide", self.width);
            faults.add("horizontal scroll", &measured, &format!("at most {width}"), "");
        }
        if !self.has_doctype {
            faults.add("frame", "no doctype", "each engine formats it differently", "");
        }
        if self.lang.is_empty() {
            faults.add("frame", "html has no lang", "it is read aloud in any language", "");
        }
        if self.layout_tables > 0 {
            let measured = format!("{} tables without role=presentation", self.layout_tables);
            faults.add("frame", &measured, "none", "");
        }
    }

    fn sizes(&self, faults: &mut Problems) {
        let mut sizes: BTreeMap<String, &str> = BTreeMap::new();
        for text in &self.texts {
            sizes.entry(format!("{}", text.size)).or_insert(&text.element);
            if text.size < SMALLEST_TEXT {
                let measured = format!("{} px", text.size);
                faults.add("text size", &measured, "at least 16", &text.text);
            }
        }
        if sizes.len() > MOST_SIZES {
            let listed: Vec<String> = sizes.iter().map(|(size, what)| format!("{size} {what}")).collect();
            let measured = format!("{} ({})", sizes.len(), listed.join("; "));
            faults.add("text sizes", &measured, "at most 3", "");
        }
    }

    fn paints(&self, faults: &mut Problems) {
        let mut colours: BTreeMap<&str, &str> = BTreeMap::new();
        for paint in &self.colours {
            colours.entry(&paint.colour).or_insert(&paint.what);
        }
        if colours.len() > MOST_COLOURS {
            let listed: Vec<String> = colours
                .iter()
                .map(|(colour, what)| format!("{colour} {what}"))
                .collect();
            let measured = format!("{} ({})", colours.len(), listed.join("; "));
            faults.add("colours", &measured, "at most 6", "");
        }
    }

    fn rhythm(&self, faults: &mut Problems) {
        for spacing in self.spacings.iter().filter(|spacing| !is_multiple(spacing.px)) {
            let measured = format!("{} px {}", spacing.px, spacing.what);
            faults.add("spacing", &measured, "a multiple of 4", "");
        }
    }

    fn targets(&self, faults: &mut Problems) {
        for (n, link) in self.links.iter().enumerate() {
            let Box { width, height, .. } = link.place;
            if width < SMALLEST_TARGET - ROUNDING || height < SMALLEST_TARGET - ROUNDING {
                let measured = format!("{width:.0} x {height:.0} px");
                faults.add("target", &measured, "at least 44 x 44", &link.text);
            }
            let behind = self.links.iter().skip(n + 1);
            for other in behind.filter(|other| other.place.overlaps(&link.place)) {
                let measured = format!("“{}” lies over “{}”", shortened(&link.text), shortened(&other.text));
                faults.add("target", &measured, "each by itself", "");
            }
        }
    }

    fn contrasts(&self, picture: &Picture, theme: Theme, faults: &mut Problems) {
        let least = match theme {
            Theme::Light => LEAST_CONTRAST,
            Theme::Dark => LEAST_CONTRAST_DARK,
        };
        let ground = picture.ground().map_or(1.0, luminance);
        if theme == Theme::Dark && ground > LIGHTEST_DARK {
            let measured = format!("most of the page has luminance {ground:.2}");
            faults.add("dark mode", &measured, "at most 0.18 once it is forced", "");
        }
        for text in &self.texts {
            let lines = text.boxes.iter().filter_map(|line| picture.contrast(line));
            let Some((ratio, colour, ground)) = lines.min_by(|a, b| a.0.total_cmp(&b.0)) else {
                faults.add("contrast", "text beside the page", "to be seen", &text.text);
                continue;
            };
            if ratio < least {
                let measured = format!("{ratio:.2}, {} on {}", hex(colour), hex(ground));
                faults.add("contrast", &measured, &format!("at least {least}"), &text.text);
            }
        }
    }

    /// A required essential must exist; any existing one must be on the first screen.
    fn first_screen(&self, needed: &[&str], faults: &mut Problems) {
        for name in ESSENTIALS {
            match self.ends.get(name) {
                Some(end) if *end > f64::from(PHONE.1) => {
                    let measured = format!(".{name} ends at {end:.0} px");
                    faults.add("first screen", &measured, "at most 640", "");
                }
                Some(_) => {}
                None if needed.contains(&name) => {
                    faults.add("first screen", &format!("there is no .{name}"), "one that is seen", "");
                }
                None => {}
            }
        }
    }
}

fn hex([red, green, blue]: [u8; 3]) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}
