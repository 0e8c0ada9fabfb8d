//! More customers than the concurrency limits allow, tested a little below each limit and at it. Customers over a limit wait
//! as rows; nothing is sent twice or forgotten.

use std::collections::BTreeSet;

use base::Event;
use chrono::TimeDelta;
use frontdesk::{Config, Limits};
use sandbox::{Edge, Event as Seen, Fault, Rule, RuleId};
use tokio::sync::broadcast;

use crate::harness::saving::{MY_NUMBER, saving};
use crate::harness::{Builder, OWNER, TestService, seen};

/// A service with a manual clock and changed limits.
fn limited(change: impl FnOnce(&mut Limits)) -> Builder {
    let builder = TestService::builder().manual_clock();
    builder.config(|config| change(&mut config.limits))
}

fn hold(service: &TestService, edge: Edge, point: &str) -> RuleId {
    service.fault(Rule::on(edge, point).with(Fault::Hold))
}

fn hits(service: &TestService, rule: RuleId) -> u32 {
    service.sandbox().faults().hits(rule)
}

/// Waits until `count` messages are stored and dispatched to their conversations: a command takes the same path behind them
/// and is answered.
async fn are_taken(service: &TestService, count: usize) {
    service
        .sql_becomes("SELECT COUNT(*) FROM inbox", &[&count.to_string()])
        .await;
    assert!(service.ask(99, "/help").await.contains("/contact"));
}

/// The texts of the started runs, in order.
fn runs(service: &TestService) -> Vec<String> {
    let entries = service.sandbox().journal().entries().into_iter();
    let begun = entries.filter_map(|entry| match entry.event {
        Seen::RunStarted { text, .. } => Some(text),
        _ => None,
    });
    begun.collect()
}

/// The number of live actors of a name, from the next status line.
async fn alive(service: &TestService, events: &mut broadcast::Receiver<Event>, name: &str) -> String {
    loop {
        let event = service.logs_event(events, "actor_status").await;
        let field = |key| event.fields.iter().find(|(of, _)| *of == key);
        if field("name").is_some_and(|(_, of)| of == name) {
            return field("alive").expect("a figure").1.clone();
        }
    }
}

#[actix_rt::test]
async fn over_the_open_turns_limit_customers_wait_and_the_oldest_goes_first() {
    // When two slots become free together, either run may reach the model first.
    let service = limited(|limits| limits.open_turns = 1).start().await;
    let held = service.hold_runs();
    for chat in 1..=5 {
        service.say(chat, &format!("вопрос {chat}"));
        // Sent one by one, so that their order is known.
        are_taken(&service, usize::try_from(2 * chat - 1).unwrap()).await;
    }
    service.faults_injected(held, 1).await;
    assert_eq!(hits(&service, held), 1, "one is open, four wait as rows");
    assert_eq!(service.sql("SELECT COUNT(*) FROM inbox WHERE state = 'pending'"), ["5"]);
    service.release(held);
    for chat in 1..=5 {
        assert_eq!(service.replies(chat, 1).await, [format!("echo: вопрос {chat}")]);
    }
    let order: Vec<String> = (2..=5).map(|chat| format!("вопрос {chat}")).collect();
    assert_eq!(
        runs(&service)[1..],
        order,
        "the customer who waited longest is answered first"
    );
}

#[actix_rt::test]
async fn over_the_conversations_limit_the_longest_idle_are_unloaded_without_loss() {
    let service = limited(|limits| limits.idle_conversations = 2).start().await;
    let mut events = service.listen();
    for chat in 1..=5 {
        service.ask(chat, "меня зовут Анна").await;
        service.advance(TimeDelta::milliseconds(1));
    }
    service.settles().await;
    // Three are unloaded at once: long before the next sweep and before ten idle minutes.
    for _ in 0..3 {
        assert_eq!(service.logs_event(&mut events, "stopped").await.actor, "conversation");
    }
    service.advance(TimeDelta::seconds(60));
    assert_eq!(alive(&service, &mut events, "conversation").await, "2");
    assert_eq!(service.ask(1, "как меня зовут?").await, "echo: как меня зовут?");
    let asked = service.openai().requests();
    assert_eq!(
        asked[0].conversation, asked[5].conversation,
        "a returning customer keeps their thread"
    );
}

/// Tracks live conversations; returns the maximum.
fn most_alive(events: &mut broadcast::Receiver<Event>) -> usize {
    let (mut alive, mut most) = (0_usize, 0);
    while let Ok(event) = events.try_recv() {
        match (event.actor, event.name) {
            ("conversation", "started") => alive += 1,
            ("conversation", "stopped") => alive -= 1,
            _ => {}
        }
        most = most.max(alive);
    }
    most
}

