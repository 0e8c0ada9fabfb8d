//! What became of an update's row, and what else of its chat is stored: read in one statement behind the INSERT.

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
    /// `false`: its key was known.
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

    /// How many wait, this one included.
    pub(super) fn waiting(&self) -> i64 {
        self.waiting.unwrap_or_default()
    }
}

/// Asked right behind the INSERT.
pub(super) fn inserted(conn: &mut Conn, chat: ChatId) -> QueryResult<Inserted> {
    let lately = arrivals::table.find(chat.0);
    // Asked state by state, each answer is one step down an index; the chat's rows together would all have to be walked.
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
