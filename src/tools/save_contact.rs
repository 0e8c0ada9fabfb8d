//! `save_contact`: records the customer's contact as a lead.

use domain::{Email, KnownPhone, LeadFacts, Origin, Phone, Reach, Region, words};
use futures_util::future::LocalBoxFuture;
use serde::Deserialize;
use serde_json::{Value, json};
use store::{LeadOutcome, RecordLead, SharedLeadRules};

use super::tool::{self, Effect, Refusal, Scope, Tool, strict_object};
use crate::assistant::messages::ToolDefinition;
use crate::db::messages::persist;
use crate::runtime::Port;

/// Longer values are cut to this many characters.
const LONGEST_NAME: usize = 100;
const LONGEST_TEXT: usize = 500;

pub(super) const NO_PHONE: Refusal =
    Refusal("the phone number is not valid: nothing was saved; ask the customer to check it");
pub(super) const NO_EMAIL: Refusal =
    Refusal("the e-mail address is not valid: nothing was saved; ask the customer to check it");
const NO_CONTACT: Refusal = Refusal(
    "nothing was saved: a phone number or an e-mail address is needed; ask for one (Telegram alone is enough only if the \
     customer has a @username and asked for a message there)",
);

pub(super) struct SaveContact {
    pub(super) record: Port<RecordLead>,
    pub(super) rules: SharedLeadRules,
    pub(super) region: Region,
}

impl Tool for SaveContact {
    fn definition(&self) -> ToolDefinition {
        definition()
    }

    fn call<'a>(&'a self, scope: Scope, arguments: &'a str) -> LocalBoxFuture<'a, Result<String, Refusal>> {
        Box::pin(self.save(scope, arguments))
    }

    fn effect(&self) -> Effect {
        Effect::ContactSaved
    }
}

