//! Writes `tests/fixtures/rows.sql`: a database with rows of every state, kind and reason, as the code of this commit
//! writes them. First a real service between the stand-ins, killed in the middle of two turns; then, on a copy of its
//! file, the messages of DbActor for what a service comes to too rarely.

use std::path::Path;
use std::process::Command as Program;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Europe;
use frontdesk::db::extra_report::request_report;
use frontdesk::db::messages::{
    Admission, CloseDatabase, CloseReportPeriod, Ending, FinishTurn, FinishedReply, FinishedTurn, FloodBounds,
    FloodNotices, FormUpdate, LeftContacts, Outcome, RaiseAlert, RecordLead, RecordPoll, RecordVerdict,
    RecoverAfterStart, RecoverConversation, RecoverDeliveries, RemoveSpent, ReplyKind, SpentTable, StoreUpdates,
    ThreadUpdate,
};
use frontdesk::db::requeue::{DeadLetters, requeue};
use frontdesk::db::{Database, DbActor};
use frontdesk::domain::{
    AbsenceKind, Alert, AlertKind, Answers, Body, Border, Change, ChatId, Command, CustomerMessage, Delivery, Email,
    FailReason, FoundContact, IgnoreReason, InboxId, IncomingUpdate, Keyboard, KnownPhone, LeadFacts, LeadRules,
    LeadSource, Media, MediaKind, MessageId, Origin, OutgoingMessage, Period, Phone, Profile, Reach, Reply,
    SharedContact, Span, Style, ThreadId, TurnFigures, UpdateId, Verdict,
};
use frontdesk::runtime::{Address, Clock, ClockHand, Events, Runtime, Steps, start};
use sandbox::{Answer, Edge, Fault, Rule, Run};
use serde_json::json;

use crate::harness::saving::{MY_NUMBER, only_phone, save};
use crate::harness::{OPERATOR, OWNER, TestService};

const STYLED: &str = "**жирно** *курсив* ~~зачёркнуто~~ `код`\n\n```rust\nlet x = 1;\n```\n\n> цитата\n\n[ссылка](https://example.org/a)";

fn model(run: &Run) -> Answer {
    let text = run.last_user_text.as_str();
    if !run.tool_outputs.is_empty() {
        return Answer::Text(format!("готово: {text}"));
    }
    if text.contains("парковка") && run.may_call("report_gap") {
        let arguments = json!({"question": "Есть ли парковка?"});
        return Answer::Call {
            name: "report_gap".into(),
            arguments,
        };
    }
    match text.strip_prefix(MY_NUMBER) {
        Some(phone) if run.may_call("save_contact") => save(only_phone(phone)),
        _ if text.contains("оформи") => Answer::Text(STYLED.into()),
        _ => Answer::Text(format!("ответ: {text}")),
    }
}

async fn a_day(service: &mut TestService) {
    let mut events = service.listen();
    service.sql_becomes("SELECT COUNT(*) FROM reports", &["1"]).await;
    let anna = sandbox::Profile {
        first_name: "Анна".into(),
        last_name: Some("Котова".into()),
        username: Some("anna_k".into()),
        language: Some("ru".into()),
    };
    service.telegram().customer(11, anna);
    service.ask(11, "/start avito3").await;
    service.ask(11, "сколько стоит уборка").await;
    let said = service.say(11, "а с окнами");
    service.replies(11, 3).await;
    service.telegram().edit(11, said, "а с окнами и балконом");
    service.telegram().say_as(
        11,
        json!({"photo": [{"file_id": "a", "file_unique_id": "a", "width": 1, "height": 1}]}),
    );
    service.replies(11, 4).await;
    service.telegram().edit(11, said, "а с окнами и балконом");
    let card = json!({"contact": {"phone_number": "79123456789", "first_name": "Анна", "user_id": 11}});
    service.telegram().say_as(11, card);
    service.replies(11, 5).await;
    service.ask(12, &format!("{MY_NUMBER}8 912 345-67-80")).await;
    service.ask(12, "а парковка есть?").await;
    service.telegram().add_to_group(-1_007, "Соседи");
    service.telegram().group_message(-1_007, 16, "всем привет");
    let channel = json!({"id": -1_009, "type": "channel", "title": "Новости"});
    let post = json!({"message_id": 5, "date": 1, "chat": channel, "text": "новость"});
    service.telegram().push(json!({"channel_post": post}));
    let bot = json!({"id": 900, "is_bot": true, "first_name": "Бот"});
    service.telegram().say_as(16, json!({"from": bot, "text": "я бот"}));
    service.telegram().say_as(16, json!({"new_chat_title": "другое имя"}));
    service
        .telegram()
        .push_raw("{\"update_id\": 2000000001, \"message\": \"нечитаемое\"}");
    service.ask(16, "первый разговор").await;
    let held = service.hold_runs();
    service.say(16, "забудьте об этом");
    service.strikes(held, 1).await;
    service.say(16, "/reset");
    service.replies(16, 2).await;
    service.release(held);
    for n in 0..24 {
        service.say(17, &format!("спам номер {n}"));
    }
    service.sql_becomes("SELECT messages > 0 FROM floods", &["1"]).await;
    service.settles().await;
    let now = service.hand().now();
    let next = (now.with_timezone(&Europe::Moscow).date_naive() + TimeDelta::days(1))
        .and_hms_opt(9, 0, 0)
        .unwrap()
        .and_local_timezone(Europe::Moscow)
        .unwrap();
    service.advance(next.to_utc() - now);
    service.happens(&mut events, "report_closed").await;
    service.settles().await;
    // Once in order.
    service.stop();
    service.start_again().await;
}

