//! What only the HTML part of a report draws: an item of everything that its lists are about, a bar of each hour.

use chrono_tz::Europe::Moscow;
use pages::Figures;

use super::{letter, unanswered};
use crate::tests::examples::busy;
use crate::tests::*;

#[test]
fn the_html_draws_every_item_and_every_hour_of_the_page() {
    let mut page = busy();
    page.unanswered = vec![unanswered(0, "Есть кто?", "deadline")];
    let figures = Figures::of(&page);
    let html = letter(Language::Ru, page.clone()).html;
    let drawn = |class: &str| html.matches(&format!("class=\"{class}\"")).count() as u64;
    let items = [
        ("item lead", figures.leads),
        ("item worth", figures.known_contact + figures.without_contact),
        ("item gap-in-facts", figures.gaps),
        ("item unanswered", page.unanswered.len() as u64),
        ("big", page.dialogs.len() as u64),
    ];
    for (class, count) in items {
        assert_eq!(drawn(class), count, "{class}");
    }
    let hours = page.dialogs_by_hour(&Moscow);
    assert_eq!(drawn("bar"), 24);
    assert_eq!(
        drawn("fill"),
        hours.iter().filter(|dialogs| **dialogs > 0).count() as u64
    );
}
