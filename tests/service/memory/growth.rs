//! A separate process under repeated loads: its memory after each load, when idle.

use sandbox::{Answer, Event, Run};

use crate::harness::{Memory, ServiceProcess, seen};

/// Below the limit of pending messages per customer.
const AT_ONCE: usize = 40;

/// Memory of the process after each load, when idle.
#[derive(Debug)]
pub(crate) struct Growth(pub(crate) Vec<Memory>);

fn shortly(run: &Run) -> Answer {
    Answer::Text(format!("{} букв", run.last_user_text.chars().count()))
}

fn is_delivered(event: &Event) -> bool {
    matches!(event, Event::MessageDelivered { .. })
}

fn started() -> ServiceProcess {
    let settings = [
        ("RUST_LOG", "info"),
        ("TURNS_PER_CUSTOMER_PER_DAY", "0"),
        ("IDLE_AFTER", "1s"),
    ];
    let mut service = ServiceProcess::new(shortly, &settings);
    service.start();
    service
}

/// One customer writes these messages in a row, every twentieth a megabyte long.
async fn talks(service: &ServiceProcess, from: usize, to: usize) {
    for begin in (from..to).step_by(AT_ONCE) {
        let end = to.min(begin + AT_ONCE);
        for n in begin..end {
            let is_long = n % 20 == 0;
            let text = if is_long {
                "щ".repeat(512 * 1024)
            } else {
                format!("сообщение {n}")
            };
            service.sandbox().telegram().say(7, &text);
        }
        seen(service.sandbox(), end, is_delivered).await;
    }
    service.settles().await;
}

/// Growth over loads of `load` messages of one customer until `is_enough`; `None` if memory cannot be measured.
pub(crate) async fn of_messages(load: usize, is_enough: impl Fn(&Growth) -> bool) -> Option<Growth> {
    let service = started();
    let mut growth = Growth(Vec::new());
    while !is_enough(&growth) {
        let said = load * growth.0.len();
        talks(&service, said, said + load).await;
        growth.0.push(service.memory()?);
    }
    Some(growth)
}

/// Customers write once each, are answered, and their conversations are unloaded.
async fn come_and_go(service: &ServiceProcess, from: i64, to: i64) {
    for chat in from..to {
        service.sandbox().telegram().say(chat, "сколько стоит диван?");
    }
    let all = usize::try_from(to).unwrap();
    seen(service.sandbox(), all, is_delivered).await;
    service.settles().await;
    service.logs_times(" conversation stopped", all).await;
}

/// Growth over loads of `load` customers, measured when all are idle, until `is_enough`; `None` if memory cannot be measured.
pub(crate) async fn of_customers(load: i64, is_enough: impl Fn(&Growth) -> bool) -> Option<Growth> {
    let service = started();
    let (mut came, mut growth) = (0, Growth(Vec::new()));
    while !is_enough(&growth) {
        come_and_go(&service, came, came + load).await;
        came += load;
        growth.0.push(service.memory()?);
    }
    Some(growth)
}