/// What is under way when the process is killed.
async fn in_the_middle(service: &TestService) {
    let lost = Fault::Status {
        status: 502,
        body: "{}".into(),
        headers: Vec::new(),
    };
    let lost = service
        .sandbox()
        .faults()
        .add(Rule::on(Edge::Telegram, "sendMessage").containing("курсив").with(lost));
    service.say(14, "оформи красиво");
    service.strikes(lost, 1).await;
    service
        .sql_becomes("SELECT state FROM outbox WHERE chat_id = 14", &["retryable"])
        .await;
    service.say(14, "и ещё вопрос");
    service
        .sql_becomes(
            "SELECT state FROM outbox WHERE chat_id = 14 ORDER BY id",
            &["retryable", "scheduled"],
        )
        .await;
    let in_hand = Rule::on(Edge::Telegram, "sendMessage")
        .containing("ответ: в пути")
        .with(Fault::Hold);
    let in_hand = service.sandbox().faults().add(in_hand);
    service.say(15, "в пути");
    service.strikes(in_hand, 1).await;
    let second = Rule::on(Edge::OpenAi, "responses")
        .containing("function_call_output")
        .with(Fault::Hold);
    let second = service.sandbox().faults().add(second);
    service.say(18, "а парковка есть?");
    service.say(19, &format!("{MY_NUMBER}8 912 345-67-19"));
    service.strikes(second, 2).await;
}

#[actix_rt::test]
async fn the_rows_of_this_code_are_written() {
    let bounds = |config: &mut frontdesk::config::Config| {
        config.conversation.rate_limit_per_minute = 15;
        config.limits.messages_per_day = 20;
        config.limits.flood_kept_per_hour = 6;
    };
    let builder = TestService::builder().clock_that_runs().reports_at_nine(Europe::Moscow);
    let mut service = builder.script(model).config(bounds).start().await;
    a_day(&mut service).await;
    in_the_middle(&service).await;
    service.kill();
    let target = tempfile::tempdir().unwrap();
    for name in ["frontdesk.db", "frontdesk.db-wal", "threads.json"] {
        let file = service.folder().join(name);
        if file.exists() {
            std::fs::copy(file, target.path().join(name)).unwrap();
        }
    }
    let ended = further(target.path(), service.hand().now()).await;
    keep(target.path(), ended);
    // The service itself comes to an end in order.
    service.sandbox().faults().clear();
    service.start_again().await;
    service.advancing(TimeDelta::minutes(1), service.settles()).await;
}

struct Desk {
    address: Address<DbActor>,
    hand: ClockHand,
    updates: i64,
    open_for: TimeDelta,
}

macro_rules! tell {
    ($desk:expr, $message:expr) => {
        $desk.address.port().command($message).await.unwrap().unwrap()
    };
}

fn rules(owners: &[&str]) -> Arc<LeadRules> {
    Arc::new(LeadRules {
        owners: owners.iter().map(|owner| Email::normalised(owner)).collect(),
        operators: vec![Email::normalised(OPERATOR)],
        open_for: TimeDelta::hours(72),
        letter_delay: TimeDelta::seconds(60),
        letters_per_hour: 4,
        alert_pause: TimeDelta::hours(1),
        dialog_lines: 2_000,
    })
}

