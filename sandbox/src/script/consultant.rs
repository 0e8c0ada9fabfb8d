//! The script of the demo: a consultant of a small shop who answers from a dozen facts, remembers
//! what was said, reports what he does not know and never passes for a human.

use serde_json::json;

use super::facts::FACTS;
use super::{Answer, Run, Script};

/// The function that reports a question the facts do not answer.
const REPORT_GAP: &str = "report_gap";

/// Answers by keywords, in Russian or English after the language of the last message.
#[derive(Debug, Clone, Copy, Default)]
pub struct Consultant;

impl Script for Consultant {
    fn answer(&self, run: &Run) -> Answer {
        let text = run.last_user_text.as_str();
        let lower = text.to_lowercase();
        let is_russian = text.chars().any(is_cyrillic);
        if run.tool_outputs.iter().any(|(name, _)| name == REPORT_GAP) {
            return Answer::Text(unknown(is_russian).to_owned());
        }
        if is_counted(&lower) {
            return Answer::Text(format!("echo: {text}"));
        }
        if let Some(answer) = remembered(run, &lower, is_russian) {
            return Answer::Text(answer);
        }
        if let Some(name) = introduced(text) {
            return Answer::Text(if is_russian {
                format!("Приятно познакомиться, **{name}**! Чем могу помочь?")
            } else {
                format!("Nice to meet you, **{name}**! How can I help?")
            });
        }
        match FACTS.iter().find(|fact| says(&lower, fact.stems)) {
            Some(fact) => Answer::Text(if is_russian { fact.ru } else { fact.en }.to_owned()),
            None if run.may_call(REPORT_GAP) => Answer::Call {
                name: REPORT_GAP.to_owned(),
                arguments: json!({"question": text}),
            },
            None => Answer::Text(unknown(is_russian).to_owned()),
        }
    }
}

const fn unknown(is_russian: bool) -> &'static str {
    if is_russian {
        "Этого я не знаю и придумывать не буду. Давайте менеджер **перезвонит** вам: оставьте номер телефона."
    } else {
        "I do not know that and will not make it up. A manager can **call you back**: just leave your number."
    }
}

/// The numbered messages of `play`, whose replies must name them.
fn is_counted(lower: &str) -> bool {
    !crate::counted::counted(lower).is_empty()
}

/// Questions about the talk itself, answered from the history.
fn remembered(run: &Run, lower: &str, is_russian: bool) -> Option<String> {
    let asks_name = says(lower, &["зовут", "имя", "name"]) && lower.contains('?');
    let asks_back =
        says(lower, &["раньше", "спрашива", "before", "earlier", "asked"]) && lower.contains('?');
    let earlier = run.earlier_user_texts();
    if asks_name && let Some(name) = earlier.iter().rev().find_map(|text| introduced(text)) {
        return Some(if is_russian {
            format!("Вас зовут **{name}**.")
        } else {
            format!("Your name is **{name}**.")
        });
    }
    if !asks_back {
        return None;
    }
    Some(match (earlier.last(), is_russian) {
        (Some(last), true) => format!("Перед этим вы спрашивали: «{last}»."),
        (Some(last), false) => format!("Before this you asked: “{last}”."),
        (None, true) => "Это ваше первое сообщение.".to_owned(),
        (None, false) => "This is your first message.".to_owned(),
    })
}

/// The name in "my name is …", if the message gives one.
fn introduced(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    // Lower case may change the length of a text; its words stay in their places.
    let words: Vec<&str> = text.split_whitespace().collect();
    let lower: Vec<&str> = lower.split_whitespace().collect();
    let openings: [&[&str]; 3] = [&["меня", "зовут"], &["my", "name", "is"], &["моё", "имя"]];
    openings.iter().find_map(|opening| {
        let at = lower
            .windows(opening.len())
            .position(|window| window == *opening)?;
        let name = words
            .get(at + opening.len())?
            .trim_matches(|c: char| !c.is_alphanumeric());
        (!name.is_empty()).then(|| name.to_owned())
    })
}

/// Whether a word of the text begins with one of the stems; short ones must be the whole word.
fn says(lower: &str, stems: &[&str]) -> bool {
    let mut words = lower
        .split(|c: char| !c.is_alphanumeric() && c != '/')
        .filter(|word| !word.is_empty());
    words.any(|word| {
        stems.iter().any(|stem| {
            if stem.chars().count() < 4 {
                word == *stem || word.starts_with(stem) && stem.chars().any(is_cyrillic)
            } else {
                word.starts_with(stem)
            }
        })
    })
}

fn is_cyrillic(c: char) -> bool {
    ('\u{400}'..='\u{4ff}').contains(&c)
}
