//! Everything the stand-ins received and delivered, as records for the [`audit`].

use audit::{Got, Said, Seen};

use crate::journal::{Event, Journal};
use crate::openai::OpenAi;
use crate::smtp::{Letter, Smtp};

/// Customer messages and replies, letters in mailboxes, and the input of each request to the model.
pub(crate) fn all(journal: &Journal, openai: &OpenAi, smtp: &Smtp) -> Seen {
    let mut seen = Seen {
        letters: smtp.letters().iter().flat_map(letters).collect(),
        asked: openai.requests().iter().map(|run| run.input.to_string()).collect(),
        ..Seen::default()
    };
    for entry in journal.entries() {
        record(&mut seen, entry.event);
    }
    seen
}

/// Records a customer's message or a reply.
pub(crate) fn record(seen: &mut Seen, event: Event) {
    match event {
        Event::UpdateQueued {
            update_id: Some(update),
            chat: Some(chat),
            text,
        } => {
            let is_wordless = false;
            let said = Said {
                update,
                chat,
                text,
                is_wordless,
            };
            seen.said.push(said);
        }
        Event::MessageDelivered {
            chat,
            message_id: message,
            text,
        } => seen.got.push(Got { chat, message, text }),
        _ => {}
    }
}

/// One for each recipient.
fn letters(letter: &Letter) -> impl Iterator<Item = audit::Letter> {
    letter.to.iter().map(|to| audit::Letter {
        address: to.to_ascii_lowercase(),
        id: letter.message_id.clone().unwrap_or_default(),
        text: letter.text.clone().unwrap_or_default(),
    })
}
