//! The tables that go with a report, read back as a spreadsheet would; and what a letter does with more than it has room
//! for.

use domain::{AbsenceKind, LeadId};
use pages::{ReportPage, Speaker};

use super::unanswered;
use crate::attachment::Attachment;
use crate::tests::examples::{
    absence, asked, busy, crowd_of_a_day, day_of, dead, dialog, failed, gap, lead, quiet, report, spoken, turn,
};
use crate::tests::*;

/// Header and rows.
fn rows(sheet: &Attachment) -> Vec<Vec<String>> {
    let text = content(sheet);
    let text = text.strip_prefix('\u{FEFF}').expect("the mark of UTF-8");
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(b';')
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let rows = reader
        .records()
        .map(|row| row.unwrap().iter().map(str::to_owned).collect());
    rows.collect()
}

fn letter(page: &ReportPage) -> Rendered {
    rendered(Language::Ru, &report(page.clone()))
}

/// The number that precedes these words.
#[track_caller]
fn number_before(text: &str, words: &str) -> usize {
    let (before, _) = text.split_once(words).unwrap_or_else(|| panic!("{words} is missing"));
    before
        .rsplit(|c: char| !c.is_ascii_digit())
        .next()
        .unwrap()
        .parse()
        .unwrap()
}

#[test]
fn every_row_of_the_period_is_in_the_table() {
    let page = busy();
    let sheets = letter(&page).attachments;
    assert_eq!(sheets[0].file, "dialogs-2026-11-22.csv");
    let table = rows(&sheets[0]);
    let wanted: Vec<(String, String, String)> = page
        .dialogs
        .iter()
        .flat_map(|dialog| dialog.lines.iter().map(move |line| (dialog, line)))
        .map(|(dialog, line)| {
            let time = line.at.with_timezone(&ZONE).format("%Y-%m-%d %H:%M:%S").to_string();
            (time, dialog.chat.to_string(), line.text.clone())
        })
        .collect();
    let told: Vec<(String, String, String)> = table[1..]
        .iter()
        .map(|row| {
            (
                row[0].clone(),
                row[3].clone(),
                row[5].trim_start_matches('\'').to_owned(),
            )
        })
        .collect();
    assert_eq!(told, wanted);
    assert_eq!(
        table[0][..6],
        [
            "Время",
            "Клиент",
            "Имя пользователя",
            "ID в Telegram",
            "Кто написал",
            "Сообщение"
        ]
    );
}

#[test]
fn the_table_says_what_arrived_what_was_edited_and_whose_lead() {
    let table = rows(&letter(&busy()).attachments[0]);
    let marks = |words: &str| {
        let row = table.iter().find(|row| row[5].contains(words)).unwrap();
        (row[4].as_str(), [6, 7, 8, 9].map(|n| row[n].as_str()))
    };
    assert_eq!(marks("54 метра"), ("Клиент", ["", "", "41", "avito3"]));
    assert_eq!(marks("Спасибо, Мария!"), ("Ассистент", ["да", "", "41", "avito3"]));
    assert_eq!(marks("700 ₽ за створку"), ("Ассистент", ["нет", "", "17", ""]));
    assert_eq!(marks("заявку менеджеру"), ("Ассистент", ["ещё нет", "", "17", ""]));
    assert_eq!(marks("Третий этаж"), ("Клиент", ["", "да", "17", ""]));
}

#[test]
fn leads_have_one_value_a_column_and_numbers_as_text() {
    let sheets = letter(&busy()).attachments;
    assert_eq!(sheets[1].file, "leads-2026-11-22.csv");
    let table = rows(&sheets[1]);
    let value = |column: &str| {
        let place = table[0].iter().position(|name| name == column).unwrap();
        table[1][place].as_str()
    };
    assert_eq!((value("Заявка"), value("Время")), ("41", "2026-11-21 21:05:00"));
    assert_eq!(value("Телефон"), "+7 912 345 67 89");
    assert_eq!((value("Имя"), value("Почта")), ("Мария Котова", "maria@example.org"));
    assert_eq!(
        (value("Откуда контакт"), value("ID в Telegram")),
        ("записан со слов клиента", "70001")
    );
    assert_eq!(table.len(), 3);
    let english = rendered(Language::En, &report(busy())).attachments;
    assert!(rows(&english[1])[0].contains(&"Best time to call".to_owned()));
}

#[test]
fn a_table_without_rows_is_not_attached() {
    let files =
        |page: &ReportPage| -> Vec<String> { letter(page).attachments.into_iter().map(|sheet| sheet.file).collect() };
    assert_eq!(files(&day_of(1, 0)), ["dialogs-2026-11-22.csv"]);
    assert_eq!(files(&day_of(0, 1)), ["leads-2026-11-22.csv"]);
    assert!(files(&quiet()).is_empty());
}

