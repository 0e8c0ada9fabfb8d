//! A lead: a customer who left a way to be reached. Facts are compared in their normalised form, so that the same
//! facts in other words change nothing; the merge is a pure function and is decided inside the write that stores it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Email, FoundContact, LeadId, Origin, Phone, Reach};

/// Maximum numbers, and maximum addresses, of a lead; the newest are kept. A customer may write more than they have.
const MOST_REACHES: usize = 10;

/// Where a lead came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeadSource {
    /// The model called `save_contact`.
    Tool,
    /// The customer shared their own number with the contact button.
    Contact,
    /// The service found it in a message, without a tool call.
    Text,
    /// The customer left it while the form was open.
    Form,
}

// The word stored in `successful_dialogs.source` and logged.
base::words! { LeadSource {
    Tool = "tool",
    Contact = "contact",
    Text = "text",
    Form = "form",
} }

/// How facts came to a lead: whether they precede what is known, and whether they may replace it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// The model saved them. A repeated turn says the same in other words: then free text is only added.
    Saved {
        /// It saved something in this turn before.
        is_again: bool,
    },
    /// The customer left them: the contact button, the form, an edit.
    Left,
    /// The service found them in a message, where they may mean something else.
    Found {
        /// In the words of a turn in which the model saved a contact: it has had its choice.
        is_beside_saved: bool,
    },
}

/// A phone number and how it is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownPhone {
    /// The number.
    #[serde(flatten)]
    pub number: Phone,
    /// How it is known.
    pub origin: Origin,
}

/// What is known of a lead; the column `contact_info`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LeadFacts {
    /// The name the customer gave.
    pub name: Option<String>,
    /// Phone numbers, the latest first.
    pub phones: Vec<KnownPhone>,
    /// E-mail addresses, the latest first.
    pub emails: Vec<Email>,
    /// The customer wants a message in Telegram.
    pub wants_telegram: bool,
    /// The request.
    pub request: Option<String>,
    /// The preferred time of a call.
    pub preferred_time: Option<String>,
    /// Whatever else the owner should know.
    pub note: Option<String>,
    /// The customer's last words, when the contact was taken without a request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub own_words: Option<String>,
    /// Cards of others among which numbers and addresses were, the newest last.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cards: Vec<OthersCard>,
}

/// Another person's contact card that the customer shared: which of the facts are not the customer's own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OthersCard {
    /// The name on it.
    pub name: Option<String>,
    /// Its numbers.
    pub phones: Vec<Phone>,
    /// Its addresses.
    pub emails: Vec<Email>,
}

impl OthersCard {
    /// Whether this number is on it.
    pub fn holds(&self, number: &Phone) -> bool {
        self.phones.iter().any(|known| known.is_same(number))
    }

    /// Whether this address is on it.
    pub fn lists(&self, address: &Email) -> bool {
        self.emails.iter().any(|known| known.is_same(address))
    }
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

/// A lead of the same customer that is no longer open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EarlierLead {
    /// Which.
    pub lead: LeadId,
    /// When it was first recorded.
    pub at: DateTime<Utc>,
    /// Its number, if it had one.
    pub phone: Option<Phone>,
    /// The request at that time.
    pub request: Option<String>,
}

impl LeadFacts {
    /// The facts of contacts that were found in words; numbers and addresses keep their order.
    pub fn found(contacts: &[FoundContact]) -> Self {
        let mut facts = Self::default();
        for contact in contacts.iter().take(MOST_REACHES) {
            // The name on a card may be another person's.
            if facts.name.is_none() && contact.origin != Origin::Card {
                facts.name.clone_from(&contact.name);
            }
            if facts.preferred_time.is_none() && !matches!(contact.origin, Origin::Card | Origin::Forwarded) {
                facts.preferred_time.clone_from(&contact.call_time);
            }
            if contact.origin == Origin::Card {
                facts.stood_on_card(contact);
            }
            match &contact.reach {
                Reach::Phone(number) => facts.phones.push(KnownPhone {
                    number: number.clone(),
                    origin: contact.origin,
                }),
                Reach::Email(address) => facts.emails.push(address.clone()),
            }
        }
        facts
    }

    fn stood_on_card(&mut self, contact: &FoundContact) {
        if self.cards.last().is_none_or(|card| card.name != contact.name) {
            self.cards.push(OthersCard {
                name: contact.name.clone(),
                ..OthersCard::default()
            });
        }
        if let Some(card) = self.cards.last_mut() {
            match &contact.reach {
                Reach::Phone(number) => card.phones.push(number.clone()),
                Reach::Email(address) => card.emails.push(address.clone()),
            }
        }
    }

    /// Whether these facts are enough to reach the customer. A @username counts only with the wish for a message in Telegram.
    pub fn can_be_reached(&self, has_username: bool) -> bool {
        !self.phones.is_empty() || !self.emails.is_empty() || self.wants_telegram && has_username
    }

    /// The number to call.
    pub fn phone(&self) -> Option<&KnownPhone> {
        self.phones.first()
    }

