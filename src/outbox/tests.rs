//! The outbox between a database and edges that answer when they are told to.

use std::sync::Arc;

use base::{Clock, Events};
use chrono::{DateTime, TimeDelta};
use domain::{ChatId, Delivery, DeliveryId, Lane, LeadRules, OutgoingMessage, Payload, SharedLeadRules, Verdict};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use super::messages::DeliveriesQueued;
use super::{OutboxActor, Ports};
use crate::config::Limits;
use crate::db::messages::{
    ClaimDeliveries, ClaimedDeliveries, LoadLetter, RaiseAlert, RecordVerdict, RecoverDeliveries, ReleaseHeldLetters,
};
use crate::mailer::messages::SendMail;
use crate::runtime::{Answer, Behaviour, Ctx, Receive, Runtime, start};
use crate::telegram::messages::{SendError, SendReply};

/// What the outbox asked, with where the answer goes.
enum Asked {
    Claim(Answer<<ClaimDeliveries as actix::Message>::Result>),
    Release(Answer<<ReleaseHeldLetters as actix::Message>::Result>),
    Record(Verdict, Answer<<RecordVerdict as actix::Message>::Result>),
    Send(Answer<<SendReply as actix::Message>::Result>),
    /// Of no interest here.
    Other,
}

impl Asked {
    fn name(&self) -> &'static str {
        match self {
            Self::Claim(_) => "claim",
            Self::Release(_) => "release",
            Self::Record(..) => "record",
            Self::Send(_) => "send",
            Self::Other => "other",
        }
    }
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
                answer: Answer<<$message as actix::Message>::Result>,
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
asked!(SendReply, (_, answer) => Asked::Send(answer));
asked!(RecoverDeliveries, (_, _) => Asked::Other);
asked!(LoadLetter, (_, _) => Asked::Other);
asked!(SendMail, (_, _) => Asked::Other);
asked!(ReleaseHeldLetters, (_, answer) => Asked::Release(answer));
asked!(RaiseAlert, (_, _) => Asked::Other);

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

fn first_attempt() -> Delivery {
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

#[actix_rt::test]
async fn an_echo_of_an_attempt_that_failed_is_not_sent() {
    let (clock, hand) = Clock::by_hand(DateTime::UNIX_EPOCH);
    let limits = Limits::default();
    let runtime = Runtime::new(clock, Events::default(), &limits);
    let (asked, mut asks) = unbounded_channel();
    let others = start(&runtime, move || Others(asked.clone()));
    let ports = Ports {
        claim: others.port(),
        recover: others.port(),
        record: others.port(),
        send: others.port(),
        letter: others.port(),
        mail: others.port(),
        release: others.port(),
        alert: others.port(),
    };
    let outbox = {
        let (runtime, limits, rules) = (runtime.clone(), limits.clone(), nobody_is_told());
        start(&runtime.clone(), move || {
            OutboxActor::new(&runtime, &limits, rules.clone(), ports.clone())
        })
    };
    let found = ClaimedDeliveries {
        deliveries: vec![first_attempt()],
        ..ClaimedDeliveries::default()
    };
    match asks.recv().await {
        Some(Asked::Release(answer)) => answer.give(Ok(0)),
        other => panic!("{:?}", other.map(|asked| asked.name())),
    }
    match asks.recv().await {
        Some(Asked::Claim(answer)) => answer.give(Ok(found)),
        other => panic!("{:?}", other.map(|asked| asked.name())),
    }
    match asks.recv().await {
        Some(Asked::Send(answer)) => answer.give(Err(SendError::Transient("connect"))),
        other => panic!("{:?}", other.map(|asked| asked.name())),
    }
    match asks.recv().await {
        Some(Asked::Record(Verdict::RetryAt { .. }, answer)) => answer.give(Ok(None)),
        other => panic!("{:?}", other.map(|asked| asked.name())),
    }
    // It is put down, and nothing is due yet.
    hand.advance(TimeDelta::seconds(30));
    match asks.recv().await {
        Some(Asked::Claim(answer)) => answer.give(Ok(ClaimedDeliveries::default())),
        other => panic!("{:?}", other.map(|asked| asked.name())),
    }
    // The hint about the first attempt comes only now.
    let deliveries = vec![first_attempt()];
    let hint = outbox.port::<DeliveriesQueued>();
    hint.command(DeliveriesQueued { deliveries }).await.unwrap_err();
    hand.advance(TimeDelta::seconds(30));
    let next = asks.recv().await.map(|asked| asked.name());
    assert_eq!(
        next,
        Some("claim"),
        "its verdict would find no row, and the second attempt no mark"
    );
}
