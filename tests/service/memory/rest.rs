//! Heap bytes of one idle conversation: the bytes freed when it is unloaded, counted in a separate process because other
//! tests allocate as well.

use chrono::TimeDelta;

use crate::ALLOCATOR;
use crate::harness::{TestService, alone};

/// Enough to make other allocations insignificant.
const CUSTOMERS: i64 = 1_500;
/// Bytes of an idle conversation. More than half of them belong to the actor around it. Allocator overhead and the inbox's maps
/// bring this to two kilobytes.
const BOUND: usize = 1_700;

#[actix_rt::test]
async fn an_idle_conversation_takes_at_most_two_kilobytes() {
    let name = "memory::rest::an_idle_conversation_takes_at_most_two_kilobytes";
    alone(name, Box::pin(count())).await;
}

/// Advances the clock step by step, so that every actor does its due work.
async fn passes(service: &TestService, minutes: i64) {
    for _ in 0..3 * minutes {
        service.advance(TimeDelta::seconds(20));
        service.runs_ready_tasks().await;
    }
}

async fn count() {
    let service = TestService::builder().manual_clock().start().await;
    for chat in 1..=CUSTOMERS {
        service.say(chat, "сколько стоит диван?");
    }
    for chat in 1..=CUSTOMERS {
        service.replies(chat, 1).await;
    }
    service.settles().await;
    passes(&service, 5).await;
    // The suite keeps its log in memory.
    log::set_max_level(log::LevelFilter::Off);
    let at_rest = ALLOCATOR.allocated();
    passes(&service, 10).await;
    let retired = ALLOCATOR.allocated();
    let each = at_rest.saturating_sub(retired) / usize::try_from(CUSTOMERS).unwrap();
    assert!((1..=BOUND).contains(&each), "{each} bytes per idle conversation");
}
