//! DbActor: the mailbox in front of the database. Writes go to the writer's thread and are answered after their commit;
//! questions are answered beside it.

use std::collections::HashMap;

use base::Event;

use super::DbError;
use super::database::Database;
use super::messages::CloseDatabase;
use super::sqlite::trouble::{Trouble, end_damaged, is_damage};
use super::statement::{Access, Statement, name_of};
use super::writer::Writer;
use crate::runtime::{Answer, Behaviour, Ctx, Receive, Runtime};

/// The actor.
pub struct DbActor {
    /// `None` once closed.
    writer: Option<Writer>,
    database: Database,
    /// Failed reads, by statement: callers retry them, and each is logged once a minute.
    refused: HashMap<&'static str, Trouble>,
    runtime: Runtime,
}

impl DbActor {
    /// An actor over a database; called again after a panic, with a writer of its own.
    ///
    /// # Panics
    /// If the machine has no thread left for the writer: the guard counts that like any other panic.
    pub fn new(database: &Database, runtime: &Runtime) -> Self {
        #[expect(
            clippy::expect_used,
            reason = "without its writer there is no actor; the guard catches it"
        )]
        let writer = database.writer(runtime).expect("a thread for the writer");
        Self {
            writer: Some(writer),
            database: database.clone(),
            refused: HashMap::new(),
            runtime: runtime.clone(),
        }
    }

    fn log_refused(&mut self, statement: &'static str, error: &DbError) {
        match error {
            DbError::Stopped => return,
            DbError::Refused(reason) if is_damage(reason) => end_damaged(&self.runtime, self.database.path(), reason),
            DbError::Refused(_) | DbError::Panicked => {}
        }
        let (now, reason) = (self.runtime.clock.now(), error.to_string());
        let trouble = self.refused.entry(statement).or_insert_with(|| Trouble::none(now));
        if trouble.met(reason, now) {
            let refused = Event::error(Self::NAME, "read_refused").with("statement", statement);
            self.runtime.events.emit(refused.with("reason", trouble.reason()));
        }
    }

    fn write<S: Statement>(&self, statement: S, answer: Answer<Result<S::Output, DbError>>) {
        match &self.writer {
            Some(writer) => {
                let is_queued = writer.write(statement, |outcome| answer.give(outcome));
                // A writer that is gone panicked outside of every job: start anew with another one.
                assert!(is_queued, "the writer is gone");
            }
            None => answer.give(Err(DbError::Stopped)),
        }
    }

    fn read<S: Statement>(&self, statement: S, answer: Answer<Result<S::Output, DbError>>, ctx: &mut Ctx<'_, Self>) {
        let (database, now) = (self.database.clone(), self.runtime.clock.now());
        let is_large = statement.is_large();
        let work = move || database.read(&statement, now);
        let reading = match is_large {
            true => self.runtime.large.run(work),
            false => tokio::task::spawn_blocking(work),
        };
        ctx.spawn(reading, move |this, outcome, _| {
            let outcome = outcome.unwrap_or_else(|failed| {
                Err(match failed.is_panic() {
                    true => DbError::Panicked,
                    false => DbError::Stopped,
                })
            });
            if let Err(error) = &outcome {
                this.log_refused(name_of::<S>(), error);
            }
            answer.give(outcome);
        });
    }
}

impl Behaviour for DbActor {
    const NAME: &'static str = "db";
}

impl<S: Statement> Receive<S> for DbActor {
    fn receive(&mut self, statement: S, answer: Answer<S::Answer>, ctx: &mut Ctx<'_, Self>) {
        match S::ACCESS {
            Access::Write => self.write(statement, answer),
            Access::Read | Access::LongRead => self.read(statement, answer, ctx),
        }
    }
}

impl Receive<CloseDatabase> for DbActor {
    fn receive(&mut self, _close: CloseDatabase, answer: Answer<()>, ctx: &mut Ctx<'_, Self>) {
        let (writer, database) = (self.writer.take(), self.database.clone());
        let closing = tokio::task::spawn_blocking(move || {
            drop(writer);
            database.close();
        });
        ctx.spawn(closing, |_, _, _| answer.give(()));
    }
}

#[cfg(test)]
#[path = "actor_tests.rs"]
mod tests;
