//! An actor as a loop: one future that reads from top to bottom. Dropping the future cancels its work. A loop takes messages one
//! by one from a queue that survives a restart.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::port::{Answer, Counted, Mailbox, Request};

/// An actor whose work is a sequence.
pub(crate) trait Loop: Sized + 'static {
    /// The name in logs: `conversation`.
    const NAME: &'static str;
    /// An item of its queue: an enum with a variant per message.
    type Incoming: 'static;

    /// Runs until there is no state to keep; the next message starts it again. A panic drops `self` and the future.
    fn run(self, reason: StartReason, queue: Queue<Self::Incoming>) -> impl Future<Output = ()> + 'static;
}

/// A loop that takes messages of type `M`.
pub(crate) trait Takes<M: Request>: Loop {
    /// The message as an item of the queue.
    fn incoming(message: M, answer: Answer<M::Answer>) -> Self::Incoming;
}

/// Why a loop starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StartReason {
    /// There is no earlier state.
    Initial,
    /// State in memory and work in progress were lost.
    AfterPanic,
}

/// Messages that the loop has not taken yet.
pub(crate) struct Queue<T>(Rc<Waiting<T>>);

struct Waiting<T> {
    messages: RefCell<VecDeque<(T, Counted)>>,
    arrived: Notify,
    mailbox: Arc<Mailbox>,
}

impl<T> Queue<T> {
    pub(super) fn new(mailbox: &Arc<Mailbox>) -> Self {
        Self(Rc::new(Waiting {
            messages: RefCell::default(),
            arrived: Notify::new(),
            mailbox: Arc::clone(mailbox),
        }))
    }

    /// The same queue, for the next start.
    pub(super) fn same(&self) -> Self {
        Self(Rc::clone(&self.0))
    }

    pub(super) fn mailbox(&self) -> &Arc<Mailbox> {
        &self.0.mailbox
    }

    pub(super) fn push(&self, message: T, queued: Counted) {
        self.0.messages.borrow_mut().push_back((message, queued));
        self.0.arrived.notify_one();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.messages.borrow().is_empty()
    }

    pub(super) fn clear(&self) {
        self.0.messages.take();
    }

    /// Takes the next message.
    pub(crate) async fn next(&mut self) -> T {
        loop {
            if let Some(message) = self.try_next() {
                return message;
            }
            self.0.arrived.notified().await;
        }
    }

    /// Takes the next message if there is one.
    pub(crate) fn try_next(&mut self) -> Option<T> {
        let (message, _queued) = self.0.messages.borrow_mut().pop_front()?;
        if self.is_empty() {
            // A burst must not keep its memory.
            self.0.messages.borrow_mut().shrink_to(4);
        }
        self.0.mailbox.panics.message_is_taken(self.0.mailbox.name());
        Some(message)
    }

    /// Frees the memory of taken messages, for a loop that may wait long.
    pub(crate) fn shrink(&mut self) {
        self.0.messages.borrow_mut().shrink_to_fit();
    }

    /// Waits for `work`. Queued messages and those that arrive meanwhile go to `take` first. As soon as `take` returns `true`,
    /// this returns `None` without waiting for the work. The caller pins `work`: a future that holds another by value needs its
    /// size twice.
    pub(crate) async fn during<W>(
        &mut self,
        mut work: Pin<&mut W>,
        mut take: impl FnMut(T) -> bool,
    ) -> Option<W::Output>
    where
        W: Future,
    {
        loop {
            tokio::select! {
                biased;
                message = self.next() => if take(message) {
                    return None;
                },
                output = &mut work => return Some(output),
            }
        }
    }
}

/// Spawns network work as a task at once; dropping the returned future aborts it.
pub(crate) fn offload<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> impl Future<Output = T> {
    let mut task = Task(tokio::spawn(work));
    async move {
        match (&mut task.0).await {
            Ok(output) => output,
            Err(failed) if failed.is_panic() => std::panic::resume_unwind(failed.into_panic()),
            // Aborted together with the runtime: no caller is left.
            Err(_aborted) => std::future::pending().await,
        }
    }
}