#[test]
fn twenty_thousand_lines_leave_the_letter_small_and_the_table_whole() {
    let page = crowd_of_a_day(2_000, 10, &"Сколько стоит убрать двухкомнатную квартиру? ".repeat(4));
    let letter = letter(&page);
    assert!(
        (40_000..90_000).contains(&letter.html.len()),
        "{} bytes",
        letter.html.len()
    );
    let (_, dialogs) = letter.text.split_once("== Диалоги ==").unwrap();
    let hidden = number_before(dialogs, " диалог");
    let told = dialogs.matches("=== ").count();
    assert!(told > 5 && told + hidden == 2_000, "{told} and {hidden}");
    let (_, html) = letter.html.split_once(">Диалоги</p>").unwrap();
    assert_eq!(html.matches("новый клиент").count(), told, "both forms tell the same");
    assert!(letter.html.contains("dialogs-2026-11-22.csv: 20000 строк"));
    assert_eq!(rows(&letter.attachments[0]).len(), 20_001);
    assert!(!letter.text.contains("Не поместил"), "nothing is missing");
}

#[test]
fn a_letter_on_as_much_as_there_can_be_is_not_clipped() {
    for words in ["&", "<b>\n", "я", "🙂", "\u{a0}x", "\"'=`", "a.b:c"] {
        let long: String = words.chars().cycle().take(4_096).collect();
        let mut page = crowd_of_a_day(300, 8, &long);
        page.leads = (0..300).map(lead).collect();
        for lead in &mut page.leads {
            lead.facts.request = Some(long.clone());
            lead.facts.name = Some(long.clone());
            lead.facts.phones = vec![lead.facts.phones[0].clone(); 10];
            lead.facts.emails = vec![Email::normalised(&long[..words.len() * 40]); 10];
            lead.came_from = Some(long.clone());
        }
        page.gaps = (0..300).map(|n| gap(n, &long)).collect();
        page.dead = (0..300).map(|n| dead(n, Some("owner@shop.example"), &long)).collect();
        page.absences = vec![absence(AbsenceKind::Stopped, "2026-11-01T00:00:00Z", "2026-11-21T00:00:00Z"); 300];
        for (n, dialog) in page.dialogs.iter_mut().enumerate() {
            dialog.came_from = Some(format!("{n} {long}"));
            dialog.profile.first_name = long.clone();
        }
        // With the marks that keep a mail program from making links: they count as well.
        let letter = marked(Language::Ru, &report(page));
        assert!(letter.html.len() < 90_000, "{words:?}: {} bytes", letter.html.len());
        assert!(letter.text.contains("\n=== "), "{words:?}: no dialog is told");
    }
}

/// The part of a text that has this title.
fn part(text: &str, title: &str) -> Option<String> {
    let (_, behind) = text.split_once(title)?;
    behind.split("\n== ").next().map(str::to_owned)
}

/// How many more a part says there are.
fn more(part: &str) -> usize {
    let behind = part.split_once("\nИ ещё ").map(|(_, behind)| behind);
    let number = behind.map(|behind| behind.split(' ').next().unwrap().parse().unwrap());
    number.unwrap_or_default()
}

/// Each list and the dialogs have at least so many items, and all others are counted.
#[track_caller]
pub(super) fn is_all_counted(text: &str, page: &ReportPage, least: usize) {
    let lists = [
        ("== Заявки ==", "★ Заявка №", page.leads.len()),
        ("== Стоит связаться", "Первое сообщение: ", page.dialogs.len()),
        ("== Вопросы без ответа ==", "- вопрос ", page.gaps.len()),
        ("== Диалоги ==", "\n=== ", page.dialogs.len()),
    ];
    for (title, item, all) in lists {
        let part = part(text, title).unwrap_or_default();
        let told = part.matches(item).count();
        assert!(told >= least, "{title}: {told}");
        assert_eq!(told + more(&part), all, "{title}: {part}");
    }
}

#[test]
fn what_has_no_room_in_the_letter_is_always_counted() {
    let mut page = day_of(200, 120);
    page.gaps = (0..120).map(|n| gap(n, &format!("вопрос {n}."))).collect();
    page.dead = (0..120).map(|n| dead(n, None, "blocked")).collect();
    page.absences = vec![absence(AbsenceKind::Stopped, "2026-11-21T10:00:00Z", "2026-11-21T11:00:00Z"); 60];
    for (n, dialog) in page.dialogs.iter_mut().enumerate() {
        dialog.came_from = Some(format!("mark{n:03}"));
    }
    let text = letter(&page).text;
    is_all_counted(&text, &page, 6);
    let part = |title| part(&text, title).unwrap();
    let sources = part("== Откуда пришли");
    assert!(sources.matches("mark").count() > 5);
    assert_eq!(sources.matches("mark").count() + more(&sources), 200);
    let problems = part("== Что не сработало ==");
    assert_eq!(
        problems.matches("outbox requeue ").count() + number_before(&problems, " неотправлен"),
        120
    );
    assert_eq!(
        problems.matches("- Сервис был").count() + number_before(&problems, " перерыв"),
        60
    );
    for command in [
        "frontdesk outbox list --state dead",
        "frontdesk sql \"SELECT question FROM gaps WHERE id BETWEEN 11 AND 12\"",
        "frontdesk sql \"SELECT * FROM absences WHERE id BETWEEN 6 AND 7\"",
    ] {
        assert!(text.contains(command), "{command} is missing");
    }
}

