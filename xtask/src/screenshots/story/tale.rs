//! The content of a story: a business with its customers in one language, and their messages and replies.

use chrono_tz::Tz;
use serde_json::{Value, json};

/// A customer who left a number in that week and writes again on the busy day.
pub(super) const RETURNING: i64 = 500;
/// Customers of the busy day, the same in each language.
pub(super) mod chats {
    pub(in crate::screenshots::story) const VERIFIED: i64 = 201;
    pub(in crate::screenshots::story) const IN_WORDS: i64 = 202;
    pub(in crate::screenshots::story) const BY_MAIL: i64 = 203;
    pub(in crate::screenshots::story) const SILENT: i64 = 204;
    pub(in crate::screenshots::story) const DOUBTING: i64 = 205;
    pub(in crate::screenshots::story) const CURIOUS: i64 = 206;
    pub(in crate::screenshots::story) const DECLINED: i64 = 207;
    pub(in crate::screenshots::story) const UNREACHED: i64 = 208;
}

/// A business with its customers, in one language.
pub(super) struct Tale {
    pub(super) business: &'static str,
    pub(super) facts: &'static str,
    pub(super) language: &'static str,
    pub(super) zone: Tz,
    pub(super) region: &'static str,
    /// Chat, first name, last name or empty, username or empty.
    pub(super) people: &'static [(i64, &'static str, &'static str, &'static str)],
    /// First names of the week.
    pub(super) names: &'static [&'static str],
    /// Questions and answers of the week.
    pub(super) questions: &'static [(&'static str, &'static str)],
    /// The n-th lead of the week, with the number as its customer writes it.
    pub(super) booking: fn(usize) -> Booking,
    /// The busy day: customers with a contact, and customers without one.
    pub(super) leads: fn() -> Vec<Scene>,
    pub(super) talks: fn() -> Vec<Scene>,
    /// Request and preferred time of the customers of the busy hour; empty if not given.
    pub(super) wishes: &'static [(&'static str, &'static str)],
}

/// A customer who leaves a number.
pub(super) struct Booking {
    pub(super) says: String,
    pub(super) facts: Value,
    pub(super) reply: &'static str,
}

/// A function to be called with its arguments, if any, and the answer.
pub(super) type Lines = (Option<(&'static str, Value)>, String);

/// A message, the model's actions, and the outcome.
pub(super) struct Scene {
    pub(super) at: (u32, u32),
    pub(super) chat: i64,
    pub(super) says: String,
    /// A function the model calls before it answers, with its arguments.
    pub(super) call: Option<(&'static str, Value)>,
    pub(super) reply: String,
    /// How long the answer takes.
    pub(super) seconds: i64,
    pub(super) end: End,
}

/// The outcome of a message.
#[derive(Clone)]
pub(super) enum End {
    Answered,
    /// During the run the customer presses the button that shares their number; in Telegram's format.
    Shared(&'static str),
    /// The model declines.
    Declined,
    /// Telegram rejects the answer.
    Lost,
}

impl Scene {
    pub(super) fn new(at: (u32, u32), chat: i64, says: &str, reply: &str) -> Self {
        Self {
            at,
            chat,
            says: says.to_owned(),
            call: None,
            reply: reply.to_owned(),
            seconds: 3 + i64::from(at.1 % 5),
            end: End::Answered,
        }
    }

    pub(super) fn calling(mut self, name: &'static str, arguments: Value) -> Self {
        self.call = Some((name, arguments));
        self
    }

    pub(super) fn saving(self, facts: Value) -> Self {
        self.calling("save_contact", facts)
    }

    pub(super) fn ending(mut self, end: End) -> Self {
        self.end = end;
        self
    }
}

/// Arguments of `save_contact`: name, phone, email, request, preferred time; empty if not given.
pub(super) fn contact(name: &str, phone: &str, email: &str, request: &str, time: &str) -> Value {
    let said = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    json!({"name": said(name), "phone": said(phone), "email": said(email), "telegram": false,
        "request": said(request), "preferred_time": said(time), "note": null})
}
