//! Converts the model's Markdown to messages: rendered, and split at Telegram's limits. The first part can quote the
//! question if the reply is late.

use domain::{Answers, Keyboard, OutgoingMessage, Reply};
use store::{FinishedReply, ReplyKind};
use wording::markdown::{TELEGRAM_SPAN_LIMIT, TELEGRAM_TEXT_LIMIT, render, split};
use wording::sentences::whole_sentences;

/// The context of a reply.
pub(super) struct Frame {
    /// The question, in case the reply is late.
    pub(super) answers: Option<Answers>,
    /// A keyboard to show or remove.
    pub(super) keyboard: Option<Keyboard>,
}

/// The model's answer as messages, cut at the last complete sentence within `longest` characters.
pub(super) fn from_markdown(text: &str, longest: usize, frame: Frame) -> FinishedReply {
    let text = up_to(text, longest);
    let reply = render(&text);
    // Markup without visible text is sent unrendered, because an empty message cannot be sent.
    let reply = if reply.text.is_empty() {
        Reply::plain(text.trim())
    } else {
        reply
    };
    FinishedReply {
        parts: parts(&reply, frame),
        text,
        kind: ReplyKind::Answer,
    }
}

fn up_to(text: &str, longest: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(longest) else {
        return text.to_owned();
    };
    let beginning = &text[..end];
    match whole_sentences(beginning) {
        // A text without sentences is cut at the limit, even inside a word.
        whole if whole.len() < end / 2 => beginning,
        whole => whole,
    }
    .to_owned()
}

/// One of the service's own texts as messages.
pub(super) fn from_text(text: String, kind: ReplyKind, frame: Frame) -> FinishedReply {
    FinishedReply {
        parts: parts(&Reply::plain(&text), frame),
        text,
        kind,
    }
}

fn parts(reply: &Reply, frame: Frame) -> Vec<OutgoingMessage> {
    let apology = frame
        .answers
        .as_ref()
        .map_or(0, |answers| answers.apology.encode_utf16().count() + 1);
    let limit = TELEGRAM_TEXT_LIMIT.saturating_sub(apology);
    let mut parts: Vec<OutgoingMessage> = split(reply, limit, TELEGRAM_SPAN_LIMIT)
        .into_iter()
        .map(OutgoingMessage::from)
        .collect();
    if let Some(first) = parts.first_mut() {
        first.answers = frame.answers;
    }
    if let Some(last) = parts.last_mut() {
        last.keyboard = frame.keyboard;
    }
    parts
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};
    use domain::MessageId;

    use super::*;

    fn frame(asked_at: DateTime<Utc>) -> Frame {
        Frame {
            answers: Some(Answers {
                message: MessageId(5),
                asked_at,
                apology: "Простите.".into(),
            }),
            keyboard: Some(Keyboard::Remove),
        }
    }

    #[test]
    fn a_too_long_answer_ends_with_a_complete_sentence() {
        for (text, longest, shown) in [
            ("Моем окна. Моем полы.", 21, "Моем окна. Моем полы."),
            ("Моем окна. Моем полы.", 20, "Моем окна."),
            ("Моем окна и полы", 9, "Моем окна"),
        ] {
            let reply = from_markdown(text, longest, frame(DateTime::UNIX_EPOCH));
            assert_eq!((reply.text.as_str(), reply.parts.len()), (shown, 1));
        }
    }

    #[test]
    fn a_late_first_part_still_fits_in_one_message() {
        let asked_at = DateTime::UNIX_EPOCH;
        let reply = from_markdown(&"слово ".repeat(2000), 16_000, frame(asked_at));
        assert!(reply.parts.len() > 2);
        let late = reply.parts[0].clone().leaving_at(asked_at + TimeDelta::hours(1));
        assert!(late.reply.text.encode_utf16().count() <= TELEGRAM_TEXT_LIMIT);
        assert!(late.reply.text.starts_with("Простите.\n"));
        assert_eq!(late.quotes, Some(MessageId(5)));
    }

    #[test]
    fn a_reply_in_time_neither_quotes_nor_apologises() {
        let asked_at = DateTime::UNIX_EPOCH;
        let reply = from_markdown("**да**", 16_000, frame(asked_at));
        let prompt = reply.parts[0].clone().leaving_at(asked_at + TimeDelta::minutes(10));
        assert_eq!((prompt.reply.text.as_str(), prompt.quotes), ("да", None));
        assert_eq!(prompt.reply.spans.len(), 1);
    }

    #[test]
    fn an_answer_of_only_markup_is_sent_as_is() {
        let reply = from_markdown("***", 16_000, frame(DateTime::UNIX_EPOCH));
        assert_eq!(reply.parts[0].reply.text, "***");
    }

    #[test]
    fn only_the_last_part_has_the_keyboard() {
        let reply = from_markdown(&"слово ".repeat(2000), 16_000, frame(DateTime::UNIX_EPOCH));
        let with_keyboard: Vec<bool> = reply.parts.iter().map(|part| part.keyboard.is_some()).collect();
        assert_eq!(with_keyboard.iter().filter(|has| **has).count(), 1);
        assert_eq!(with_keyboard.last(), Some(&true));
    }
}
