//! The demo as a first-time user starts it: only the binary, in an empty folder, without a terminal.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails there")]

use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

fn demo(folder: &Path, arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_frontdesk"))
        .arg("demo")
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Its output, after it exited with success and left no files.
fn good_end(child: Child, folder: &Path) -> String {
    let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
    let (shown, said) = (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap());
    assert!(status.success(), "{status}\n{said}\n{shown}");
    assert_eq!(said, "", "{shown}");
    let left: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(left, Vec::<std::path::PathBuf>::new());
    shown
}

fn assert_harmless(shown: &str) {
    for word in [
        "token-not-a-secret",
        "sk-sandbox",
        "panicked",
        "Error(",
        "Err(",
        "{\"ts\"",
        "/tmp",
        "\x1b",
    ] {
        assert!(!shown.contains(word), "{word:?} in\n{shown}");
    }
}

/// Both languages in parallel: each demo has its own ports, process and folder.
#[test]
fn the_demo_ends_with_a_good_verdict_and_leaves_no_files() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let english = demo(folders[0].path(), &[]);
    let russian = demo(folders[1].path(), &["--autoplay", "--lang", "ru"]);
    let (english, russian) = (
        good_end(english, folders[0].path()),
        good_end(russian, folders[1].path()),
    );
    for (shown, verdict) in [
        (
            &english,
            [
                "script, not an AI",
                "every message has exactly one reply",
                "24 of 24 messages",
                "1 of 1 answered",
                "2 of 2 contacts, 2 leads",
                "2 of 2 emails, 0 duplicates",
                "Subject: Lead 1: John, +1 212-555-0123",
                "[ Share my number ]",
                "24 of 24 messages, emails: 1",
                "3 dialogs, 2 leads",
            ],
        ),
        (
            &russian,
            [
                "script, not AI",
                "у каждого сообщения ровно один ответ",
                "24 из 24 сообщений",
                "1 из 1 с одним ответом",
                "2 из 2 контактов, заявок 2",
                "2 из 2 писем, повторов 0",
                "Тема:  Заявка №1: Анна, +7 912 345-67-89",
                "[ Отправить мой номер ]",
                "24 из 24 сообщений, писем 1",
                "3 диалога, 2 заявки",
            ],
        ),
    ] {
        for words in verdict {
            assert!(shown.contains(words), "{words:?} not in\n{shown}");
        }
        assert!(!shown.contains("\n  ✖ "), "{shown}");
        assert!(shown.contains("Your name is John."), "{shown}");
        assert_harmless(shown);
    }
    assert!(english.ends_with("Nothing lost, nothing answered twice.\n"));
    assert!(russian.ends_with("Ничего не потеряно, повторов нет.\n"));
}

#[test]
fn a_broken_dotenv_file_does_not_stop_the_demo() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(".env"), "not a setting\n").unwrap();
    let mut child = demo(folder.path(), &[]);
    let mut begun = [0; 64];
    let stdout = child.stdout.as_mut().unwrap();
    std::io::Read::read_exact(stdout, &mut begun).unwrap();
    assert!(String::from_utf8_lossy(&begun).contains("frontdesk demo"));
    // A closed output ends the demo, which is not a failure.
    drop(child.stdout.take());
    let ended = child.wait_with_output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
}
