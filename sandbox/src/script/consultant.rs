//! The script of the demo: a consultant of a small shop that answers from a dozen facts, remembers the conversation, takes a
//! phone number, reports questions it cannot answer and never passes for a human.

use serde_json::{Value, json};

use super::contact::Contact;
use super::facts::{BOOKING, FACTS, Fact, GREETING, Phrase};
use super::{Answer, Run, Script, is_russian, says};

/// Reports a question the facts do not answer.
const REPORT_GAP: &str = "report_gap";
/// Saves the customer's contact.
const SAVE_CONTACT: &str = "save_contact";
/// Shows a button that shares the customer's number.
const REQUEST_CONTACT: &str = "request_contact";

const UNKNOWN: Phrase = Phrase {
    ru: "Этого я не знаю и придумывать не буду. Давайте менеджер **перезвонит** вам: оставьте номер телефона.",
    en: "I do not know that and will not make it up. A manager can **call you back**: just leave your number.",
};
const SAVED: Phrase = Phrase {
    ru: "Спасибо, номер записан: менеджер **перезвонит** вам.",
    en: "Thank you, I have your number: a manager **will call you back**.",
};
const SAVED_ADDRESS: Phrase = Phrase {
    ru: "Спасибо, адрес записан: менеджер **напишет** вам.",
    en: "Thank you, I have your address: a manager **will write to you**.",
};
const SAVED_CHAT: Phrase = Phrase {
    ru: "Спасибо, записано: менеджер **напишет** вам в Telegram.",
    en: "Thank you, noted: a manager **will write to you** in Telegram.",
};
const NOT_SAVED: Phrase = Phrase {
    ru: "Не получилось записать номер. Проверьте его, пожалуйста, и пришлите ещё раз.",
    en: "I could not save the number. Please check it and send it again.",
};
const FIRST_MESSAGE: Phrase = Phrase {
    ru: "Это ваше первое сообщение.",
    en: "This is your first message.",
};

/// Answers by keywords, in Russian or English after the language of the last message.
///
/// Calls `report_gap {question}`, `save_contact {name, phone, email, request, preferred_time, note, telegram}` and
/// `request_contact {}` if they are offered. A number, an email address and the wish to be contacted in Telegram
/// (`telegram: true`) are contacts; values missing in the message are `null`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Consultant;

impl Script for Consultant {
    fn answer(&self, run: &Run) -> Answer {
        let text = run.last_user_text.as_str();
        let talk = Talk {
            run,
            text,
            lower: text.to_lowercase(),
            is_russian: is_russian(text),
        };
        if let Some((name, output)) = run.tool_outputs.last() {
            return talk.after(name, output);
        }
        // `play` recognises replies by the message they name.
        if !audit::names(text).is_empty() {
            return Answer::Text(format!("echo: {text}"));
        }
        let talk = &talk;
        let kinds = [
            Talk::contact,
            Talk::together,
            Talk::remembered,
            Talk::introduction,
            Talk::fact,
        ];
        let mut answers = kinds.iter();
        answers.find_map(|answer| answer(talk)).unwrap_or_else(|| talk.gap())
    }
}

/// One message with its context.
struct Talk<'a> {
    run: &'a Run,
    text: &'a str,
    lower: String,
    is_russian: bool,
}

