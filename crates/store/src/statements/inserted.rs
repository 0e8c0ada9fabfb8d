//! Whether an update's row is new, and the other rows of its chat: read in one statement after the INSERT.

use diesel::dsl::{count_star, max};
use diesel::prelude::*;
use domain::ChatId;

use super::arrivals::Known;
use super::rows::inbox_state as state;
use crate::Conn;
use crate::schema::{arrivals, inbox};
use crate::sqlite::last_write::{has_written, inserted_id};
use crate::sqlite::prepared::{Keep as _, here};

#[derive(Queryable)]
pub(super) struct Inserted {
    /// `false`: a duplicate.
    pub(super) is_new: bool,
    pub(super) id: i64,
    pub(super) known: Known,
    pub(super) others: Others,
}

/// The chat's rows.
#[derive(Queryable)]
pub(super) struct Others {
    pending: Option<i64>,
    ignored: Option<i64>,
    done: Option<i64>,
    failed: Option<i64>,
    waiting: Option<i64>,
}

impl Others {
    /// The newest before this one.
    pub(super) fn newest(&self) -> Option<i64> {
        self.pending.max(self.ignored).max(self.done).max(self.failed)
    }

    /// The number of waiting rows, including this one.
    pub(super) fn waiting(&self) -> i64 {
        self.waiting.unwrap_or_default()
    }
}

/// Must run directly after the INSERT.
pub(super) fn inserted(conn: &mut Conn, chat: ChatId) -> QueryResult<Inserted> {
    let lately = arrivals::table.find(chat.0);
    // One index lookup per state; a query over all states would scan every row of the chat.
    let of_state = |state: &'static str| {
        inbox::table
            .filter(inbox::chat_id.eq(chat.0))
            .filter(inbox::state.eq(state))
    };
    let newest = |state: &'static str| of_state(state).select(max(inbox::id)).single_value();
    let [ignored, done, failed] = state::ENDED.map(newest);
    let before = of_state(state::PENDING).filter(inbox::id.lt(inserted_id()));
    diesel::select((
        has_written(),
        inserted_id(),
        (
            lately.select(arrivals::recent).single_value(),
            lately.select(arrivals::day_began).single_value(),
            lately.select(arrivals::day_messages).single_value(),
            lately.select(arrivals::day_kept).single_value(),
            lately.select(arrivals::hour_began).single_value(),
            lately.select(arrivals::hour_kept).single_value(),
            lately.select(arrivals::counted_bot).single_value(),
            lately.select(arrivals::counted_update).single_value(),
            lately.select(arrivals::counted_at).single_value(),
        ),
        (
            before.select(max(inbox::id)).single_value(),
            ignored,
            done,
            failed,
            of_state(state::PENDING).select(count_star()).single_value(),
        ),
    ))
    .once(here!())
    .get_result(conn)
}
