//! Addresses whose letters the mail server currently rejects.

use std::collections::BTreeMap;

use diesel::prelude::*;
use domain::Email;
use pages::RefusedAddress;

use super::rows::outbox_state as state;
use super::stored::StoredText;
use crate::schema::outbox;
use crate::{Conn, Reason};

/// One entry per address, with the newest rejection.
pub(super) fn refused_addresses(conn: &mut Conn) -> QueryResult<Vec<RefusedAddress>> {
    let word = Reason::Refused.word();
    let letters: Vec<(Option<StoredText>, Option<StoredText>)> = outbox::table
        // A letter being retried counts as rejected until the server accepts it.
        .filter(outbox::state.eq_any(state::UNFINISHED))
        .filter(outbox::address.is_not_null())
        .filter(outbox::reason.like(format!("{word}%")))
        .order(outbox::id.asc())
        .select((outbox::address, outbox::reason))
        .load(conn)?;
    let mut found: BTreeMap<String, RefusedAddress> = BTreeMap::new();
    for (to, reason) in letters.into_iter().filter_map(|(to, reason)| Some((to?, reason?))) {
        let known = found.entry(to.as_str().to_owned()).or_insert_with(|| RefusedAddress {
            to: Email::normalised(&to),
            letters: 0,
            reason: String::new(),
        });
        known.letters += 1;
        known.reason = reason.trim_start_matches(word).to_owned();
    }
    Ok(found.into_values().collect())
}
