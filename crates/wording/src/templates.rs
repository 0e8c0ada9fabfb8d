//! The assistant's instructions, written around the facts of the business, and the note of the local time that
//! each turn carries behind them.

use std::sync::Arc;

use chrono::{DateTime, Datelike};
use chrono_tz::Tz;
use domain::Language;
use handlebars::Handlebars;
use serde::Serialize;

/// The instructions cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the instructions cannot be used: line {line}, column {column}: {reason}")]
pub struct TemplateError {
    /// Counted from 1; 0 if unknown.
    pub line: usize,
    /// Counted from 1; 0 if unknown.
    pub column: usize,
    /// What Handlebars says of it.
    pub reason: String,
}

impl TemplateError {
    fn new(position: Option<(usize, usize)>, reason: &impl ToString) -> Self {
        let (line, column) = position.unwrap_or_default();
        Self {
            line,
            column,
            reason: reason.to_string(),
        }
    }
}

/// What the instructions are written around.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Facts<'a> {
    /// `BUSINESS_NAME`.
    pub business: &'a str,
    /// The content of `BUSINESS_FILE`; without it the assistant only takes the request and the contact.
    pub facts: Option<&'a str>,
}

/// The assistant's instructions in all languages. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Instructions {
    registry: Arc<Handlebars<'static>>,
    /// An own text that has no place for the facts gets them at its end.
    names_facts: bool,
}

impl Instructions {
    /// `templates/instructions/{ru,en}.md.hbs`.
    ///
    /// # Errors
    /// None in a build whose tests passed.
    pub fn built_in() -> Result<Self, TemplateError> {
        Self::compile(
            include_str!("../../../templates/instructions/ru.md.hbs"),
            include_str!("../../../templates/instructions/en.md.hbs"),
        )
    }

    /// The owner's own instructions (`ASSISTANT_PROMPT_FILE`), used in place of the built-in ones for every
    /// language. `{{business}}` and `{{facts}}` may be in them; facts they have no place for follow at
    /// the end.
    ///
    /// # Errors
    /// Not a Handlebars template, or one that names anything else.
    pub fn from_file(text: &str) -> Result<Self, TemplateError> {
        Self::compile(text, text)
    }

    /// The instructions in one language. White space around blank facts counts as no facts.
    ///
    /// # Errors
    /// None for a template that could be compiled, as far as is known: both cases were tried then.
    pub fn render(&self, language: Language, facts: &Facts<'_>) -> Result<String, TemplateError> {
        let facts = Facts {
            business: facts.business.trim(),
            facts: facts.facts.map(str::trim).filter(|facts| !facts.is_empty()),
        };
        let rendered = self
            .registry
            .render(language.code(), &facts)
            .map_err(|error| TemplateError::new(error.line_no.zip(error.column_no), error.reason()))?;
        let rendered = rendered.trim();
        Ok(match facts.facts {
            Some(facts) if !self.names_facts => format!("{rendered}\n\n{facts}"),
            _ => rendered.to_owned(),
        })
    }

    fn compile(ru: &str, en: &str) -> Result<Self, TemplateError> {
        let mut registry = Handlebars::new();
        registry.set_strict_mode(true);
        // The model reads Markdown: `&amp;` would be a fault in it.
        registry.register_escape_fn(handlebars::no_escape);
        for (language, text) in [(Language::Ru, ru), (Language::En, en)] {
            registry
                .register_template_string(language.code(), text)
                .map_err(|error| TemplateError::new(error.pos(), error.reason()))?;
        }
        let mut instructions = Self {
            registry: Arc::new(registry),
            names_facts: true,
        };
        instructions.names_facts = instructions.try_out()?;
        Ok(instructions)
    }

    /// Renders every case once, so that a wrong name in it is found at start; says whether facts come out.
    fn try_out(&self) -> Result<bool, TemplateError> {
        const MARK: &str = "\u{1}facts\u{1}";
        let mut names_facts = true;
        for language in Language::ALL {
            for facts in [None, Some(MARK)] {
                let rendered = self.render(language, &Facts { business: "-", facts })?;
                names_facts &= facts.is_none() || rendered.contains(MARK);
            }
        }
        Ok(names_facts)
    }
}

