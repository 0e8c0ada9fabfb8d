//! The story that plays by itself: a day of a small shop in a few seconds, each scene announced in one sentence.

use std::time::Duration;

use sandbox::Fault;

use super::settings::BUSINESS;
use super::stage::{ANNA, JOHN, MARIA, PATIENCE, Stage, scene};
use super::words::Both;
use super::{leads, report};

/// How long the model takes over the message that shows "typing…".
const SLOW: Duration = Duration::from_millis(1200);
/// How long the process is away in the scene of the kill.
const AWAY: Duration = Duration::from_millis(300);

const ABOUT: [Both; 4] = [
    Both(
        "frontdesk answers a shop's customers in Telegram. Here it works for “{}” (Clean House), a small cleaning \
         company that does not exist.",
        "frontdesk отвечает клиентам небольшой компании в Telegram. Здесь он работает у «{}»: это клининг, которого \
         нет на свете.",
    ),
    Both(
        "The service is the real one, in a process of its own, on a throw-away database. Telegram, OpenAI and the mail \
         server are stand-ins on this computer: no key, no network, no file of yours.",
        "Сервис настоящий: отдельный процесс на временной базе. Telegram, OpenAI и почтовый сервер заменены двойниками \
         на этом же компьютере: ни ключей, ни сети, ни ваших файлов.",
    ),
    Both(
        "The answers come from a script, not an AI.",
        "Отвечает сценарий, а не ИИ (script, not AI).",
    ),
    Both(
        "▸ is what a customer writes, ◂ what the customer gets, ✉ what arrives in a mailbox, · what the service's actors \
         report.",
        "▸ пишет клиент, ◂ получает клиент, ✉ приходит на почту, · сообщают акторы сервиса.",
    ),
];

/// Plays all scenes.
///
/// # Errors
/// An answer that does not come, or a service that ends by itself.
pub(super) async fn play(stage: &mut Stage) -> anyhow::Result<()> {
    stage.screen.title("frontdesk demo");
    for sentence in ABOUT {
        stage.screen.narrate(&sentence.with(stage.lang, &[&BUSINESS]));
    }
    stage.screen.bare("");
    stage.start().await?;
    greeting(stage).await?;
    side_by_side(stage).await?;
    typing(stage).await?;
    merged(stage).await?;
    gap(stage).await?;
    leads::booked(stage).await?;
    kill(stage).await?;
    memory(stage).await?;
    hanging(stage).await?;
    leads::nothing_works(stage).await?;
    reset(stage).await?;
    report::asked(stage).await
}

async fn greeting(stage: &mut Stage) -> anyhow::Result<()> {
    scene(
        stage,
        Both("1. Hello", "1. Знакомство"),
        Both(
            "Anna comes from an advertisement, John finds the bot by himself. Each is greeted in his own language, \
             and the advertisement is remembered.",
            "Анна пришла по ссылке из объявления, Джон нашёл бота сам. Каждого приветствуют на его языке, а \
             объявление запоминается.",
        ),
    )
    .await;
    stage.say(ANNA, "/start avito3");
    stage.say(JOHN, "/start");
    stage.answered().await
}

async fn side_by_side(stage: &mut Stage) -> anyhow::Result<()> {
    scene(
        stage,
        Both("2. Side by side", "2. Одновременно"),
        Both(
            "Both ask at once and nobody waits for anybody. Lists and bold type arrive as Telegram's own formatting, \
             not as asterisks.",
            "Оба спрашивают сразу, и никто никого не ждёт. Списки и жирный шрифт приходят как оформление Telegram, а \
             не звёздочками.",
        ),
    )
    .await;
    stage.say(ANNA, "Сколько стоит уборка квартиры?");
    stage.say(JOHN, "My name is John. When are you open?");
    stage.answered().await
}

async fn typing(stage: &mut Stage) -> anyhow::Result<()> {
    scene(
        stage,
        Both("3. A slow answer", "3. Долгий ответ"),
        Both(
            "The model needs a moment for this one; the customer sees “typing” meanwhile.",
            "Модели нужно время; клиент тем временем видит «печатает».",
        ),
    )
    .await;
    stage.sandbox.openai().latency(SLOW);
    stage.say(ANNA, "У сына аллергия. Какая у вас химия?");
    let answered = stage.answered().await;
    stage.sandbox.openai().latency(Duration::ZERO);
    answered
}

