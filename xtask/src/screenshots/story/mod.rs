//! Ten days of a cleaning company, in Russian and in English, played against the real service: a week that sets the averages, a
//! busy day with every kind of event, a day without messages, and a day whose leads all arrive in one hour. The letters are
//! taken from the mailbox.

mod en;
mod ru;
mod stage;
mod tale;

use std::collections::HashMap;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use sandbox::{Answer, Edge, Fault, Letter, Profile, Run};
use serde_json::json;

use self::stage::Stage;
use self::tale::{Booking, End, Lines, RETURNING, Scene, Tale, chats, contact};

/// A Monday without a clock change in the following days.
const FIRST_DAY: (i32, u32, u32) = (2026, 11, 16);
/// Dialogs per day of the week, and how many of them end with a number.
const WEEK: [(usize, usize); 7] = [(3, 1), (4, 1), (2, 0), (5, 2), (3, 1), (1, 0), (4, 1)];
/// The first chat id of the week's customers.
const WEEK_CHATS: i64 = 1000;

/// Leads of the busy hour; the first twenty get separate letters.
const CROWD: usize = 28;
/// The combined leads without a number, and the one whose number the service finds without the model.
const BY_MAIL: usize = 23;
const BY_TELEGRAM: usize = 25;
const IN_WORDS: usize = 26;

/// The mailbox at the end of a story.
pub(super) struct Played {
    pub(super) language: &'static str,
    pub(super) letters: Vec<Sent>,
}

/// A letter as it arrived.
pub(super) struct Sent {
    /// For the pictures.
    pub(super) name: &'static str,
    pub(super) letter: Letter,
}

/// Both stories in turn: each takes seconds.
pub(super) fn play() -> anyhow::Result<Vec<Played>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut played = Vec::new();
        for tale in [ru::tale(), en::tale()] {
            played.push(perform(&tale).await?);
        }
        Ok(played)
    })
}

async fn perform(tale: &Tale) -> anyhow::Result<Played> {
    let days: Vec<Vec<Scene>> = (0..WEEK.len())
        .map(|day| quiet(tale, day))
        .chain([busy(tale), Vec::new(), crowded(tale)])
        .collect();
    let script = scripted(days.iter().flatten());
    let start = moment(tale, 0, (9, 0)) + TimeDelta::seconds(30);
    let stage = Stage::open(tale, script, start).await?;
    for (chat, first, last, username) in tale.people {
        stage.meets(*chat, profile(tale, first, last, username));
    }
    for (day, scenes) in days.iter().enumerate() {
        for scene in scenes {
            let at = moment(tale, day, scene.at);
            stage.advance((at - stage.now()).max(TimeDelta::zero()));
            happen(&stage, tale, scene).await?;
        }
        // The combined letter is sent when the hour is over.
        stage.advance(TimeDelta::hours(1));
        stage.settles().await?;
        stage.advance(moment(tale, day + 1, (8, 59)) - stage.now());
        stage.polls().await?;
        stage.advance(moment(tale, day + 1, (9, 0)) - stage.now());
        let closed = "SELECT COUNT(*) FROM reports WHERE due_at IS NOT NULL";
        stage.becomes(closed, &(day + 1).to_string()).await?;
        stage.settles().await?;
    }
    Ok(Played {
        language: tale.language,
        letters: letters(&stage)?,
    })
}

async fn happen(stage: &Stage, tale: &Tale, scene: &Scene) -> anyhow::Result<()> {
    if scene.chat >= WEEK_CHATS {
        let at = usize::try_from(scene.chat)? % tale.names.len();
        stage.meets(scene.chat, profile(tale, tale.names[at], "", ""));
    }
    let takes = TimeDelta::seconds(scene.seconds);
    match scene.end {
        End::Answered => stage.ask(scene.chat, &scene.says, takes, None).await,
        End::Shared(number) => {
            let name = tale.people.iter().find(|person| person.0 == scene.chat);
            let card = json!({"contact": {"phone_number": number, "first_name": name.map(|person| person.1),
                "user_id": scene.chat}});
            stage.ask(scene.chat, &scene.says, takes, Some(card)).await
        }
        End::Declined => {
            stage
                .ask_in_vain(scene.chat, &scene.says, Edge::OpenAi, Fault::Refusal)
                .await
        }
        End::Lost => {
            // Telegram's text for a chat that cannot receive messages.
            let fault = Fault::api_error(400, "Bad Request: have no rights to send a message");
            stage.ask_in_vain(scene.chat, &scene.says, Edge::Telegram, fault).await
        }
    }
}