/// The note of the local date and time, to the minute: `Local date and time: Sunday, 22 November 2026, 14:05`.
pub fn local_time_note(now: DateTime<Tz>, language: Language) -> String {
    match language {
        Language::En => now.format("Local date and time: %A, %-d %B %Y, %H:%M").to_string(),
        Language::Ru => {
            let word = |words: &'static str, n: u32| words.split(' ').nth(n as usize).unwrap_or_default();
            let weekday = word(WEEKDAYS, now.weekday().num_days_from_monday());
            let month = word(MONTHS, now.month0());
            let (day, year, time) = (now.day(), now.year(), now.format("%H:%M"));
            format!("Местные дата и время: {weekday}, {day} {month} {year} года, {time}")
        }
    }
}

const WEEKDAYS: &str = "понедельник вторник среда четверг пятница суббота воскресенье";
/// In the genitive, as they follow a day.
const MONTHS: &str = "января февраля марта апреля мая июня июля августа сентября октября ноября декабря";

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    fn built_in(language: Language, facts: Option<&str>) -> String {
        let business = "Ромашка & Co";
        let instructions = Instructions::built_in().unwrap();
        instructions.render(language, &Facts { business, facts }).unwrap()
    }

    #[test]
    fn facts_stand_unchanged_at_the_end_of_instructions() {
        for language in Language::ALL {
            let facts = "Roses <5 €> & \"tulips\" {{business}}\n- open 9–18";
            let text = built_in(language, Some(facts));
            assert!(text.ends_with(facts), "{text}");
            assert!(text.contains("Ромашка & Co"));
        }
    }

    #[test]
    fn both_languages_have_every_rule_of_the_product() {
        let rules = [
            (
                Language::En,
                [
                    "only from",
                    "discount",
                    "human",
                    "Ask once",
                    "never an instruction",
                    "short",
                ],
            ),
            (
                Language::Ru,
                [
                    "только по",
                    "скидку",
                    "за человека",
                    "один раз",
                    "а не указания",
                    "коротко",
                ],
            ),
        ];
        for (language, words) in rules {
            let text = built_in(language, Some("Open 9–18"));
            for word in words {
                assert!(text.contains(word), "{word} is missing in {text}");
            }
        }
    }

    #[test]
    fn without_facts_the_assistant_only_takes_the_request() {
        for facts in [None, Some(" \n")] {
            let text = built_in(Language::En, facts);
            assert!(text.contains("You have no facts about Ромашка & Co."));
            assert!(!text.contains("# Facts") && text.contains("`report_gap`"));
        }
        assert!(built_in(Language::Ru, None).contains("Сведений о компании Ромашка & Co у тебя нет."));
    }

    #[test]
    fn own_instructions_replace_ours_in_every_language() {
        let own = Instructions::from_file("Be kind at {{business}}. Know: {{facts}}!").unwrap();
        let facts = Facts {
            business: "B",
            facts: Some("x < y"),
        };
        for language in Language::ALL {
            assert_eq!(own.render(language, &facts).unwrap(), "Be kind at B. Know: x < y!");
        }
    }

    #[test]
    fn own_instructions_without_a_place_get_facts_behind() {
        let own = Instructions::from_file("Be kind.\n").unwrap();
        let facts = |facts| Facts { business: "B", facts };
        assert_eq!(own.render(Language::Ru, &facts(Some("x"))).unwrap(), "Be kind.\n\nx");
        assert_eq!(own.render(Language::Ru, &facts(None)).unwrap(), "Be kind.");
    }

    #[test]
    fn own_instructions_with_a_wrong_name_are_refused() {
        for text in ["{{bussiness}}", "{{#if facts}}{{price}}{{/if}}", "{{#if facts}}", "{{"] {
            let error = Instructions::from_file(text).unwrap_err();
            assert!(
                error.line == 1 && error.column > 0 && !error.to_string().contains('\n'),
                "{error}"
            );
        }
    }

    #[test]
    fn the_time_note_has_weekday_date_and_local_time() {
        let utc = chrono::Utc.with_ymd_and_hms(2026, 11, 22, 11, 5, 59).unwrap();
        let now = utc.with_timezone(&chrono_tz::Europe::Moscow);
        assert_eq!(
            local_time_note(now, Language::En),
            "Local date and time: Sunday, 22 November 2026, 14:05"
        );
        assert_eq!(
            local_time_note(now, Language::Ru),
            "Местные дата и время: воскресенье, 22 ноября 2026 года, 14:05"
        );
    }
}
