//! Dialogs for which a letter has no room, and the file that has all of them.

use pages::{Fate, LeadPage, Speaker};

use super::examples::{by_email, digest, long, one, said, short, update};
use super::overrides::with;
use super::*;

const MOST: usize = 70_000;

/// The file with the dialog, if there is one.
fn file(letter: &Rendered) -> Option<String> {
    let files = &letter.attachments;
    files.iter().find(|file| file.file == "dialog-42.txt").map(content)
}

/// Which of the numbered questions stand there.
fn told(form: &str) -> Vec<usize> {
    let behind = form.split("Вопрос ").skip(1);
    behind
        .map(|text| text.split(':').next().unwrap().parse().unwrap())
        .collect()
}

#[test]
fn the_middle_of_a_long_dialog_gives_way_to_its_ends() {
    for language in Language::ALL {
        let letter = rendered(language, &one(long()));
        assert!(
            (60_000..=MOST).contains(&letter.html.len()),
            "{} bytes",
            letter.html.len()
        );
        let questions = told(&letter.html);
        assert_eq!(told(&letter.text), questions, "both forms tell the same");
        let gap = questions.windows(2).position(|pair| pair[1] != pair[0] + 2).unwrap();
        let (first, last) = questions.split_at(gap + 1);
        assert_eq!((first[0], last[last.len() - 1]), (0, 498));
        assert!(
            first.len() > 5 && last.len() > 3 * first.len(),
            "{} and {}",
            first.len(),
            last.len()
        );
        for form in [&letter.text, &letter.html] {
            let answers = form.matches("Мойка окна стоит 700 ₽").count();
            let left_out = (500 - questions.len() - answers).to_string();
            let (before, behind) = form.split_once(&left_out).expect("how many are missing is told");
            assert_eq!(
                (told(before), told(behind)),
                (first.to_vec(), last.to_vec()),
                "in their place"
            );
            assert!(behind.lines().next().unwrap().contains("dialog-42.txt"));
        }
    }
}

#[test]
fn what_is_missing_is_counted_in_proper_russian() {
    let letter = rendered(Language::Ru, &one(long()));
    let wanted = [" сообщени", "Весь диалог — во вложении dialog-42.txt"];
    for form in [&letter.text, &letter.html] {
        let (_, notice) = form.split_once("Здесь пропущен").unwrap();
        let notice = notice.split("dialog-42.txt").next().unwrap();
        assert!(notice.contains(wanted[0]) && form.contains(wanted[1]), "{notice}");
    }
}

#[test]
fn the_file_has_every_message_in_order_under_its_day() {
    let text = rendered(Language::Ru, &one(long()));
    let text = file(&text)
        .unwrap()
        .strip_prefix('\u{FEFF}')
        .expect("the mark of UTF-8")
        .to_owned();
    assert_eq!(told(&text), (0..500).step_by(2).collect::<Vec<_>>());
    assert_eq!(text.matches("Ассистент\r\n    Мойка окна стоит 700 ₽").count(), 250);
    assert!(
        !text.replace("\r\n", "").contains(['\r', '\n']),
        "each line ends in CR LF"
    );
    let head = [
        "Чистый дом",
        "Диалог по заявке №42: Мария",
        &format!("Телефон: {} (номер подтверждён Telegram)", shown("79123456789")),
        "Telegram: Мария Котова @maria_k https://t.me/maria_k",
        "с 22 ноября 2026, 13:50 до 25 ноября 2026, 00:03 (UTC+3)",
        "",
        "== воскресенье, 22 ноября 2026 ==",
        "",
        "13:50 Мария",
        "    Вопрос 0: а сколько стоит помыть окна на кухне и балкон?",
        "",
        "13:57 Ассистент",
    ];
    assert_eq!(text.lines().take(head.len()).collect::<Vec<_>>(), head);
    assert_eq!(text.matches("\r\n== ").count(), 4, "four days");
}

#[test]
fn a_file_comes_only_with_a_letter_that_lacks_something() {
    for page in [short(), update(), by_email()] {
        let letter = rendered(Language::Ru, &one(page));
        assert_eq!(file(&letter), None);
        assert!(!letter.html.contains("dialog-42.txt") && !letter.text.contains("dialog-42.txt"));
    }
    let gathered = rendered(Language::Ru, &digest(7));
    assert_eq!(file(&gathered), None);
}

