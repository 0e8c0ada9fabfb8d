//! Reports requested at the command line while the service runs.

use super::{begun, builder, nine, reports, text};
use crate::harness::saving::saving;
use crate::harness::{OWNER, TestService, frontdesk, printed};

#[actix_rt::test]
async fn an_extra_report_is_marked_and_does_not_end_the_period() {
    let service = begun(TestService::builder().script(saving)).await;
    service.ask(7, "сколько стоит уборка").await;
    service.settles().await;
    let before = service.sql("SELECT * FROM reports");
    let shown = printed(&service, &["report", "send"]);
    assert!(shown.contains(OWNER), "{shown}");
    let letters = service.letters_to(OWNER, 1).await;
    assert!(
        letters[0].subject.starts_with("Отчёт по запросу"),
        "{}",
        letters[0].subject
    );
    assert!(
        text(&letters[0]).contains("сколько стоит уборка"),
        "{}",
        text(&letters[0])
    );
    service.settles().await;
    assert_eq!(service.sql("SELECT * FROM reports"), before);
    assert_eq!(
        service.sql("SELECT maybe_sent, attempts FROM outbox WHERE address IS NOT NULL"),
        ["0|1"]
    );
}

#[actix_rt::test]
async fn a_preview_equals_the_sent_letter_and_sends_nothing() {
    let service = begun(builder().script(saving)).await;
    let mut events = service.listen();
    service.ask(7, "сколько стоит уборка").await;
    service.ask(8, "мой номер 8 912 345-67-89").await;
    service.settles().await;
    nine(&service, &mut events).await;
    service.settles().await;
    let day = service.hand().now().format("%Y-%m-%d").to_string();
    let sent = &reports(&service)[0];
    let shown = printed(&service, &["report", "preview", "--date", &day]);
    assert!(shown.starts_with(&sent.subject), "{shown}");
    let lines = |text: &str| -> Vec<String> {
        text.lines()
            .map(|line| line.trim_end().to_owned())
            .filter(|line| !line.is_empty())
            .collect()
    };
    // The business name comes from the configuration, which the two do not share.
    let own: Vec<String> = lines(text(sent))
        .into_iter()
        .filter(|line| line != "Чистый дом")
        .collect();
    let preview = lines(&shown);
    let missing: Vec<&String> = own.iter().filter(|line| !preview.contains(line)).collect();
    assert!(missing.is_empty(), "{missing:?} in {shown}");

    let shown = printed(&service, &["report", "preview", "--date", &day, "--out", "report.html"]);
    assert!(shown.contains("report.html"), "{shown}");
    let file = service.folder().join("report.html");
    let mode = std::os::unix::fs::PermissionsExt::mode(&file.metadata().unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    assert!(std::fs::read_to_string(file).unwrap().contains("сколько стоит уборка"));
    let whole = printed(&service, &["report", "preview", "--date", &day, "--eml"]);
    for part in [
        "multipart/mixed",
        "dialogs-",
        "leads-",
        "Auto-Submitted: auto-generated",
    ] {
        assert!(whole.contains(part), "{part} in {whole}");
    }
    assert_eq!(reports(&service).len(), 1);

    let none = frontdesk(&service, &["report", "preview", "--date", "2020-01-01"]);
    assert_eq!(none.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&none.stderr).contains("no report was sent on 2020-01-01"));
}
