//! Pages on which templates are tried out at start: between them every branch of a template is taken.

pub(crate) mod lead;
pub(crate) mod report;

use domain::{AlertKind, Email};
use pages::PageBody;

use self::lead::{alert, bare, by_email, by_username, too_long, whole};

/// One of each.
pub(crate) fn pages() -> Vec<PageBody> {
    let leads = || vec![whole(), by_email(), by_username(), bare()];
    let single = leads()
        .into_iter()
        .chain([too_long()])
        .map(|page| PageBody::Lead(Box::new(page)));
    let refused = AlertKind::Letters {
        to: Email::normalised("owner@example.org"),
    };
    let alerts = AlertKind::ALL.into_iter().chain([refused]).map(alert);
    single
        .chain([PageBody::Leads(leads())])
        .chain(alerts)
        .chain(report::pages())
        .collect()
}
