//! Upkeep: expired rows are deleted in chunks, so that the database grows only with dialogs and leads.

use std::time::Duration;

use base::Event;
use chrono::TimeDelta;
use store::{FindSpent, RemoveSpent, SpentTable};

use crate::config::Limits;
use crate::db::messages::persist;
use crate::runtime::{Port, Runtime};

/// Delay after the start, when the service is busy with recovery.
const FIRST: TimeDelta = TimeDelta::minutes(1);
/// Between two chunks, so that other writes are committed.
const PAUSE: TimeDelta = TimeDelta::milliseconds(200);
const READ_LIMIT: Duration = Duration::from_secs(30);
const NAME: &str = "upkeep";

#[derive(Clone)]
pub(super) struct Upkeep {
    pub(super) runtime: Runtime,
    pub(super) limits: Limits,
    /// DbActor: finds expired rows.
    pub(super) find: Port<FindSpent>,
    /// DbActor: deletes them.
    pub(super) remove: Port<RemoveSpent>,
}

impl Upkeep {
    /// Runs for ever.
    pub(super) async fn run(&self) {
        self.runtime.clock.after(FIRST).await;
        loop {
            for table in SpentTable::ALL {
                self.clear(table).await;
            }
            self.runtime.clock.after(self.limits.upkeep).await;
        }
    }

    async fn clear(&self, table: SpentTable) {
        let (mut after, mut removed) = (i64::MIN, 0);
        loop {
            let find = FindSpent {
                table,
                after,
                rows: self.limits.upkeep_rows,
                age: self.limits.row_age,
                long_age: self.limits.long_row_age,
            };
            let spent = match self.find.ask(find, READ_LIMIT).await {
                Ok(Ok(spent)) => spent,
                Ok(Err(_logged_by_the_reader)) => return,
                Err(error) => {
                    let failed = Event::warn(NAME, "expired_rows_scan_failed").with("table", table.word());
                    self.runtime.events.emit(failed.with("reason", error));
                    return;
                }
            };
            if !spent.rows.is_empty() {
                removed += spent.rows.len();
                let remove = RemoveSpent {
                    table,
                    rows: spent.rows,
                    most: self.limits.upkeep_rows,
                };
                // The writer logs its errors.
                if persist(&self.remove, &remove).await.is_err() {
                    return;
                }
                self.runtime.clock.after(PAUSE).await;
            }
            match spent.next {
                Some(next) => after = next,
                None => break,
            }
        }
        if removed > 0 {
            let event = Event::info(NAME, "expired_rows_deleted").with("table", table.word());
            self.runtime.events.emit(event.with("rows", removed));
        }
    }
}
