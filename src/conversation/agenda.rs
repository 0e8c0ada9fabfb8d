//! Decides a conversation's next step, as a pure function of the waiting rows and the time. Texts are merged into one
//! turn while the customer is still writing; rows of other kinds between them are answered in their order.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{Body, Command, FailReason};
use store::WaitingRow;

/// The timing of turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pace {
    /// The silence after which a turn begins; zero gives each message its own turn.
    pub(super) merge_wait: TimeDelta,
    /// The longest wait after the first unanswered message.
    pub(super) merge_max: TimeDelta,
    /// A row that was tried in more service starts than this is a poison message.
    pub(super) attempts: u32,
}

/// Panics after which a turn has failed.
const PANICS: u32 = 2;

/// The parts of an album arrive in quick succession, the one with the caption in any position.
const ALBUM_WAIT: TimeDelta = TimeDelta::seconds(1);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Nothing waits.
    Nothing,
    /// The customer may still be writing.
    WaitUntil(DateTime<Utc>),
    /// The row at this index is a `/reset` and goes before all others.
    Reset(usize),
    /// The first rows, up to this count, are one turn of the model.
    Model(usize),
    /// The first row is answered without the model.
    Direct,
    /// The first row has crashed the service too often or cannot be parsed.
    Fail(FailReason),
}

/// `is_for_model`: whether the model answers a row.
pub(super) fn next(
    waiting: &VecDeque<WaitingRow>,
    is_for_model: impl Fn(&WaitingRow) -> bool,
    pace: Pace,
    now: DateTime<Utc>,
) -> Next {
    if let Some(place) = waiting.iter().position(is_reset) {
        return Next::Reset(place);
    }
    let Some(first) = waiting.front() else {
        return Next::Nothing;
    };
    if first.is_unreadable {
        return Next::Fail(FailReason::Unreadable);
    }
    if first.panics >= PANICS {
        return Next::Fail(FailReason::Panicked);
    }
    if first.attempts > pace.attempts {
        return Next::Fail(FailReason::Poison);
    }
    let has_text = |row: &WaitingRow| !row.is_unreadable && is_for_model(row);
    let goes_to_model = |row: &WaitingRow| has_text(row) || album_has_text(waiting, row, has_text);
    if !goes_to_model(first) {
        let is_complete = waiting.iter().any(|row| !is_same_album(first, row));
        let due = first.received_at + ALBUM_WAIT;
        return match is_complete || is_over(due, ALBUM_WAIT, now) {
            true => Next::Direct,
            false => Next::WaitUntil(due),
        };
    }
    if pace.merge_wait.is_zero() {
        let album = waiting
            .iter()
            .skip(1)
            .take_while(|row| is_same_album(first, row))
            .count();
        return Next::Model(1 + album);
    }
    let count = waiting.iter().take_while(|row| goes_to_model(row)).count();
    let due = waiting.get(count - 1).map_or(now, |last| {
        (last.received_at + pace.merge_wait).min(first.received_at + pace.merge_max)
    });
    // A command or picture after the texts means that the customer has finished writing.
    if is_over(due, pace.merge_max, now) || count < waiting.len() {
        Next::Model(count)
    } else {
        Next::WaitUntil(due)
    }
}

/// Whether a wait of at most `longest` has ended. If it would take longer, the clock was set back since it began, so it
/// counts as ended.
fn is_over(due: DateTime<Utc>, longest: TimeDelta, now: DateTime<Utc>) -> bool {
    now >= due || due - now > longest
}

pub(super) fn is_reset(row: &WaitingRow) -> bool {
    matches!(row.message.body, Body::Command(Command::Reset))
}

/// Whether another part of a row's album has text; an album is one message.
fn album_has_text(
    waiting: &VecDeque<WaitingRow>,
    row: &WaitingRow,
    is_for_model: impl Fn(&WaitingRow) -> bool,
) -> bool {
    waiting
        .iter()
        .any(|other| is_same_album(row, other) && is_for_model(other))
}

fn is_same_album(first: &WaitingRow, row: &WaitingRow) -> bool {
    first.message.album.is_some() && first.message.album == row.message.album
}

#[cfg(test)]
mod tests {
    use domain::{CustomerMessage, InboxId, Media, MediaKind, MessageId, UpdateId};

    use super::*;

    const PACE: Pace = Pace {
        merge_wait: TimeDelta::milliseconds(1200),
        merge_max: TimeDelta::seconds(5),
        attempts: 5,
    };

    fn at(millis: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::milliseconds(millis)
    }

    fn row(id: i64, millis: i64, message: CustomerMessage) -> WaitingRow {
        WaitingRow {
            id: InboxId(id),
            update: UpdateId(id),
            message_id: MessageId(id),
            message,
            is_unreadable: false,
            received_at: at(millis),
            attempts: 0,
            panics: 0,
        }
    }

    fn text(id: i64, millis: i64) -> WaitingRow {
        row(id, millis, CustomerMessage::text("x"))
    }

    fn command(id: i64, command: Command) -> WaitingRow {
        let mut message = CustomerMessage::text("");
        message.body = Body::Command(command);
        row(id, 0, message)
    }

