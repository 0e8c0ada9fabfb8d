//! The reader of a report page: its period, its limits, and a cache of customers.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{ChatId, LeadFacts, Period, Profile};
use pages::Beyond;

use super::conversations::find_customer;
use super::rows::from_json;
use crate::{Conn, Customer};

/// Maximum customers cached while their rows are read.
const KNOWN: usize = 1_000;

/// The limits of a page.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Rows read at a time.
    pub rows: i64,
    /// Rows kept of a list; more than a letter shows.
    pub listed: usize,
    /// Turns whose times are kept to the millisecond.
    pub timed: usize,
    /// Bytes of leads kept; more than their table has room for.
    pub leads: usize,
    /// Bytes of lines kept; slightly more than their table has room for.
    pub lines: usize,
    /// Dialogs beyond the table whose end is kept; more than the letter shows.
    pub shown: usize,
    /// Chats whose first row is cached; for others it is read from the database.
    pub remembered: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            rows: 500,
            listed: 1_000,
            timed: 20_000,
            leads: 4_000_000,
            lines: 11_000_000,
            shown: 150,
            remembered: 20_000,
        }
    }
}

pub(super) struct Reader<'a> {
    pub(super) bounds: Bounds,
    pub(super) conn: &'a mut Conn,
    pub(super) period: Period,
    pub(super) now: DateTime<Utc>,
    customers: HashMap<i64, Customer>,
    pub(super) beyond: Beyond,
}

impl<'a> Reader<'a> {
    pub(super) fn new(conn: &'a mut Conn, period: Period, now: DateTime<Utc>, bounds: Bounds) -> Self {
        Self {
            bounds,
            conn,
            period,
            now,
            customers: HashMap::new(),
            beyond: Beyond::default(),
        }
    }

    pub(super) fn customer(&mut self, chat: i64) -> QueryResult<Customer> {
        if let Some(known) = self.customers.get(&chat) {
            return Ok(known.clone());
        }
        let customer = find_customer(self.conn, ChatId(chat))?.0;
        if self.customers.len() >= KNOWN {
            self.customers.clear();
        }
        self.customers.insert(chat, customer.clone());
        Ok(customer)
    }

    pub(super) fn profile(&mut self, chat: i64) -> QueryResult<Profile> {
        Ok(self.customer(chat)?.profile)
    }
}

pub(super) fn most(listed: usize) -> i64 {
    i64::try_from(listed).unwrap_or(i64::MAX)
}

/// The number of rows that were not read.
pub(super) fn left_out<T>(all: i64, read: &[T]) -> usize {
    usize::try_from(all).unwrap_or_default().saturating_sub(read.len())
}

/// The facts of a lead; empty if they do not parse, so that one lead does not block the report.
pub(super) fn known(contact_info: &str) -> LeadFacts {
    from_json(contact_info).unwrap_or_default()
}
