//! Updates and turns as the edges create them, reduced to what a test needs.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Body, Change, ChatId, Command, CustomerMessage, Email, FoundContact, IgnoreReason, InboxId, IncomingUpdate,
    LeadFacts, MessageId, Origin, OutgoingMessage, Phone, Profile, Reach, SharedContact, ThreadId, UpdateId,
};

use crate::{
    Admission, BeginReporting, ClaimDeliveries, CloseReportPeriod, EachWay, Edit, Ending, FinishTurn, FinishedReply,
    FloodBounds, FloodNotices, FormUpdate, LeadRules, LeftContacts, LoadHistory, Outcome, RecordGap, RecordLead,
    ReplyKind, SharedLeadRules, StoreUpdates, StoredUpdate, ThreadUpdate, TurnFigures, WaitingRow, Way,
};

/// A customer's message number `n`, which is its update id and its message id as well.
pub(super) fn wrote(chat: i64, n: i64, message: CustomerMessage) -> IncomingUpdate {
    update(chat, n, Change::Wrote(message))
}

fn message(body: Body) -> CustomerMessage {
    CustomerMessage {
        body,
        ..CustomerMessage::text("")
    }
}

pub(super) fn text(chat: i64, n: i64, text: &str) -> IncomingUpdate {
    wrote(chat, n, CustomerMessage::text(text))
}

pub(super) fn command(chat: i64, n: i64, command: Command) -> IncomingUpdate {
    wrote(chat, n, message(Body::Command(command)))
}

/// Update `n` changes message `of`.
pub(super) fn edited(chat: i64, n: i64, of: i64, text: &str) -> IncomingUpdate {
    IncomingUpdate {
        key: format!("7:{n}:{chat}:{of}:{n}"),
        message: Some(MessageId(of)),
        ..update(chat, n, Change::Edited(CustomerMessage::text(text)))
    }
}

pub(super) fn ignored(chat: i64, n: i64, reason: IgnoreReason) -> IncomingUpdate {
    IncomingUpdate {
        profile: None,
        ..update(chat, n, Change::Nothing(reason))
    }
}

pub(super) fn update(chat: i64, n: i64, change: Change) -> IncomingUpdate {
    IncomingUpdate {
        key: format!("7:{n}:{chat}:{n}:0"),
        update: UpdateId(n),
        chat: ChatId(chat),
        message: Some(MessageId(n)),
        profile: Some(Profile {
            first_name: "Anna".into(),
            username: Some("anna".into()),
            language_code: Some("ru".into()),
            ..Profile::default()
        }),
        change,
        tap: None,
        unknown_content: None,
        raw: format!("{{\"update_id\":{n}}}"),
    }
}

/// A batch without message limits.
pub(super) fn batch(updates: Vec<IncomingUpdate>) -> StoreUpdates {
    StoreUpdates {
        admissions: updates.into_iter().map(admission).collect(),
        max_per_minute: None,
        max_waiting: 50,
        floods: FloodBounds {
            per_day: 1_000,
            kept_per_hour: 200,
            kept_per_day: 1_000,
            chars: 500,
        },
        rules: rules(),
    }
}

/// The first check of a service that reports at nine.
pub(super) fn begin() -> BeginReporting {
    BeginReporting {
        schedule: "0 9 * * * UTC".into(),
    }
}

/// A question that the facts do not answer.
pub(super) fn gap(chat: i64, row: InboxId, question: &str) -> RecordGap {
    RecordGap {
        chat: ChatId(chat),
        turn: row.into(),
        fingerprint: question.into(),
        question: question.into(),
        output: "noted".into(),
    }
}

/// A report due at this time, not a catch-up.
pub(super) fn close(due: DateTime<Utc>) -> CloseReportPeriod {
    CloseReportPeriod {
        due,
        is_catch_up: false,
        rules: rules(),
    }
}

/// The history of a new thread, within the limits of the product.
pub(super) fn history(chat: i64, now: DateTime<Utc>) -> LoadHistory {
    LoadHistory {
        chat: ChatId(chat),
        lines: 40,
        chars: 24_000,
        text_chars: 8_000,
        leads_since: now - TimeDelta::hours(72),
    }
}

/// A number that the customer typed.
pub(super) fn facts(number: &str) -> LeadFacts {
    LeadFacts::found(&[phone(number, Origin::Typed)])
}