fn said(body: Body) -> CustomerMessage {
    CustomerMessage {
        body,
        ..CustomerMessage::text("")
    }
}

fn media(kind: MediaKind) -> Media {
    Media {
        kind,
        detail: None,
        caption: None,
    }
}

fn card(is_own: bool) -> SharedContact {
    SharedContact {
        phone: "79123456700".into(),
        name: "Пётр".into(),
        is_own,
        is_account: is_own,
        further: if is_own {
            Vec::new()
        } else {
            vec!["+7 912 345-67-01".into()]
        },
        emails: if is_own {
            Vec::new()
        } else {
            vec!["petr@example.org".into()]
        },
    }
}

fn found(reach: Reach, origin: Origin) -> FoundContact {
    FoundContact {
        reach,
        origin,
        name: Some("Пётр".into()),
        call_time: Some("после шести".into()),
    }
}

fn phone(digits: &str) -> Phone {
    Phone::international(digits).unwrap()
}

impl Desk {
    fn update(&mut self, chat: i64, change: Change) -> IncomingUpdate {
        self.updates += 1;
        let n = self.updates;
        IncomingUpdate {
            key: format!("123456:{n}:{chat}:{n}:0"),
            update: UpdateId(n),
            chat: ChatId(chat),
            message: Some(MessageId(n)),
            profile: (chat > 0).then(|| Profile {
                first_name: "Пётр".into(),
                last_name: None,
                username: Some(format!("customer_{chat}")),
                language_code: Some("ru".into()),
            }),
            change,
            tap: None,
            unknown_content: None,
            raw: format!("{{\"update_id\":{n}}}"),
        }
    }

    /// Stores one update; its row, if it waits.
    async fn store(
        &mut self,
        chat: i64,
        change: Change,
        contacts: Vec<FoundContact>,
    ) -> (Option<InboxId>, Vec<Delivery>) {
        let update = self.update(chat, change);
        let admission = Admission {
            update,
            contacts,
            counts: true,
            flood_notices: Some(FloodNotices {
                minute: OutgoingMessage::plain("не так быстро"),
                day: OutgoingMessage::plain("завтра"),
            }),
            farewell: Some(OutgoingMessage::plain("я работаю только в личных чатах")),
        };
        let stored = tell!(
            self,
            StoreUpdates {
                admissions: vec![admission],
                most_per_minute: Some(20),
                most_waiting: 50,
                floods: FloodBounds {
                    per_day: 1_000,
                    kept_per_hour: 200,
                    kept_per_day: 1_000,
                    chars: 500,
                },
                rules: rules(&[OWNER]),
            }
        );
        let row = match &stored.updates[0].outcome {
            Outcome::Waiting(row) => Some(row.id),
            _ => None,
        };
        (row, stored.deliveries)
    }

    async fn hears(&mut self, chat: i64, text: &str) -> InboxId {
        let change = Change::Wrote(CustomerMessage::text(text));
        self.store(chat, change, Vec::new()).await.0.unwrap()
    }

    fn turn(&self, chat: i64, row: InboxId, kind: ReplyKind, parts: Vec<OutgoingMessage>) -> FinishTurn {
        FinishTurn {
            chat: ChatId(chat),
            rows: vec![row],
            edits: Vec::new(),
            ending: Ending::Done,
            reply: Some(FinishedReply {
                text: parts
                    .iter()
                    .map(|part| part.reply.text.as_str())
                    .collect::<Vec<_>>()
                    .join("\n"),
                kind,
                parts,
            }),
            thread: ThreadUpdate::Keep,
            figures: TurnFigures {
                started_at: Some(self.hand.now()),
                runs: 1,
                tool_calls: 1,
                input_tokens: 100,
                output_tokens: 20,
            },
            contacts: LeftContacts::none(),
            rules: rules(&[OWNER]),
            told_lead: None,
            form: FormUpdate::Keep,
            alert: None,
        }
    }

    async fn answers(&mut self, chat: i64, text: &str) -> FinishedTurn {
        let row = self.hears(chat, &format!("вопрос {chat}")).await;
        let turn = self.turn(chat, row, ReplyKind::Answer, vec![OutgoingMessage::plain(text)]);
        tell!(self, turn)
    }