fn definition() -> ToolDefinition {
    let text = |description: &str| json!({ "type": ["string", "null"], "description": description });
    ToolDefinition {
        name: "save_contact",
        description: "Save the customer's contact as soon as they have left a phone number or an e-mail address, or asked \
                      for a message in Telegram. The manager is notified. Call it again when the customer corrects or \
                      adds something. Pass only what the customer said; null for everything else.",
        parameters: strict_object(&json!({
            "name": text("The name as the customer gave it."),
            "phone": text("The phone number as the customer wrote it."),
            "email": text("The e-mail address."),
            "telegram": {
                "type": "boolean",
                "description": "True only if the customer asked for a message here in Telegram instead of a call.",
            },
            "request": text("What the customer wants, in one short sentence in their language."),
            "preferred_time": text("When the customer wants to be called, in their words."),
            "note": text("Anything else the manager needs to know, in one short sentence."),
        })),
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Arguments {
    name: Option<String>,
    /// Some models send a JSON number.
    phone: Option<Value>,
    email: Option<String>,
    telegram: Option<bool>,
    request: Option<String>,
    preferred_time: Option<String>,
    note: Option<String>,
}

impl SaveContact {
    async fn save(&self, scope: Scope, arguments: &str) -> Result<String, Refusal> {
        let facts = facts(arguments, &self.region)?;
        let record = RecordLead {
            chat: scope.chat,
            turn: scope.turn,
            fingerprint: fingerprint(&facts),
            facts,
            rules: self.rules.clone(),
        };
        let recorded = persist(&self.record, &record)
            .await
            .map_err(|_logged_by_db| Refusal::NOT_SAVED)?;
        match recorded.outcome {
            LeadOutcome::NoContact => Err(NO_CONTACT),
            LeadOutcome::New | LeadOutcome::Updated => {
                Ok(json!({ "saved": true, "note": "the manager will be notified" }).to_string())
            }
            LeadOutcome::Known => Ok(
                json!({ "saved": true, "note": "this was already saved, the manager has been notified" }).to_string(),
            ),
        }
    }
}

/// The facts in the arguments, normalised.
pub(super) fn facts(arguments: &str, region: &Region) -> Result<LeadFacts, Refusal> {
    let arguments: Arguments = tool::arguments(arguments)?;
    let written = match arguments.phone {
        Some(Value::String(text)) => Some(text),
        Some(Value::Number(digits)) => Some(digits.to_string()),
        None | Some(Value::Null) => None,
        Some(_) => return Err(Refusal::ARGUMENTS),
    };
    let phones = match short(written, LONGEST_TEXT) {
        None => Vec::new(),
        Some(text) => vec![KnownPhone {
            number: phone(&text, region).ok_or(NO_PHONE)?,
            origin: Origin::Typed,
        }],
    };
    let emails = match short(arguments.email, LONGEST_TEXT) {
        None => Vec::new(),
        Some(text) => vec![email(&text, region).ok_or(NO_EMAIL)?],
    };
    Ok(LeadFacts {
        name: short(arguments.name, LONGEST_NAME),
        phones,
        emails,
        wants_telegram: arguments.telegram.unwrap_or(false),
        request: short(arguments.request, LONGEST_TEXT),
        preferred_time: short(arguments.preferred_time, LONGEST_TEXT),
        note: short(arguments.note, LONGEST_TEXT),
        own_words: None,
        cards: Vec::new(),
    })
}

/// The same search as for customer messages, so that both accept the same numbers.
fn phone(text: &str, region: &Region) -> Option<Phone> {
    let found = contacts::in_answer(text, region).into_iter();
    found.filter_map(Reach::into_phone).next()
}

fn email(text: &str, region: &Region) -> Option<Email> {
    let found = contacts::in_text(text, region).into_iter();
    found.filter_map(Reach::into_email).next()
}

fn short(text: Option<String>, longest: usize) -> Option<String> {
    let text: String = text?.trim().chars().take(longest).collect();
    // Some models write the word instead of JSON null.
    let is_nothing = text.is_empty() || ["null", "none", "n/a", "-"].contains(&text.to_lowercase().as_str());
    (!is_nothing).then_some(text)
}

/// Equal for facts that differ only in spelling.
fn fingerprint(facts: &LeadFacts) -> String {
    let text = |text: &Option<String>| text.as_deref().map(words).unwrap_or_default();
    let phone = facts.phone().map(|known| known.number.uri());
    let email = facts.emails.first().map(|address| address.as_str().to_lowercase());
    let parts = [
        phone.unwrap_or_default(),
        email.unwrap_or_default(),
        facts.wants_telegram.to_string(),
        text(&facts.name),
        text(&facts.request),
        text(&facts.preferred_time),
        text(&facts.note),
    ];
    tool::fingerprint(&parts.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region() -> Region {
        Region::new("RU")
    }

    #[test]
    fn facts_are_normalised() {
        let arguments = r#"{"name":" Мария ","phone":"8 (912) 345-67-89","email":"M@Example.ORG","telegram":false,
            "request":"уборка","preferred_time":"null","note":null}"#;
        let facts = facts(arguments, &region()).unwrap();
        assert_eq!(facts.name.as_deref(), Some("Мария"));
        assert_eq!(facts.phone().unwrap().number.as_str(), "+79123456789");
        assert_eq!(facts.emails[0].as_str(), "M@example.org");
        assert_eq!((facts.preferred_time, facts.note), (None, None));
    }

    #[test]
    fn an_invalid_number_or_address_is_an_error_for_the_model() {
        assert_eq!(facts(r#"{"phone":"12"}"#, &region()).unwrap_err(), NO_PHONE);
        assert_eq!(facts(r#"{"phone":12}"#, &region()).unwrap_err(), NO_PHONE);
        assert!(facts(r#"{"phone":89123456789}"#, &region()).is_ok());
        assert_eq!(facts(r#"{"email":"nobody"}"#, &region()).unwrap_err(), NO_EMAIL);
        for arguments in ["words", "{", r#"{"phone":[]}"#, r#"{"name":5}"#, r#""8912""#] {
            assert_eq!(
                facts(arguments, &region()).unwrap_err(),
                Refusal::ARGUMENTS,
                "{arguments}"
            );
        }
    }

    #[test]
    fn the_first_object_is_read_from_any_wrapping() {
        let bare = r#"{"name":"Мария","phone":89123456789,"preferred_time":"18:00"}"#;
        let expected = facts(bare, &region()).unwrap();
        for arguments in [
            format!("{bare}{bare}"),
            format!("{bare}\n{{\"phone\":\"89120000000\"}}"),
            Value::from(bare).to_string(),
            format!("```json\n{bare}\n```"),
            format!("{bare} Saved!"),
            format!("[{bare}]"),
        ] {
            assert_eq!(facts(&arguments, &region()).unwrap(), expected, "{arguments}");
        }
        let half = facts(r#"{"name":"Мария\ud83d","phone":"89123456789"}"#, &region()).unwrap();
        assert_eq!(half.name.as_deref(), Some("Мария\u{fffd}"));
        for nothing in ["", "null", "{}", "[]"] {
            assert_eq!(facts(nothing, &region()).unwrap(), LeadFacts::default(), "{nothing}");
        }
    }

    #[test]
    fn facts_that_differ_only_in_spelling_have_one_fingerprint() {
        let of = |arguments| fingerprint(&facts(arguments, &region()).unwrap());
        let first = of(r#"{"phone":"89123456789","request":"Уборка, завтра"}"#);
        assert_eq!(first, of(r#"{"phone":"+7 912 345 67 89","request":"уборка завтра!"}"#));
        assert_ne!(first, of(r#"{"phone":"89123456780","request":"Уборка, завтра"}"#));
    }

    #[test]
    fn the_schema_is_strict_and_has_no_recipient() {
        let schema = definition().parameters;
        assert_eq!(schema["additionalProperties"], false);
        let names: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
        let required = schema["required"].as_array().unwrap();
        assert!(names.iter().all(|name| required.contains(&json!(name))));
        for foreign in ["to", "recipient", "chat", "user", "id", "path", "query"] {
            assert!(names.iter().all(|name| *name != foreign), "{names:?}");
        }
    }
}
