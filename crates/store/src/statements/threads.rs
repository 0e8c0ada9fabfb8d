//! Current threads, and threads imported from `threads.json`.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{ChatId, ThreadId};

use super::meta;
use super::stored::StoredText;
use super::times::Stamped as _;
use crate::schema::{customers, threads};
use crate::sqlite::prepared::{Keep as _, here};
use crate::{Access, Conn, Statement};

/// Loads the customers' current threads in pages, ordered by chat, because their number has no limit.
#[derive(Debug, Clone, Copy)]
pub struct LoadThreads {
    /// Start after this chat.
    pub after: ChatId,
    /// Threads per page.
    pub rows: u32,
}

/// A page of threads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ThreadsPage {
    /// Chats and their threads.
    pub threads: Vec<(ChatId, ThreadId)>,
    /// The chat after which the next page begins; `None` on the last page.
    pub next: Option<ChatId>,
}

impl Statement for LoadThreads {
    type Output = ThreadsPage;
    const ACCESS: Access = Access::Read;

    fn run(&self, conn: &mut Conn, _now: DateTime<Utc>) -> QueryResult<ThreadsPage> {
        let rows: Vec<(i64, Option<StoredText>)> = customers::table
            .filter(customers::chat_id.gt(self.after.0))
            .filter(customers::thread_id.is_not_null())
            .order(customers::chat_id.asc())
            .limit(i64::from(self.rows))
            .select((customers::chat_id, customers::thread_id))
            .load(conn)?;
        let is_full = u32::try_from(rows.len()).is_ok_and(|count| count >= self.rows);
        let next = rows.last().filter(|_| is_full).map(|(chat, _)| ChatId(*chat));
        let known = rows
            .into_iter()
            .filter_map(|(chat, thread)| Some((ChatId(chat), ThreadId(thread?.into()))));
        Ok(ThreadsPage {
            threads: known.collect(),
            next,
        })
    }
}

/// The key in `meta` of the mark of `threads.json`.
const MARK: &str = "threads_file";

/// Stores a mark at an orderly end, by which the next start recognises the `threads.json` that the service wrote.
#[derive(Debug, Clone)]
pub struct RecordThreadsMark {
    /// The mark.
    pub mark: String,
}

impl Statement for RecordThreadsMark {
    type Output = ();
    const ACCESS: Access = Access::Write;

    fn run(&self, conn: &mut Conn, _now: DateTime<Utc>) -> QueryResult<()> {
        meta::set(conn, MARK, &self.mark)
    }
}

/// The mark of the last orderly end, if any.
pub(super) fn mark(conn: &mut Conn) -> QueryResult<Option<String>> {
    meta::get(conn, MARK)
}

/// Imports unknown entries: the chat has no thread and never had this one. Returns the number of imported entries.
#[derive(Debug, Clone)]
pub struct ImportThreads {
    /// The entries of the file.
    pub entries: Vec<(ChatId, ThreadId)>,
}

impl Statement for ImportThreads {
    type Output = usize;
    const ACCESS: Access = Access::Write;

    fn run(&self, conn: &mut Conn, now: DateTime<Utc>) -> QueryResult<usize> {
        let mut taken = 0;
        for (chat, thread) in &self.entries {
            taken += usize::from(import(conn, *chat, thread, now)?);
        }
        Ok(taken)
    }
}

fn import(conn: &mut Conn, chat: ChatId, thread: &ThreadId, now: DateTime<Utc>) -> QueryResult<bool> {
    let current: Option<Option<StoredText>> = customers::table
        .find(chat.0)
        .select(customers::thread_id)
        .first(conn)
        .optional()?;
    if current.flatten().is_some() || !remember(conn, chat, thread, now)? {
        // A former thread was ended on purpose; the file was not rewritten in time.
        return Ok(false);
    }
    diesel::insert_into(customers::table)
        .values((
            customers::chat_id.eq(chat.0),
            customers::first_name.eq(""),
            customers::thread_id.eq(&thread.0),
            customers::created_at.eq(now.stamp()),
            customers::seen_at.eq(now.stamp()),
        ))
        .on_conflict(customers::chat_id)
        .do_update()
        .set(customers::thread_id.eq(&thread.0))
        .execute(conn)?;
    Ok(true)
}

/// Adds a thread to the chat's list; `false` if it is already listed.
pub(super) fn remember(conn: &mut Conn, chat: ChatId, thread: &ThreadId, now: DateTime<Utc>) -> QueryResult<bool> {
    let inserted = diesel::insert_into(threads::table)
        .values((
            threads::chat_id.eq(chat.0),
            threads::thread_id.eq(&thread.0),
            threads::created_at.eq(now.stamp()),
        ))
        .on_conflict((threads::chat_id, threads::thread_id))
        .do_nothing()
        .execute(conn)?;
    Ok(inserted > 0)
}

/// Ends every thread of the chat but `kept`.
pub(super) fn end_others(
    conn: &mut Conn,
    chat: ChatId,
    kept: Option<&ThreadId>,
    reason: &str,
    now: DateTime<Utc>,
) -> QueryResult<()> {
    let kept = kept.map_or("", |thread| thread.0.as_str());
    let open = threads::table
        .filter(threads::chat_id.eq(chat.0))
        .filter(threads::thread_id.ne(kept))
        .filter(threads::ended_at.is_null());
    diesel::update(open)
        .set((threads::ended_at.eq(now.stamp()), threads::end_reason.eq(reason)))
        .once(here!())
        .run(conn)?;
    Ok(())
}