#[test]
fn one_talkative_customer_leaves_room_for_the_others() {
    let mut page = crowd_of_a_day(1, 600, "Сколько стоит помыть окна на кухне?");
    for (n, line) in page.dialogs[0].lines.iter_mut().enumerate() {
        line.text = format!("слово {n}.");
    }
    page.dialogs.push(asked(1, "А балкон?"));
    let letter = letter(&page);
    assert!(letter.text.contains("слово 599.") && letter.text.contains("А балкон?"));
    let (_, dialogs) = letter.text.split_once("== Диалоги ==").unwrap();
    let hidden = number_before(dialogs, " сообщени");
    assert_eq!(hidden + dialogs.matches(": слово ").count(), 600);
    assert!(letter.html.contains(&format!("{hidden} сообщени")));
}

#[test]
fn the_only_dialog_of_a_day_has_the_whole_letter() {
    let page = crowd_of_a_day(1, 200, "Сколько стоит помыть окна на кухне?");
    let letter = letter(&page);
    assert_eq!(letter.text.matches("помыть окна").count(), 200 + 2, "{}", letter.text);
    assert!(!letter.text.contains("до этого"), "{}", letter.text);
}

#[test]
fn a_long_message_is_shortened_and_whole_in_the_table() {
    let mut page = quiet();
    let long = "щ".repeat(3_000);
    page.dialogs = vec![dialog(0, vec![spoken(Speaker::Customer, 0, &long)])];
    let cut = letter(&page);
    assert!(cut.text.contains("щ…\n") && cut.text.contains("полностью — в таблице dialogs-2026-11-22.csv"));
    assert_eq!(rows(&cut.attachments[0])[1][5], long);
    page.dialogs[0].lines[0].text = "щ".repeat(1_000);
    let whole = letter(&page).text;
    assert!(
        whole.contains(&"щ".repeat(1_000)) && !whole.contains("целиком"),
        "{whole}"
    );
}

#[test]
fn a_table_that_is_full_says_what_is_missing_and_so_does_the_letter() {
    let page = crowd_of_a_day(1_500, 2, &"\"щ".repeat(2_048));
    let letter = letter(&page);
    let table = rows(&letter.attachments[0]);
    let last = table.last().unwrap();
    let missing = number_before(&last[0], " последн");
    assert!(missing > 500, "{missing}");
    assert_eq!(table.len() - 2 + missing, 3_000);
    let all = "frontdesk sql --csv \"SELECT * FROM dialogs WHERE id BETWEEN 101 AND 140\"";
    assert!(last[0].contains(all) && last.len() == 1, "{last:?}");
    assert!(
        letter.text.contains(all) && letter.text.contains(&last[0]),
        "the letter says it too"
    );
}

#[test]
fn a_day_of_many_short_dialogs_is_not_clipped_either() {
    // Where words are few, the letter is made of what surrounds them.
    let mut page = day_of(400, 0);
    for one in &mut page.dialogs {
        one.lines[0].text = "да".into();
        one.lines.truncate(1);
        one.lead = Some(LeadId(17));
        one.is_new = false;
        one.facts = Some(lead(0).facts);
    }
    page.leads = (0..50).map(lead).collect();
    for one in &mut page.leads {
        one.facts.wants_telegram = true;
        one.facts.request = Some("да".into());
        one.facts.emails.clear();
    }
    page.gaps = (0..50).map(|n| gap(n, "да?")).collect();
    page.unanswered = (0..50).map(|n| unanswered(n, "да?", "deadline")).collect();
    page.turns = (0..50).map(|_| turn(failed("deadline", true), 5)).collect();
    page.dead = (0..30).map(|n| dead(n, None, "x")).collect();
    page.absences = vec![absence(AbsenceKind::Stopped, "2026-11-19T08:00:00Z", "2026-11-21T11:20:00Z"); 20];
    page.past_week = busy().past_week;
    for n in [0, 1, 2, 3] {
        let told = marked(Language::Ru, &report(page.clone()));
        assert!(told.html.len() < 90_000, "{n}: {} bytes", told.html.len());
        match n {
            0 => page.dead.clear(),
            1 => page.unanswered.clear(),
            _ => page.leads.clear(),
        }
    }
}