    async fn verdict(&self, delivery: &Delivery, verdict: Verdict) -> Option<Delivery> {
        tell!(
            self,
            RecordVerdict {
                id: delivery.id,
                attempt: delivery.attempt,
                verdict,
            }
        )
    }

    fn retry(&self, reason: &str, maybe_sent: bool) -> Verdict {
        Verdict::RetryAt {
            due: self.hand.now() + TimeDelta::seconds(30),
            reason: reason.into(),
            maybe_sent,
        }
    }
}

fn dead(reason: &str) -> Verdict {
    Verdict::Dead { reason: reason.into() }
}

const SENT: Verdict = Verdict::Sent { remote_id: Some(77) };

async fn further(folder: &Path, now: DateTime<Utc>) -> DateTime<Utc> {
    let path = folder.join("frontdesk.db");
    let (clock, hand) = Clock::by_hand(now);
    let runtime = Runtime::new(clock, Events::default(), &frontdesk::config::Limits::default());
    let database = Database::open(&path, &Steps::default()).unwrap();
    let address = start(&runtime.clone(), move || DbActor::new(&database, &runtime));
    let mut desk = Desk {
        address,
        hand,
        updates: 5_000,
        open_for: TimeDelta::hours(72),
    };
    for start in ["first", "second"] {
        let recover = RecoverAfterStart {
            start: start.into(),
            quick_death: TimeDelta::minutes(10),
        };
        tell!(desk, recover);
        if start == "first" {
            // In the hands of an outbox that panicked.
            desk.answers(320, "ответ, который был в руках").await;
            tell!(desk, RecoverDeliveries);
            desk.hand.advance(TimeDelta::seconds(90));
        }
    }
    waiting(&mut desk).await;
    failures(&mut desk).await;
    messages(&mut desk).await;
    leads(&mut desk).await;
    letters(&mut desk, &path).await;
    tell_closed(&desk).await;
    desk.hand.now()
}

async fn tell_closed(desk: &Desk) {
    desk.address.port().command(CloseDatabase).await.unwrap();
}

/// A waiting row of every content, each of a chat of its own.
async fn waiting(desk: &mut Desk) {
    let commands = [
        Command::Start {
            payload: Some("avito7".into()),
        },
        Command::Start { payload: None },
        Command::Help,
        Command::Reset,
        Command::Contact,
        Command::Privacy,
        Command::Unknown { name: "price".into() },
    ];
    let mut all: Vec<CustomerMessage> = commands
        .into_iter()
        .map(|command| said(Body::Command(command)))
        .collect();
    all.extend(MediaKind::ALL.map(|kind| said(Body::Media(media(kind)))));
    all.push(CustomerMessage {
        album: Some("1234567890".into()),
        ..said(Body::Media(Media {
            detail: Some("план.pdf".into()),
            caption: Some("вот план".into()),
            ..media(MediaKind::Document)
        }))
    });
    all.push(CustomerMessage {
        quote: Some("вчерашние слова".into()),
        is_forwarded: true,
        sent_at: Some(desk.hand.now() - TimeDelta::minutes(2)),
        ..CustomerMessage::text("вопрос с цитатой")
    });
    all.push(said(Body::Contact(card(false))));
    for (chat, message) in (201..).zip(all) {
        desk.store(chat, Change::Wrote(message), Vec::new()).await;
    }
    let own = found(Reach::Phone(phone("79123456700")), Origin::Verified);
    let change = Change::Wrote(said(Body::Contact(card(true))));
    desk.store(230, change, vec![own]).await;
    // Its turn panicked once.
    let row = desk.hears(231, "вопрос, над которым упали").await;
    let now = desk.hand.now();
    tell!(
        desk,
        RecoverConversation {
            chat: ChatId(231),
            row: Some((row, 0)),
            day_start: now,
        }
    );
    // An edit that no turn has told yet.
    desk.answers(232, "ответ до правки").await;
    let edit = Change::Edited(CustomerMessage::text("правка после ответа"));
    desk.store(232, edit, Vec::new()).await;
    desk.hears(232, "вопрос после правки").await;
}

