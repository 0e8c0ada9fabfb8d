//! A lead: a customer who left a way to be reached. Facts are compared in their normalised form, so that the same
//! facts in other words change nothing; the merge is a pure function and is decided inside the write that stores it.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{Email, FoundContact, LeadId, Origin, Phone, Reach};

/// Where a lead came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeadSource {
    /// The model called `save_contact`.
    Tool,
    /// The customer shared his own number with the contact button.
    Contact,
    /// The service found it in the customer's words; nobody had saved it.
    Text,
    /// The customer left it while the form was open.
    Form,
}

impl LeadSource {
    /// The word stored in `successful_dialogs.source` and logged.
    pub fn word(self) -> &'static str {
        match self {
            Self::Tool => "tool",
            Self::Contact => "contact",
            Self::Text => "text",
            Self::Form => "form",
        }
    }

    /// The source of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Tool, Self::Contact, Self::Text, Self::Form]
            .into_iter()
            .find(|source| source.word() == word)
    }
}

/// A phone number and how it is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownPhone {
    /// The number.
    pub number: Phone,
    /// How it is known.
    pub origin: Origin,
}

/// What is known of a lead; the column `contact_info`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LeadFacts {
    /// How he wants to be called.
    pub name: Option<String>,
    /// His numbers, the one he named last first.
    pub phones: Vec<KnownPhone>,
    /// His addresses, the one he named last first.
    pub emails: Vec<Email>,
    /// He wants to be written to in Telegram.
    pub wants_telegram: bool,
    /// What he wants.
    pub request: Option<String>,
    /// When he wants to be called.
    pub preferred_time: Option<String>,
    /// Whatever else the owner should know.
    pub note: Option<String>,
}

/// One fact that is new.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeadChange {
    /// Which.
    pub field: LeadField,
    /// What it was.
    pub before: Option<String>,
    /// What it is.
    pub after: String,
}

/// The facts that can change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are those of the facts")]
pub enum LeadField {
    Name,
    Phone,
    Email,
    Telegram,
    Request,
    PreferredTime,
    Note,
}

/// When a lead is open and when its letters leave; the same for every lead of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeadRules {
    /// Who gets the letters: one delivery an address.
    pub owners: Vec<Email>,
    /// Who gets technical alerts.
    pub operators: Vec<Email>,
    /// How long after its last change a lead takes up new facts; after that the customer is a new lead.
    pub open_for: TimeDelta,
    /// How long a letter waits for the end of its turn.
    pub letter_delay: TimeDelta,
    /// Lead letters to one address within an hour; the others leave together in one.
    pub letters_per_hour: u32,
    /// At most one alert of a kind in this time.
    pub alert_pause: TimeDelta,
    /// Lines of dialog that are kept with a lead and shown in its letter; the newest.
    pub dialog_lines: usize,
}

/// Rules are handed on with every write that may touch a lead.
pub type SharedLeadRules = Arc<LeadRules>;

/// A lead of the same customer that is not open any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EarlierLead {
    /// Which.
    pub lead: LeadId,
    /// When it was first recorded.
    pub at: DateTime<Utc>,
    /// Its number, if it had one.
    pub phone: Option<Phone>,
    /// What he wanted then.
    pub request: Option<String>,
}

impl LeadFacts {
    /// The facts of contacts that were found in words; numbers and addresses keep their order.
    pub fn found(contacts: &[FoundContact]) -> Self {
        let mut facts = Self::default();
        for contact in contacts {
            match &contact.reach {
                Reach::Phone(number) => facts.phones.push(KnownPhone {
                    number: number.clone(),
                    origin: contact.origin,
                }),
                Reach::Email(address) => facts.emails.push(address.clone()),
            }
            if facts.name.is_none() {
                facts.name.clone_from(&contact.name);
            }
        }
        facts
    }

    /// Whether he can be reached with these facts alone. A @username must go with the wish to be written to.
    pub fn can_be_reached(&self, has_username: bool) -> bool {
        !self.phones.is_empty() || !self.emails.is_empty() || self.wants_telegram && has_username
    }

    /// The number to call.
    pub fn phone(&self) -> Option<&KnownPhone> {
        self.phones.first()
    }

    /// Whether this way to reach him is known.
    pub fn carries(&self, reach: &Reach) -> bool {
        match reach {
            Reach::Phone(number) => self.phones.iter().any(|known| known.number == *number),
            Reach::Email(address) => self.emails.iter().any(|known| known.is_same(address)),
        }
    }

    /// Takes up new facts; answers what is new. Within one turn the model may say the same thing again in other words,
    /// so there free text is only ever added.
    #[must_use]
    pub fn merge(&self, new: &Self, is_same_turn: bool) -> (Self, Vec<LeadChange>) {
        let mut merged = self.clone();
        let mut changes = Vec::new();
        // The first of the new ones is to stand first in the end.
        for known in new.phones.iter().rev() {
            merged.take_phone(known, &mut changes);
        }
        for address in new.emails.iter().rev() {
            merged.take_email(address, &mut changes);
        }
        if new.wants_telegram && !merged.wants_telegram {
            merged.wants_telegram = true;
            changes.push(LeadChange {
                field: LeadField::Telegram,
                before: None,
                after: String::new(),
            });
        }
        let texts = [
            (LeadField::Name, &mut merged.name, &new.name),
            (LeadField::Request, &mut merged.request, &new.request),
            (
                LeadField::PreferredTime,
                &mut merged.preferred_time,
                &new.preferred_time,
            ),
            (LeadField::Note, &mut merged.note, &new.note),
        ];
        for (field, old, new) in texts {
            changes.extend(take_text(field, old, new.as_deref(), is_same_turn));
        }
        (merged, changes)
    }