/// Five messages of eight thousand characters, each of its own words.
fn wordy() -> LeadPage {
    let mut page = short();
    let text = |n: i64| format!("начало{n} {} конец{n}", "щётка ".repeat(1_330));
    page.lines = (0..5).map(|n| said(Speaker::Customer, n, &text(n))).collect();
    page
}

#[test]
fn long_messages_are_cut_in_the_letter_and_whole_in_the_file() {
    let letter = rendered(Language::Ru, &one(wordy()));
    assert!(letter.html.len() <= MOST);
    for n in 0..5 {
        for form in [&letter.html, &letter.text] {
            assert!(form.contains(&format!("начало{n} ")) && !form.contains(&format!("конец{n}")));
        }
        let whole = format!("{} конец{n}\r\n", "щётка ".repeat(1_330));
        assert!(file(&letter).unwrap().contains(&whole));
    }
    for form in [&letter.html, &letter.text] {
        assert!(form.contains("полностью — во вложении dialog-42.txt") && !form.contains("Здесь пропущен"));
    }
}

#[test]
fn marks_and_edits_stand_in_the_file_too() {
    let mut page = long();
    page.lines[1].speaker = Speaker::Us(Fate::NotDelivered);
    page.lines[3].speaker = Speaker::Us(Fate::Waiting);
    page.lines[200].is_edit = true;
    page.lines[201].text = "**Да**, вот [цены](https://shop.example)".into();
    page.lines[201].is_markdown = true;
    let letter = rendered(Language::Ru, &one(page));
    for words in [
        "Ассистент [не доставлено]\r\n",
        "Ассистент [ещё не доставлено]\r\n",
        "Мария (изменено)\r\n",
        "    Да, вот цены\r\n",
    ] {
        assert_eq!(file(&letter).unwrap().matches(words).count(), 1, "{words}");
    }
}

#[test]
fn what_the_database_did_not_give_is_said_in_the_file() {
    let mut page = long();
    page.left_out = 12;
    let letter = rendered(Language::Ru, &one(page));
    let notice = "Ещё 12 сообщений до этого — в базе: frontdesk sql \"SELECT timestamp, role, message FROM dialogs WHERE user_id = 70001 ORDER BY id\"";
    for form in [&letter.html, &letter.text, &file(&letter).unwrap()] {
        assert!(form.contains(notice));
    }
    assert!(
        !file(&rendered(Language::Ru, &one(long())))
            .unwrap()
            .contains("frontdesk sql")
    );
}

#[test]
fn a_big_card_takes_the_room_of_the_dialog() {
    let bytes = |request: usize| {
        let mut page = long();
        page.notice.facts.request = Some("щ".repeat(request));
        let letter = rendered(Language::Ru, &one(page));
        assert_eq!(told(&file(&letter).unwrap()).len(), 250, "the file has it all");
        (letter.html.len(), told(&letter.html).len())
    };
    for request in [5_000, 20_000, 25_000] {
        let (bytes, told) = bytes(request);
        assert!(bytes <= MOST && told > 5, "{request}: {bytes} bytes, {told} questions");
    }
    // Nothing is left that could give way.
    let (most, told) = bytes(60_000);
    assert!(most < 140_000 && told == 0, "{most} bytes, {told} questions");
}

#[test]
fn how_much_fits_is_measured_on_the_owners_own_template() {
    let heavy = format!(
        "{{{{#each lines}}}}<p title=\"{}\">{{{{text}}}}</p>{{{{/each}}}}",
        "x".repeat(2_000)
    );
    let twice = "{{#each lines}}<p>{{text}}</p><p>{{text}}</p><p>{{text}}</p>{{/each}}".to_owned();
    let light = "{{#each lines}}{{text}}{{/each}}".to_owned();
    for (lines, least) in [(heavy, 40_000), (twice, 50_000), (light, 60_000)] {
        let own = with("days.html.hbs", &format!("{{{{#each days}}}}{lines}{{{{/each}}}}")).unwrap();
        let html = own.render(&one(long()), Files::Attached, "B", ZONE).unwrap().html;
        assert!((least..=MOST).contains(&html.len()), "{} bytes", html.len());
    }
}
