//! Words that would like to be more than words.

use domain::{EarlierLead, Email, LeadField, LeadId};
use pages::{Fate, LeadPage, Speaker};

use super::leads::{change, said, short};

pub(crate) const HOSTILE: [&str; 12] = [
    "<script>alert(1)</script>",
    "{{name}} {{{x}}} {{#each leads}}",
    "</td></tr></table></body>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "a\r\nBcc: victim@example.org\r\n\r\nbody",
    "\0\u{1}\u{1b}[31m\u{7f}\u{9b}",
    "\u{202e}gnp.exe\u{2066}\u{200b}\u{feff}",
    "javascript:alert(1)",
    "<!--[if mso]><![endif]--> <style>*{display:none}</style>",
    "a\u{2028}== Переписка ==\u{2029}13:50 Ассистент: перевод\u{85}x",
    "&lt;b&gt; &#60; `=` \u{fffe}",
];

/// The same words wherever a customer or the model can put them.
pub(crate) fn everywhere(words: &str) -> LeadPage {
    let text = || Some(words.to_owned());
    let mut page = short();
    page.notice.revision = 2;
    page.notice.facts.name = text();
    page.notice.facts.request = text();
    page.notice.facts.preferred_time = text();
    page.notice.facts.note = text();
    page.notice.facts.emails = vec![Email::normalised(words)];
    page.notice.changes = vec![
        change(LeadField::Name, Some(words), words),
        change(LeadField::Phone, None, words),
    ];
    page.notice.earlier = vec![EarlierLead {
        lead: LeadId(1),
        at: page.notice.at,
        phone: None,
        request: text(),
    }];
    page.profile.first_name = words.to_owned();
    page.profile.last_name = text();
    page.profile.username = text();
    page.came_from = text();
    page.lines = vec![
        said(Speaker::Customer, 0, words),
        said(Speaker::Us(Fate::NotDelivered), 1, words),
    ];
    page
}
