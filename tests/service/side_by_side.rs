//! A service is a value: several services in one process share nothing.

use futures_util::future::join_all;
use sandbox::{Answer, Play, Run, play};

use crate::harness::{TestService, deliveries};

const SERVICES: i64 = 8;
const CUSTOMERS: u32 = 15;
const MESSAGES: u32 = 4;

async fn start(number: i64) -> TestService {
    let script = move |run: &Run| Answer::Text(format!("shop {number} says: {}", run.last_user_text));
    TestService::builder().script(script).start().await
}

fn first_chat(number: i64) -> i64 {
    1000 * number + 1
}

#[actix_rt::test]
async fn eight_services_in_one_process_do_not_mix() {
    let services = join_all((1..=SERVICES).map(start)).await;
    let plays = (1..).zip(&services).map(|(number, service)| {
        let customers = Play {
            customers: CUSTOMERS,
            messages: MESSAGES,
            first_chat: first_chat(number),
            ..Play::default()
        };
        play(service.sandbox(), customers)
    });
    for figures in join_all(plays).await {
        assert!(figures.is_clean(), "{figures:?}");
        assert_eq!(figures.replied, CUSTOMERS * MESSAGES);
    }
    for (number, service) in (1..).zip(&services) {
        service.settles().await;
        let (first, last) = (first_chat(number), first_chat(number) + i64::from(CUSTOMERS) - 1);
        let voice = format!("shop {number} says: ");
        for (chat, text) in deliveries(service.sandbox()) {
            assert!(
                (first..=last).contains(&chat) && text.starts_with(&voice),
                "{chat} {text}"
            );
        }
        for table in ["inbox", "outbox", "customers"] {
            let chats = format!("SELECT MIN(chat_id), MAX(chat_id) FROM {table}");
            assert_eq!(service.sql(&chats), [format!("{first}|{last}")]);
        }
    }
}

#[actix_rt::test]
async fn killing_one_service_does_not_affect_another() {
    let mut services = join_all((1..=2).map(start)).await;
    for (number, service) in (1..).zip(&services) {
        service.ask(first_chat(number), "before the other one died").await;
    }
    services[0].kill();
    assert_eq!(
        services[1].ask(first_chat(2), "after the other one died").await,
        "shop 2 says: after the other one died"
    );
    services[0].start_again().await;
    assert_eq!(
        services[0].ask(first_chat(1), "after its own death").await,
        "shop 1 says: after its own death"
    );
}