async fn merged(stage: &mut Stage) -> anyhow::Result<()> {
    scene(
        stage,
        Both("4. Five messages, one answer", "4. Пять сообщений, один ответ"),
        Both(
            "John writes as people do, in pieces. The service waits until he is done and answers everything at once.",
            "Джон пишет, как все, по кусочкам. Сервис ждёт, пока он закончит, и отвечает на всё сразу.",
        ),
    )
    .await;
    for text in [
        "Hello again!",
        "Do you wash windows too?",
        "Can I pay by card?",
        "And where is your office?",
        "Thank you!",
    ] {
        stage.say(JOHN, text);
    }
    stage.answered().await
}

async fn gap(stage: &mut Stage) -> anyhow::Result<()> {
    scene(
        stage,
        Both("5. A question without an answer", "5. Вопрос без ответа"),
        Both(
            "The owner's facts say nothing about pools. Nothing is made up: the customer is told so, and the question \
             is noted for the owner.",
            "О бассейнах владелец ничего не написал. Выдумки не будет: клиенту так и говорят, а вопрос записывают для \
             владельца.",
        ),
    )
    .await;
    stage.say(ANNA, "А бассейн почистить сможете?");
    stage.answered().await
}

async fn kill(stage: &mut Stage) -> anyhow::Result<()> {
    scene(
        stage,
        Both("7. The power goes out", "7. Пропало питание"),
        Both(
            "The worst moment: John's message is stored, the model is thinking, and the service's process is killed. \
             While nothing runs, Anna writes too.",
            "Худший момент: сообщение Джона записано, модель думает, и процесс сервиса убивают. Пока ничего не \
             работает, пишет и Анна.",
        ),
    )
    .await;
    let question = "How much is a deep cleaning?";
    let rule = stage.hold(question);
    let said = stage.say(JOHN, question);
    anyhow::ensure!(stage.is_asked(rule, PATIENCE).await, "the model is never asked");
    stage.settle().await;
    stage.kill().await?;
    stage.interrupted.push(said.update_id);
    stage.tell_waiting()?;
    stage.say(ANNA, "Можно оплатить картой?");
    tokio::time::sleep(AWAY).await;
    stage.settle().await;
    stage.start().await?;
    stage.released(rule);
    stage.answered().await?;
    let once = Both(
        "One answer each: nothing was lost, nothing is answered twice.",
        "Каждому по одному ответу: ничего не пропало, ничего не повторилось.",
    );
    stage.screen.narrate(once.of(stage.lang));
    Ok(())
}

async fn memory(stage: &mut Stage) -> anyhow::Result<()> {
    scene(
        stage,
        Both("8. It still knows John", "8. Джона помнят"),
        Both(
            "What he said before the kill comes from the database: his thread at OpenAI is a new one.",
            "Сказанное до сбоя берётся из базы: беседа в OpenAI у него уже новая.",
        ),
    )
    .await;
    stage.say(JOHN, "Do you remember my name?");
    stage.answered().await
}

async fn hanging(stage: &mut Stage) -> anyhow::Result<()> {
    scene(
        stage,
        Both("9. One call hangs", "9. Один вызов завис"),
        Both(
            "The model never answers Maria's question. The others are served meanwhile; then her question is \
             asked again.",
            "На вопрос Марии модель не отвечает вовсе. Остальных тем временем обслуживают, а её вопрос задают заново.",
        ),
    )
    .await;
    let question = "Вы работаете в воскресенье?";
    let rule = stage.fault(question, Fault::Hang);
    stage.say(MARIA, question);
    anyhow::ensure!(stage.is_asked(rule, PATIENCE).await, "the model is never asked");
    let seen = (stage.seen(ANNA), stage.seen(JOHN));
    stage.say(ANNA, "А если мне не понравится?");
    stage.say(JOHN, "Do you bring your own products?");
    stage.next_reply(ANNA, seen.0).await?;
    stage.next_reply(JOHN, seen.1).await?;
    stage.settle().await;
    stage.answered().await
}

async fn reset(stage: &mut Stage) -> anyhow::Result<()> {
    scene(
        stage,
        Both("11. A fresh start", "11. С чистого листа"),
        Both(
            "After /reset the earlier words stay in the shop's database, but the model never gets them again.",
            "После /reset прежние слова остаются в базе компании, но модель их больше не получает.",
        ),
    )
    .await;
    stage.say(JOHN, "/reset");
    stage.answered().await?;
    stage.say(JOHN, "What did I ask before?");
    stage.answered().await
}