/// A turn of every failure, and replies in every state.
async fn failures(desk: &mut Desk) {
    use FailReason::{
        Deadline, Empty, Panicked, Poison, Refused, Rejected, TokensOfDay, TurnsOfDay, Unavailable, Unreadable,
    };
    let reasons = [
        Deadline,
        Unavailable,
        Refused,
        Empty,
        Rejected,
        TurnsOfDay,
        TokensOfDay,
        Panicked,
        Poison,
        Unreadable,
    ];
    for (chat, reason) in (301..).zip(reasons) {
        let row = desk.hears(chat, &format!("вопрос без ответа {chat}")).await;
        let failed = FinishTurn {
            ending: Ending::Failed(reason),
            thread: ThreadUpdate::Suspect,
            form: if chat % 2 == 0 {
                FormUpdate::Ask
            } else {
                FormUpdate::Keep
            },
            ..desk.turn(
                chat,
                row,
                ReplyKind::Failure,
                vec![OutgoingMessage::plain(format!("не вышло {chat}"))],
            )
        };
        let finished = tell!(desk, failed);
        let delivery = &finished.deliveries[0];
        let verdict = match chat {
            302 => SENT,
            303 => desk.retry("timeout", true),
            304 => desk.retry("retry_after", false),
            305 => dead("rejected"),
            306 => dead("too old"),
            307 => dead("no right to write"),
            308 => Verdict::Blocked,
            309 => desk.retry("unauthorized", false),
            _ => continue,
        };
        desk.verdict(delivery, verdict).await;
    }
    desk.answers(310, "ответ за другим ответом").await;
    // They stopped the bot, with a reply that waited behind another; one who is back.
    desk.answers(312, "ответ в пути").await;
    desk.answers(312, "ответ, который ждал").await;
    desk.store(312, Change::Blocked, Vec::new()).await;
    desk.store(313, Change::Blocked, Vec::new()).await;
    desk.store(313, Change::Unblocked, Vec::new()).await;
    for (chat, change) in [
        (-2_001, Change::JoinedGroup { may_write: true }),
        (-2_002, Change::JoinedGroup { may_write: true }),
    ] {
        let (_, deliveries) = desk.store(chat, change, Vec::new()).await;
        if chat == -2_002 {
            let leave = desk.verdict(&deliveries[0], dead("no right to write")).await;
            desk.verdict(&leave.unwrap(), dead("rejected")).await;
        }
    }
    for reason in [
        IgnoreReason::Bot,
        IgnoreReason::Channel,
        IgnoreReason::Group,
        IgnoreReason::Service,
        IgnoreReason::Unreadable,
    ] {
        desk.store(-3_000, Change::Nothing(reason), Vec::new()).await;
    }
}

/// Messages that hold whatever a message can hold.
async fn messages(desk: &mut Desk) {
    let styles = [
        Style::Bold,
        Style::Italic,
        Style::Strikethrough,
        Style::Code,
        Style::Pre {
            language: Some("rust".into()),
        },
        Style::Blockquote,
        Style::Link {
            url: "https://example.org/".into(),
        },
    ];
    let spans = (0..).zip(styles).map(|(n, style)| Span {
        offset: n * 3,
        length: 2,
        style,
    });
    let row = desk.hears(311, "вопрос для всего").await;
    let parts = vec![
        OutgoingMessage {
            reply: Reply {
                text: "аа бб вв гг дд ее жж".into(),
                spans: spans.collect(),
            },
            keyboard: Some(Keyboard::Contact {
                share: "Отправить номер".into(),
                write: "Написать".into(),
            }),
            answers: Some(Answers {
                message: MessageId(desk.updates),
                asked_at: desk.hand.now(),
                apology: "Простите, что отвечаю не сразу.".into(),
            }),
            quotes: Some(MessageId(desk.updates)),
        },
        OutgoingMessage {
            keyboard: Some(Keyboard::Remove),
            ..OutgoingMessage::plain("вторая часть")
        },
    ];
    let turn = desk.turn(311, row, ReplyKind::Answer, parts);
    tell!(desk, turn);
    for thread in ["conv_first", "conv_second"] {
        let row = desk.hears(314, "вопрос о ветке").await;
        let turn = FinishTurn {
            thread: ThreadUpdate::Used {
                id: ThreadId(thread.into()),
                input_tokens: 42,
            },
            ..desk.turn(
                314,
                row,
                ReplyKind::Answer,
                vec![OutgoingMessage::plain(format!("ответ в {thread}"))],
            )
        };
        let finished = tell!(desk, turn);
        for delivery in &finished.deliveries {
            desk.verdict(delivery, SENT).await;
        }
    }
}

