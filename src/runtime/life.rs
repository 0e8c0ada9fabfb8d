//! An actor whose life is a sequence: one future that reads from top to bottom, and dropping it cancels whatever is under way. It
//! takes its messages one by one from a queue that a restart does not replace.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;

use actix::Message;
use tokio::sync::Notify;

use super::guard::is_due;
use super::port::{Answer, Mailbox, Queued};
use super::{Address, Behaviour, Birth, Ctx, PanicPlan, Receive, Runtime, start};

/// A life from its birth to its end.
pub trait Life: Sized + 'static {
    /// The name in logs: `conversation`.
    const NAME: &'static str;
    /// What it may be told: a variant for each message.
    type Told: 'static;

    /// Lives. What is in `self` and in the future is gone after a panic. A life that ends had nothing to remember: the next
    /// message begins another.
    fn run(self, birth: Birth, queue: Queue<Self::Told>) -> impl Future<Output = ()> + 'static;
}

/// A life that may be told `M`.
pub trait Takes<M: Message>: Life {
    /// The message as it stands in the queue.
    fn told(message: M, answer: Answer<M::Result>) -> Self::Told;
}

/// What waits to be taken by a life.
pub struct Queue<T>(Rc<Waiting<T>>);

struct Waiting<T> {
    messages: RefCell<VecDeque<(T, Queued)>>,
    arrived: Notify,
    mailbox: Arc<Mailbox>,
    panics: PanicPlan,
}

impl<T> Queue<T> {
    fn of(runtime: &Runtime, name: &'static str) -> Self {
        Self(Rc::new(Waiting {
            messages: RefCell::default(),
            arrived: Notify::new(),
            mailbox: runtime.mailbox(name),
            panics: runtime.panics.clone(),
        }))
    }

    fn same(&self) -> Self {
        Self(Rc::clone(&self.0))
    }

    fn push(&self, message: T) {
        let queued = Queued::new(&self.0.mailbox);
        self.0.messages.borrow_mut().push_back((message, queued));
        self.0.arrived.notify_one();
    }

    /// Takes the next message.
    pub async fn next(&mut self) -> T {
        loop {
            if let Some(message) = self.try_next() {
                return message;
            }
            self.0.arrived.notified().await;
        }
    }

    /// Takes the next message if there is one.
    pub fn try_next(&mut self) -> Option<T> {
        let mut messages = self.0.messages.borrow_mut();
        let (message, _queued) = messages.pop_front()?;
        if messages.is_empty() {
            // Thousands of lives are idle: none keeps room for messages that came at once.
            *messages = VecDeque::new();
        }
        drop(messages);
        let is_due = is_due(&self.0.panics.left, self.0.mailbox.name());
        assert!(!is_due, "panic raised on purpose");
        Some(message)
    }

