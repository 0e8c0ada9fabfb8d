//! Totals of the reports of the week before a period, counted by the database because there may be a hundred thousand rows. Every
//! count uses the borders of its period and agrees with the figures of its page (`crates/pages/src/figures.rs`).

use diesel::dsl::{count, count_star, exists, not};
use diesel::prelude::*;
use domain::Period;
use pages::PastWeek;

use super::reports::periods_due;
use super::rows::{USER, inbox_state};
use crate::Conn;
use crate::schema::{customers, dialogs, inbox, successful_dialogs};

/// The week before the period; `None` if it had no report.
pub(super) fn past_week(conn: &mut Conn, period: Period) -> QueryResult<Option<PastWeek>> {
    let mut week = PastWeek::default();
    for past in periods_due(conn, period.since - PastWeek::REACH, period.since)? {
        let (dialogs, new_customers) = customers(conn, past)?;
        week.span += past.until - past.since;
        week.dialogs += dialogs;
        week.new_customers += new_customers;
        week.leads += leads(conn, past)?;
        week.failed += failed(conn, past)?;
    }
    Ok(Some(week).filter(|week| !week.span.is_zero()))
}

/// The number of customers who wrote, and of new ones among them. Starts from `customers`, because checking for earlier messages
/// once per customer costs a third of checking once per message.
fn customers(conn: &mut Conn, Period { after, upto, .. }: Period) -> QueryResult<(u64, u64)> {
    let wrote = dialogs::table
        .filter(dialogs::id.gt(after.dialog))
        .filter(dialogs::id.le(upto.dialog))
        .filter(dialogs::role.eq(USER))
        .select(dialogs::user_id);
    let earlier = dialogs::table
        .filter(dialogs::user_id.eq(customers::chat_id))
        .filter(dialogs::id.le(after.dialog));
    let (all, new): (i64, i64) = customers::table
        .filter(customers::chat_id.eq_any(wrote))
        .select((
            count_star(),
            count(customers::chat_id).aggregate_filter(not(exists(earlier))),
        ))
        .first(conn)?;
    Ok((all.unsigned_abs(), new.unsigned_abs()))
}

fn leads(conn: &mut Conn, Period { after, upto, .. }: Period) -> QueryResult<u64> {
    let leads: i64 = successful_dialogs::table
        .filter(successful_dialogs::id.gt(after.lead))
        .filter(successful_dialogs::id.le(upto.lead))
        .count()
        .get_result(conn)?;
    Ok(leads.unsigned_abs())
}

/// Replies to failed turns. These are few and found by an index, without reading their rows.
fn failed(conn: &mut Conn, Period { after, upto, .. }: Period) -> QueryResult<u64> {
    let failed = inbox::table
        .filter(inbox::state.eq(inbox_state::FAILED))
        .select(inbox::id.nullable());
    let replies: i64 = dialogs::table
        .filter(dialogs::id.gt(after.dialog))
        .filter(dialogs::id.le(upto.dialog))
        .filter(dialogs::role.ne(USER))
        .filter(dialogs::turn_id.eq_any(failed))
        .count()
        .get_result(conn)?;
    Ok(replies.unsigned_abs())
}
