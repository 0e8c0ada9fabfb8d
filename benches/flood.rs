//! The cost of a flood by one account for the other customers: 100,000 messages of 4,096 Cyrillic characters, first evenly over a day, then
//! 19 a minute, while the others write every five minutes; then the nine o'clock report. Prints the size of the database, the peak
//! memory of the service compared with the same days without a flood, and how long the others wait. At the end old rows are removed
//! in chunks, each beside a turn.
//!
//! `cargo bench --bench flood`; a number after `--` changes the count of messages. The service runs in its own process, because the
//! stand-ins keep every message they receive; its clock is moved over its standard input.

#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on fails")]
#![expect(clippy::disallowed_methods, reason = "it measures what others wait for")]
#![expect(clippy::print_stdout, reason = "its figures are its output")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use base::{Clock, Events};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};
use domain::Email;
use frontdesk::Runtime;
use frontdesk::Service;
use frontdesk::{Config, Limits, ReportCron, Requirements, Settings};
use sandbox::{Answer, Run, Sandbox};
use store::read_only::{Cell, query};

const OWNER: &str = "owner@example.org";
const FLOODER: i64 = 7;
/// Number of the other customers, who take turns.
const OTHERS: i64 = 50;
/// One of them writes this often.
const EVERY: i64 = 5;
/// A typical answer.
const ANSWER: &str = "Уборка однокомнатной квартиры стоит от 4 500 рублей, двухкомнатной от 5 500. В цену входят кухня, санузел, комнаты и коридор; \
    окна и холодильник изнутри мы моем отдельно. Приезжаем со своими средствами, обычно хватает трёх-четырёх часов. Когда вам удобно?";
const PER_MINUTE: i64 = 19;
const DAY: i64 = 1_440;
/// Ended rows to remove, per table.
const ENDED: i64 = 5_000;
const PATIENCE: Duration = Duration::from_secs(300);

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "serve") {
        return actix_rt::System::new().block_on(serve(&arguments[at + 1..]));
    }
    let count: i64 = arguments
        .iter()
        .filter_map(|argument| argument.parse().ok())
        .next()
        .unwrap_or(100_000);
    actix_rt::System::new().block_on(measure(count));
}

/// Runs the service until its standard input ends. Each line moves its clock by that number of milliseconds.
async fn serve(arguments: &[String]) {
    let [folder, environment @ ..] = arguments else {
        panic!("a folder, and where everything is")
    };
    let folder = PathBuf::from(folder);
    let mut settings = Settings::default();
    for (name, value) in environment.iter().filter_map(|setting| setting.split_once('=')) {
        settings.set(name, value);
    }
    let mut config = Config::resolve(&settings, Requirements::ReadOnly, &|_| None).unwrap();
    config.mail.owners = vec![Email::normalised(OWNER)];
    // The clock is stopped while a message is answered.
    config.conversation.merge_wait = TimeDelta::zero();
    config.conversation.turn_deadline = TimeDelta::hours(12);
    config.telegram.rate_per_second = 0;
    config.telegram.chat_rate_per_second = 0;
    config.locale.report_cron = ReportCron::parse("0 9 * * *").unwrap();
    config.locale.time_zone = chrono_tz::UTC;
    config.business.name = Some("Чистый дом".into());
    config.business.file = folder.join("business.md");
    config.storage.database = folder.join("frontdesk.db");
    config.storage.threads_file = folder.join("threads.json");
    let (clock, hand) = Clock::by_hand(start_of_time());
    let service = Service::start(&config, Runtime::new(clock, Events::default(), &Limits::default()))
        .await
        .unwrap();
    let (end, ended) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        println!("ready");
        for line in std::io::stdin().lines() {
            hand.advance(TimeDelta::milliseconds(line.unwrap().parse().unwrap()));
            println!("moved");
        }
        end.send(()).unwrap();
    });
    ended.await.unwrap();
    service.stop().await;
}

fn start_of_time() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap()
}

/// A service in its own process, between its stand-ins.
struct Shop {
    sandbox: Sandbox,
    folder: tempfile::TempDir,
    process: Child,
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
    now: DateTime<Utc>,
    other: i64,
    alone: Vec<Duration>,
    crowded: Vec<Duration>,
}