impl Talk<'_> {
    fn text(&self, phrase: &Phrase) -> Answer {
        Answer::Text(if self.is_russian { phrase.ru } else { phrase.en }.to_owned())
    }

    fn named(&self, ru: &str, en: &str, what: &str) -> Answer {
        Answer::Text((if self.is_russian { ru } else { en }).replace("{}", what))
    }

    /// The answer once a function has given its output.
    fn after(&self, function: &str, output: &Value) -> Answer {
        let failed = !output["error"].is_null();
        self.text(match function {
            SAVE_CONTACT if failed => &NOT_SAVED,
            SAVE_CONTACT => self.saved(),
            REQUEST_CONTACT => &BOOKING,
            _ => &UNKNOWN,
        })
    }

    /// The promise depends on the kind of contact.
    fn saved(&self) -> &'static Phrase {
        match Contact::in_text(self.text) {
            Some(Contact {
                phone: None,
                email: Some(_),
                ..
            }) => &SAVED_ADDRESS,
            Some(Contact {
                phone: None,
                in_telegram: true,
                ..
            }) => &SAVED_CHAT,
            _ => &SAVED,
        }
    }

    fn contact(&self) -> Option<Answer> {
        let contact = Contact::in_text(self.text).filter(|_| self.run.may_call(SAVE_CONTACT))?;
        let earlier = self.run.earlier_user_texts();
        let arguments = json!({
            "name": introduced(self.text).or_else(|| name_in(&earlier)),
            "phone": contact.phone,
            "email": contact.email,
            "request": self.wish(&earlier),
            "preferred_time": null,
            "note": null,
            "telegram": contact.in_telegram,
        });
        Some(Answer::Call {
            name: SAVE_CONTACT.to_owned(),
            arguments,
        })
    }

    /// The customer's request: their last text that is not a contact.
    fn wish<'t>(&'t self, earlier: &'t [String]) -> &'t str {
        let wishes = earlier.iter().map(String::as_str);
        let mut wishes = wishes.filter(|text| Contact::in_text(text).is_none());
        wishes.next_back().unwrap_or(self.text)
    }

    /// Several waiting messages get one answer to all questions.
    fn together(&self) -> Option<Answer> {
        let mut phrases: Vec<&Phrase> = Vec::new();
        for text in self.run.open_user_texts() {
            let fact = find_in(&text.to_lowercase()).map(|fact| &fact.phrase);
            phrases.extend(fact.filter(|phrase| **phrase != GREETING && !phrases.contains(phrase)));
        }
        let texts = phrases
            .iter()
            .map(|phrase| if self.is_russian { phrase.ru } else { phrase.en });
        (phrases.len() > 1).then(|| Answer::Text(texts.collect::<Vec<_>>().join("\n\n")))
    }

    /// Questions about the talk itself, answered from the history.
    fn remembered(&self) -> Option<Answer> {
        let earlier = self.run.earlier_user_texts();
        if !self.lower.contains('?') {
            return None;
        }
        if self.says(&["зовут", "имя", "name"])
            && let Some(name) = name_in(&earlier)
        {
            return Some(self.named("Вас зовут **{}**.", "Your name is **{}**.", &name));
        }
        if !self.says(&["раньше", "спрашива", "before", "earlier", "asked"]) {
            return None;
        }
        Some(match earlier.last() {
            Some(last) => self.named("Перед этим вы спрашивали: «{}».", "Before this you asked: “{}”.", last),
            None => self.text(&FIRST_MESSAGE),
        })
    }

    /// A customer who introduces themselves without a question.
    fn introduction(&self) -> Option<Answer> {
        let name = introduced(self.text)?;
        let asks = self.find().is_some_and(|fact| fact.phrase != GREETING);
        (!asks).then(|| {
            let (ru, en) = (
                "Приятно познакомиться, **{}**! Чем могу помочь?",
                "Nice to meet you, **{}**! How can I help?",
            );
            self.named(ru, en, &name)
        })
    }

    fn fact(&self) -> Option<Answer> {
        let fact = self.find()?;
        let asked = self.run.history.iter().any(|item| item["name"] == REQUEST_CONTACT);
        if fact.phrase == BOOKING && !asked && self.run.may_call(REQUEST_CONTACT) {
            return Some(Answer::Call {
                name: REQUEST_CONTACT.to_owned(),
                arguments: json!({}),
            });
        }
        Some(self.text(&fact.phrase))
    }

    fn gap(&self) -> Answer {
        if self.run.may_call(REPORT_GAP) {
            return Answer::Call {
                name: REPORT_GAP.to_owned(),
                arguments: json!({"question": self.text}),
            };
        }
        self.text(&UNKNOWN)
    }

    fn find(&self) -> Option<&'static Fact> {
        find_in(&self.lower)
    }

    fn says(&self, stems: &[&str]) -> bool {
        says(&self.lower, stems)
    }
}

fn find_in(lower: &str) -> Option<&'static Fact> {
    FACTS.iter().find(|fact| says(lower, fact.stems))
}

fn name_in(texts: &[String]) -> Option<String> {
    texts.iter().rev().find_map(|text| introduced(text))
}

/// The name in "my name is …", if the message gives one.
fn introduced(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    // Lower case may change the length of a text, but not the order of its words.
    let words: Vec<&str> = text.split_whitespace().collect();
    let lower: Vec<&str> = lower.split_whitespace().collect();
    let openings: [&[&str]; 2] = [&["меня", "зовут"], &["my", "name", "is"]];
    openings.iter().find_map(|opening| {
        let at = lower.windows(opening.len()).position(|window| window == *opening)?;
        let name = words
            .get(at + opening.len())?
            .trim_matches(|c: char| !c.is_alphanumeric());
        (!name.is_empty()).then(|| name.to_owned())
    })
}