    fn next_of(rows: impl IntoIterator<Item = WaitingRow>, pace: Pace, millis: i64) -> Next {
        next(
            &rows.into_iter().collect(),
            |row| row.message.is_for_model(),
            pace,
            at(millis),
        )
    }

    #[test]
    fn a_clock_set_back_never_delays_a_turn() {
        let rows = VecDeque::from([row(1, 3_600_000, CustomerMessage::text("hello"))]);
        assert_eq!(next(&rows, |_| true, PACE, at(0)), Next::Model(1));
        assert_eq!(
            next(&rows, |_| true, PACE, at(3_600_000)),
            Next::WaitUntil(at(3_601_200))
        );
    }

    #[test]
    fn a_turn_waits_until_the_customer_has_been_quiet() {
        let rows = [text(1, 0), text(2, 1000)];
        assert_eq!(next_of(rows.clone(), PACE, 1500), Next::WaitUntil(at(2200)));
        assert_eq!(next_of(rows, PACE, 2200), Next::Model(2));
    }

    #[test]
    fn a_customer_who_keeps_typing_is_answered_after_five_seconds() {
        let rows: Vec<_> = (0..6).map(|n| text(n + 1, n * 1000)).collect();
        assert_eq!(next_of(rows, PACE, 5000), Next::Model(6));
    }

    #[test]
    fn without_merging_each_message_is_a_separate_turn() {
        let pace = Pace {
            merge_wait: TimeDelta::zero(),
            ..PACE
        };
        assert_eq!(next_of([text(1, 0), text(2, 0)], pace, 0), Next::Model(1));
    }

    fn photo(id: i64, caption: Option<&str>) -> WaitingRow {
        let mut message = CustomerMessage::text("");
        message.album = Some("a".into());
        message.body = Body::Media(Media {
            kind: MediaKind::Photo,
            detail: None,
            caption: caption.map(Into::into),
        });
        row(id, 0, message)
    }

    #[test]
    fn an_album_is_one_message_whichever_part_has_the_caption() {
        let pace = Pace {
            merge_wait: TimeDelta::zero(),
            ..PACE
        };
        for captioned in 1..=3 {
            let caption = |id| (id == captioned).then_some("look");
            let photos = (1..=3).map(|id| photo(id, caption(id)));
            let rows: Vec<_> = photos.chain([text(4, 0)]).collect();
            assert_eq!(next_of(rows.clone(), pace, 0), Next::Model(3));
            assert_eq!(next_of(rows, PACE, 1200), Next::Model(4));
        }
    }

    #[test]
    fn album_pictures_wait_for_the_one_with_the_caption() {
        let rows = [photo(1, None), photo(2, None)];
        assert_eq!(next_of(rows.clone(), PACE, 999), Next::WaitUntil(at(1000)));
        assert_eq!(next_of(rows.clone(), PACE, 1000), Next::Direct);
        let and_a_text = rows.into_iter().chain([text(3, 0)]);
        assert_eq!(next_of(and_a_text, PACE, 0), Next::Direct);
    }

    #[test]
    fn a_command_after_texts_ends_the_wait_and_keeps_its_place() {
        assert_eq!(
            next_of([text(1, 0), command(2, Command::Help)], PACE, 1),
            Next::Model(1)
        );
        assert_eq!(next_of([command(2, Command::Help), text(3, 0)], PACE, 1), Next::Direct);
    }

    #[test]
    fn a_reset_is_handled_before_all_waiting_messages() {
        let rows = [
            text(1, 0),
            command(2, Command::Help),
            command(3, Command::Reset),
            text(4, 0),
        ];
        assert_eq!(next_of(rows, PACE, 0), Next::Reset(2));
    }

    #[test]
    fn an_unreadable_message_fails_without_affecting_others() {
        let mut lost = text(2, 100);
        lost.is_unreadable = true;
        let rows = [text(1, 0), lost.clone(), text(3, 200)];
        assert_eq!(next_of(rows, PACE, 200), Next::Model(1), "the message before it");
        let rows = [lost, text(3, 200)];
        assert_eq!(next_of(rows, PACE, 200), Next::Fail(FailReason::Unreadable));
    }

    #[test]
    fn a_poison_message_fails_after_repeated_crashes() {
        let mut poison = text(1, 0);
        poison.attempts = 5;
        assert_eq!(
            next_of([poison.clone()], PACE, 9000),
            Next::Model(1),
            "another row may have caused these five starts"
        );
        poison.attempts = 6;
        assert_eq!(next_of([poison], PACE, 9000), Next::Fail(FailReason::Poison));
        let mut panicking = text(1, 0);
        panicking.panics = 2;
        assert_eq!(next_of([panicking], PACE, 9000), Next::Fail(FailReason::Panicked));
    }

    #[test]
    fn messages_received_while_the_service_was_down_are_answered_together() {
        let rows: Vec<_> = (1..=5).map(|n| text(n, n * 10_000)).collect();
        assert_eq!(next_of(rows, PACE, 3_600_000), Next::Model(5));
    }
}
