//! Whose a number is, found in the customer's own messages.

use diesel::prelude::*;
use domain::{Body, ChatId, CustomerMessage, Email, IgnoreReason, LeadFacts, Origin, OthersCard, Phone, SharedContact};

use super::rows::{inbox_state, read_content};
use super::stored::StoredText;
use crate::Conn;
use crate::schema::inbox;
use crate::sqlite::prepared::{Keep as _, here};

/// A model that names a number does not say whose it is; the customer's own messages do.
pub(super) fn know_origins(conn: &mut Conn, chat: ChatId, facts: &mut LeadFacts) -> QueryResult<()> {
    if facts.phones.iter().all(|phone| phone.origin != Origin::Typed) {
        return Ok(());
    }
    let contents: Vec<Option<StoredText>> = inbox::table
        .filter(inbox::chat_id.eq(chat.0))
        .filter(shows_origin())
        .select(inbox::content)
        .load(conn)?;
    let messages = contents
        .iter()
        .filter_map(|content| read_content(content.as_deref()).ok());
    for message in messages {
        for phone in &mut facts.phones {
            if phone.origin == Origin::Typed {
                phone.origin = origin_in(&message, phone.number.as_str());
            }
            if let (Origin::Card, Body::Contact(card)) = (phone.origin, &message.body)
                && is_on_card(card, phone.number.as_str())
                && !facts.cards.iter().any(|known| known.holds(&phone.number))
            {
                facts.cards.push(others(card, phone.number.clone()));
            }
        }
    }
    Ok(())
}

/// Contents that show whose a number is; they are kept when the row ends.
#[diesel::dsl::auto_type]
fn shows_origin() -> _ {
    let (card, forwarded): (&'static str, &'static str) = ("%\"is_own\":%", "%\"is_forwarded\":true%");
    inbox::content.like(card).or(inbox::content.like(forwarded))
}

/// The part of a row's content that is kept when it ends; the text is in `dialogs`.
#[diesel::dsl::auto_type]
pub(super) fn kept_content() -> _ {
    diesel::dsl::case_when(shows_origin(), inbox::content)
}

/// Clears the content of a row that ended without a turn.
pub(super) fn forget_content(conn: &mut Conn, row: i64) -> QueryResult<()> {
    let ended = diesel::update(inbox::table.find(row)).set(inbox::content.eq(kept_content()));
    ended.once(here!()).run(conn)?;
    Ok(())
}

/// Does the same for all rows after one id up to another, except pending edits.
pub(super) fn forget_contents_between(conn: &mut Conn, after: i64, upto: i64) -> QueryResult<()> {
    let settled = inbox::turn_id.is_not_null().or(inbox::reason.is_null());
    let other = inbox::reason.ne(IgnoreReason::Edited.word()).assume_not_null();
    let ended = inbox::table
        .filter(inbox::id.gt(after))
        .filter(inbox::id.le(upto))
        .filter(inbox::state.ne(inbox_state::PENDING))
        .filter(settled.or(other.nullable()));
    diesel::update(ended.filter(diesel::dsl::not(shows_origin())))
        .set(inbox::content.eq(None::<String>))
        .execute(conn)?;
    Ok(())
}

/// The origin of a number, according to this message.
fn origin_in(message: &CustomerMessage, number: &str) -> Origin {
    match &message.body {
        Body::Contact(card) if is_same_number(&card.phone, number) && card.is_own => Origin::Verified,
        Body::Contact(card) if !card.is_own && is_on_card(card, number) => Origin::Card,
        Body::Text(text) if message.is_forwarded && holds_number(text, number) => Origin::Forwarded,
        _ => Origin::Typed,
    }
}

fn is_on_card(card: &SharedContact, number: &str) -> bool {
    card.phones().any(|phone| is_same_number(phone, number))
}

fn others(card: &SharedContact, number: Phone) -> OthersCard {
    let name = card.name.trim();
    OthersCard {
        name: (!name.is_empty()).then(|| name.to_owned()),
        phones: vec![number],
        emails: card.emails.iter().map(|email| Email::normalised(email)).collect(),
    }
}

fn holds_number(text: &str, number: &str) -> bool {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let tail = number.len().saturating_sub(NATIONAL);
    number.get(tail..).is_some_and(|tail| digits.contains(tail))
}

/// Digits that identify a number within one customer's messages, in any format.
const NATIONAL: usize = 9;

fn is_same_number(card: &str, number: &str) -> bool {
    let tail = |text: &str| {
        let digits = text.bytes().rev().filter(u8::is_ascii_digit);
        digits.take(NATIONAL).collect::<Vec<u8>>()
    };
    tail(card) == tail(number)
}
