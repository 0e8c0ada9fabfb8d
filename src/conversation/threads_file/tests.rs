//! Contents of the file, and how a panic of the mirror affects its callers.

use base::Clock;
use base::encoding::decode;
use proptest::prelude::*;
use store::DbError;

use super::*;
use crate::config::Limits;
use crate::runtime::{Behaviour, Ctx, PanicPlan, PortError, Receive, Request, start, start_loop};

/// A database with this number of customers.
struct Rows(i64);

impl Behaviour for Rows {
    const NAME: &'static str = "db";
}

impl Receive<LoadThreads> for Rows {
    fn receive(&mut self, load: LoadThreads, answer: Answer<<LoadThreads as Request>::Answer>, _: &mut Ctx<'_, Self>) {
        assert!(load.rows <= PAGE, "more than a page is in memory");
        let first = load.after.0.max(-1) + 1;
        let behind = self.0.min(first + i64::from(load.rows));
        answer.give(Ok(ThreadsPage {
            threads: (first..behind)
                .map(|n| (ChatId(n), ThreadId(format!("conv_{n}"))))
                .collect(),
            next: (behind < self.0).then(|| ChatId(behind - 1)),
        }));
    }
}

impl Receive<RecordThreadsMark> for Rows {
    fn receive(&mut self, _: RecordThreadsMark, answer: Answer<Result<(), DbError>>, _: &mut Ctx<'_, Self>) {
        answer.give(Ok(()));
    }
}

/// A mirror of this number of customers.
fn mirror(file: &Path, runtime: &Runtime, customers: i64) -> Port<MirrorThreads> {
    let db = start(runtime, move || Rows(customers));
    let ports = Ports {
        load: db.port(),
        record: db.port(),
    };
    let (file, runtime) = (file.to_owned(), runtime.clone());
    let mirror = start_loop(&runtime.clone(), move || {
        ThreadsMirror::new(file.clone(), None, &runtime, ports.clone())
    });
    mirror.port()
}

#[actix_rt::test]
async fn only_one_page_of_customers_is_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("threads.json");
    let runtime = Runtime::new(Clock::system(), Events::default(), &Limits::default());
    let customers = i64::from(PAGE) * 3 + 1;
    assert_eq!(mirror(&file, &runtime, customers).command(MirrorThreads).await, Ok(()));
    let threads = read_threads(&file, DateTime::UNIX_EPOCH, &Events::default());
    let mut chats: Vec<_> = threads.iter().map(|(chat, _)| chat.0).collect();
    chats.sort_unstable();
    assert_eq!(runtime.mailbox("db").restarts(), 0);
    assert_eq!(chats, (0..customers).collect::<Vec<_>>());
}

#[actix_rt::test]
async fn ten_requests_queued_behind_a_mirror_panic_are_answered() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("threads.json");
    let mut runtime = Runtime::new(Clock::system(), Events::default(), &Limits::default());
    runtime.panics = PanicPlan::at(&[(ThreadsMirror::NAME, 1)]);
    let port = mirror(&file, &runtime, 0);
    let poison = port.command(MirrorThreads);
    let behind: Vec<_> = (0..10).map(|_| port.command(MirrorThreads)).collect();
    assert_eq!(poison.await, Err(PortError::NoAnswer));
    let answers = futures_util::future::join_all(behind).await;
    assert_eq!(answers, vec![Ok(()); 10]);
    assert_eq!(std::fs::read_to_string(file).unwrap(), "{}\n");
}

#[test]
fn a_broken_file_is_backed_up_and_never_fatal() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("threads.json");
    std::fs::write(&file, "{\"1\": \"conv_a\", ").unwrap();
    assert!(read_threads(&file, DateTime::UNIX_EPOCH, &Events::default()).is_empty());
    let aside = folder.path().join("threads.json.broken-19700101T000000Z");
    assert_eq!(std::fs::read_to_string(aside).unwrap(), "{\"1\": \"conv_a\", ");
    assert!(!file.exists());
}

#[test]
fn a_file_saved_by_notepad_is_read_in_each_encoding() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("threads.json");
    let text = "{\r\n  \"7\": \"conv_a\"\r\n}\r\n";
    let units = || text.encode_utf16();
    let little: Vec<u8> = units().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = units().flat_map(u16::to_be_bytes).collect();
    let saved: [(&str, &[u8], &[u8]); 6] = [
        ("ANSI", b"", text.as_bytes()),
        ("UTF-8 with BOM", b"\xef\xbb\xbf", text.as_bytes()),
        ("UTF-16 LE", b"\xff\xfe", &little),
        ("UTF-16 BE", b"\xfe\xff", &big),
        ("UTF-16 LE without its mark", b"", &little),
        ("UTF-16 BE without its mark", b"", &big),
    ];
    for (encoding, mark, rest) in saved {
        std::fs::write(&file, [mark, rest].concat()).unwrap();
        let threads = read_threads(&file, DateTime::UNIX_EPOCH, &Events::default());
        assert_eq!(threads, [(ChatId(7), ThreadId("conv_a".into()))], "{encoding}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "{encoding}");
    }
}

/// Writes these pages.
fn written(file: &Path, pages: &[&[(ChatId, ThreadId)]]) -> Mark {
    let mut draft = Draft::beside(file).unwrap();
    for page in pages {
        draft.append(page).unwrap();
    }
    let hash = draft.end().unwrap();
    draft.publish(file, hash).unwrap()
}

