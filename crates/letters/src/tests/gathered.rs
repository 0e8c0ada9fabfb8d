//! The letter on the leads of an hour that had too many.

use domain::{LeadSource, Origin};
use pages::Speaker;

use super::examples::{by_email, by_username, crowd, digest, one, phone, said, short, update};
use super::letters::{both, hold, lack};
use super::*;

#[test]
fn gathered_leads_each_have_who_what_when_and_a_number_to_tap() {
    let forms = both(Language::Ru, &digest(7));
    for number in 50..57 {
        hold(&forms, &[&format!("№{number} · 22 ноября 14:05")]);
    }
    hold(
        &forms,
        &[
            "Мария",
            &shown("79123456789"),
            "Уборка двухкомнатной",
            "после 18:00",
            "leads-50-56.csv",
        ],
    );
    let html = rendered(Language::Ru, &digest(7)).html;
    assert_eq!(
        html.matches("href=\"tel:").count(),
        3,
        "two kinds of the four have a number"
    );
}

#[test]
fn eighty_leads_of_an_hour_stay_below_what_mailboxes_clip() {
    let letter = rendered(Language::Ru, &crowd(80));
    let html = marked(Language::Ru, &crowd(80)).html;
    assert!(html.len() <= 70_000, "{} bytes", html.len());
    println!("80 leads: {} bytes of HTML", html.len());
    assert_eq!(letter.html.matches("href=\"tel:+79123456789\"").count(), 80);
    assert_eq!(letter.html.matches("</span> Нужна генеральная уборка").count(), 80);
    assert_eq!(letter.html.matches("22 ноября 14:05").count(), 80);
    let files: Vec<&str> = letter.attachments.iter().map(|file| file.file.as_str()).collect();
    assert_eq!(files, ["leads-21-100.csv", "dialogs-21-100.csv", "leads.vcf"]);
    assert_eq!(
        content(&letter.attachments[0]).matches("три комнаты и кухня;").count(),
        80 * 20,
        "the table has the whole request"
    );
}

#[test]
fn leads_that_a_letter_has_no_room_for_are_counted_and_in_its_table() {
    let html = marked(Language::Ru, &crowd(300)).html;
    assert!((60_000..=70_000).contains(&html.len()), "{} bytes", html.len());
    let letter = rendered(Language::Ru, &crowd(300));
    let told = letter.html.matches("href=\"tel:").count();
    println!("300 leads: {} bytes of HTML, {told} told", html.len());
    assert!(told >= 80, "{told}");
    let more = format!("И ещё {} заяв", 300 - told);
    for form in [&letter.html, &letter.text] {
        assert!(form.contains(&more) && form.contains("leads-21-320.csv"), "{more}");
    }
    let table = content(&letter.attachments[0]);
    assert_eq!(table.matches("Александра-Виктория").count(), 300);
}

#[test]
fn a_gathered_lead_marks_doubts_and_quotes_the_customer() {
    let mut found = short();
    found.notice.source = LeadSource::Text;
    found.notice.facts.phones = vec![phone("79123456789", Origin::Found)];
    found.notice.facts.request = None;
    found.lines = vec![said(Speaker::Customer, 0, "Нужна уборка дачи в субботу")];
    let mut forwarded = short();
    forwarded.notice.facts.phones = vec![phone("79990000000", Origin::Forwarded)];
    let forms = both(Language::Ru, &PageBody::Leads(vec![found, forwarded, short()]));
    for form in &forms {
        assert_eq!(form.matches('⚠').count(), 2, "a verified number is in no doubt: {form}");
        assert_eq!(form.matches("Последние сообщения клиента:").count(), 1, "{form}");
        assert_eq!(form.matches("Что нужно:").count(), 2, "{form}");
        assert_eq!(form.matches("Когда звонить:").count(), 3, "{form}");
        let (files, first) = (form.find("leads.vcf").unwrap(), form.find("+7").unwrap());
        assert!(files < first, "what is attached is not told behind eighty leads");
    }
    hold(&forms, &["Нужна уборка дачи", "номер из пересланного"]);
}

#[test]
fn each_gathered_lead_has_the_way_they_asked_for_to_tap() {
    let mut both_ways = short();
    both_ways.notice.facts.wants_telegram = true;
    let page = PageBody::Leads(vec![short(), by_email(), by_username(), both_ways]);
    let html = rendered(Language::Ru, &page).html;
    let taps: Vec<&str> = html.split("<a class=\"tap\" href=\"").skip(1).collect();
    let kinds = taps.iter().map(|tap| tap.split(':').next().unwrap());
    assert_eq!(kinds.collect::<Vec<_>>(), ["tel", "mailto", "https", "tel", "https"]);
    for form in both(Language::Ru, &page) {
        assert_eq!(form.matches("просит написать в Telegram").count(), 2, "{form}");
        let doubts = form.matches("найден в тексте сообщения, проверьте его").count();
        assert_eq!(doubts, 1, "the address was found: {form}");
    }
}

#[test]
fn a_gathered_update_names_each_field_that_changed_once() {
    let mut page = update();
    let again = page.notice.changes[0].clone();
    page.notice.changes.insert(1, again);
    hold(
        &both(Language::Ru, &PageBody::Leads(vec![page])),
        &["Что изменилось: Телефон, Когда звонить, Заметка", "обновлена"],
    );
}

#[test]
fn a_gathered_letter_is_cut_between_words_and_keeps_a_time_that_fits() {
    let forms = both(Language::Ru, &crowd(2));
    hold(
        &forms,
        &[
            "в любой будний день после восьми вечера, лучше в четверг",
            "кухня; Нужна…",
            "Александра-Виктория…",
        ],
    );
}

#[test]
fn a_mailbox_shows_who_left_the_gathered_leads() {
    let html = rendered(Language::Ru, &PageBody::Leads(vec![short(), by_email()])).html;
    assert!(html.contains(">Мария, Мария Котова</div>"), "{html}");
}

#[test]
fn the_last_single_letter_of_an_hour_says_when_the_others_come() {
    let mut page = short();
    page.together_at = Some(at("2026-11-22T12:01:00Z"));
    hold(
        &both(Language::Ru, &one(page)),
        &["Следующие заявки придут одним письмом в 15:01"],
    );
    lack(&both(Language::Ru, &one(short())), &["придут одним письмом"]);
}
