//! How a turn handles answers that are cut off, empty or unusual.

use super::*;

fn incomplete(text: &str) -> RunAnswer {
    RunAnswer {
        status: RunStatus::Incomplete,
        ..answer("old", text)
    }
}

fn answered(action: Action) -> (String, Option<ThreadId>) {
    match action {
        Action::End(Conclusion::Answered { text, thread, .. }) => (text, thread),
        other => panic!("expected an answer, got {other:?}"),
    }
}

#[test]
fn an_answer_cut_off_twice_ends_at_a_complete_sentence() {
    let begun = || {
        let mut turn = turn(&good_thread());
        turn.begin();
        assert_eq!(turn.ran(Ok(incomplete("One. Two and")), now()), Action::LoadHistory);
        assert_eq!(request(turn.history_loaded(Vec::new())).max_output_tokens, 200);
        turn
    };
    assert_eq!(
        answered(begun().ran(Ok(answer("new", "One. Two and three.")), now())).0,
        "One. Two and three."
    );
    assert_eq!(
        answered(begun().ran(Ok(incomplete("One. Two. Three and")), now())).0,
        "One. Two."
    );
    // If the retry fails too, the beginning is better than nothing.
    let unavailable = || RunError::Unavailable { what: "429".into() };
    let ends = [
        begun().ran(Ok(answer("new", "")), now()),
        begun().ran(Ok(incomplete("Half a wo")), now()),
        begun().ran(Err(unavailable()), now()),
        begun().ran(Err(unknown()), now() + TimeDelta::milliseconds(89_900)),
        begun().ran_out_of_time(),
    ];
    for end in ends {
        assert_eq!(answered(end), ("One.".into(), None));
    }
    let refused = RunAnswer {
        status: RunStatus::Refused,
        ..answer("old", "no")
    };
    let end = begun().ran(Ok(refused), now());
    assert_eq!(end, Action::End(Conclusion::Failed(FailReason::Refused)));
}

#[test]
fn text_beside_a_tool_call_is_used_when_no_answer_follows() {
    let called = |all_succeeded| {
        let mut turn = turn(&good_thread());
        turn.begin();
        let beside = RunAnswer {
            text: "Thanks!".into(),
            ..calls("old")
        };
        assert!(matches!(turn.ran(Ok(beside), now()), Action::CallTools(_)));
        turn.tools_answered(outputs(), all_succeeded);
        turn
    };
    let end = called(true).ran(Ok(answer("old", " ")), now());
    assert_eq!(answered(end), ("Thanks!".into(), Some(conv("old"))));
    assert_eq!(
        answered(called(true).ran(Ok(answer("old", "We call you.")), now())).0,
        "We call you."
    );
    // After a failed call "Thanks!" would be untrue.
    assert_eq!(called(false).ran(Ok(answer("old", "")), now()), Action::LoadHistory);
    // Cut off while reasoning: one retry, then the text beside the call.
    let mut turn = called(true);
    assert_eq!(turn.ran(Ok(incomplete("")), now()), Action::LoadHistory);
    turn.history_loaded(Vec::new());
    assert_eq!(answered(turn.ran(Ok(incomplete("")), now())), ("Thanks!".into(), None));
    let end = called(true).ran_out_of_time();
    assert_eq!(end, Action::End(Conclusion::Failed(FailReason::Deadline)));
}

#[test]
fn no_unrecognised_error_is_final_at_the_first_attempt() {
    let what = || "404".to_owned();
    for error in [
        RunError::NotExecuted {
            what: what(),
            retry_after: None,
        },
        RunError::Locked { retry_after: None },
        unknown(),
        lost(),
        RunError::Forbidden { what: what() },
        RunError::Rejected { what: what() },
    ] {
        let mut turn = turn(&good_thread());
        turn.begin();
        let next = turn.ran(Err(error.clone()), now());
        assert!(!matches!(next, Action::End(_)), "{error:?}");
    }
    for empty in [answer("old", ""), incomplete(""), incomplete("One. Two")] {
        let mut turn = turn(&good_thread());
        turn.begin();
        assert!(!matches!(turn.ran(Ok(empty), now()), Action::End(_)));
    }
}

#[test]
fn huge_token_counts_never_overflow() {
    let mut turn = turn(&good_thread());
    turn.begin();
    for _ in 0..3 {
        let mut huge = calls("old");
        huge.usage = Usage {
            input_tokens: i64::MAX,
            output_tokens: i64::MAX,
        };
        turn.ran(Ok(huge), now());
        turn.tools_answered(outputs(), true);
    }
    assert_eq!(turn.figures().output_tokens, i64::MAX);
}
