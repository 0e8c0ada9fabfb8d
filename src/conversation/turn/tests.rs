//! The rules of a turn, with plain values.

mod answers;

use crate::assistant::messages::Usage;

use super::*;

const RULES: Rules = Rules {
    deadline: TimeDelta::seconds(90),
    tool_rounds: 2,
    max_output_tokens: 100,
    thread_input_tokens: 1000,
    thread_idle: TimeDelta::days(30),
};

fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000)
}

fn conv(name: &str) -> ThreadId {
    ThreadId(format!("conv_{name}"))
}

fn good_thread() -> ThreadState {
    ThreadState {
        id: Some(conv("old")),
        last_input_tokens: 10,
        used_at: Some(now()),
        ..ThreadState::default()
    }
}

fn turn(thread: &ThreadState) -> Turn {
    Turn::new(RULES, vec![HistoryLine::user("hello")], thread, now())
}

fn answer(thread: &str, text: &str) -> RunAnswer {
    RunAnswer {
        thread: conv(thread),
        text: text.into(),
        calls: Vec::new(),
        status: RunStatus::Completed,
        usage: Usage {
            input_tokens: 7,
            output_tokens: 3,
        },
    }
}

fn calls(thread: &str) -> RunAnswer {
    let call = ToolCall {
        call_id: "call_1".into(),
        name: "report_gap".into(),
        arguments: "{}".into(),
    };
    RunAnswer {
        calls: vec![call],
        ..answer(thread, "")
    }
}

fn outputs() -> Vec<ToolOutput> {
    vec![ToolOutput {
        call_id: "call_1".into(),
        output: "{}".into(),
    }]
}

fn request(action: Action) -> NextRun {
    match action {
        Action::Run(request) => request,
        other => panic!("expected a run, got {other:?}"),
    }
}

fn unknown() -> RunError {
    RunError::Unknown { what: "cut".into() }
}

fn lost() -> RunError {
    RunError::ThreadLost { what: "404".into() }
}

fn texts(request: &NextRun) -> Vec<String> {
    match &request.input {
        RunInput::Lines(lines) => lines.iter().map(|line| line.text.clone()).collect(),
        RunInput::Outputs(_) => panic!("expected lines"),
    }
}

#[test]
fn a_usable_thread_gets_only_new_lines() {
    let request = request(turn(&good_thread()).begin());
    assert_eq!(request.thread, RunThread::Existing(conv("old")));
    assert_eq!(texts(&request), ["hello"]);
    assert!(!request.without_tools);
}

#[test]
fn an_untrusted_thread_is_replaced() {
    let spoiled: [fn(&mut ThreadState); 5] = [
        |thread| thread.id = None,
        |thread| thread.is_suspect = true,
        |thread| thread.last_input_tokens = 1001,
        |thread| thread.used_at = Some(now() - TimeDelta::days(31)),
        |thread| thread.id = Some(ThreadId("thread_dead".into())),
    ];
    for spoil in spoiled {
        let mut thread = good_thread();
        spoil(&mut thread);
        let mut turn = turn(&thread);
        assert_eq!(turn.begin(), Action::LoadHistory);
        let request = request(turn.history_loaded(vec![HistoryLine::user("before")]));
        assert_eq!(request.thread, RunThread::New);
        assert_eq!(texts(&request), ["before", "hello"]);
    }
}

#[test]
fn a_thread_at_its_limits_is_still_used() {
    let mut thread = good_thread();
    (thread.last_input_tokens, thread.used_at) = (1000, Some(now() - TimeDelta::days(30)));
    let request = request(turn(&thread).begin());
    assert_eq!(request.thread, RunThread::Existing(conv("old")));
}

