//! Albums: Telegram sends each picture of an album as a separate message. Ten pictures sent at once are one message of the customer, and
//! the limit per minute counts them as one.

use std::collections::HashSet;

use domain::{Change, ChatId, IncomingUpdate};

/// At this bound all albums are forgotten; an unfinished one then counts once more.
const REMEMBERED: usize = 10_000;

/// The albums already counted.
#[derive(Debug, Default)]
pub(super) struct Albums(HashSet<(ChatId, String)>);

impl Albums {
    /// Whether an update counts for the limit per minute: all do, except service updates and the further parts of a counted album.
    pub(super) fn counts(&mut self, update: &IncomingUpdate) -> bool {
        let album = match &update.change {
            Change::Wrote(message) => message.album.as_ref(),
            Change::Nothing(_) => return false,
            _ => None,
        };
        let Some(album) = album else { return true };
        if self.0.len() >= REMEMBERED {
            self.0.clear();
        }
        self.0.insert((update.chat, album.clone()))
    }
}

#[cfg(test)]
mod tests {
    use domain::{CustomerMessage, IgnoreReason, UpdateId};

    use super::*;

    fn update(chat: i64, change: Change) -> IncomingUpdate {
        IncomingUpdate {
            key: String::new(),
            update: UpdateId(1),
            chat: ChatId(chat),
            message: None,
            profile: None,
            change,
            tap: None,
            unknown_content: None,
            raw: String::new(),
        }
    }

    fn part(chat: i64, album: Option<&str>) -> IncomingUpdate {
        let mut message = CustomerMessage::text("x");
        message.album = album.map(str::to_owned);
        update(chat, Change::Wrote(message))
    }

    #[test]
    fn an_album_counts_once_per_customer() {
        let mut albums = Albums::default();
        let parts = [
            (1, Some("a"), true),
            (1, Some("a"), false),
            (2, Some("a"), true),
            (1, None, true),
            (1, Some("a"), false),
            (1, Some("b"), true),
            (1, Some("b"), false),
            (1, Some("a"), false),
            (2, Some("a"), false),
        ];
        for (n, (chat, album, counts)) in parts.into_iter().enumerate() {
            assert_eq!(albums.counts(&part(chat, album)), counts, "part {n}");
        }
        let service = update(1, Change::Nothing(IgnoreReason::Service));
        assert!(!albums.counts(&service), "a service update");
    }

    #[test]
    fn remembered_albums_are_bounded() {
        let mut albums = Albums::default();
        for chat in 0..=i64::try_from(REMEMBERED).unwrap() {
            assert!(albums.counts(&part(chat, Some("a"))));
        }
        assert!(albums.0.len() <= REMEMBERED);
    }
}
