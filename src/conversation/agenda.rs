//! What a conversation does next, as a pure function of the rows that wait and the time. Texts are gathered into one
//! turn while the customer is still writing; whatever stands between them is answered in its place.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{Body, Command, FailReason};
use store::WaitingRow;

/// When turns begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pace {
    /// How long a customer must be quiet; zero gives each message its own turn.
    pub(super) merge_wait: TimeDelta,
    /// How long after his first unanswered message a turn begins at the latest.
    pub(super) merge_max: TimeDelta,
    /// Starts of the service a row may live through.
    pub(super) attempts: u32,
}

/// Panics a turn may cause before it is given up.
const PANICS: u32 = 2;

/// The parts of an album come one by one, at once; the one with the caption need not be the first.
const ALBUM_WAIT: TimeDelta = TimeDelta::seconds(1);

/// The next thing to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Nothing waits.
    Nothing,
    /// The customer may still be writing.
    WaitUntil(DateTime<Utc>),
    /// The row at this place is a `/reset`: at once, whatever waits before it.
    Reset(usize),
    /// The first so many rows are one turn of the model.
    Model(usize),
    /// The first row is answered without the model.
    Direct,
    /// The first row has brought the service down too often, or does not parse any more.
    GiveUp(FailReason),
}

/// Looks at the rows; `is_for_model` says which of them the model answers.
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
        return Next::GiveUp(FailReason::Unreadable);
    }
    if first.panics >= PANICS {
        return Next::GiveUp(FailReason::Panicked);
    }
    if first.attempts > pace.attempts {
        return Next::GiveUp(FailReason::Poison);
    }
    let says_something = |row: &WaitingRow| !row.is_unreadable && is_for_model(row);
    let goes_to_model = |row: &WaitingRow| says_something(row) || has_words(waiting, row, says_something);
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
    // Somebody who already sends commands or pictures has said what he wanted to say.
    if is_over(due, pace.merge_max, now) || count < waiting.len() {
        Next::Model(count)
    } else {
        Next::WaitUntil(due)
    }
}

/// Whether a wait of at most `longest` has ended; one that would end later than that was begun before the clock was set
/// back, and nobody waits for the clock to come round again.
fn is_over(due: DateTime<Utc>, longest: TimeDelta, now: DateTime<Utc>) -> bool {
    now >= due || due - now > longest
}

/// Whether a row is a `/reset`.
pub(super) fn is_reset(row: &WaitingRow) -> bool {
    matches!(row.message.body, Body::Command(Command::Reset))
}

/// Whether another part of a row's album has words: an album is one message.
fn has_words(waiting: &VecDeque<WaitingRow>, row: &WaitingRow, is_for_model: impl Fn(&WaitingRow) -> bool) -> bool {
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
    fn a_clock_that_was_set_back_keeps_nobody_waiting() {
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
    fn somebody_who_never_stops_is_answered_after_five_seconds() {
        let rows: Vec<_> = (0..6).map(|n| text(n + 1, n * 1000)).collect();
        assert_eq!(next_of(rows, PACE, 5000), Next::Model(6));
    }

    #[test]
    fn without_merging_each_message_is_its_own_turn() {
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
    fn an_album_is_one_message_wherever_its_caption_stands() {
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
    fn pictures_of_an_album_wait_for_the_one_with_the_caption() {
        let rows = [photo(1, None), photo(2, None)];
        assert_eq!(next_of(rows.clone(), PACE, 999), Next::WaitUntil(at(1000)));
        assert_eq!(next_of(rows.clone(), PACE, 1000), Next::Direct);
        let and_a_text = rows.into_iter().chain([text(3, 0)]);
        assert_eq!(next_of(and_a_text, PACE, 0), Next::Direct);
    }

    #[test]
    fn a_command_behind_texts_ends_the_waiting_and_keeps_its_place() {
        assert_eq!(
            next_of([text(1, 0), command(2, Command::Help)], PACE, 1),
            Next::Model(1)
        );
        assert_eq!(next_of([command(2, Command::Help), text(3, 0)], PACE, 1), Next::Direct);
    }

    #[test]
    fn a_reset_goes_before_everything_that_waits() {
        let rows = [
            text(1, 0),
            command(2, Command::Help),
            command(3, Command::Reset),
            text(4, 0),
        ];
        assert_eq!(next_of(rows, PACE, 0), Next::Reset(2));
    }

    #[test]
    fn a_message_that_does_not_parse_is_given_up_alone() {
        let mut lost = text(2, 100);
        lost.is_unreadable = true;
        let rows = [text(1, 0), lost.clone(), text(3, 200)];
        assert_eq!(next_of(rows, PACE, 200), Next::Model(1), "what was written before it");
        let rows = [lost, text(3, 200)];
        assert_eq!(next_of(rows, PACE, 200), Next::GiveUp(FailReason::Unreadable));
    }

    #[test]
    fn a_row_that_kills_the_service_again_and_again_is_given_up() {
        let mut poison = text(1, 0);
        poison.attempts = 5;
        assert_eq!(
            next_of([poison.clone()], PACE, 9000),
            Next::Model(1),
            "five starts may be anybody's"
        );
        poison.attempts = 6;
        assert_eq!(next_of([poison], PACE, 9000), Next::GiveUp(FailReason::Poison));
        let mut panicking = text(1, 0);
        panicking.panics = 2;
        assert_eq!(next_of([panicking], PACE, 9000), Next::GiveUp(FailReason::Panicked));
    }

    #[test]
    fn what_waited_while_the_service_was_down_is_answered_together() {
        let rows: Vec<_> = (1..=5).map(|n| text(n, n * 10_000)).collect();
        assert_eq!(next_of(rows, PACE, 3_600_000), Next::Model(5));
    }
}
