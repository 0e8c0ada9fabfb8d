//! RaiseAlert: an operator hears of trouble, and not too often.

use chrono::TimeDelta;
use domain::{Alert, AlertKind};

use super::bench::Bench;
use super::samples::rules;
use crate::RaiseAlert;

#[test]
fn trouble_that_belongs_to_no_turn_is_told_once_an_hour_of_each_kind() {
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
