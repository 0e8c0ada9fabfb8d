//! The outbox with a database and a courier whose answers the tests control.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use base::backoff::Backoff;
use base::{Clock, ClockHand, Event, Events};
use chrono::{DateTime, TimeDelta};
use domain::{ChatId, DeliveryId, OutgoingMessage};
use futures_util::FutureExt;
use store::{
    ClaimDeliveries, ClaimedDeliveries, Delivery, EachWay, Lane, LeadRules, Payload, RaiseAlert, RecordVerdict,
    RecoverDeliveries, ReleaseHeldLetters, SharedLeadRules, Verdict,
};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;

use super::courier::{Attempt, Courier, Outcome, Terms};
use super::events::NAME;
use super::messages::{DeliveriesQueued, StopDelivering};
use super::{OutboxActor, Ports};
use crate::config::Limits;
use crate::runtime::{Address, Answer, Behaviour, Ctx, PanicPlan, Receive, Request, Runtime, start};

/// A request of the outbox, with its answer channel.
enum Asked {
    Claim(Answer<<ClaimDeliveries as Request>::Answer>),
    Release(Answer<<ReleaseHeldLetters as Request>::Answer>),
    Record(Verdict, Answer<<RecordVerdict as Request>::Answer>),
    Recover(Answer<<RecoverDeliveries as Request>::Answer>),
    HandOver(oneshot::Sender<Outcome>),
    /// Not relevant here.
    Other,
}

/// All other actors.
struct Others(UnboundedSender<Asked>);

impl Behaviour for Others {
    const NAME: &'static str = "others";
}

macro_rules! asked {
    ($message:ty, $message_and_answer:pat => $asked:expr) => {
        impl Receive<$message> for Others {
            fn receive(
                &mut self,
                message: $message,
                answer: Answer<<$message as Request>::Answer>,
                _ctx: &mut Ctx<'_, Self>,
            ) {
                let $message_and_answer = (message, answer);
                self.0.send($asked).unwrap_or_else(|_| panic!("the test listens"));
            }
        }
    };
}

asked!(ClaimDeliveries, (_, answer) => Asked::Claim(answer));
asked!(RecordVerdict, (record, answer) => Asked::Record(record.verdict, answer));
asked!(RecoverDeliveries, (_, answer) => Asked::Recover(answer));
asked!(ReleaseHeldLetters, (_, answer) => Asked::Release(answer));
asked!(RaiseAlert, (_, _) => Asked::Other);

/// Lets the test decide the outcome of each attempt.
struct Asking(UnboundedSender<Asked>);

impl Courier for Asking {
    fn terms(&self) -> Terms {
        Terms {
            max_in_flight: 2,
            age: TimeDelta::hours(1),
            last_try: TimeDelta::zero(),
            backoff: Backoff::REPLY,
            pause: |_| None,
            refused_prefix: "",
        }
    }

    fn start_attempt(self: Rc<Self>, _delivery: &Delivery) -> Attempt {
        let (answer, outcome) = oneshot::channel();
        self.0
            .send(Asked::HandOver(answer))
            .unwrap_or_else(|_| panic!("the test listens"));
        Box::pin(async move { (outcome.await.unwrap(), None) })
    }

    fn event(&self, _verdict: &Verdict) -> Event {
        Event::info(NAME, "reply_sent")
    }
}

fn no_recipients() -> SharedLeadRules {
    Arc::new(LeadRules {
        owners: Vec::new(),
        operators: Vec::new(),
        open_for: TimeDelta::hours(72),
        letter_delay: TimeDelta::seconds(60),
        letters_per_hour: 20,
        alert_pause: TimeDelta::hours(1),
        dialog_lines: 2_000,
    })
}

pub(super) fn first_attempt() -> Delivery {
    Delivery {
        id: DeliveryId(1),
        lane: Lane("tg:7".into()),
        chat: ChatId(7),
        payload: Payload::Message(OutgoingMessage::plain("hello")),
        attempt: 1,
        created_at: DateTime::UNIX_EPOCH,
        update: None,
    }
}

/// Only reached by a failing test.
const LIMIT: Duration = Duration::from_secs(20);

macro_rules! next {
    ($asks:ident, $asked:pat) => {
        let Ok(Some($asked)) = tokio::time::timeout(LIMIT, $asks.recv()).await else {
            panic!("{} comes next", stringify!($asked))
        };
    };
}