/// The model saves facts in the turn of this row.
pub(super) fn saved(chat: i64, row: InboxId, facts: LeadFacts) -> RecordLead {
    RecordLead {
        chat: ChatId(chat),
        turn: row.into(),
        fingerprint: format!("{facts:?}"),
        facts,
        rules: rules(),
    }
}

/// Two owners, one operator, everything else as in the product.
pub(super) fn rules() -> SharedLeadRules {
    Arc::new(LeadRules {
        owners: vec![
            Email::normalised("owner@example.org"),
            Email::normalised("boss@example.org"),
        ],
        operators: vec![Email::normalised("ops@example.org")],
        open_for: TimeDelta::hours(72),
        letter_delay: TimeDelta::seconds(60),
        letters_per_hour: 20,
        alert_pause: TimeDelta::hours(1),
        dialog_lines: 2_000,
    })
}

pub(super) fn phone(digits: &str, origin: Origin) -> FoundContact {
    FoundContact {
        reach: Reach::Phone(Phone::international(digits).unwrap()),
        origin,
        name: None,
        call_time: None,
    }
}

/// The customer shares their own number with the button.
pub(super) fn own_card(chat: i64, n: i64, digits: &str) -> IncomingUpdate {
    card(chat, n, digits, true)
}

pub(super) fn card(chat: i64, n: i64, digits: &str, is_own: bool) -> IncomingUpdate {
    let card = SharedContact {
        phone: digits.into(),
        name: "Anna".into(),
        is_own,
        is_account: is_own,
        further: Vec::new(),
        emails: Vec::new(),
    };
    wrote(chat, n, message(Body::Contact(card)))
}

pub(super) fn admission(update: IncomingUpdate) -> Admission {
    Admission {
        contacts: Vec::new(),
        counts: true,
        update,
        flood_notices: Some(FloodNotices {
            minute: OutgoingMessage::plain("One at a time, please."),
            day: OutgoingMessage::plain("Tomorrow, please."),
        }),
        farewell: None,
    }
}

/// A turn that answers in one part.
pub(super) fn turn(chat: i64, rows: &[InboxId], text: &str) -> FinishTurn {
    FinishTurn {
        chat: ChatId(chat),
        rows: rows.to_vec(),
        edits: Vec::new(),
        ending: Ending::Done,
        reply: Some(reply(ReplyKind::Answer, &[text])),
        thread: ThreadUpdate::Keep,
        figures: TurnFigures::default(),
        contacts: LeftContacts::none(),
        rules: rules(),
        lead_announced: None,
        form: FormUpdate::Keep,
        alert: None,
    }
}

pub(super) fn reply(kind: ReplyKind, parts: &[&str]) -> FinishedReply {
    FinishedReply {
        text: parts.join("\n"),
        kind,
        parts: parts.iter().map(|part| OutgoingMessage::plain(*part)).collect(),
    }
}

pub(super) fn used(id: &str, input_tokens: i64) -> ThreadUpdate {
    ThreadUpdate::Used {
        id: ThreadId(id.into()),
        input_tokens,
    }
}

pub(super) fn waiting(stored: &StoredUpdate) -> &WaitingRow {
    match &stored.outcome {
        Outcome::Waiting(row) => row,
        other => panic!("not waiting: {other:?}"),
    }
}

pub(super) fn edit(stored: &StoredUpdate) -> &Edit {
    match &stored.outcome {
        Outcome::Edited(edit) => edit,
        other => panic!("not an edit: {other:?}"),
    }
}

pub(super) fn is_ignored(stored: &StoredUpdate, reason: IgnoreReason) -> bool {
    matches!(stored.outcome, Outcome::Ignored(found, _) if found == reason)
}

pub(super) fn is_duplicate(stored: &StoredUpdate) -> bool {
    matches!(stored.outcome, Outcome::Duplicate)
}

/// Claims due deliveries while none is in flight: up to `most` by each way.
pub(super) fn claim(most: u32) -> ClaimDeliveries {
    ClaimDeliveries {
        held: Vec::new(),
        room: EachWay::of(|_| most),
    }
}

/// The same by one way alone.
pub(super) fn claim_by(way: Way, most: u32) -> ClaimDeliveries {
    let mut claim = claim(0);
    claim.room[way] = most;
    claim
}
