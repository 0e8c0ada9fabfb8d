//! What a row that is at its end still holds: no more than somebody reads.

use super::bench::Bench;
use super::samples::{ignored, text, update};
use super::verdicts::{reply_in_parts, sent};
use crate::domain::{Change, IgnoreReason, Verdict};

#[actix_rt::test]
async fn an_update_is_kept_raw_only_where_it_could_not_be_read() {
    let bench = Bench::new();
    let updates = vec![
        text(1, 1, "words"),
        ignored(0, 2, IgnoreReason::Unreadable),
        ignored(-5, 3, IgnoreReason::Group),
        ignored(1, 4, IgnoreReason::Service),
        update(1, 5, Change::Blocked),
    ];
    bench.store(updates).await;
    let kept: Vec<String> = bench.inbox().into_iter().map(|row| row.raw).collect();
    assert_eq!(kept, ["", "{\"update_id\":2}", "", "", ""]);
}

#[actix_rt::test]
async fn a_finished_delivery_keeps_its_words_only_if_it_can_be_put_back() {
    let bench = Bench::new();
    let dead = Verdict::Dead { reason: "gone".into() };
    // State of the first part and whether it holds its words; the same of the part behind it.
    let cases = [
        (sent(5), ("completed", false), ("executing", true)),
        (dead, ("dead", true), ("executing", true)),
        (Verdict::Blocked, ("cancelled", false), ("cancelled", false)),
    ];
    for (chat, (verdict, first, second)) in (1..).zip(cases) {
        let part = reply_in_parts(&bench, chat, chat, &["one", "two"]).await.unwrap();
        bench.record(&part, verdict).await;
        let rows = bench.outbox();
        let told: Vec<_> = rows
            .iter()
            .skip(rows.len() - 2)
            .map(|row| (row.state.as_str(), row.payload.contains("text")))
            .collect();
        assert_eq!(told, [first, second]);
    }
    // The customer of the last case is gone: what is answered then is never sent.
    assert!(
        reply_in_parts(&bench, 3, 9, &["late"]).await.is_some(),
        "they wrote again"
    );
    bench
        .store(vec![text(3, 10, "and"), update(3, 11, Change::Blocked)])
        .await;
    let waiting = bench.conversation(3).await.waiting[0].id;
    bench.answers(3, &[waiting], "to nobody").await;
    let last = bench.outbox().pop().unwrap();
    assert_eq!((last.state.as_str(), last.payload.as_str()), ("cancelled", ""));
}
