//! The outbox between a database and a courier that answer when they are told to.

use std::rc::Rc;
use std::sync::Arc;

use base::backoff::Backoff;
use base::{Clock, Event, Events};
use chrono::{DateTime, TimeDelta};
use domain::{ChatId, DeliveryId, OutgoingMessage};
use store::{
    ClaimDeliveries, ClaimedDeliveries, Delivery, EachWay, Lane, LeadRules, Payload, RaiseAlert, RecordVerdict,
    RecoverDeliveries, ReleaseHeldLetters, SharedLeadRules, Verdict,
};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;

use super::courier::{Attempt, Courier, Outcome, Terms};
use super::events::NAME;
use super::messages::DeliveriesQueued;
use super::{OutboxActor, Ports};
use crate::config::Limits;
use crate::runtime::{Answer, Behaviour, Ctx, Receive, Request, Runtime, start};

/// What the outbox asked, with where the answer goes.
enum Asked {
    Claim(Answer<<ClaimDeliveries as Request>::Answer>),
    Release(Answer<<ReleaseHeldLetters as Request>::Answer>),
    Record(Verdict, Answer<<RecordVerdict as Request>::Answer>),
    HandOver(oneshot::Sender<Outcome>),
    /// Of no interest here.
    Other,
}

/// Everybody else.
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
asked!(RecoverDeliveries, (_, _) => Asked::Other);
asked!(ReleaseHeldLetters, (_, answer) => Asked::Release(answer));
asked!(RaiseAlert, (_, _) => Asked::Other);

/// Asks the test how each attempt went.
struct Asking(UnboundedSender<Asked>);

impl Courier for Asking {
    fn terms(&self) -> Terms {
        Terms {
            places: 1,
            age: TimeDelta::hours(1),
            last_try: TimeDelta::zero(),
            backoff: Backoff::REPLY,
            pause: |_| None,
            refused: "",
        }
    }

    fn hand_over(self: Rc<Self>, _delivery: &Delivery) -> Attempt {
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

fn nobody_is_told() -> SharedLeadRules {
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

macro_rules! next {
    ($asks:ident, $asked:pat) => {
        let Some($asked) = $asks.recv().await else {
            panic!("{} comes next", stringify!($asked))
        };
    };
}

#[actix_rt::test]
async fn an_echo_of_an_attempt_that_failed_is_not_sent() {
    let (clock, hand) = Clock::by_hand(DateTime::UNIX_EPOCH);
    let limits = Limits::default();
    let runtime = Runtime::new(clock, Events::default(), &limits);
    let (asked, mut asks) = unbounded_channel();
    let asking = asked.clone();
    let others = start(&runtime, move || Others(asked.clone()));
    let ports = Ports {
        claim: others.port(),
        recover: others.port(),
        record: others.port(),
        release: others.port(),
        alert: others.port(),
    };
    let outbox = {
        let (runtime, limits, rules) = (runtime.clone(), limits.clone(), nobody_is_told());
        start(&runtime.clone(), move || {
            let couriers = EachWay::of(|_| -> Rc<dyn Courier> { Rc::new(Asking(asking.clone())) });
            OutboxActor::new(&runtime, &limits, rules.clone(), ports.clone(), couriers)
        })
    };
    let found = ClaimedDeliveries {
        deliveries: vec![first_attempt()],
        ..ClaimedDeliveries::default()
    };
    next!(asks, Asked::Release(answer));
    answer.give(Ok(0));
    next!(asks, Asked::Claim(answer));
    answer.give(Ok(found));
    next!(asks, Asked::HandOver(answer));
    answer.send(Outcome::Delayed(None, "connect".into())).unwrap();
    next!(asks, Asked::Record(Verdict::RetryAt { .. }, answer));
    answer.give(Ok(None));
    // It is put down, and nothing is due yet.
    hand.advance(TimeDelta::seconds(30));
    next!(asks, Asked::Claim(answer));
    answer.give(Ok(ClaimedDeliveries::default()));
    // The hint about the first attempt comes only now.
    let deliveries = vec![first_attempt()];
    let hint = outbox.port::<DeliveriesQueued>();
    hint.command(DeliveriesQueued { deliveries }).await.unwrap_err();
    hand.advance(TimeDelta::seconds(30));
    // Sent, its verdict would find no row, and the second attempt no mark.
    next!(asks, Asked::Claim(_));
}
