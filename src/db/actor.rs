//! DbActor: the mailbox in front of the database. Writes go to the writer's thread and are answered after their commit;
//! reads run on other threads.

use store::{Access, Database, DbError, Statement, Writer};

use super::messages::CloseDatabase;
use crate::runtime::{Answer, Behaviour, Ctx, LargeWork, Receive, Request};

/// The actor.
pub(crate) struct DbActor {
    /// `None` once closed.
    writer: Option<Writer>,
    database: Database,
    large: LargeWork,
}

impl DbActor {
    /// Creates an actor with a new writer; also called after a panic.
    ///
    /// # Panics
    /// If the writer's thread cannot be started; the guard counts that like any other panic.
    pub(crate) fn new(database: Database, large: LargeWork) -> Self {
        #[expect(
            clippy::expect_used,
            reason = "the actor is useless without a writer; the guard catches it"
        )]
        let writer = database.writer().expect("the writer's thread starts");
        Self {
            writer: Some(writer),
            database,
            large,
        }
    }

    fn write<S: Statement>(&self, statement: S, answer: Answer<Result<S::Output, DbError>>) {
        match &self.writer {
            Some(writer) => {
                let is_queued = writer.write(statement, |outcome| answer.give(outcome));
                // The writer panicked outside of a job: a panic here restarts the actor with a new writer.
                assert!(is_queued, "the writer thread has ended");
            }
            None => answer.give(Err(DbError::Stopped)),
        }
    }

    fn read<S: Statement>(&self, statement: S, answer: Answer<Result<S::Output, DbError>>) {
        let database = self.database.clone();
        let is_large = statement.is_large();
        let work = move || answer.give(database.read(&statement));
        match is_large {
            true => self.large.run(work),
            false => tokio::task::spawn_blocking(work),
        };
    }
}

impl<S: Statement> Request for S {
    type Answer = Result<S::Output, DbError>;
}

impl Behaviour for DbActor {
    const NAME: &'static str = "db";
}

impl<S: Statement> Receive<S> for DbActor {
    fn receive(&mut self, statement: S, answer: Answer<Result<S::Output, DbError>>, _ctx: &mut Ctx<'_, Self>) {
        match S::ACCESS {
            Access::Write => self.write(statement, answer),
            Access::Read | Access::LongRead => self.read(statement, answer),
        }
    }
}

impl Receive<CloseDatabase> for DbActor {
    fn receive(&mut self, _close: CloseDatabase, answer: Answer<()>, _ctx: &mut Ctx<'_, Self>) {
        let (writer, database) = (self.writer.take(), self.database.clone());
        tokio::task::spawn_blocking(move || {
            drop(writer);
            database.close();
            answer.give(());
        });
    }
}

#[cfg(test)]
mod tests {
    use base::{Clock, Events};
    use store::{CountWork, LoadInstallation};

    use super::*;
    use crate::config::Limits;
    use crate::runtime::{Runtime, start};

    #[actix_rt::test]
    async fn requests_after_the_close_get_the_answer_stopped() {
        let folder = tempfile::tempdir().unwrap();
        let runtime = Runtime::new(Clock::system(), Events::default(), &Limits::default());
        let database = crate::db::open(&folder.path().join("frontdesk.db"), &runtime).unwrap();
        let db = start(&runtime, move || DbActor::new(database.clone(), LargeWork::default()));
        let (write, read) = (db.port::<LoadInstallation>(), db.port::<CountWork>());
        let name = |proposal: &str| LoadInstallation {
            proposal: proposal.into(),
        };
        let written = write.command(name("first")).await.unwrap();
        assert_eq!(written.map(|installation| installation.name), Ok("first".into()));
        let closed = db.port::<CloseDatabase>().command(CloseDatabase);
        assert_eq!(write.command(name("second")).await, Ok(Err(DbError::Stopped)));
        assert_eq!(closed.await, Ok(()));
        assert_eq!(read.command(CountWork).await, Ok(Err(DbError::Stopped)));
    }
}
