//! SIGKILL in the middle of a crowd. Telegram has no idempotency key, so a kill between its "ok" and our commit may
//! repeat that one message; such a row is marked.

use sandbox::{Echo, Event, Play, play};

use crate::harness::{ServiceProcess, seen};

/// Where the kills fall, as numbers of replies delivered so far: anywhere in the play, the same for each seed.
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
    assert_eq!(unmarked, [], "doubled without a mark");
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
async fn killed_thrice_in_a_crowd_everybody_is_answered_in_order() {
    for seed in [1, 2] {
        play_through_kills(seed).await;
    }
}

#[actix_rt::test]
async fn killed_again_and_again_everybody_is_answered_in_order() {
    for seed in [3, 4] {
        play_through_kills(seed).await;
    }
}
