//! RaiseAlert: operators are notified of problems, at most once an hour for each kind.

use chrono::TimeDelta;
use domain::{Alert, AlertKind};

use super::bench::Bench;
use super::samples::rules;
use crate::RaiseAlert;

#[test]
fn each_kind_of_alert_outside_a_turn_is_sent_once_an_hour() {
    let bench = Bench::new();
    let mut raised = Vec::new();
    for (kind, minutes) in [
        (AlertKind::Telegram, 0),
        (AlertKind::Telegram, 59),
        (AlertKind::Clock, 0),
        (AlertKind::Telegram, 1),
    ] {
        bench.hand.advance(TimeDelta::minutes(minutes));
        let alert = Alert {
            kind,
            reason: "unauthorized".into(),
            at: bench.now(),
        };
        let rules = rules();
        raised.push(bench.tell(RaiseAlert { alert, rules }).is_raised);
    }
    assert_eq!(raised, [true, false, true, true]);
}