fn whole_facts() -> LeadFacts {
    let typed = |number| KnownPhone {
        number,
        origin: Origin::Typed,
    };
    LeadFacts {
        name: Some("Мария".into()),
        phones: vec![
            typed(phone("74951234567").with_extension("105")),
            typed(Phone::unconfirmed("9123456789", "912-345-67-89, кажется").unwrap()),
        ],
        emails: vec![Email::normalised("maria@example.org")],
        wants_telegram: false,
        request: Some("уборка двух комнат".into()),
        preferred_time: Some("после шести".into()),
        note: Some("есть кошка".into()),
        own_words: None,
        cards: Vec::new(),
    }
}

async fn lead(desk: &mut Desk, chat: i64, facts: LeadFacts, owners: &[&str]) -> (InboxId, FinishedTurn) {
    let row = desk.hears(chat, &format!("запишите меня {chat}")).await;
    let n = desk.updates;
    let rules = Arc::new(LeadRules {
        open_for: desk.open_for,
        ..(*rules(owners)).clone()
    });
    tell!(
        desk,
        RecordLead {
            chat: ChatId(chat),
            turn: row.into(),
            fingerprint: format!("{n:032x}"),
            facts,
            rules: rules.clone(),
        }
    );
    let turn = FinishTurn {
        rules,
        ..desk.turn(
            chat,
            row,
            ReplyKind::Answer,
            vec![OutgoingMessage::plain(format!("записал {chat}"))],
        )
    };
    (row, tell!(desk, turn))
}

async fn leads(desk: &mut Desk) {
    let owners = &[
        "sent@example.org",
        "held@example.org",
        "refused@example.org",
        "dead@example.org",
    ];
    // A lead before it, closed for those who come back at once.
    let before = LeadFacts {
        phones: whole_facts().phones,
        request: Some("в прошлый раз".into()),
        ..LeadFacts::default()
    };
    lead(desk, 402, before, &[]).await;
    desk.open_for = TimeDelta::zero();
    lead(desk, 402, whole_facts(), &[OWNER]).await;
    desk.open_for = TimeDelta::hours(72);
    let (_, finished) = lead(desk, 401, whole_facts(), owners).await;
    for delivery in &finished.deliveries {
        let verdict = match &delivery.lane.0 {
            lane if lane.contains("sent@") => Verdict::Sent { remote_id: None },
            lane if lane.contains("held@") => desk.retry("held: 535 5.7.8 login refused", false),
            lane if lane.contains("refused@") => desk.retry("refused: 550 no such user", false),
            lane if lane.contains("dead@") => dead("too old"),
            _ => SENT,
        };
        desk.verdict(delivery, verdict).await;
    }
    // Everything changes, and the letter of before has left.
    let changed = LeadFacts {
        name: Some("Мария Котова".into()),
        phones: vec![KnownPhone {
            number: phone("79990000000"),
            origin: Origin::Typed,
        }],
        emails: vec![Email::normalised("other@example.org")],
        wants_telegram: true,
        request: Some("мойка окон".into()),
        preferred_time: Some("утром".into()),
        note: Some("кошки нет".into()),
        ..LeadFacts::default()
    };
    lead(desk, 401, changed.clone(), owners).await;
    lead(desk, 401, changed, owners).await;
    // What the service finds by itself: in words, in answer to the form, on cards of others, in forwarded words.
    let contacts = vec![
        found(Reach::Phone(phone("79120000001")), Origin::Found),
        found(Reach::Phone(phone("79120000002")), Origin::Forwarded),
        found(Reach::Phone(phone("79120000003")), Origin::Card),
        found(Reach::Email(Email::normalised("card@example.org")), Origin::Card),
        found(Reach::Phone(phone("79120000004")), Origin::Verified),
        found(Reach::Phone(phone("79120000005")), Origin::Typed),
    ];
    for (chat, source) in [
        (403, LeadSource::Form),
        (404, LeadSource::Text),
        (405, LeadSource::Text),
    ] {
        let row = desk.hears(chat, "мне нужна большая уборка, позвоните").await;
        let turn = FinishTurn {
            contacts: LeftContacts {
                found: contacts.clone(),
                source,
            },
            ..desk.turn(
                chat,
                row,
                ReplyKind::Service,
                vec![OutgoingMessage::plain("номер записан")],
            )
        };
        tell!(desk, turn);
    }
    // Beyond the letters of an hour they are gathered.
    for chat in 406..=408 {
        lead(desk, chat, whole_facts(), &[OWNER]).await;
    }
}