impl Shop {
    fn open() -> Self {
        let sandbox = Sandbox::answering(|_: &Run| Answer::Text(ANSWER.into())).unwrap();
        sandbox.telegram().set_time(start_of_time().timestamp());
        let folder = tempfile::tempdir().unwrap();
        let mut process = Command::new(std::env::current_exe().unwrap())
            .arg("serve")
            .arg(folder.path())
            .args(sandbox.environment().map(|(name, value)| format!("{name}={value}")))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (commands, answers) = (process.stdin.take().unwrap(), process.stdout.take().unwrap());
        let mut shop = Self {
            sandbox,
            folder,
            process,
            commands,
            answers: BufReader::new(answers),
            now: start_of_time(),
            other: 0,
            alone: Vec::new(),
            crowded: Vec::new(),
        };
        shop.hears("ready");
        shop
    }

    fn hears(&mut self, word: &str) {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        assert_eq!(line.trim(), word);
    }

    fn advance(&mut self, span: TimeDelta) {
        writeln!(self.commands, "{}", span.num_milliseconds()).unwrap();
        self.hears("moved");
        self.now += span;
        self.sandbox.telegram().set_time(self.now.timestamp());
    }

    fn sql(&self, sql: &str) -> i64 {
        let table = query(&self.folder.path().join("frontdesk.db"), sql).unwrap();
        match table.rows[0][0] {
            Cell::Integer(number) => number,
            ref other => panic!("no number: {other:?}"),
        }
    }

    async fn becomes(&self, sql: &str, expected: i64) {
        let begun = Instant::now();
        while self.sql(sql) != expected {
            assert!(begun.elapsed() < PATIENCE, "{sql}");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// One message of one of the others; waits for its reply.
    async fn turn(&mut self) -> Duration {
        self.other = self.other % OTHERS + 1;
        let (telegram, chat) = (self.sandbox.telegram(), 1_000 + self.other);
        let before = telegram.replies(chat).len();
        let begun = Instant::now();
        telegram.say(chat, "сколько стоит уборка квартиры?");
        telegram.await_replies(chat, before + 1, PATIENCE).await.unwrap();
        begun.elapsed()
    }

    fn floods(&self, count: i64) {
        let text = "ж".repeat(4_096);
        for _ in 0..count {
            self.sandbox.telegram().say(FLOODER, &text);
        }
    }

    /// Plays that many minutes with the flood's messages in each. The others' messages arrive alternately after one message of the flood
    /// and after all of its messages of that minute.
    async fn minutes(&mut self, minutes: i64, flood: impl Fn(i64) -> i64) {
        for minute in 0..minutes {
            let count = flood(minute);
            let is_crowded = minute / EVERY % 2 == 1;
            let ahead = if is_crowded { count } else { count.min(1) };
            self.floods(ahead);
            if minute % EVERY == 0 {
                let took = self.turn().await;
                match is_crowded {
                    true => self.crowded.push(took),
                    false => self.alone.push(took),
                }
            }
            self.floods(count - ahead);
            while self.sandbox.telegram().unconfirmed() > 0 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            self.becomes("SELECT COUNT(*) FROM inbox WHERE state = 'pending'", 0)
                .await;
            self.advance(TimeDelta::minutes(1));
        }
    }

    /// The next nine o'clock; waits for the letter.
    async fn nine(&mut self) -> Duration {
        let nine = self.now.date_naive().and_hms_opt(9, 0, 0).unwrap().and_utc();
        let due = if nine > self.now {
            nine
        } else {
            nine + TimeDelta::days(1)
        };
        let before = self.sandbox.smtp().letters_to(OWNER).len();
        let begun = Instant::now();
        self.advance(due - self.now);
        let letters = self.sandbox.smtp().await_letters_to(OWNER, before + 1, PATIENCE).await;
        let letter = letters.unwrap().pop().unwrap();
        println!("  letter: {} ({} bytes)", letter.subject, letter.raw.len());
        begun.elapsed()
    }

    /// Removes the oldest ended rows of both tables in chunks, each during a turn.
    async fn upkeep(&mut self) -> Vec<Duration> {
        let mut connection =
            SqliteConnection::establish(self.folder.path().join("frontdesk.db").to_str().unwrap()).unwrap();
        connection
            .batch_execute(&format!(
                "PRAGMA busy_timeout = 5000;
                CREATE TEMP TABLE n AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {ENDED}) SELECT i FROM n;
                BEGIN IMMEDIATE;
                INSERT INTO inbox (id, key, update_id, chat_id, state, raw, received_at, finished_at)
                    SELECT -i, 'old:' || i, -i, 500 + i % 50, 'done', '', '2020-01-01 00:00:00', '2020-01-01 00:00:00' FROM n;
                INSERT INTO outbox (id, key, lane, chat_id, payload, state, due_at, created_at, finished_at)
                    SELECT -i, 'old:' || i, 'tg:' || (500 + i % 50), 500 + i % 50, '', 'completed', '2020-01-01 00:00:00', '2020-01-01 00:00:00',
                        '2020-01-01 00:00:00' FROM n;
                COMMIT;"
            ))
            .unwrap();
        drop(connection);
        self.advance(TimeDelta::minutes(61));
        let mut beside = Vec::new();
        let left = "SELECT (SELECT COUNT(*) FROM inbox WHERE key LIKE 'old:%') + (SELECT COUNT(*) FROM outbox WHERE key LIKE 'old:%')";
        while self.sql(left) > 0 {
            beside.push(self.turn().await);
            self.advance(TimeDelta::milliseconds(210));
        }
        beside
    }

    /// Database and write-ahead log, in MB.
    fn size(&self) -> f64 {
        let of = |name: &str| std::fs::metadata(self.folder.path().join(name)).map_or(0, |file| file.len());
        mb(of("frontdesk.db") + of("frontdesk.db-wal"))
    }

    /// Peak memory of the service so far, in MB; `None` on systems without `/proc`.
    fn memory(&self) -> Option<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        Some(mb(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1_024))
    }