#[test]
fn a_file_written_in_pages_equals_one_written_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("threads.json");
    let threads: Vec<_> = (0..7).map(|n| (ChatId(n), ThreadId(format!("\"{n}\n")))).collect();
    let mut only_hash = Draft::of_hash();
    only_hash.append(&threads).unwrap();
    let hash = only_hash.end().unwrap();
    for page in 1..=8 {
        let pages: Vec<&[_]> = threads.chunks(page).collect();
        assert_eq!(written(&file, &pages).hash(), hash);
        assert_eq!(read_threads(&file, DateTime::UNIX_EPOCH, &Events::default()), threads);
    }
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        1,
        "no draft stays behind"
    );
}

#[test]
fn a_start_recognises_only_its_own_unchanged_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("threads.json");
    let mark = written(&file, &[&[(ChatId(1), ThreadId("conv_a".into()))]]);
    let kept = Mark::parse(&mark.to_string()).unwrap();
    assert!(kept == mark && kept.is_of(&file));
    let text = std::fs::read_to_string(&file).unwrap();
    let touched = std::fs::File::options().append(true).open(&file).unwrap();
    touched.set_modified(std::time::UNIX_EPOCH).unwrap();
    assert!(!kept.is_of(&file), "written at another time");
    std::fs::write(&file, text + " ").unwrap();
    assert!(!kept.is_of(&file), "longer");
    std::fs::remove_file(&file).unwrap();
    assert!(!kept.is_of(&file), "deleted");
    assert_eq!(Mark::parse("7 x y"), None);
}

#[test]
fn the_written_file_can_be_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sub").join("threads.json");
    let threads = vec![
        (ChatId(-5), ThreadId("conv_b".into())),
        (ChatId(1 << 40), ThreadId("conv_a".into())),
    ];
    written(&file, &[&threads]);
    let text = std::fs::read_to_string(&file).unwrap();
    assert_eq!(text, "{\n  \"-5\": \"conv_b\",\n  \"1099511627776\": \"conv_a\"\n}\n");
    assert_eq!(read_threads(&file, DateTime::UNIX_EPOCH, &Events::default()), threads);
}

#[test]
fn invalid_entries_are_skipped_and_the_file_is_backed_up() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("threads.json");
    let text = r#"{"x": "conv_a", "5": 7, "6": "", "7": "thread_old"}"#;
    std::fs::write(&file, text).unwrap();
    let threads = read_threads(&file, DateTime::UNIX_EPOCH, &Events::default());
    assert_eq!(threads, [(ChatId(7), ThreadId("thread_old".into()))]);
    let aside = folder.path().join("threads.json.broken-19700101T000000Z");
    assert_eq!(std::fs::read_to_string(aside).unwrap(), text);
}

#[test]
fn two_broken_files_within_a_second_are_both_kept() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("threads.json");
    for text in ["[", "]"] {
        std::fs::write(&file, text).unwrap();
        read_threads(&file, DateTime::UNIX_EPOCH, &Events::default());
    }
    let files = std::fs::read_dir(folder.path()).unwrap();
    let mut kept: Vec<_> = files
        .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap())
        .collect();
    kept.sort();
    assert_eq!(kept, ["[", "]"]);
}

/// Files from complete to empty, as a person may have edited them.
fn any_file() -> impl Strategy<Value = Vec<u8>> {
    let value = prop_oneof![
        3 => "(conv|thread)_[a-zA-Z0-9]{0,6}".prop_map(serde_json::Value::from),
        1 => any::<String>().prop_map(serde_json::Value::from),
        1 => any::<i64>().prop_map(serde_json::Value::from),
        1 => Just(serde_json::json!([null, {"deep": {}}])),
    ];
    let key =
        prop_oneof![3 => any::<i64>().prop_map(|id| id.to_string()), 1 => "[ +-]?[0-9]{0,25}", 1 => any::<String>()];
    let map = prop::collection::hash_map(key, value, 0..6).prop_map(|map| serde_json::to_vec(&map).unwrap());
    prop_oneof![
        3 => map.clone(),
        1 => (map, 0..200_usize).prop_map(|(mut bytes, end)| { bytes.truncate(end); bytes }),
        1 => prop::collection::vec(any::<u8>(), 0..60),
        1 => "[\\[\\]{}\":, 0-9a-z]{0,60}".prop_map(String::into_bytes),
        1 => (1..300_usize).prop_map(|depth| "{\"1\":".repeat(depth).into_bytes()),
    ]
}

proptest! {
    #[test]
    fn no_byte_of_any_threads_file_is_lost(bytes in any_file()) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("threads.json");
        std::fs::write(&file, &bytes).unwrap();
        let threads = read_threads(&file, DateTime::UNIX_EPOCH, &Events::default());
        let kept: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().path()).collect();
        prop_assert_eq!(kept.len(), 1);
        prop_assert_eq!(&std::fs::read(&kept[0]).unwrap(), &bytes);
        // The file stays in its place, to be overwritten by the mirror, only if every entry was read.
        if kept[0] == file {
            let text = String::from_utf8(bytes.clone()).unwrap_or_else(|_| decode(&bytes).unwrap().text);
            let map: BTreeMap<String, String> = serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap();
            prop_assert_eq!(map.len(), threads.len());
        }
        prop_assert!(threads.iter().all(|(_, thread)| !thread.0.is_empty()));
    }
}