async fn letters(desk: &mut Desk, path: &Path) {
    let now = desk.hand.now();
    let kinds = AlertKind::ALL.into_iter().chain([AlertKind::Letters {
        to: Email::normalised("refused@example.org"),
    }]);
    for kind in kinds {
        let alert = Alert {
            kind,
            reason: "quota".into(),
            at: now,
        };
        tell!(
            desk,
            RaiseAlert {
                alert,
                rules: rules(&[OWNER]),
            }
        );
    }
    for kind in [AbsenceKind::Stopped, AbsenceKind::Unreachable] {
        desk.hand.advance(TimeDelta::minutes(10));
        let at = desk.hand.now();
        tell!(
            desk,
            RecordPoll {
                at,
                kind,
                allowed: TimeDelta::minutes(3),
            }
        );
    }
    let due = desk.hand.now() - TimeDelta::minutes(1);
    let owners = &[
        "sent-report@example.org",
        "waiting-report@example.org",
        "dead-report@example.org",
    ];
    let closed = tell!(
        desk,
        CloseReportPeriod {
            due,
            is_catch_up: true,
            rules: rules(owners),
        }
    );
    let deliveries = closed.unwrap().deliveries;
    desk.verdict(&deliveries[0], Verdict::Sent { remote_id: None }).await;
    desk.verdict(&deliveries[1], desk.retry("connect", false)).await;
    desk.verdict(&deliveries[2], dead("too old")).await;
    let period = Period {
        report: None,
        since: due,
        until: desk.hand.now(),
        after: Border::default(),
        upto: Border {
            dialog: 10,
            ..Border::default()
        },
        is_catch_up: false,
    };
    request_report(path, period, &[Email::normalised(OWNER)], desk.hand.now()).unwrap();
    // Given up, told in a report, and put back by hand; given up and gone.
    let id = |key: &str| {
        let output = Program::new("sqlite3")
            .arg(path)
            .arg(format!("SELECT id FROM outbox WHERE {key}"))
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        text.trim().parse::<i64>().unwrap_or_else(|_| panic!("{key}: {text}"))
    };
    let rejected = frontdesk::domain::DeliveryId(id("chat_id = 305 AND state = 'dead'"));
    requeue(path, &DeadLetters::Of(vec![rejected]), desk.hand.now()).unwrap();
    let gone = id("chat_id = 308 AND state = 'cancelled'");
    tell!(
        desk,
        RemoveSpent {
            table: SpentTable::Outbox,
            rows: vec![gone],
            most: 500,
        }
    );
}

/// Rows that no message comes to without damage or an older version, and the whole as text.
fn keep(folder: &Path, ended: DateTime<Utc>) {
    let by_hand = "INSERT INTO meta VALUES ('inbox_to_empty', '1'), ('outbox_to_empty', '1'); \
                   UPDATE outbox SET state = 'dead', reason = 'unreadable', payload = '{\"letter\":', \
                   finished_at = created_at WHERE chat_id = 310 AND state = 'scheduled'; VACUUM;";
    let run = |args: &[&str]| {
        let output = Program::new("sqlite3")
            .arg(folder.join("frontdesk.db"))
            .args(args)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    run(&[by_hand]);
    let dump = run(&[".dump"]);
    let head = format!(
        "-- A database with rows of every state, kind and reason, as the code of November 2026 wrote them; the last at {} ({ended}).\n\
         -- What stands here keeps its spelling: tests/service/earlier.rs, src/db/contract/spelling.rs. How it was written stands in\n\
         -- the history of tests/service/written.rs: a real service between the stand-ins, killed in the middle of two turns, then the\n\
         -- messages of DbActor. Made with SQL: the marks `inbox_to_empty` and `outbox_to_empty`, which the migration of an older database\n\
         -- makes, and the one delivery that is `dead (unreadable)`. A new word, key or variant gets a row here, by hand.\n\
         -- The text and not the file of SQLite: what changes in it is read. Nothing is lost by that: values keep their types, and\n\
         -- application_id and user_version are 0.\n",
        ended.timestamp()
    );
    std::fs::create_dir_all("tests/fixtures").unwrap();
    std::fs::write("tests/fixtures/rows.sql", head + &dump).unwrap();
    std::fs::copy(folder.join("threads.json"), "tests/fixtures/threads.json").unwrap();
}
