//! What one conversation at rest costs in bytes of the heap. Counted is what its retirement frees, in a process of its own: other
//! tests allocate as well.

use std::process::Command;

use chrono::TimeDelta;

use crate::ALLOCATOR;
use crate::harness::TestService;

/// Set for the process that counts.
const CHILD: &str = "FRONTDESK_AT_REST";
/// So many that what else the process does meanwhile is small beside them.
const CUSTOMERS: i64 = 1_500;
/// Bytes of a conversation at rest: its own, and those of the actor around it, which are more than half. With what the allocator and the
/// maps of the inbox add these are two kilobytes.
const BOUND: usize = 1_700;

#[actix_rt::test]
async fn a_conversation_at_rest_takes_two_kilobytes_at_most() {
    if std::env::var_os(CHILD).is_some() {
        count().await;
        return;
    }
    let name = "memory::rest::a_conversation_at_rest_takes_two_kilobytes_at_most";
    let child = Command::new(std::env::current_exe().unwrap())
        .args([name, "--exact", "--nocapture"])
        .env(CHILD, "1")
        .output()
        .unwrap();
    let output = String::from_utf8_lossy(&child.stdout).into_owned() + &String::from_utf8_lossy(&child.stderr);
    assert!(child.status.success() && output.contains("1 passed"), "{output}");
}

/// Lets that much time pass: every actor does what is due.
async fn passes(service: &TestService, minutes: i64) {
    for _ in 0..3 * minutes {
        service.advance(TimeDelta::seconds(20));
        service.takes_its_turn().await;
    }
}

async fn count() {
    let service = TestService::builder().clock_by_hand().start().await;
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
    assert!((1..=BOUND).contains(&each), "{each} bytes a conversation at rest");
}
