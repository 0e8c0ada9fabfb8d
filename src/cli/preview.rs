//! Looking at a letter that is not sent: its text on the terminal, its HTML in a file, or all of it as a mail program opens
//! it.

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

/// Who a draft is to where no owner is named yet.
const SOMEBODY: &str = "owner@localhost";
/// The brand where BUSINESS_NAME is not set: the bot's own name is Telegram's to tell.
const NAMELESS: &str = "frontdesk";
/// Stands in the Message-ID where the installation's name would.
const PREVIEW: &str = "preview";

#[derive(Args)]
pub(super) struct Form {
    /// Write the letter's HTML into this file, readable by its owner alone; one that is there is replaced
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Print the whole letter with its attachments, as a mail program opens it
    #[arg(long, conflicts_with = "out")]
    eml: bool,
}

/// Who a letter without a row would go to.
pub(super) fn recipient(config: &Config) -> Email {
    let owner = config.mail.owners.first().cloned();
    owner.unwrap_or_else(|| Email::normalised(SOMEBODY))
}

/// Writes the letter and shows it in the form that was asked for.
///
/// # Errors
/// A template that is broken, a file that cannot be written.
pub(super) fn preview(config: &Config, page: &LetterPage, form: &Form, now: DateTime<Utc>) -> anyhow::Result<()> {
    let letters = Letters::load(config.mail.language, config.business.templates_dir.as_deref())?;
    let business = config.business.name.as_deref().unwrap_or(NAMELESS);
    let (zone, sender) = (config.locale.time_zone, config.mail.smtp.as_ref());
    let draft = draft(page, &letters, business, zone, sender, PREVIEW, now)?;
    match &form.out {
        Some(path) => {
            write_private(path, &draft.html)?;
            print(&format!("{}\nin {}", draft.subject, path.display()))
        }
        None if form.eml => print_bytes(&draft.message),
        None => print_words(&format!("{}\n\n{}", draft.subject, draft.text)),
    }
}