fn letters(stage: &Stage) -> anyhow::Result<Vec<Sent>> {
    let lead = |name: &'static str, chat: i64, revision: i64| -> anyhow::Result<Sent> {
        let id = stage.count(&format!(
            "SELECT MAX(id) FROM successful_dialogs WHERE user_id = {chat}"
        ))?;
        Ok(Sent {
            name,
            letter: stage.letter(&format!("lead-{id}.{revision}."))?,
        })
    };
    let report = |name: &'static str, period: usize| -> anyhow::Result<Sent> {
        let periods = "SELECT id FROM reports WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1 OFFSET";
        let id = stage.count(&format!("{periods} {period}"))?;
        Ok(Sent {
            name,
            letter: stage.letter(&format!("report-{id}."))?,
        })
    };
    Ok(vec![
        lead("lead", chats::VERIFIED, 1)?,
        lead("lead-in-words", chats::IN_WORDS, 1)?,
        lead("lead-by-mail", chats::BY_MAIL, 1)?,
        lead("lead-updated", chats::VERIFIED, 2)?,
        Sent {
            name: "leads-gathered",
            letter: stage.letter("leads-")?,
        },
        report("report", WEEK.len())?,
        report("report-empty", WEEK.len() + 1)?,
    ])
}

/// A day with every kind of event.
fn busy(tale: &Tale) -> Vec<Scene> {
    let mut scenes = (tale.leads)();
    scenes.extend((tale.talks)());
    scenes.sort_by_key(|scene| scene.at);
    scenes
}

/// A day after a successful advertisement.
fn crowded(tale: &Tale) -> Vec<Scene> {
    let before: usize = WEEK.iter().map(|(_, leads)| leads).sum();
    let scene = |(n, minute): (usize, u32)| {
        let Booking {
            mut says,
            mut facts,
            reply,
        } = (tale.booking)(before + n);
        let chat = WEEK_CHATS + 100 + i64::from(minute);
        let (request, time) = tale.wishes[n % tale.wishes.len()];
        let phone = std::mem::take(&mut facts["phone"]);
        let phone = phone.as_str().unwrap_or_default();
        let (name, email) = (tale.names[n % tale.names.len()], "home.24@example.com");
        let (chat, facts) = match n {
            BY_MAIL => {
                says = says.replace(phone, email);
                (chat, contact(name, "", email, request, time))
            }
            BY_TELEGRAM => {
                says = says.replace(phone, "@");
                let mut facts = contact("", "", "", request, time);
                facts["telegram"] = json!(true);
                (chats::CURIOUS, facts)
            }
            _ => (chat, contact(name, phone, "", request, time)),
        };
        let scene = Scene::new((10, minute), chat, &says, reply);
        match n {
            IN_WORDS => scene,
            _ => scene.saving(facts),
        }
    };
    (0..CROWD).zip(0..).map(scene).collect()
}

/// A normal day of the week.
fn quiet(tale: &Tale, day: usize) -> Vec<Scene> {
    let (dialogs, leads) = WEEK[day];
    let before: usize = WEEK[..day].iter().map(|(_, leads)| leads).sum();
    let mut scenes = Vec::new();
    for (n, hour) in (0..dialogs).zip([10, 12, 15, 17, 20]) {
        let number = i64::try_from(day * 10 + n).unwrap_or_default();
        let is_returning = day == 1 && n == 0;
        let chat = if is_returning { RETURNING } else { WEEK_CHATS + number };
        let (question, answer) = tale.questions[(day * 3 + n) % tale.questions.len()];
        scenes.push(Scene::new((hour, 5), chat, question, answer));
        if n < leads {
            let booking = (tale.booking)(before + n);
            let scene = Scene::new((hour, 9), chat, &booking.says, booking.reply);
            scenes.push(scene.saving(booking.facts));
        }
    }
    scenes
}

/// A model scripted for these scenes.
fn scripted<'a>(scenes: impl Iterator<Item = &'a Scene>) -> impl Fn(&Run) -> Answer + Send + Sync + 'static {
    let known: HashMap<String, Lines> = scenes
        .map(|scene| (scene.says.clone(), (scene.call.clone(), scene.reply.clone())))
        .collect();
    move |run| match known.get(&run.last_user_text) {
        Some((Some((name, arguments)), _)) if run.tool_outputs.is_empty() && run.may_call(name) => Answer::Call {
            name: (*name).to_owned(),
            arguments: arguments.clone(),
        },
        Some((_, reply)) => Answer::Text(reply.clone()),
        None => Answer::Refusal(format!("the story does not know “{}”", run.last_user_text)),
    }
}

fn profile(tale: &Tale, first: &str, last: &str, username: &str) -> Profile {
    let said = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Profile {
        first_name: first.to_owned(),
        last_name: said(last),
        username: said(username),
        language: said(tale.language),
    }
}

/// A local time of the n-th day.
fn moment(tale: &Tale, day: usize, (hour, minute): (u32, u32)) -> DateTime<Utc> {
    let (year, month, first) = FIRST_DAY;
    let days = Days::new(u64::try_from(day).unwrap_or_default());
    let date = NaiveDate::from_ymd_opt(year, month, first).and_then(|date| date.checked_add_days(days));
    let time = NaiveTime::from_hms_opt(hour, minute, 0);
    let local = date.unwrap_or_default().and_time(time.unwrap_or_default());
    let zoned = local.and_local_timezone(tale.zone).earliest();
    zoned.map_or_else(|| local.and_utc(), |at| at.with_timezone(&Utc))
}