    fn take_phone(&mut self, new: &KnownPhone, changes: &mut Vec<LeadChange>) {
        let place = self.phones.iter().position(|known| known.number == new.number);
        let before = self.phones.first().map(|known| known.number.to_string());
        let known = match place {
            Some(place) => {
                let known = self.phones.remove(place);
                // What Telegram vouched for once stays so.
                let is_vouched = known.origin == Origin::Verified;
                if is_vouched { known } else { new.clone() }
            }
            None => new.clone(),
        };
        self.phones.insert(0, known);
        if place != Some(0) {
            changes.push(LeadChange {
                field: LeadField::Phone,
                before,
                after: new.number.to_string(),
            });
        }
    }

    fn take_email(&mut self, new: &Email, changes: &mut Vec<LeadChange>) {
        let place = self.emails.iter().position(|known| known.is_same(new));
        let before = self.emails.first().map(ToString::to_string);
        if let Some(place) = place {
            self.emails.remove(place);
        }
        self.emails.insert(0, new.clone());
        if place != Some(0) {
            changes.push(LeadChange {
                field: LeadField::Email,
                before,
                after: new.to_string(),
            });
        }
    }
}

fn take_text(field: LeadField, old: &mut Option<String>, new: Option<&str>, is_same_turn: bool) -> Option<LeadChange> {
    let new = new.map(str::trim).filter(|text| !text.is_empty())?;
    let is_known = old
        .as_deref()
        .is_some_and(|old| is_same_turn || words(old) == words(new));
    if is_known {
        return None;
    }
    Some(LeadChange {
        field,
        before: old.replace(new.to_owned()),
        after: new.to_owned(),
    })
}

/// A text without what does not change its meaning.
pub fn words(text: &str) -> String {
    let words: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phone(digits: &str, origin: Origin) -> KnownPhone {
        KnownPhone {
            number: Phone::international(digits).unwrap(),
            origin,
        }
    }

    fn facts(phone_digits: &str) -> LeadFacts {
        LeadFacts {
            phones: vec![phone(phone_digits, Origin::Typed)],
            ..LeadFacts::default()
        }
    }

    #[test]
    fn the_same_facts_in_other_spelling_change_nothing() {
        let known = LeadFacts {
            name: Some("Мария".into()),
            request: Some("Уборка, 2 комнаты".into()),
            ..facts("79123456789")
        };
        let again = LeadFacts {
            name: Some(" мария ".into()),
            request: Some("уборка 2 комнаты!".into()),
            ..facts("79123456789")
        };
        assert_eq!(known.merge(&again, false), (known.clone(), Vec::new()));
    }

    #[test]
    fn a_new_phone_stands_first_and_the_old_one_stays_known() {
        let (merged, changes) = facts("79123456789").merge(&facts("79990000000"), false);
        assert_eq!(merged.phone().unwrap().number.as_str(), "+79990000000");
        assert_eq!(merged.phones.len(), 2);
        let [change] = changes.as_slice() else {
            panic!("{changes:?}")
        };
        assert_eq!(change.before.as_deref(), Some("+79123456789"));
        assert_eq!(change.after, "+79990000000");
    }

    #[test]
    fn rewording_counts_only_in_another_turn() {
        let known = LeadFacts {
            request: Some("уборка".into()),
            ..facts("79123456789")
        };
        let reworded = LeadFacts {
            request: Some("хочет уборку".into()),
            note: Some("есть кошка".into()),
            ..LeadFacts::default()
        };
        let (merged, changes) = known.merge(&reworded, true);
        assert_eq!(merged.request.as_deref(), Some("уборка"));
        assert_eq!(changes.len(), 1, "what was not known at all is added: {changes:?}");
        assert_eq!(known.merge(&reworded, false).1.len(), 2);
    }

    #[test]
    fn a_number_that_telegram_vouched_for_stays_vouched_for() {
        let typed = facts("79123456789");
        let verified = LeadFacts {
            phones: vec![phone("79123456789", Origin::Verified)],
            ..LeadFacts::default()
        };
        let (merged, changes) = typed.merge(&verified, false);
        assert_eq!((merged.phones[0].origin, changes.len()), (Origin::Verified, 0));
        assert_eq!(merged.merge(&typed, false).0.phones[0].origin, Origin::Verified);
    }

    #[test]
    fn several_numbers_keep_the_order_in_which_they_were_named() {
        let both = LeadFacts {
            phones: vec![phone("79123456789", Origin::Typed), phone("79990000000", Origin::Typed)],
            ..LeadFacts::default()
        };
        let (merged, changes) = LeadFacts::default().merge(&both, false);
        assert_eq!(merged.phones, both.phones);
        assert_eq!(changes.len(), 2);
    }

    #[test]
    fn a_user_name_alone_is_no_lead() {
        let mut facts = LeadFacts::default();
        assert!(!facts.can_be_reached(true));
        facts.wants_telegram = true;
        assert!(facts.can_be_reached(true) && !facts.can_be_reached(false));
    }
}