    fn close(self) {
        drop(self.commands);
        let mut process = self.process;
        process.wait().unwrap();
    }
}

#[expect(clippy::cast_precision_loss, reason = "a figure to read")]
fn mb(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

async fn measure(count: i64) {
    let quiet = day("quiet day", DAY, &|_| 0, false).await;
    let evenly = |minute: i64| (minute + 1) * count / DAY - minute * count / DAY;
    let spread = day("a flood evenly over a day", DAY, &evenly, false).await;
    let minutes = (count + PER_MINUTE - 1) / PER_MINUTE;
    let paced = |minute: i64| PER_MINUTE.min(count - minute * PER_MINUTE);
    let slow = day("a flood of 19 a minute", minutes, &paced, true).await;
    for (what, memory) in [("evenly", spread), ("19 a minute", slow)] {
        if let (Some(quiet), Some(memory)) = (quiet, memory) {
            println!("{what}: {:.1} MB of memory more than on the quiet day", memory - quiet);
        }
    }
}

/// Plays one period and its report; returns the peak memory.
async fn day(what: &str, minutes: i64, flood: &dyn Fn(i64) -> i64, has_upkeep: bool) -> Option<f64> {
    println!(
        "{what}: {} messages in {minutes} minutes",
        (0..minutes).map(flood).sum::<i64>()
    );
    let begun = Instant::now();
    let mut shop = Shop::open();
    shop.minutes(minutes, flood).await;
    let before = shop.memory();
    let nine = shop.nine().await;
    let (memory, size) = (shop.memory(), shop.size());
    let (rows, counted) = (
        shop.sql("SELECT COUNT(*) FROM inbox"),
        shop.sql("SELECT COALESCE(SUM(messages), 0) FROM floods"),
    );
    println!(
        "  database {size:.1} MB; {rows} updates kept, {counted} messages counted; measured in {:.0} s",
        begun.elapsed().as_secs_f64()
    );
    match before.zip(memory) {
        Some((before, memory)) => println!("  memory at most {before:.1} MB, with the report {memory:.1} MB"),
        None => println!("  peak memory is not available on this system"),
    }
    println!("  nine o'clock to the letter: {:.0} ms", nine.as_secs_f64() * 1e3);
    print("a turn beside one message of the flood", &mut shop.alone);
    print("a turn behind a minute of it at once", &mut shop.crowded);
    if has_upkeep {
        let mut alone = Vec::new();
        for _ in 0..40 {
            alone.push(shop.turn().await);
        }
        let mut beside = shop.upkeep().await;
        print("a turn without upkeep", &mut alone);
        print("a turn beside a chunk of upkeep", &mut beside);
    }
    shop.close();
    memory
}

fn print(what: &str, times: &mut [Duration]) {
    times.sort_unstable();
    let at = |percent: usize| times.get((times.len() * percent / 100).min(times.len().saturating_sub(1)));
    let ms = |time: Option<&Duration>| time.map_or(0.0, |time| time.as_secs_f64() * 1e3);
    println!(
        "  {what}: {} measured, median {:.1}, p95 {:.1}, max {:.1} ms",
        times.len(),
        ms(at(50)),
        ms(at(95)),
        ms(times.last())
    );
}