#[test]
fn tools_are_answered_on_the_thread_that_called_them() {
    let mut turn = turn(&good_thread());
    turn.begin();
    assert!(matches!(turn.ran(Ok(calls("old")), now()), Action::CallTools(calls) if calls.len() == 1));
    let request = request(turn.tools_answered(outputs(), true));
    assert_eq!(request.thread, RunThread::Existing(conv("old")));
    assert_eq!(request.input, RunInput::Outputs(outputs()));
    let end = turn.ran(Ok(answer("old", "done")), now());
    let Action::End(Conclusion::Answered {
        text,
        thread,
        input_tokens,
    }) = end
    else {
        panic!("an answer ends the turn");
    };
    assert_eq!((text.as_str(), thread, input_tokens), ("done", Some(conv("old")), 7));
    assert_eq!(
        (
            turn.figures().runs,
            turn.figures().tool_calls,
            turn.figures().input_tokens
        ),
        (2, 1, 14)
    );
}

#[test]
fn after_the_last_round_one_run_is_made_without_tools() {
    let mut turn = turn(&good_thread());
    turn.begin();
    for round in 1..=2 {
        turn.ran(Ok(calls("old")), now());
        let request = request(turn.tools_answered(outputs(), true));
        assert_eq!(request.without_tools, round == 2);
    }
    let mut stubborn = calls("old");
    stubborn.text = "anyway".into();
    let end = turn.ran(Ok(stubborn), now());
    assert!(
        matches!(end, Action::End(Conclusion::Answered { thread: None, .. })),
        "a thread with an open call is not used again"
    );
}

#[test]
fn a_run_that_was_certainly_not_executed_is_retried_unchanged() {
    let mut turn = turn(&good_thread());
    let first = request(turn.begin());
    let error = RunError::NotExecuted {
        what: "429".into(),
        retry_after: Some(Duration::from_secs(20)),
    };
    let Action::Wait(due) = turn.ran(Err(error), now()) else {
        panic!("expected a retry");
    };
    assert!(due >= now() + TimeDelta::seconds(20) && due < now() + TimeDelta::seconds(30));
    assert_eq!(request(turn.waited()), first);
}

#[test]
fn a_run_with_an_unknown_outcome_is_repeated_on_a_new_thread() {
    let mut turn = turn(&good_thread());
    turn.begin();
    assert!(matches!(turn.ran(Err(unknown()), now()), Action::Wait(_)));
    assert_eq!(turn.waited(), Action::LoadHistory);
    assert_eq!(request(turn.history_loaded(Vec::new())).thread, RunThread::New);
}

#[test]
fn a_failure_after_tool_calls_restarts_the_turn() {
    let mut turn = turn(&good_thread());
    turn.begin();
    turn.ran(Ok(calls("old")), now());
    turn.tools_answered(outputs(), true);
    turn.ran(Err(unknown()), now());
    turn.waited();
    let request = request(turn.history_loaded(Vec::new()));
    assert_eq!(texts(&request), ["hello"]);
}

#[test]
fn a_lost_thread_is_replaced_at_once() {
    let mut turn = turn(&good_thread());
    turn.begin();
    assert_eq!(turn.ran(Err(lost()), now()), Action::LoadHistory);
}

#[test]
fn a_history_too_long_for_a_new_thread_is_left_out() {
    let mut turn = turn(&good_thread());
    turn.begin();
    turn.ran(Err(lost()), now());
    let with_past = request(turn.history_loaded(vec![HistoryLine::user("before")]));
    assert_eq!(texts(&with_past), ["before", "hello"]);
    assert_eq!(texts(&request(turn.ran(Err(lost()), now()))), ["hello"]);
    turn.ran(Err(lost()), now());
    let end = turn.ran(Err(lost()), now());
    assert_eq!(end, Action::End(Conclusion::Failed(FailReason::Rejected)));
}

#[test]
fn a_thread_locked_for_ten_seconds_is_replaced() {
    let mut turn = turn(&good_thread());
    turn.begin();
    let mut time = now();
    let mut waits = 0;
    let left = loop {
        match turn.ran(Err(locked(0)), time) {
            Action::Wait(due) => (time, waits) = (due, waits + 1),
            action => break action,
        }
        assert_eq!(request(turn.waited()).thread, RunThread::Existing(conv("old")));
    };
    assert_eq!((left, time), (Action::LoadHistory, now() + TimeDelta::seconds(10)));
    assert!((4..=5).contains(&waits), "with growing pauses, not {waits}");
    let anew = request(turn.history_loaded(Vec::new()));
    assert_eq!((&anew.thread, anew.replaces_thread), (&RunThread::New, true));
}

