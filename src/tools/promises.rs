//! Properties of the tools for any arguments, valid or not. `PROPTEST_CASES=100000` makes a long run.

use contacts::phone;
use domain::{Reach, Region};
use proptest::prelude::*;
use serde_json::{Map, Value};

use super::tool::Refusal;
use super::{report_gap, save_contact};

/// Names of known arguments.
const OURS: [&str; 8] = [
    "name",
    "phone",
    "email",
    "telegram",
    "request",
    "preferred_time",
    "note",
    "question",
];

/// Names an attacker might add.
const FOREIGN: [&str; 7] = ["chat_id", "user_id", "to", "recipient", "path", "sql", "__proto__"];

/// Words as customers and models write them, with possible contacts far more often than random text would have.
fn words() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        2 => "[+]?[0-9() \u{a0}-]{5,18}",
        2 => "8 9[0-9]{2} [0-9]{3}-[0-9]{2}-[0-9]{2}",
        1 => "[a-z.\u{430}]{1,6}@[a-z]{1,6}\\.(ru|com|рф)",
        1 => "(null|none|-|true|\u{0}|\u{202e}|\n|\r\nBcc: x@y.z|=1\\+1|<b>|\\{\\{x\\}\\})",
        2 => "\\PC{0,8}",
        1 => any::<String>(),
    ];
    prop::collection::vec(piece, 0..4).prop_map(|pieces| pieces.concat())
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (79_000_000_000_u64..79_999_999_999).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        words().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 20, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            object(inner).prop_map(Value::from),
        ]
    })
}

fn object(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Map<String, Value>> {
    let names = prop::sample::select([&OURS[..], &FOREIGN].concat());
    prop::collection::hash_map(names, value, 0..8).prop_map(|fields| {
        fields
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    })
}

/// Arguments of every kind: a proper object, any object, any JSON, and text that is not JSON.
fn arguments() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => object(words().prop_map(Value::from)).prop_map(|object| Value::from(object).to_string()),
        2 => object(any_json()).prop_map(|object| Value::from(object).to_string()),
        1 => any_json().prop_map(|json| json.to_string()),
        1 => any::<String>(),
        1 => "[\\{\\}\\[\\]\":,a-z0-9\\\\ u]{0,40}",
    ]
}

/// Whether the error is one of ours and does not repeat what the model wrote.
fn is_actionable(refusal: Refusal) -> bool {
    let said = refusal.to_string();
    let is_known = [
        Refusal::ARGUMENTS,
        save_contact::NO_PHONE,
        save_contact::NO_EMAIL,
        report_gap::EMPTY,
    ];
    is_known.contains(&refusal)
        && !["line ", "column ", "invalid type", "expected"]
            .iter()
            .any(|raw| said.contains(raw))
}

fn is_short(text: Option<&String>, most: usize) -> bool {
    text.is_none_or(|text| (1..=most).contains(&text.chars().count()) && text.trim_start() == text)
}

proptest! {
    #[test]
    fn any_arguments_save_only_a_valid_contact(arguments in arguments()) {
        let region = Region::new("RU");
        match save_contact::facts(&arguments, &region) {
            Err(refusal) => prop_assert!(is_actionable(refusal)),
            Ok(facts) => {
                prop_assert!(facts.phones.len() <= 1 && facts.emails.len() <= 1);
                for known in &facts.phones {
                    let again = contacts::in_answer(&phone::with_extension(&known.number, "ext."), &region);
                    prop_assert_eq!(again.first(), Some(&Reach::Phone(known.number.clone())));
                }
                for email in &facts.emails {
                    prop_assert_eq!(contacts::in_text(email.as_str(), &region), vec![Reach::Email(email.clone())]);
                    let is_steering = |c: char| c.is_control() || c.is_whitespace() && c != ' ' && c != '\u{a0}';
                    prop_assert!(!email.as_str().contains(is_steering));
                }
                prop_assert!(is_short(facts.name.as_ref(), 100));
                for text in [&facts.request, &facts.preferred_time, &facts.note] {
                    prop_assert!(is_short(text.as_ref(), 500));
                }
            }
        }
    }

    /// One function reads both: the tool accepts every number that the search finds in a message. The search finds every
    /// number that the tool accepts, at least behind a label.
    #[test]
    fn the_tool_accepts_what_the_search_finds(words in words()) {
        let region = Region::new("RU");
        let arguments = serde_json::json!({ "phone": words }).to_string();
        let facts = save_contact::facts(&arguments, &region).ok();
        let taken = facts.and_then(|facts| Some(facts.phones.first()?.number.clone()));
        let words: String = words.trim().chars().take(500).collect();
        let search = |text: &str| contacts::in_text(text, &region).into_iter().find_map(Reach::into_phone);
        let found = search(&words);
        prop_assert_eq!(&found, &taken.clone().filter(|_| found.is_some()));
        let is_found = found.is_some() || search(&format!("тел. {words}")).is_some();
        prop_assert!(taken.is_none() || is_found);
    }

    #[test]
    fn any_arguments_report_only_a_question(arguments in arguments()) {
        match report_gap::question(&arguments) {
            Err(refusal) => prop_assert!(is_actionable(refusal)),
            Ok(question) => prop_assert!(is_short(Some(&question), 500)),
        }
    }

    /// Even a manipulated model cannot name another person.
    #[test]
    fn unknown_arguments_change_nothing(phone in "8 9[0-9]{2} [0-9]{3}-[0-9]{2}-[0-9]{2}", foreign in any_json()) {
        let region = Region::new("RU");
        let mut asked = Map::new();
        asked.insert("phone".into(), Value::from(phone));
        let plain = save_contact::facts(&Value::from(asked.clone()).to_string(), &region);
        for name in FOREIGN {
            asked.insert(name.into(), foreign.clone());
        }
        prop_assert_eq!(save_contact::facts(&Value::from(asked).to_string(), &region), plain);
    }
}