const OPEN: i64 = 3;
const KEPT: i64 = 2;

/// A limit of five conversations and a stopped clock: the sweep at the start finds no row, and there is no other.
fn five_places() -> Builder {
    limited(|limits| (limits.open_turns, limits.idle_conversations) = (3, 2))
}

#[actix_rt::test]
async fn many_new_customers_are_answered_without_waiting_for_a_sweep() {
    let service = five_places().start().await;
    let mut events = service.listen();
    // One by one, far beyond the limit: the longest idle conversation is unloaded for each.
    for chat in 1..=4 * (OPEN + KEPT) {
        assert_eq!(service.ask(chat, "первый раз").await, "echo: первый раз");
    }
    // All at once; the first customers return among them.
    for chat in 1..=60 {
        service.say(chat, "все сразу");
    }
    for chat in 1..=60 {
        let before = usize::from(chat <= 4 * (OPEN + KEPT));
        assert_eq!(service.replies(chat, before + 1).await[before], "echo: все сразу");
    }
    service.settles().await;
    let most = most_alive(&mut events);
    assert!(most <= 5, "{most} conversations lived at the same time");
    service.advance(TimeDelta::seconds(60));
    assert_eq!(
        alive(&service, &mut events, "conversation").await,
        "2",
        "the idle ones that are kept"
    );
}

#[actix_rt::test]
async fn a_new_customer_is_served_as_soon_as_a_busy_conversation_ends() {
    let service = five_places().start().await;
    let held = service.hold_runs();
    // Three turns are open, and two conversations wait for a slot: none is idle.
    for chat in 1..=5 {
        service.say(chat, "занят");
    }
    service.faults_injected(held, 3).await;
    for chat in 6..=12 {
        service.say(chat, "новый");
        service.say(chat, "и ещё");
    }
    service.sql_becomes("SELECT COUNT(*) FROM inbox", &["19"]).await;
    service.release(held);
    for chat in 1..=5 {
        assert_eq!(service.replies(chat, 1).await, ["echo: занят"]);
    }
    for chat in 6..=12 {
        assert_eq!(service.replies(chat, 2).await, ["echo: новый", "echo: и ещё"]);
    }
    service.settles().await;
}

#[actix_rt::test]
async fn messages_pending_at_a_start_are_answered_without_a_second_sweep() {
    let mut service = five_places().start().await;
    let held = service.hold_runs();
    for chat in 1..=30 {
        service.say(chat, "до падения");
    }
    service.sql_becomes("SELECT COUNT(*) FROM inbox", &["30"]).await;
    service.kill();
    service.release(held);
    // Six times the limit, with a stopped clock.
    service.start_again().await;
    for chat in 1..=30 {
        let reply = &service.replies(chat, 1).await[0];
        assert!(reply.ends_with("echo: до падения"), "{reply}");
    }
}

#[actix_rt::test]
async fn over_the_queued_chats_limit_the_sweep_finds_their_rows() {
    let small = |limits: &mut Limits| {
        (limits.open_turns, limits.idle_conversations, limits.waiting_chats) = (1, 1, 1);
    };
    // The clock advances while they wait; no turn may reach its deadline.
    let service = limited(small).running_clock().start().await;
    let held = service.hold_runs();
    service.say(1, "первый");
    service.faults_injected(held, 1).await;
    for (chat, text) in [(2, "второй"), (3, "третий"), (4, "четвёртый"), (5, "пятый")] {
        service.say(chat, text);
    }
    service.sql_becomes("SELECT COUNT(*) FROM inbox", &["5"]).await;
    service.release(held);
    service.advancing(TimeDelta::seconds(10), service.settles()).await;
    for (chat, text) in [
        (1, "первый"),
        (2, "второй"),
        (3, "третий"),
        (4, "четвёртый"),
        (5, "пятый"),
    ] {
        let reply = &service.replies(chat, 1).await[0];
        assert!(reply.ends_with(&format!("echo: {text}")), "{reply}");
    }
}

#[actix_rt::test]
async fn a_conversation_is_unloaded_after_ten_idle_minutes() {
    let service = limited(|_| ()).start().await;
    let mut events = service.listen();
    service.ask(1, "здравствуйте").await;
    service.settles().await;
    service.advance(TimeDelta::minutes(10));
    assert_eq!(alive(&service, &mut events, "conversation").await, "1");
    let retired = service.logs_event(&mut events, "stopped");
    let retired = service.advancing(TimeDelta::seconds(10), retired).await;
    assert_eq!(retired.actor, "conversation");
}

const NO_ROOM: &str = "SELECT COUNT(*) FROM outbox WHERE state = 'retryable' AND reason = 'no_room'";

