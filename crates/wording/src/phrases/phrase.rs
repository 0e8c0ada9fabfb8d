//! Which texts there are and what each needs to know.

use fluent_bundle::FluentArgs;

/// A text of the service, with what it needs to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phrase<'a> {
    /// The first `/start`: in the name of the business, what answers, what happens to messages, one question.
    Greeting {
        /// `BUSINESS_NAME`.
        business: &'a str,
        /// The customer's first name; `None` or blank: a greeting without it.
        name: Option<&'a str>,
    },
    /// A later `/start`.
    GreetingAgain {
        /// `BUSINESS_NAME`.
        business: &'a str,
    },
    /// `/help`.
    Help,
    /// An unknown command.
    UnknownCommand,
    /// `/reset` has been done.
    ResetDone,
    /// Asks for the contact; is above the contact button.
    ContactAsk,
    /// Label of the button that shares the customer's own number.
    ContactShareButton,
    /// Label of the button beside it; a tap sends exactly this text as a message.
    ContactWriteButton,
    /// Answers a tap on [`Phrase::ContactWriteButton`].
    ContactWriteHint,
    /// A contact has been saved.
    ContactThanks {
        /// The customer's name, if it is known.
        name: Option<&'a str>,
    },
    /// `/privacy`.
    Privacy {
        /// `BUSINESS_NAME`.
        business: &'a str,
    },
    /// Which kinds of messages are understood; after a message of another kind.
    MediaHint,
    /// More messages than one customer may send.
    Flood,
    /// More messages within a day than are answered.
    FloodOfDay,
    /// The one line in a group or channel before the bot leaves it.
    GroupFarewell,
    /// What a late reply begins with.
    Apology,
    /// The form: the model cannot answer; asks for phone and name, above the contact button.
    Form,
    /// A contact was left while the form was open.
    FormThanks {
        /// The customer's name, if it is known.
        name: Option<&'a str>,
    },
    /// The model cannot answer now, and the customer was recently asked for a contact.
    Failed,
    /// The model cannot answer now; the contact in this message is saved.
    FailedSaved,
    /// The model cannot answer now; an earlier contact is known.
    FailedKnown,
    /// The model declined to answer.
    Refused,
    /// A line of the command menu, 1 to 256 characters (Bot API, BotCommand).
    CommandDescription(MenuCommand),
}

/// The commands registered with Telegram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the commands themselves")]
pub enum MenuCommand {
    Start,
    Help,
    Reset,
    Contact,
    Privacy,
}

impl MenuCommand {
    /// All, in the order of the menu.
    pub const ALL: [Self; 5] = [Self::Start, Self::Help, Self::Reset, Self::Contact, Self::Privacy];

    /// The command without its slash.
    pub fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Help => "help",
            Self::Reset => "reset",
            Self::Contact => "contact",
            Self::Privacy => "privacy",
        }
    }
}

impl<'a> Phrase<'a> {
    /// One of each, for checks.
    pub(super) fn samples() -> Vec<Phrase<'static>> {
        let business = "Business";
        let mut samples = Vec::new();
        for name in [None, Some("Name")] {
            samples.push(Phrase::Greeting { business, name });
            samples.push(Phrase::ContactThanks { name });
            samples.push(Phrase::FormThanks { name });
        }
        samples.extend([
            Phrase::GreetingAgain { business },
            Phrase::Help,
            Phrase::UnknownCommand,
            Phrase::ResetDone,
            Phrase::ContactAsk,
            Phrase::ContactShareButton,
            Phrase::ContactWriteButton,
            Phrase::ContactWriteHint,
            Phrase::Privacy { business },
            Phrase::MediaHint,
            Phrase::Flood,
            Phrase::FloodOfDay,
            Phrase::GroupFarewell,
            Phrase::Apology,
            Phrase::Form,
            Phrase::Failed,
            Phrase::FailedSaved,
            Phrase::FailedKnown,
            Phrase::Refused,
        ]);
        samples.extend(MenuCommand::ALL.map(Phrase::CommandDescription));
        samples
    }

    /// The name of its message in the files.
    pub(super) fn key(&self) -> &'static str {
        match self {
            Self::Greeting { .. } => "greeting",
            Self::GreetingAgain { .. } => "greeting-again",
            Self::Help => "help",
            Self::UnknownCommand => "unknown-command",
            Self::ResetDone => "reset-done",
            Self::ContactAsk => "contact-ask",
            Self::ContactShareButton => "contact-share-button",
            Self::ContactWriteButton => "contact-write-button",
            Self::ContactWriteHint => "contact-write-hint",
            Self::ContactThanks { .. } => "contact-thanks",
            Self::Privacy { .. } => "privacy",
            Self::MediaHint => "media-hint",
            Self::Flood => "flood",
            Self::FloodOfDay => "flood-of-day",
            Self::GroupFarewell => "group-farewell",
            Self::Apology => "apology",
            Self::Form => "form",
            Self::FormThanks { .. } => "form-thanks",
            Self::Failed => "failed",
            Self::FailedSaved => "failed-saved",
            Self::FailedKnown => "failed-known",
            Self::Refused => "refused",
            Self::CommandDescription(MenuCommand::Start) => "command-start",
            Self::CommandDescription(MenuCommand::Help) => "command-help",
            Self::CommandDescription(MenuCommand::Reset) => "command-reset",
            Self::CommandDescription(MenuCommand::Contact) => "command-contact",
            Self::CommandDescription(MenuCommand::Privacy) => "command-privacy",
        }
    }

    /// The longest it may become, in UTF-16 code units.
    pub(super) fn limit(&self) -> usize {
        match self {
            Self::CommandDescription(_) => 256,
            Self::ContactShareButton | Self::ContactWriteButton => 64,
            _ => 2048,
        }
    }

    pub(super) fn arguments(&self) -> FluentArgs<'a> {
        let mut arguments = FluentArgs::new();
        if let Self::Greeting { business, .. } | Self::GreetingAgain { business } | Self::Privacy { business } = self {
            let business = one_line(business);
            arguments.set("quoted", quoted(&business));
            arguments.set("business", business);
        }
        if let Self::Greeting { name, .. } | Self::ContactThanks { name } | Self::FormThanks { name } = self {
            let name = one_line(name.unwrap_or_default());
            arguments.set("named", if name.is_empty() { "no" } else { "yes" });
            arguments.set("name", name);
        }
        arguments
    }
}

/// In «ёлочки», unless the name has quotation marks of its own.
fn quoted(business: &str) -> String {
    match business.contains(['«', '»', '“', '”', '„', '"']) {
        true => business.to_owned(),
        false => format!("«{business}»"),
    }
}

/// Names come from strangers: line breaks in them would let them speak in our place. Longer ones are cut.
fn one_line(name: &str) -> String {
    const LONGEST: usize = 128;
    let words: Vec<&str> = name.split(|c: char| c.is_whitespace() || c.is_control()).collect();
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    words.join(" ").chars().take(LONGEST).collect()
}
