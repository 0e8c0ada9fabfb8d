//! A process without free file descriptors cannot open connections or files. Customers wait; nothing is lost or repeated.

use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit};
use sandbox::{Edge, Rule};

use crate::harness::saving::saving;
use crate::harness::{OWNER, PATIENCE, ServiceProcess, becomes};

/// Limits the process to this many descriptors; those already open stay open.
fn leave(service: &ServiceProcess, descriptors: u64) {
    let pid = i32::try_from(service.id()).ok().and_then(Pid::from_raw);
    let limit = Rlimit {
        current: Some(descriptors),
        maximum: getrlimit(Resource::Nofile).maximum,
    };
    prlimit(pid, Resource::Nofile, limit).unwrap();
}

#[actix_rt::test]
async fn a_process_out_of_file_descriptors_loses_nothing_and_recovers() {
    let mut service = ServiceProcess::new(saving, &[]);
    let faults = service.sandbox().faults().clone();
    service.start();
    service.answers("while there are descriptors", 1).await;
    let counted = faults.add(Rule::on(Edge::OpenAi, "responses"));

    leave(&service, 3);
    for chat in 1..=20 {
        service
            .sandbox()
            .telegram()
            .say(chat, &format!("мой номер 8 912 345-67-{}", chat + 10));
    }
    service.logs("too many open files").await;
    let stored = || service.sql("SELECT COUNT(*) FROM inbox");
    let is_stored = becomes(|| stored() == ["21"]).await;
    assert!(is_stored, "received updates are stored: {:?}", stored());
    assert!(service.sandbox().smtp().letters().is_empty());

    leave(&service, 1024);
    service.delivers(21).await;
    let letters = service.sandbox().smtp().await_letters_to(OWNER, 20, PATIENCE).await;
    assert_eq!(letters.unwrap().len(), 20);
    service.settles().await;
    for chat in 1..=20 {
        let replies = service.sandbox().telegram().replies(chat).len();
        assert_eq!(replies, if chat == 1 { 2 } else { 1 }, "chat {chat}");
    }
    assert_eq!(service.doubles().1, [""; 0]);
    assert_eq!(service.sql("SELECT COUNT(*) FROM successful_dialogs"), ["20"]);
    assert!(faults.hits(counted) >= 20);
    assert!(service.terminate().await.success());
}
