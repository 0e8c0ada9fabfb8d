//! Previews of emails: the text on the terminal, the HTML in a file, or the whole email as `.eml`.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::Args;
use domain::Email;
use letters::Letters;
use pages::LetterPage;

use super::output::{print, print_bytes, print_words};
use super::place::write_private;
use crate::config::Config;
use crate::mailer::draft;

/// The recipient of a preview if OWNER_EMAIL is not set.
const PLACEHOLDER: &str = "owner@localhost";
/// The business name if BUSINESS_NAME is not set. The service uses the bot's name, but a preview does not ask Telegram.
const NAMELESS: &str = "frontdesk";
/// In the Message-ID, instead of the installation's name.
const PREVIEW: &str = "preview";

#[derive(Args)]
pub(super) struct Form {
    /// Write the email as HTML to this file, overwriting any existing one; the file is readable only by your user
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Print the whole email with attachments in .eml format, to open in a mail program
    #[arg(long, conflicts_with = "out")]
    eml: bool,
}

/// The recipient shown in a preview.
pub(super) fn recipient(config: &Config) -> Email {
    let owner = config.mail.owners.first().cloned();
    owner.unwrap_or_else(|| Email::normalised(PLACEHOLDER))
}

/// Renders the email and prints it in the requested form.
///
/// # Errors
/// A template is invalid, or the file cannot be written.
pub(super) fn preview(config: &Config, page: &LetterPage, form: &Form, now: DateTime<Utc>) -> anyhow::Result<()> {
    let letters = Letters::load(config.mail.language, config.business.templates_dir.as_deref())?;
    let business = config.business.name.as_deref().unwrap_or(NAMELESS);
    let (zone, sender) = (config.locale.time_zone, config.mail.smtp.as_ref());
    let draft = draft(page, &letters, business, zone, sender, PREVIEW, now)?;
    match &form.out {
        Some(path) => {
            write_private(path, &draft.html)?;
            print(&format!("{}\nwritten to {}", draft.subject, path.display()))
        }
        None if form.eml => print_bytes(&draft.message),
        None => print_words(&format!("{}\n\n{}", draft.subject, draft.text)),
    }
}
