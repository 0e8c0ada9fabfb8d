//! SIGKILL under load. Telegram has no idempotency key, so a kill between its "ok" and our commit may repeat that one
//! message; its row is then marked.

use sandbox::{Echo, Event, Play, play};

use crate::harness::saving::saving;
use crate::harness::{OWNER, PATIENCE, ServiceProcess, seen, suite};

/// When to kill, as counts of delivered replies; the same for each seed.
fn kills(seed: u64, replies: u64) -> Vec<usize> {
    let mut state = seed;
    let mut kills: Vec<usize> = (0..3)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            usize::try_from((state >> 33) % replies).unwrap_or_default()
        })
        .collect();
    kills.sort_unstable();
    kills
}

async fn play_through_kills(seed: u64) {
    let customers = Play {
        customers: 20,
        messages: 4,
        ..Play::default()
    };
    let mut service = ServiceProcess::new(Echo, &[]);
    let sandbox = service.sandbox().clone();
    service.start();
    let killing = async {
        for replies in kills(seed, 70) {
            seen(&sandbox, replies, |event| {
                matches!(event, Event::MessageDelivered { .. })
            })
            .await;
            service.kill();
            service.start();
        }
    };
    let (figures, ()) = tokio::join!(play(&sandbox, customers), killing);
    service.settles().await;
    let (doubles, unmarked) = service.doubles();
    let marked = service.sql("SELECT COUNT(*) FROM outbox WHERE maybe_sent > 0");
    eprintln!("seed {seed}: {figures:?}; doubles {doubles}, marked {marked:?}");
    assert_eq!(
        (figures.missing, figures.wrong_chat, figures.out_of_order),
        (0, 0, 0),
        "{figures:?}"
    );
    assert_eq!(unmarked, [""; 0], "doubled without a mark");
    assert_eq!(
        service.sql("SELECT state, COUNT(*) FROM inbox GROUP BY state"),
        ["done|80"]
    );
    assert_eq!(
        service.sql("SELECT COUNT(*), COUNT(DISTINCT key) FROM outbox"),
        ["80|80"]
    );
    assert!(service.terminate().await.success());
}

#[actix_rt::test]
async fn repeated_kills_keep_every_answer_and_its_order() {
    for seed in suite::share(&[1, 2, 3, 4], 2, "crowd") {
        play_through_kills(seed).await;
    }
}

/// Every third of thirty customers leaves a number; the service is killed in the middle.
async fn leads_through_kills(seed: u64) {
    let mut service = ServiceProcess::new(saving, &[]);
    let sandbox = service.sandbox().clone();
    service.start();
    for chat in 1..=30 {
        sandbox.telegram().say(chat, &format!("первый вопрос клиента {chat}"));
        match chat % 3 {
            0 => sandbox
                .telegram()
                .say(chat, &format!("мой номер 8 912 345-67-{chat:02}")),
            _ => sandbox.telegram().say(chat, &format!("второй вопрос клиента {chat}")),
        };
    }
    for replies in kills(seed, 55) {
        seen(&sandbox, replies, |event| {
            matches!(event, Event::MessageDelivered { .. } | Event::MailReceived { .. })
        })
        .await;
        service.kill();
        service.start();
    }
    for chat in 1..=30 {
        sandbox.telegram().await_replies(chat, 2, PATIENCE).await.unwrap();
    }
    // A letter claimed at the kill is due at once at the next start.
    service.settles().await;
    let leads =
        service.sql("SELECT user_id || '|' || phone || '|' || revision FROM successful_dialogs ORDER BY user_id");
    let expected = (1..=10).map(|n| format!("{0}|+791234567{0:02}|1", 3 * n));
    assert_eq!(leads, expected.collect::<Vec<_>>());
    let letters = sandbox.smtp().letters_to(OWNER);
    let ids: std::collections::BTreeSet<_> = letters.iter().map(|letter| letter.message_id.clone()).collect();
    assert_eq!(ids.len(), 10, "one letter a lead; doubles are checked for their mark");
    eprintln!("seed {seed}: {} letters twice", letters.len() - ids.len());
    for letter in &letters {
        let text = letter.text.as_ref().unwrap();
        assert!(
            text.contains("первый вопрос") && text.contains("записал: мой номер"),
            "{text}"
        );
    }
    assert!(service.terminate().await.success());
}

#[actix_rt::test]
async fn repeated_kills_leave_one_letter_per_lead() {
    for seed in suite::share(&[5, 6, 7], 1, "leads") {
        leads_through_kills(seed).await;
    }
}
