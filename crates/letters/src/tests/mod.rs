//! Letters as their readers get them.

mod attachments;
mod card;
mod examples;
mod gathered;
mod hostile;
mod letters;
mod long_dialogs;
mod overrides;
mod report;
mod subjects;

use chrono_tz::Tz;
use domain::{Email, Language, Phone};
use pages::PageBody;

use self::examples::at;
use crate::attachment::{Attachment, Files};
use crate::clean::JOINER;
use crate::templates::Rendered;
use crate::{LetterError, Letters};

const ZONE: Tz = chrono_tz::Europe::Moscow;

fn letters(language: Language) -> Letters {
    Letters::load(language, None).unwrap()
}

/// As it is sent, with the marks that keep a mail program from making links.
fn marked(language: Language, body: &PageBody) -> Rendered {
    let letters = letters(language);
    letters.render(body, Files::Attached, "Чистый дом", ZONE).unwrap()
}

/// As a reader sees it: without those marks.
fn rendered(language: Language, body: &PageBody) -> Rendered {
    let letter = marked(language, body);
    Rendered {
        html: letter.html.replace(JOINER, ""),
        ..letter
    }
}

/// What is in a file.
fn content(file: &Attachment) -> String {
    file.text.clone().into_text().unwrap()
}

/// A number as letters show it.
fn shown(digits: &str) -> String {
    crate::reach::display(&Phone::international(digits).unwrap())
}
