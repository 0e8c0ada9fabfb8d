//! Errors at the start. The process exits with the reason, with 78 if a setting or file must change; it waits for everything
//! that may recover.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Output;

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use sandbox::{Echo, Edge, Fault, Rule};

use crate::harness::ServiceProcess;

/// `EX_CONFIG`: a restart is useless until the configuration changes.
const CONFIGURATION: i32 = 78;

/// The final error message, after the log lines.
fn complaint(output: &Output) -> String {
    let shown = String::from_utf8_lossy(&output.stderr);
    let begin = shown
        .find("frontdesk: ")
        .unwrap_or_else(|| panic!("it complains: {shown}"));
    let shown = shown[begin..].trim_end();
    let doubled = shown.split(": ").skip(1).any(|part| shown.matches(part).count() > 1);
    assert!(!doubled, "it is said once: {shown}");
    shown.to_owned()
}

#[actix_rt::test]
async fn unreadable_certificate_authorities_end_the_start_with_78() {
    let mut service = ServiceProcess::new(Echo, &[]);
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for (name, text) in [("empty.pem", ""), ("words.pem", "our root"), ("broken.pem", broken)] {
        std::fs::write(service.folder().join(name), text).unwrap();
    }
    for name in ["missing.pem", "empty.pem", "words.pem", "broken.pem", "."] {
        let output = service.start_changed(&[("TLS_CA_FILE", name)]);
        let shown = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(78), "{name}: {shown}");
        assert!(
            shown.contains("TLS_CA_FILE") && shown.contains(&format!("{name:?}")),
            "{shown}"
        );
        assert!(
            shown.contains("set it to the path of a PEM file with the CA certificate"),
            "{shown}"
        );
    }
    service.start();
    service.answers("without it", 1).await;
}