/// A task that is aborted when its caller drops it.
struct Task<T>(JoinHandle<T>);

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use base::{Clock, Events};

    use super::*;
    use crate::config::Limits;
    use crate::runtime::{LoopAddress, PanicPlan, PortError, Runtime, in_time, requests, start_loop};

    requests! {
        Add => u32,
        End => (),
    }

    struct Add(u32);

    /// Ends, or panics.
    struct End {
        is_panic: bool,
    }

    enum Incoming {
        Add(u32, Answer<u32>),
        End(bool),
    }

    /// Takes no message before the gate opens.
    struct Sum(Rc<Notify>);

    impl Loop for Sum {
        const NAME: &'static str = "sum";
        type Incoming = Incoming;

        async fn run(self, _reason: StartReason, mut queue: Queue<Incoming>) {
            self.0.notified().await;
            self.0.notify_one();
            let mut sum = 0;
            loop {
                match queue.next().await {
                    Incoming::Add(n, answer) => {
                        sum += n;
                        answer.give(sum);
                    }
                    Incoming::End(is_panic) => {
                        assert!(!is_panic, "the end");
                        return;
                    }
                }
            }
        }
    }

    impl Takes<Add> for Sum {
        fn incoming(Add(n): Add, answer: Answer<u32>) -> Incoming {
            Incoming::Add(n, answer)
        }
    }

    impl Takes<End> for Sum {
        fn incoming(end: End, _answer: Answer<()>) -> Incoming {
            Incoming::End(end.is_panic)
        }
    }

    fn sum(plan: &[(&'static str, i64)]) -> (Runtime, Rc<Notify>, LoopAddress<Sum>) {
        let mut runtime = Runtime::new(Clock::system(), Events::default(), &Limits::default());
        runtime.panics = PanicPlan::at(plan);
        let gate = Rc::new(Notify::new());
        let opened = Rc::clone(&gate);
        let address = start_loop(&runtime, move || Sum(Rc::clone(&opened)));
        (runtime, gate, address)
    }

    #[test]
    fn ten_messages_queued_behind_a_panic_are_all_handled() {
        in_time(|| async {
            let (runtime, gate, sum) = sum(&[("sum", 1)]);
            let add = sum.port::<Add>();
            let poison = add.command(Add(1));
            let behind: Vec<_> = (0..10).map(|_| add.command(Add(1))).collect();
            tokio::task::yield_now().await;
            assert_eq!(runtime.mailbox("sum").queued(), 11, "nothing has been taken");
            gate.notify_one();
            assert_eq!(poison.await, Err(PortError::NoAnswer));
            let answers = futures_util::future::join_all(behind).await;
            assert_eq!(answers, (1..=10).map(Ok).collect::<Vec<_>>());
            assert_eq!(
                (runtime.mailbox("sum").queued(), runtime.mailbox("sum").restarts()),
                (0, 1)
            );
        });
    }

    #[test]
    fn a_planned_panic_counts_what_was_taken_and_not_what_arrived() {
        in_time(|| async {
            let (runtime, gate, sum) = sum(&[("sum", 2)]);
            let add = sum.port::<Add>();
            let first = add.command(Add(1));
            let rest: Vec<_> = (0..2).map(|_| add.command(Add(1))).collect();
            tokio::task::yield_now().await;
            assert_eq!(runtime.mailbox("sum").restarts(), 0);
            gate.notify_one();
            assert_eq!(first.await, Ok(1));
            let rest = futures_util::future::join_all(rest).await;
            assert_eq!(rest, [Err(PortError::NoAnswer), Ok(1)]);
        });
    }

    #[test]
    fn a_loop_that_ended_is_started_by_the_next_message() {
        in_time(|| async {
            let (runtime, gate, sum) = sum(&[]);
            gate.notify_one();
            let (add, end) = (sum.port::<Add>(), sum.port::<End>());
            assert_eq!(add.command(Add(2)).await, Ok(2));
            drop(end.command(End { is_panic: false }));
            assert_eq!(add.command(Add(5)).await, Ok(5));
            drop(end.command(End { is_panic: false }));
            tokio::task::yield_now().await;
            assert_eq!(add.command(Add(7)).await, Ok(7));
            drop(end.command(End { is_panic: true }));
            assert_eq!(add.command(Add(9)).await, Ok(9));
            assert_eq!(runtime.mailbox("sum").restarts(), 1);
        });
    }

    #[test]
    fn a_finished_loop_is_dropped_with_its_last_port() {
        in_time(|| async {
            let (runtime, gate, sum) = sum(&[]);
            gate.notify_one();
            let end = sum.port::<End>();
            let ended = end.command(End { is_panic: false });
            drop((sum, end));
            assert_eq!(ended.await, Err(PortError::NoAnswer));
            while runtime.mailbox("sum").alive() > 0 {
                tokio::task::yield_now().await;
            }
        });
    }

    #[actix_rt::test]
    async fn work_ends_after_the_queued_messages_or_when_one_cancels_it() {
        let runtime = Runtime::new(Clock::system(), Events::default(), &Limits::default());
        let mailbox = runtime.mailbox("sum");
        let mut queue = Queue::new(&mailbox);
        queue.push(1, Counted::default());
        queue.push(2, Counted::default());
        let mut taken = Vec::new();
        let work = pin!(async { "done" });
        let output = queue.during(work, |n| {
            taken.push(n);
            false
        });
        assert_eq!(output.await, Some("done"));
        assert_eq!(taken, [1, 2]);
        queue.push(3, Counted::default());
        let never = pin!(std::future::pending::<()>());
        assert_eq!(queue.during(never, |n| n == 3).await, None);
    }
}
