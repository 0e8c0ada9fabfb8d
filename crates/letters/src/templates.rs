//! The compiled templates. Text and HTML have a registry each, because what makes a stranger's words harmless differs:
//! in HTML they are escaped, in a text their further lines are set in, so that none of them can pose as one of the service.

use std::sync::Arc;

use css_inline::CSSInliner;
use handlebars::{
    Context, Handlebars, Helper, HelperDef, HelperResult, Output, RenderContext, RenderError, RenderErrorReason,
    ScopedJson, html_escape,
};
use serde::Serialize;
use serde_json::Value;
use wording::phrases::{LetterWords, Word};

use crate::attachment::Attachment;
use crate::clean::{line, unlinked};

/// A template: its name among the others of its registry, its file, its built-in text.
pub(crate) type Source = (&'static str, &'static str, &'static str);

macro_rules! source {
    ($name:literal, $file:literal) => {
        ($name, $file, include_str!(concat!("../../../templates/", $file)))
    };
}

/// What is plain text: subjects, bodies and their parts.
pub(crate) const TEXTS: &[Source] = &[
    source!("card", "card.txt.hbs"),
    source!("days", "days.txt.hbs"),
    source!("dialog", "dialog.txt.hbs"),
    source!("lead/subject", "lead/subject.txt.hbs"),
    source!("lead/body", "lead/body.txt.hbs"),
    source!("lead/history", "lead/history.txt.hbs"),
    source!("leads/subject", "leads/subject.txt.hbs"),
    source!("leads/body", "leads/body.txt.hbs"),
    source!("report/subject", "report/subject.txt.hbs"),
    source!("report/body", "report/body.txt.hbs"),
    source!("alert/subject", "alert/subject.txt.hbs"),
    source!("alert/body", "alert/body.txt.hbs"),
];

/// What is HTML.
pub(crate) const PAGES: &[Source] = &[
    source!("base", "base.html.hbs"),
    source!("bubble", "bubble.html.hbs"),
    source!("kpi", "kpi.html.hbs"),
    source!("bar", "bar.html.hbs"),
    source!("card", "card.html.hbs"),
    source!("days", "days.html.hbs"),
    source!("dialog", "dialog.html.hbs"),
    source!("mail", "mail.html.hbs"),
    source!("who", "who.html.hbs"),
    source!("lead/body", "lead/body.html.hbs"),
    source!("leads/body", "leads/body.html.hbs"),
    source!("report/body", "report/body.html.hbs"),
    source!("alert/body", "alert/body.html.hbs"),
];

/// The registries of one language.
pub(crate) struct Templates {
    texts: Registry,
    pages: Registry,
    inliner: CSSInliner<'static>,
}

struct Registry {
    handlebars: Handlebars<'static>,
    /// Where each template comes from, for a fault.
    files: Vec<(&'static str, String)>,
}

/// Subject, text and HTML, and what is attached to them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// One line of at most 180 characters.
    pub subject: String,
    /// Further lines of a customer's words are indented: only ours begin at the margin.
    pub text: String,
    /// Styles are in its tags. Small enough for a mailbox to show it whole.
    pub html: String,
    /// In the order in which the letter names them.
    pub attachments: Vec<Attachment>,
}

impl Templates {
    /// Compiles all of them. `own` gives an operator's file in place of a built-in one: its path and its text.
    ///
    /// # Errors
    /// `FILE:LINE:COLUMN: what is wrong` for each that is not a template.
    pub(crate) fn compile(
        words: &Arc<LetterWords>,
        own: impl Fn(&str) -> Option<(String, String)>,
    ) -> Result<Self, Vec<String>> {
        let mut faults = Vec::new();
        let mut texts = Registry::compile(TEXTS, &own, words, &mut faults);
        let mut pages = Registry::compile(PAGES, &own, words, &mut faults);
        if !faults.is_empty() {
            return Err(faults);
        }
        texts.handlebars.register_escape_fn(set_in);
        pages.handlebars.register_escape_fn(page_text);
        // Mail clients do not agree on `white-space`.
        let lines = |text: &str| page_text(text).replace('\n', "<br>");
        pages.handlebars.register_helper("lines", written("lines", lines));
        // An address of the service, for `href`.
        pages.handlebars.register_helper("url", written("url", html_escape));
        let inliner = CSSInliner::options()
            .load_remote_stylesheets(false)
            .minify_css(true)
            .build();
        Ok(Self { texts, pages, inliner })
    }

    /// Renders the letter of that kind.
    ///
    /// # Errors
    /// `FILE:LINE:COLUMN: what is wrong`.
    pub(crate) fn render(&self, kind: &str, view: &impl Serialize) -> Result<Rendered, String> {
        let html = self.page(kind, view)?;
        self.around(kind, view, html)
    }

    /// The HTML of a letter of that kind, as it is sent.
    ///
    /// # Errors
    /// As [`Templates::render`].
    pub(crate) fn page(&self, kind: &str, view: &impl Serialize) -> Result<String, String> {
        let html = self.pages.render(&format!("{kind}/body"), view)?;
        self.inliner
            .inline(&html)
            .map_err(|_named| format!("{kind}/body.html.hbs: its styles are no CSS"))
    }

    /// The letter whose HTML is there.
    ///
    /// # Errors
    /// As [`Templates::render`].
    pub(crate) fn around(&self, kind: &str, view: &impl Serialize, html: String) -> Result<Rendered, String> {
        Ok(Rendered {
            subject: self.texts.render(&format!("{kind}/subject"), view)?,
            text: self.texts.render(&format!("{kind}/body"), view)?,
            html,
            attachments: Vec::new(),
        })
    }

    /// A plain text by itself.
    ///
    /// # Errors
    /// As [`Templates::render`].
    pub(crate) fn text(&self, name: &str, view: &impl Serialize) -> Result<String, String> {
        self.texts.render(name, view)
    }
}

impl Registry {
    fn compile(
        sources: &[Source],
        own: &impl Fn(&str) -> Option<(String, String)>,
        words: &Arc<LetterWords>,
        faults: &mut Vec<String>,
    ) -> Self {
        let mut handlebars = Handlebars::new();
        handlebars.set_strict_mode(true);
        handlebars.set_prevent_indent(true);
        handlebars.register_helper("t", Box::new(Say(Arc::clone(words))));
        let mut files = Vec::new();
        for (name, file, built_in) in sources {
            let (path, text) = own(file).unwrap_or_else(|| ((*file).to_owned(), (*built_in).to_owned()));
            if let Err(error) = handlebars.register_template_string(name, text) {
                faults.push(fault(&path, error.pos(), error.reason()));
            }
            files.push((*name, path));
        }
        Self { handlebars, files }
    }

    fn render(&self, name: &str, view: &impl Serialize) -> Result<String, String> {
        self.handlebars.render(name, view).map_err(|error| {
            let inner = error.template_name.as_deref().unwrap_or(name);
            let path = self
                .files
                .iter()
                .find(|(known, _)| *known == inner)
                .map_or(inner, |(_, path)| path);
            fault(path, error.line_no.zip(error.column_no), error.reason())
        })
    }
}

fn fault(path: &str, position: Option<(usize, usize)>, reason: &impl ToString) -> String {
    let (at, column) = position.unwrap_or_default();
    format!("{path}:{at}:{column}: {}", in_words(&line(&reason.to_string())))
}

/// Replaces the two commonest messages of handlebars, which quote its grammar.
fn in_words(reason: &str) -> String {
    if reason.starts_with("invalid handlebars syntax") {
        return "up to here this is no template: a {{#…}} above has no {{/…}}, or a brace is missing".to_owned();
    }
    let missing = reason.strip_prefix("Failed to access variable in strict mode Some(\"");
    match missing.and_then(|rest| rest.strip_suffix("\")")) {
        Some(name) => format!("there is no {name} here; what not every letter has stands within {{{{#if …}}}}"),
        None => reason.to_owned(),
    }
}

/// The "escaping" of a text: what follows the first line is set in.
fn set_in(text: &str) -> String {
    text.replace('\n', "\n    ").replace("\n    \n", "\n\n")
}

/// The escaping of a page. What a customer wrote is never made a link, by us or by a mail program.
fn page_text(text: &str) -> String {
    html_escape(&unlinked(text))
}

/// `{{name x}}`: a text, in the form in which it may be in a page.
fn written(name: &'static str, form: fn(&str) -> String) -> Box<dyn HelperDef + Send + Sync> {
    Box::new(
        move |helper: &Helper<'_>,
              _: &Handlebars<'_>,
              _: &Context,
              _: &mut RenderContext<'_, '_>,
              out: &mut dyn Output|
              -> HelperResult {
            let text = helper.param(0).and_then(|param| param.value().as_str());
            out.write(&form(text.ok_or(RenderErrorReason::ParamNotFoundForIndex(name, 0))?))?;
            Ok(())
        },
    )
}

/// `{{t "word" name=value}}`: a word in the language of the letter.
struct Say(Arc<LetterWords>);

impl HelperDef for Say {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        let key = helper.param(0).and_then(|param| param.value().as_str());
        let key = key.ok_or(RenderErrorReason::ParamNotFoundForIndex("t", 0))?;
        let mut values = Vec::new();
        for (name, value) in helper.hash() {
            let word = match value.value() {
                Value::String(text) => Word::Text(text),
                Value::Number(count) => Word::Count(count.as_i64().unwrap_or(i64::MAX)),
                _ => return Err(RenderErrorReason::Other(format!("{key} has no {name}")).into()),
            };
            values.push((*name, word));
        }
        let said = self.0.say(key, &values).map_err(RenderErrorReason::Other)?;
        Ok(ScopedJson::Derived(Value::String(said)))
    }
}
