//! How the poller reads an answer, and how a panic affects its callers.

use base::{Clock, Events};

use super::*;
use crate::config::{Config, Limits, Secret, TelegramConfig};
use crate::runtime::{Behaviour, Ctx, PanicPlan, PortError, Receive, Request, start, start_loop};

fn answered(body: &str) -> HttpAnswer {
    HttpAnswer {
        status: 200,
        retry_after: None,
        body: body.to_owned(),
    }
}

#[test]
fn poll_errors_are_classified() {
    let cases = [
        (
            r#"{"ok":false,"error_code":401,"description":"Unauthorized"}"#,
            TelegramError::Unauthorized,
        ),
        (
            r#"{"ok":false,"error_code":409,"description":"Conflict: terminated by other getUpdates request"}"#,
            TelegramError::Conflict(Rival::Poller),
        ),
        (
            r#"{"ok":false,"error_code":409,"description":"Conflict: can't use getUpdates method while webhook is active"}"#,
            TelegramError::Conflict(Rival::Webhook),
        ),
        (
            r#"{"ok":false,"error_code":429,"description":"x","parameters":{"retry_after":7}}"#,
            TelegramError::RetryAfter(Duration::from_secs(7)),
        ),
        (
            r#"{"ok":false,"error_code":502,"description":"Bad Gateway"}"#,
            TelegramError::Unreachable("server error"),
        ),
        (
            r#"{"ok":false,"error_code":400,"description":"Bad Request: x"}"#,
            TelegramError::Unreachable("refused"),
        ),
        ("<html>502</html>", TelegramError::Unreachable("unreadable")),
    ];
    let bot = BotIdentity {
        id: 1,
        username: Some("bot".into()),
    };
    for (body, expected) in cases {
        assert_eq!(read(&bot, &answered(body)), Err(expected));
    }
}

#[test]
fn one_invalid_update_never_fails_the_batch() {
    let bot = BotIdentity { id: 1, username: None };
    let body = r#"{"ok":true,"result":[{"update_id":4,"message":{nonsense}},{"update_id":5}]}"#;
    let ids: Vec<i64> = read(&bot, &answered(body))
        .unwrap()
        .iter()
        .map(|update| update.update.0)
        .collect();
    assert_eq!(ids, [4, 5]);
    for cut in [
        &body[..40],
        r#"{"ok":false,"result":[{x}]}"#,
        r#"{"ok":true,"result":{x}}"#,
    ] {
        assert_eq!(
            read(&bot, &answered(cut)),
            Err(TelegramError::Unreachable("unreadable"))
        );
    }
}

/// Accepts every message of the poller.
struct Others;

impl Behaviour for Others {
    const NAME: &'static str = "others";
}

impl<M: Request> Receive<M> for Others {
    fn receive(&mut self, _message: M, _answer: Answer<M::Answer>, _ctx: &mut Ctx<'_, Self>) {}
}

#[actix_rt::test]
async fn ten_requests_queued_behind_a_poller_panic_are_answered() {
    let mut runtime = Runtime::new(Clock::system(), Events::default(), &Limits::default());
    runtime.panics = PanicPlan::at(&[(TelegramPoller::NAME, 1)]);
    let config = TelegramConfig {
        token: Secret::new("1:token"),
        // No server listens there.
        api_url: Some("http://127.0.0.1:1".into()),
        rate_per_second: 0,
        chat_rate_per_second: 0,
        ..Config::defaults().telegram
    };
    let clients = Clients::new(&config, &runtime.clock).unwrap();
    let others = start(&runtime, || Others);
    let ports = Ports {
        deliver: others.port(),
        limited: others.port(),
        refused: others.port(),
    };
    let settings = Settings {
        bot: BotIdentity { id: 1, username: None },
        menus: Vec::new(),
    };
    let poller = {
        let runtime = runtime.clone();
        start_loop(&runtime.clone(), move || {
            TelegramPoller::new(&clients, settings.clone(), &runtime, ports.clone())
        })
    };
    let port = poller.port::<LoadPollTime>();
    let poison = port.command(LoadPollTime);
    let behind: Vec<_> = (0..10).map(|_| port.command(LoadPollTime)).collect();
    assert_eq!(poison.await, Err(PortError::NoAnswer));
    for answer in join_all(behind).await {
        assert!(answer.is_ok());
    }
    assert_eq!(runtime.mailbox(TelegramPoller::NAME).restarts(), 1);
}