    /// Whether this contact is already in the facts.
    pub fn carries(&self, reach: &Reach) -> bool {
        match reach {
            Reach::Phone(number) => self.phones.iter().any(|known| known.number.carries(number)),
            Reach::Email(address) => self.emails.iter().any(|known| known.is_same(address)),
        }
    }

    /// Takes up new facts; answers what is new. Only the model rewords; what nobody has judged follows what is sure.
    #[must_use]
    pub fn merge(&self, new: &Self, taken: Taken) -> (Self, Vec<LeadChange>) {
        let only_adds = taken != Taken::Saved { is_again: false };
        let mut merged = self.clone();
        let mut changes = Vec::new();
        // The first of the new ones must end up first.
        for known in new.phones.iter().rev() {
            if self.stands_first(known.origin, taken) {
                merged.take_phone(known, 0);
            }
        }
        for known in &new.phones {
            if !self.stands_first(known.origin, taken) {
                merged.take_phone(known, usize::MAX);
            }
        }
        for address in new.emails.iter().rev() {
            merged.take_email(address);
        }
        merged.phones.truncate(MOST_REACHES);
        merged.emails.truncate(MOST_REACHES);
        let numbers = |facts: &Self| -> Vec<String> { facts.phones.iter().map(|known| known.number.uri()).collect() };
        let addresses = |facts: &Self| -> Vec<String> { facts.emails.iter().map(Email::to_string).collect() };
        changes.extend(reach_change(LeadField::Phone, &numbers(self), &numbers(&merged)));
        changes.extend(reach_change(LeadField::Email, &addresses(self), &addresses(&merged)));
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
            changes.extend(take_text(field, old, new.as_deref(), only_adds));
        }
        merged.own_words = new.own_words.clone().or(merged.own_words);
        for card in &new.cards {
            merged.take_card(card);
        }
        (merged, changes)
    }

    /// What the customer wants: the request, else their own last words.
    pub fn wish(&self) -> Option<&str> {
        self.request.as_deref().or(self.own_words.as_deref())
    }

    /// Whether a new number is the one to call from now on.
    fn stands_first(&self, origin: Origin, taken: Taken) -> bool {
        let Some(first) = self.phone() else { return true };
        let is_own = !matches!(origin, Origin::Card | Origin::Forwarded);
        match taken {
            Taken::Saved { .. } => true,
            Taken::Left => is_own,
            Taken::Found { is_beside_saved } => is_own && !is_beside_saved && first.origin != Origin::Verified,
        }
    }

    /// Puts a number at a place, or behind all others. One that is known goes nowhere but to the front.
    fn take_phone(&mut self, new: &KnownPhone, to: usize) {
        let Some(place) = self.phones.iter().position(|known| known.number.is_same(&new.number)) else {
            self.phones.insert(to.min(self.phones.len()), new.clone());
            return;
        };
        let mut known = self.phones.remove(place);
        known.number = known.number.joined(&new.number);
        // A verified number stays verified, and a number found again keeps its origin.
        if known.origin != Origin::Verified && new.origin != Origin::Found {
            known.origin = new.origin;
        }
        self.phones.insert(place.min(to), known);
    }

    fn take_card(&mut self, new: &OthersCard) {
        let place = self.cards.iter().position(|known| known.name == new.name);
        let mut card = place.map(|place| self.cards.remove(place)).unwrap_or_default();
        card.name.clone_from(&new.name);
        let phones = new.phones.iter().filter(|number| !card.holds(number)).cloned();
        let phones: Vec<Phone> = phones.collect();
        let emails = new.emails.iter().filter(|address| !card.lists(address)).cloned();
        let emails: Vec<Email> = emails.collect();
        card.phones.extend(phones);
        card.emails.extend(emails);
        self.cards.push(card);
        let surplus = self.cards.len().saturating_sub(MOST_REACHES);
        self.cards.drain(..surplus);
    }

    fn take_email(&mut self, new: &Email) {
        let place = self.emails.iter().position(|known| known.is_same(new));
        let known = place.map(|place| self.emails.remove(place));
        self.emails.insert(0, known.unwrap_or_else(|| new.clone()));
    }
}

/// The one to use now, if that is another; else what came to the others.
fn reach_change(field: LeadField, before: &[String], after: &[String]) -> Option<LeadChange> {
    if before.first() != after.first() {
        return Some(LeadChange {
            field,
            before: before.first().cloned(),
            after: after.first().cloned()?,
        });
    }
    let added: Vec<&str> = after
        .iter()
        .filter(|reach| !before.contains(reach))
        .map(String::as_str)
        .collect();
    (!added.is_empty()).then(|| LeadChange {
        field,
        before: None,
        after: added.join(", "),
    })
}

fn take_text(field: LeadField, old: &mut Option<String>, new: Option<&str>, only_adds: bool) -> Option<LeadChange> {
    let new = new.map(str::trim).filter(|text| !text.is_empty())?;
    let is_known = old.as_deref().is_some_and(|old| only_adds || words(old) == words(new));
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
#[path = "lead_tests.rs"]
mod tests;