#[test]
fn a_locked_thread_is_not_retried_before_its_retry_after() {
    for (asked, then) in [(3, "the same thread"), (60, "the same thread"), (100, "a new one")] {
        let mut turn = turn(&good_thread());
        turn.begin();
        match turn.ran(Err(locked(asked)), now()) {
            Action::Wait(due) => {
                let wait = due - now();
                assert_eq!((wait, then), (TimeDelta::seconds(asked), "the same thread"));
                assert_eq!(request(turn.waited()).thread, RunThread::Existing(conv("old")));
                let again = turn.ran(Err(locked(asked)), due);
                assert_eq!(
                    again == Action::LoadHistory,
                    asked > 10,
                    "{asked}: left after ten seconds"
                );
            }
            action => assert_eq!(
                (action, then),
                (Action::LoadHistory, "a new one"),
                "beyond the deadline"
            ),
        }
    }
}

fn locked(seconds: i64) -> RunError {
    RunError::Locked {
        retry_after: (seconds > 0).then(|| Duration::from_secs(seconds.unsigned_abs())),
    }
}

#[test]
fn a_wait_beyond_the_deadline_ends_the_turn_at_once() {
    let mut turn = turn(&good_thread());
    turn.begin();
    let late = now() + TimeDelta::milliseconds(89_900);
    assert_eq!(
        turn.ran(Err(unknown()), late),
        Action::End(Conclusion::Failed(FailReason::Deadline))
    );
}

#[test]
fn an_empty_answer_is_retried_once_with_double_output_tokens() {
    let mut turn = turn(&good_thread());
    turn.begin();
    let mut incomplete = answer("old", " ");
    incomplete.status = RunStatus::Incomplete;
    assert_eq!(turn.ran(Ok(incomplete), now()), Action::LoadHistory);
    assert_eq!(request(turn.history_loaded(Vec::new())).max_output_tokens, 200);
    let end = turn.ran(Ok(answer("new", "")), now());
    assert_eq!(end, Action::End(Conclusion::Failed(FailReason::Empty)));
}

#[test]
fn an_error_no_retry_can_fix_ends_the_turn() {
    let refused = RunAnswer {
        status: RunStatus::Refused,
        ..answer("old", "no")
    };
    let cases = [
        (Ok(refused), FailReason::Refused),
        (
            Err(RunError::Unavailable { what: "401".into() }),
            FailReason::Unavailable,
        ),
        (Err(RunError::Declined { what: "400".into() }), FailReason::Refused),
    ];
    for (outcome, reason) in cases {
        let mut turn = turn(&good_thread());
        turn.begin();
        assert_eq!(turn.ran(outcome, now()), Action::End(Conclusion::Failed(reason)));
    }
}

/// Fails a run, checks the wait, and returns the action after it.
fn retried(turn: &mut Turn, error: RunError, after: i64) -> Action {
    let Action::Wait(due) = turn.ran(Err(error), now()) else {
        panic!("expected a retry");
    };
    assert_eq!(due, now() + TimeDelta::seconds(after));
    turn.waited()
}

#[test]
fn a_rejected_run_is_retried_once_on_a_new_thread() {
    let rejected = || RunError::Rejected { what: "404".into() };
    let mut turn = turn(&good_thread());
    turn.begin();
    assert_eq!(retried(&mut turn, rejected(), 2), Action::LoadHistory);
    assert_eq!(request(turn.history_loaded(Vec::new())).thread, RunThread::New);
    let end = turn.ran(Err(rejected()), now());
    assert_eq!(end, Action::End(Conclusion::Failed(FailReason::Rejected)));
}

#[test]
fn a_key_rejected_by_mistake_is_retried_after_two_seconds() {
    let forbidden = || RunError::Forbidden { what: "401".into() };
    let mut turn = turn(&good_thread());
    let first = request(turn.begin());
    for after in [2, 4] {
        assert_eq!(request(retried(&mut turn, forbidden(), after)), first);
    }
    let end = turn.ran(Err(forbidden()), now());
    assert_eq!(end, Action::End(Conclusion::Failed(FailReason::Rejected)));
}
