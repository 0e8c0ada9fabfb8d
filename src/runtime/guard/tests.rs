//! The guard: what a panic loses and what survives it.

use std::time::Duration;

use base::{Clock, Events};

use super::super::{Answer, Behaviour, Ctx, Receive, in_time, offload, requests, start};
use super::*;
use crate::config::Limits;

requests! {
    Add => u32,
    PanicLater => u32,
}

struct Add(u32);

struct PanicLater(&'static str);

#[derive(Default)]
struct Sum(u32);

impl Behaviour for Sum {
    const NAME: &'static str = "sum";
}

impl Receive<Add> for Sum {
    fn receive(&mut self, Add(n): Add, answer: Answer<u32>, _ctx: &mut Ctx<'_, Self>) {
        assert!(n != 13, "thirteen");
        self.0 += n;
        answer.give(self.0);
    }
}

impl Receive<PanicLater> for Sum {
    fn receive(&mut self, PanicLater(place): PanicLater, answer: Answer<u32>, ctx: &mut Ctx<'_, Self>) {
        ctx.spawn(async move { assert!(place != "future", "future") }, move |_, (), _| {
            let _answer = answer;
            assert!(place != "continuation", "continuation");
        });
    }
}

const LIMIT: Duration = Duration::from_secs(5);

fn runtime() -> Runtime {
    Runtime::new(Clock::system(), Events::default(), &Limits::default())
}

#[actix_rt::test]
async fn a_panic_anywhere_answers_with_an_error_and_the_address_stays_valid() {
    let runtime = runtime();
    let sum = start(&runtime, Sum::default);
    let add = sum.port::<Add>();
    assert_eq!(add.ask(Add(2), LIMIT).await, Ok(2));
    assert_eq!(add.ask(Add(13), LIMIT).await, Err(super::super::PortError::NoAnswer));
    assert_eq!(add.ask(Add(3), LIMIT).await, Ok(3), "state is fresh after a restart");
    for place in ["future", "continuation"] {
        let later = sum.port::<PanicLater>();
        assert_eq!(
            later.ask(PanicLater(place), LIMIT).await,
            Err(super::super::PortError::NoAnswer)
        );
        assert_eq!(add.ask(Add(1), LIMIT).await, Ok(1));
    }
    assert_eq!(runtime.mailbox("sum").restarts(), 3);
}

#[test]
fn the_sixth_panic_within_a_minute_fails_the_service() {
    in_time(|| async {
        let runtime = runtime();
        let sum = start(&runtime, Sum::default);
        let add = sum.port::<Add>();
        for _ in 0..5 {
            assert!(add.command(Add(13)).await.is_err());
        }
        let (sixth, behind) = (add.command(Add(13)), add.command(Add(1)));
        assert!(sixth.await.is_err());
        assert!(behind.await.is_err(), "answered, not left waiting");
        assert_eq!(runtime.failed().await, "sum was restarted too often");
    });
}

/// Starts network work at its start and for each message.
struct Busy;

impl Behaviour for Busy {
    const NAME: &'static str = "busy";

    fn started(&mut self, _reason: StartReason, ctx: &mut Ctx<'_, Self>) {
        ctx.spawn(offload(async {}), |_, (), _| ());
    }
}

impl Receive<Add> for Busy {
    fn receive(&mut self, Add(n): Add, answer: Answer<u32>, ctx: &mut Ctx<'_, Self>) {
        ctx.spawn(offload(async {}), move |_, (), _| answer.give(n));
    }
}

#[test]
fn an_actor_dropped_with_its_runtime_starts_nothing() {
    for is_started in [false, true] {
        let runtime = runtime();
        let system = actix_rt::System::new();
        let (busy, answer) = system.block_on(async {
            let busy = start(&runtime, || Busy);
            if is_started {
                assert_eq!(busy.port::<Add>().ask(Add(1), LIMIT).await, Ok(1));
            }
            let answer = busy.port::<Add>().command(Add(2));
            (busy, answer)
        });
        drop(system);
        assert_eq!(
            answer.now_or_never().expect("no actor is left"),
            Err(super::super::PortError::NoAnswer)
        );
        let mailbox = runtime.mailbox("busy");
        assert_eq!(
            (mailbox.restarts(), mailbox.alive(), mailbox.queued()),
            (0, 0, 0),
            "{is_started}"
        );
        drop(busy);
    }
}

/// Cannot be made a second time.
struct Once;

impl Behaviour for Once {
    const NAME: &'static str = "once";
}

impl Receive<Add> for Once {
    fn receive(&mut self, _add: Add, _answer: Answer<u32>, _ctx: &mut Ctx<'_, Self>) {
        panic!("once");
    }
}

#[test]
fn a_constructor_that_keeps_panicking_fails_the_service() {
    in_time(|| async {
        let runtime = runtime();
        let made = std::cell::Cell::new(0);
        let once = start(&runtime, move || {
            made.set(made.get() + 1);
            assert!(made.get() == 1, "made again");
            Once
        });
        assert!(once.port::<Add>().command(Add(1)).await.is_err());
        assert_eq!(runtime.failed().await, "once was restarted too often");
        assert!(
            once.port::<Add>().command(Add(1)).await.is_err(),
            "answered, not left waiting"
        );
        assert_eq!(runtime.mailbox("once").restarts(), 6);
    });
}

/// Keeps its answers until a message 0 arrives.
#[derive(Default)]
struct Slow(Vec<Answer<u32>>);

impl Behaviour for Slow {
    const NAME: &'static str = "slow";
}

impl Receive<Add> for Slow {
    fn receive(&mut self, Add(n): Add, answer: Answer<u32>, _ctx: &mut Ctx<'_, Self>) {
        self.0.push(answer);
        if n == 0 {
            // The oldest first.
            self.0.remove(0).give(u32::try_from(self.0.len()).unwrap());
        }
    }
}

#[test]
fn beyond_the_permits_commands_wait_and_are_taken_in_order() {
    in_time(|| async {
        let limits = Limits {
            command_permits: 2,
            ..Limits::default()
        };
        let runtime = Runtime::new(Clock::system(), Events::default(), &limits);
        let slow = start(&runtime, Slow::default);
        let add = slow.port::<Add>();
        let first = add.command(Add(1));
        let _second = add.command(Add(1));
        let third = add.command(Add(1));
        // A question needs no permit. It finds both commands that have one and answers the first.
        let asked = add.clone();
        let question = async move { asked.ask(Add(0), LIMIT).await };
        let (first, _question) = tokio::join!(first, async { tokio::time::timeout(Duration::ZERO, question).await });
        assert_eq!(
            first,
            Ok(2),
            "two commands and the question were there, the third was not"
        );
        // The third gets its permit and is answered after the messages before it.
        let answers = async {
            for _ in 0..3 {
                let _ = tokio::time::timeout(Duration::ZERO, add.ask(Add(0), LIMIT)).await;
            }
        };
        let (third, ()) = tokio::join!(third, answers);
        assert!(third.is_ok());
    });
}

/// `str` itself quotes the whole text in such a panic.
#[test]
fn a_panic_that_quotes_a_text_is_logged_without_it() {
    let text = "мой номер 8 912 345-67-89".to_owned();
    let reason = |panicking: &dyn Fn()| {
        let caught = std::panic::catch_unwind(AssertUnwindSafe(panicking)).unwrap_err();
        super::reason_of(caught.as_ref())
    };
    assert_eq!(reason(&|| drop(text[1..].to_owned())), "panicked, message withheld");
    assert_eq!(reason(&|| panic!("a literal")), "a literal");
}