#[actix_rt::test]
async fn over_the_claimed_deliveries_limit_replies_wait_as_rows_and_are_sent_once() {
    let service = limited(|limits| limits.deliveries_in_progress = 2).start().await;
    let held = hold(&service, Edge::Telegram, "sendMessage");
    for chat in 1..=5 {
        service.say(chat, "вопрос");
    }
    service.faults_injected(held, 2).await;
    service.sql_becomes(NO_ROOM, &["3"]).await;
    assert_eq!(hits(&service, held), 2, "two are in hand");
    service.release(held);
    service.advancing(TimeDelta::seconds(1), service.settles()).await;
    for chat in 1..=5 {
        assert_eq!(service.replies(chat, 1).await.len(), 1);
    }
    assert_eq!(service.sql("SELECT COUNT(*) FROM outbox WHERE maybe_sent > 0"), ["0"]);
}

#[actix_rt::test]
async fn over_the_claimed_letters_limit_letters_wait_as_rows_and_are_sent_once() {
    let one = limited(|limits| limits.emails_in_progress = 1).script(saving);
    let service = one.start().await;
    let held = hold(&service, Edge::Smtp, "data");
    for n in 1..=3 {
        service.ask(n, &format!("{MY_NUMBER}8 912 345-67-8{n}")).await;
    }
    service.faults_injected(held, 1).await;
    service.sql_becomes(NO_ROOM, &["2"]).await;
    assert_eq!(hits(&service, held), 1, "one is in hand");
    service.release(held);
    service.advancing(TimeDelta::seconds(1), service.settles()).await;
    assert_eq!(service.letters_to(OWNER, 3).await.len(), 3);
}

#[actix_rt::test]
async fn a_hanging_telegram_gets_no_more_typing_calls_than_the_limit() {
    let service = limited(|limits| limits.typing_in_progress = 2).start().await;
    let (runs, typing) = (service.hold_runs(), hold(&service, Edge::Telegram, "sendChatAction"));
    for chat in 1..=4 {
        service.say(chat, "вопрос");
    }
    service.faults_injected(runs, 4).await;
    for wait in [300, 4_000, 4_000] {
        service.advance(TimeDelta::milliseconds(wait));
        service.faults_injected(typing, 2).await;
        assert!(service.ask(99, "/help").await.contains("/contact"));
    }
    assert_eq!(hits(&service, typing), 2, "the others are not shown it");
    service.release(typing);
    let shown = |event: &Seen| matches!(event, Seen::ChatAction { .. });
    service
        .advancing(TimeDelta::seconds(4), seen(service.sandbox(), 6, shown))
        .await;
    service.release(runs);
    for chat in 1..=4 {
        service.replies(chat, 1).await;
    }
}

fn paced(all: u32, chat: u32) -> Builder {
    let pace = move |config: &mut Config| {
        config.telegram.rate_per_second = all;
        config.telegram.chat_rate_per_second = chat;
    };
    TestService::builder().manual_clock().config(pace)
}

const IN_HAND: &str = "SELECT COUNT(*) FROM outbox WHERE state = 'executing'";

#[actix_rt::test]
async fn a_chat_gets_three_replies_at_once_and_the_fourth_a_second_later() {
    let service = paced(30, 1).start().await;
    for n in 1..=3 {
        assert_eq!(
            service.ask(1, &format!("вопрос {n}")).await,
            format!("echo: вопрос {n}")
        );
        service.advance(TimeDelta::milliseconds(40));
    }
    service.say(1, "вопрос 4");
    service.sql_becomes(IN_HAND, &["1"]).await;
    assert_eq!(service.ask(2, "другой клиент").await, "echo: другой клиент");
    assert_eq!(
        service.telegram().replies(1).len(),
        3,
        "the fourth waits, another chat does not"
    );
    service.advance(TimeDelta::seconds(1));
    assert_eq!(service.replies(1, 4).await[3], "echo: вопрос 4");
}

#[actix_rt::test]
async fn thirty_replies_a_second_are_sent_and_the_next_waits() {
    let service = paced(30, 0).start().await;
    for chat in 1..=31 {
        service.say(chat, "вопрос");
    }
    let mut received = BTreeSet::new();
    for place in 0..31 {
        service.sql_becomes(IN_HAND, &[&(30 - place).to_string()]).await;
        let now: Vec<i64> = (1..=31)
            .filter(|chat| !service.telegram().replies(*chat).is_empty())
            .collect();
        received.extend(now);
        assert_eq!(
            received.len(),
            usize::try_from(place + 1).unwrap(),
            "one for each place"
        );
        service.advance(TimeDelta::microseconds(33_334));
    }
}