/// An outbox, its requests, and the hand of its clock; it panics as planned.
fn outbox(panics: PanicPlan) -> (Address<OutboxActor>, UnboundedReceiver<Asked>, ClockHand) {
    let (clock, hand) = Clock::by_hand(DateTime::UNIX_EPOCH);
    let limits = Limits::default();
    let mut runtime = Runtime::new(clock, Events::default(), &limits);
    runtime.panics = panics;
    let (asked, asks) = unbounded_channel();
    let asking = asked.clone();
    let others = start(&runtime, move || Others(asked.clone()));
    let ports = Ports {
        claim: others.port(),
        recover: others.port(),
        record: others.port(),
        release: others.port(),
        alert: others.port(),
    };
    let outbox = start(&runtime.clone(), move || {
        let couriers = EachWay::of(|_| -> Rc<dyn Courier> { Rc::new(Asking(asking.clone())) });
        OutboxActor::new(&runtime, &limits, no_recipients(), ports.clone(), couriers)
    });
    (outbox, asks, hand)
}

/// Gives the outbox its first delivery; the test sends the outcome.
async fn start_delivery(asks: &mut UnboundedReceiver<Asked>) -> oneshot::Sender<Outcome> {
    let found = ClaimedDeliveries {
        deliveries: vec![first_attempt()],
        ..ClaimedDeliveries::default()
    };
    next!(asks, Asked::Release(answer));
    answer.give(Ok(0));
    next!(asks, Asked::Claim(answer));
    answer.give(Ok(found));
    next!(asks, Asked::HandOver(outcome));
    outcome
}

/// Sends a hint and waits until it is received.
async fn hint(outbox: &Address<OutboxActor>, deliveries: Vec<Delivery>) {
    let hint = outbox.port::<DeliveriesQueued>();
    hint.command(DeliveriesQueued { deliveries }).await.unwrap_err();
}

#[actix_rt::test]
async fn a_late_hint_does_not_resend_a_failed_attempt() {
    let (outbox, mut asks, hand) = outbox(PanicPlan::default());
    let outcome = start_delivery(&mut asks).await;
    outcome.send(Outcome::Delayed(None, "connect".into())).unwrap();
    next!(asks, Asked::Record(Verdict::RetryAt { .. }, answer));
    answer.give(Ok(None));
    // The attempt has ended, and no row is due yet.
    hand.advance(TimeDelta::seconds(30));
    next!(asks, Asked::Claim(answer));
    answer.give(Ok(ClaimedDeliveries::default()));
    // The hint for the first attempt arrives only now.
    hint(&outbox, vec![first_attempt()]).await;
    hand.advance(TimeDelta::seconds(30));
    // If it were sent, its verdict would match no row, and the second attempt would have no "maybe sent" mark.
    next!(asks, Asked::Claim(_));
}

#[actix_rt::test]
async fn a_delivery_in_flight_at_a_panic_is_not_resent_before_it_is_marked() {
    let (outbox, mut asks, _hand) = outbox(PanicPlan::at(&[("outbox", 1)]));
    let _in_hand = start_delivery(&mut asks).await;
    hint(&outbox, Vec::new()).await;
    next!(asks, Asked::Recover(answer));
    hint(&outbox, vec![first_attempt()]).await;
    answer.give(Ok(1));
    next!(asks, Asked::Claim(_));
}

#[actix_rt::test]
async fn a_stop_waits_for_deliveries_in_flight_and_starts_no_more() {
    let (outbox, mut asks, _hand) = outbox(PanicPlan::default());
    let in_flight = start_delivery(&mut asks).await;
    let mut stopped = Box::pin(outbox.port::<StopDelivering>().command(StopDelivering));
    let late = Delivery {
        id: DeliveryId(2),
        ..first_attempt()
    };
    hint(&outbox, vec![late]).await;
    next!(asks, Asked::Record(Verdict::RetryAt { maybe_sent: false, .. }, answer));
    answer.give(Ok(None));
    in_flight.send(Outcome::Sent(None)).unwrap();
    next!(asks, Asked::Record(Verdict::Sent { .. }, answer));
    assert!(stopped.as_mut().now_or_never().is_none(), "it is not recorded yet");
    answer.give(Ok(None));
    assert_eq!(stopped.await, Ok(()));
}