    /// Waits for `work`. What arrives meanwhile goes to `take`, and what is there already goes first; the work is dropped, and
    /// `None` returned, as soon as `take` answers `true`.
    pub async fn during<W: Future>(&mut self, work: W, mut take: impl FnMut(T) -> bool) -> Option<W::Output> {
        let mut work = pin!(work);
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

/// The behaviour around a life.
pub struct Living<L: Life> {
    make: Rc<dyn Fn() -> L>,
    queue: Queue<L::Told>,
    is_alive: bool,
}

/// Starts a life on this thread's arbiter. `make` builds its state, now and after every panic.
pub fn live<L: Life>(runtime: &Runtime, make: impl Fn() -> L + 'static) -> Address<Living<L>> {
    let (make, queue) = (Rc::new(make), Queue::of(runtime, L::NAME));
    start(runtime, move || Living {
        make: make.clone(),
        queue: queue.same(),
        is_alive: false,
    })
}

impl<L: Life> Living<L> {
    fn begin(&mut self, birth: Birth, ctx: &mut Ctx<'_, Self>) {
        self.is_alive = true;
        let life = (self.make)().run(birth, self.queue.same());
        ctx.spawn(life, |this, (), ctx| {
            this.is_alive = false;
            if !this.queue.0.messages.borrow().is_empty() {
                this.begin(Birth::First, ctx);
            }
        });
    }
}

impl<L: Life> Behaviour for Living<L> {
    const NAME: &'static str = L::NAME;
    const QUEUES: bool = true;

    fn started(&mut self, birth: Birth, ctx: &mut Ctx<'_, Self>) {
        self.begin(birth, ctx);
    }
}

impl<L: Takes<M>, M: Message> Receive<M> for Living<L> {
    fn receive(&mut self, message: M, answer: Answer<M::Result>, ctx: &mut Ctx<'_, Self>) {
        self.queue.push(L::told(message, answer));
        if !self.is_alive {
            self.begin(Birth::First, ctx);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use base::{Clock, Events};

    use super::*;
    use crate::config::Limits;
    use crate::runtime::{Port, PortError};

    const LIMIT: Duration = Duration::from_secs(5);

    #[derive(Message)]
    #[rtype(result = "u32")]
    struct Add(u32);

    /// Ends its life, or panics.
    #[derive(Message)]
    #[rtype(result = "()")]
    struct End {
        is_panic: bool,
    }

    enum Told {
        Add(u32, Answer<u32>),
        End(bool),
    }

    /// Takes nothing before the door is open.
    struct Sum(Rc<Notify>);

    impl Life for Sum {
        const NAME: &'static str = "sum";
        type Told = Told;

        async fn run(self, _birth: Birth, mut queue: Queue<Told>) {
            self.0.notified().await;
            self.0.notify_one();
            let mut sum = 0;
            loop {
                match queue.next().await {
                    Told::Add(n, answer) => {
                        sum += n;
                        answer.give(sum);
                    }
                    Told::End(is_panic) => {
                        assert!(!is_panic, "the end");
                        return;
                    }
                }
            }
        }
    }

    impl Takes<Add> for Sum {
        fn told(Add(n): Add, answer: Answer<u32>) -> Told {
            Told::Add(n, answer)
        }
    }

    impl Takes<End> for Sum {
        fn told(end: End, _answer: Answer<()>) -> Told {
            Told::End(end.is_panic)
        }
    }

    fn sum(plan: &[(&'static str, i64)]) -> (Runtime, Rc<Notify>, Address<Living<Sum>>) {
        let mut runtime = Runtime::new(Clock::system(), Events::default(), &Limits::default());
        runtime.panics = PanicPlan::at(plan);
        let door = Rc::new(Notify::new());
        let opened = Rc::clone(&door);
        let address = live(&runtime, move || Sum(Rc::clone(&opened)));
        (runtime, door, address)
    }

    async fn ask(port: &Port<Add>, n: u32) -> Result<u32, PortError> {
        port.ask(Add(n), LIMIT).await
    }

    #[actix_rt::test]
    async fn ten_messages_queued_behind_a_panic_are_all_handled() {
        let (runtime, door, sum) = sum(&[("sum", 1)]);
        let add = sum.port::<Add>();
        let poison = add.command(Add(1));
        let behind: Vec<_> = (0..10).map(|_| add.command(Add(1))).collect();
        tokio::task::yield_now().await;
        assert_eq!(runtime.mailbox("sum").queued(), 11, "nothing has been taken");
        door.notify_one();
        assert_eq!(poison.await, Err(PortError::NoAnswer));
        let answers = futures_util::future::join_all(behind).await;
        assert_eq!(answers, (1..=10).map(Ok).collect::<Vec<_>>());
        assert_eq!(
            (runtime.mailbox("sum").queued(), runtime.mailbox("sum").restarts()),
            (0, 1)
        );
    }

    #[actix_rt::test]
    async fn a_planned_panic_counts_what_was_taken_and_not_what_arrived() {
        let (runtime, door, sum) = sum(&[("sum", 2)]);
        let add = sum.port::<Add>();
        let first = add.command(Add(1));
        let rest: Vec<_> = (0..2).map(|_| add.command(Add(1))).collect();
        tokio::task::yield_now().await;
        assert_eq!(runtime.mailbox("sum").restarts(), 0);
        door.notify_one();
        assert_eq!(first.await, Ok(1));
        let rest = futures_util::future::join_all(rest).await;
        assert_eq!(rest, [Err(PortError::NoAnswer), Ok(1)]);
    }

    #[actix_rt::test]
    async fn a_life_that_ended_is_born_again_by_the_next_message() {
        let (runtime, door, sum) = sum(&[]);
        door.notify_one();
        let (add, end) = (sum.port::<Add>(), sum.port::<End>());
        assert_eq!(ask(&add, 2).await, Ok(2));
        drop(end.command(End { is_panic: false }));
        let behind_its_end = add.command(Add(5));
        assert_eq!(behind_its_end.await, Ok(5));
        drop(end.command(End { is_panic: false }));
        tokio::task::yield_now().await;
        assert_eq!(ask(&add, 7).await, Ok(7));
        drop(end.command(End { is_panic: true }));
        assert_eq!(ask(&add, 9).await, Ok(9));
        assert_eq!(runtime.mailbox("sum").restarts(), 1);
    }

    #[actix_rt::test]
    async fn a_life_that_ended_goes_with_its_last_port() {
        let (runtime, door, sum) = sum(&[]);
        door.notify_one();
        let end = sum.port::<End>();
        let ended = end.command(End { is_panic: false });
        drop((sum, end));
        assert_eq!(ended.await, Err(PortError::NoAnswer));
        while runtime.mailbox("sum").alive() > 0 {
            tokio::task::yield_now().await;
        }
    }

    #[actix_rt::test]
    async fn work_is_dropped_when_a_message_wants_it_and_ends_behind_what_is_queued() {
        let runtime = Runtime::new(Clock::system(), Events::default(), &Limits::default());
        let mut queue = Queue::of(&runtime, "sum");
        queue.push(1);
        queue.push(2);
        let mut taken = Vec::new();
        let output = queue.during(async { "done" }, |n| {
            taken.push(n);
            false
        });
        assert_eq!(output.await, Some("done"));
        assert_eq!(taken, [1, 2]);
        queue.push(3);
        let never = std::future::pending::<()>();
        assert_eq!(queue.during(never, |n| n == 3).await, None);
    }
}