#[actix_rt::test]
async fn a_token_rejected_by_telegram_aborts_the_start_with_exit_code_78() {
    let answers = [
        (401, r#"{"ok":false,"error_code":401,"description":"Unauthorized"}"#),
        (404, r#"{"ok":false,"error_code":404,"description":"Not Found"}"#),
    ];
    for (status, body) in answers {
        let mut service = ServiceProcess::new(Echo, &[]);
        let refused = Rule::on(Edge::Telegram, "getMe").with(Fault::status(status, body));
        let refused = service.fault(refused);
        let output = service.start_a_second();
        assert_eq!(output.status.code(), Some(CONFIGURATION), "{status}");
        let shown = complaint(&output);
        assert!(shown.contains("rejected TELEGRAM_BOT_TOKEN"), "{shown}");
        service.sandbox().faults().remove(refused);
        service.start();
        service.answers("with the right token", 1).await;
    }
}

#[actix_rt::test]
async fn a_broken_template_or_text_file_ends_the_start_with_78() {
    let broken = [
        ("ASSISTANT_PROMPT_FILE", "none.md", "none.md"),
        ("ASSISTANT_PROMPT_FILE", "broken.md", "broken.md is invalid"),
        ("TEMPLATES_DIR", "templates", "ru.ftl"),
    ];
    for (name, value, named) in broken {
        let mut service = ServiceProcess::new(Echo, &[(name, value)]);
        let texts = service.folder().join("templates/texts");
        std::fs::create_dir_all(&texts).unwrap();
        std::fs::write(texts.join("ru.ftl"), "this is { no template").unwrap();
        std::fs::write(service.folder().join("broken.md"), "{{#if}} no end").unwrap();
        let output = service.start_a_second();
        assert_eq!(output.status.code(), Some(CONFIGURATION), "{name}={value}");
        assert!(complaint(&output).contains(named), "{name}: {}", complaint(&output));

        std::fs::remove_file(texts.join("ru.ftl")).unwrap();
        for prompt in ["none.md", "broken.md"] {
            std::fs::write(service.folder().join(prompt), "You are kind.").unwrap();
        }
        service.start();
        service.answers("when it is mended", 1).await;
    }
}

/// A service that has answered a customer and was stopped; its database is complete and in one file.
async fn stopped() -> ServiceProcess {
    let mut service = ServiceProcess::new(Echo, &[]);
    service.start();
    service.answers("in the first life", 1).await;
    assert!(service.terminate().await.success());
    service
}

/// The start fails with this code and names this; the file is unchanged.
fn refuses(service: &ServiceProcess, code: i32, named: &str) {
    let file = service.folder().join("data/frontdesk.db");
    let before = std::fs::read(&file).unwrap();
    let output = service.start_a_second();
    assert_eq!(output.status.code(), Some(code), "{}", complaint(&output));
    let shown = complaint(&output);
    assert!(shown.contains("data/frontdesk.db") && shown.contains(named), "{shown}");
    assert_eq!(std::fs::read(&file).unwrap(), before, "it is left as it was");
    // Even a read leaves an empty one.
    let log = file.with_extension("db-wal").metadata();
    assert!(log.map_or(0, |log| log.len()) == 0, "nothing was written beside it");
}

fn change(file: &Path, sql: &str) {
    let mut conn = SqliteConnection::establish(&file.to_string_lossy()).unwrap();
    conn.batch_execute(sql).unwrap();
}

#[actix_rt::test]
async fn a_database_of_a_newer_version_is_not_changed() {
    let mut service = stopped().await;
    let file = service.folder().join("data/frontdesk.db");
    change(
        &file,
        "INSERT INTO __diesel_schema_migrations (version) VALUES ('20990101000001')",
    );
    refuses(&service, CONFIGURATION, "made by a newer frontdesk");
    change(
        &file,
        "DELETE FROM __diesel_schema_migrations WHERE version = '20990101000001'",
    );
    service.start();
    service.answers("with the right version", 2).await;
}

#[actix_rt::test]
async fn a_database_of_another_program_is_not_changed() {
    let mut service = ServiceProcess::new(Echo, &[]);
    let file = service.folder().join("data/frontdesk.db");
    std::fs::create_dir(file.parent().unwrap()).unwrap();
    change(&file, "CREATE TABLE invoices (id INTEGER)");
    refuses(&service, CONFIGURATION, "is not a frontdesk database");
    std::fs::remove_file(&file).unwrap();
    std::fs::write(&file, "").unwrap();
    service.start();
    service.answers("in an empty file", 1).await;
}

#[actix_rt::test]
async fn a_damaged_database_ends_the_start_with_1_and_is_not_changed() {
    let service = stopped().await;
    let file = service.folder().join("data/frontdesk.db");
    let whole = std::fs::read(&file).unwrap();
    let mut broken = whole.clone();
    broken[..4096].fill(0xA5);
    std::fs::write(&file, broken).unwrap();
    refuses(&service, 1, "file is not a database");
    std::fs::write(&file, whole).unwrap();
}

#[actix_rt::test]
async fn a_read_only_database_is_refused_at_the_start() {
    let service = stopped().await;
    let (file, folder) = (
        service.folder().join("data/frontdesk.db"),
        service.folder().join("data"),
    );
    std::fs::set_permissions(service.folder(), PermissionsExt::from_mode(0o755)).unwrap();
    for (of_file, of_folder, lock, named) in [
        (0o444, 0o777, 0o666, "readonly"),
        (0o666, 0o555, 0o444, "frontdesk.db.lock"),
    ] {
        let set = |path: &Path, mode| std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
        set(&file, of_file);
        set(&folder.join("frontdesk.db.lock"), lock);
        set(&folder, of_folder);
        let output = service.start_unprivileged();
        assert_eq!(output.status.code(), Some(1));
        assert!(complaint(&output).contains(named), "{}", complaint(&output));
    }
}

#[actix_rt::test]
async fn the_start_waits_for_an_unreachable_telegram() {
    let mut service = ServiceProcess::new(Echo, &[]);
    let faults = service.sandbox().faults().clone();
    service.sandbox().telegram().say(1, "is anybody there yet?");
    for fault in [Fault::CutBefore, Fault::Garbage, Fault::RetryAfter(1)] {
        faults.add(Rule::on(Edge::Telegram, "getMe").times(1).with(fault));
    }
    service.start();
    service.delivers(1).await;
    service.settles().await;
    let log = service.log();
    for reason in ["(cut)", "(unreadable)", "asks to wait 1 s"] {
        let line = log
            .lines()
            .find(|line| line.contains("telegram_unreachable") && line.contains(reason));
        assert!(line.is_some(), "{reason}: {log}");
    }
    assert_eq!(log.matches("telegram_unreachable").count(), 3, "one line a try");
    assert!(service.terminate().await.success());
}

#[actix_rt::test]
async fn a_stop_works_while_the_start_waits_for_telegram() {
    for fault in [
        Fault::Hang,
        Fault::status(502, "<html>502</html>"),
        Fault::RetryAfter(3600),
    ] {
        let mut service = ServiceProcess::new(Echo, &[]);
        let faults = service.sandbox().faults().clone();
        let rule = faults.add(Rule::on(Edge::Telegram, "getMe").with(fault));
        service.start();
        service
            .sandbox()
            .struck(rule, 1, crate::harness::PATIENCE)
            .await
            .unwrap();
        assert_eq!(service.terminate().await.code(), Some(0));
    }
}

#[actix_rt::test]
async fn a_stop_works_while_another_program_locks_the_database() {
    let mut service = stopped().await;
    service.start();
    service.answers("in the second life", 2).await;
    let mut other = SqliteConnection::establish(&service.folder().join("data/frontdesk.db").to_string_lossy()).unwrap();
    other
        .batch_execute("PRAGMA busy_timeout = 5000; BEGIN IMMEDIATE")
        .unwrap();
    service.sandbox().telegram().say(1, "while it is held");
    service.logs("commit_failed").await;
    assert_eq!(service.terminate().await.code(), Some(0));
    other.batch_execute("ROLLBACK").unwrap();
    assert_eq!(service.sandbox().telegram().unconfirmed(), 1);
    service.start();
    service.delivers(3).await;
    service.settles().await;
    assert_eq!(service.doubles(), (0, Vec::new()));
}
