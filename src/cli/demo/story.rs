//! The story without a visitor: a day of a small shop in a few seconds, each scene introduced in a sentence or two.

use std::time::Duration;

use sandbox::Fault;

use super::settings::BUSINESS;
use super::stage::{ANNA, JOHN, MARIA, PATIENCE, Stage, scene};
use super::words::Both;
use super::{leads, report};

/// Answer time of the model in the scene with "typing…".
const SLOW: Duration = Duration::from_millis(1200);
/// Downtime in the scene with the kill.
const AWAY: Duration = Duration::from_millis(300);

const ABOUT: [Both; 4] = [
    Both(
        "frontdesk answers a shop's customers in Telegram. Here it works for “{}” (Clean House), an invented cleaning \
         company.",
        "frontdesk отвечает клиентам небольшой компании в Telegram. Здесь это вымышленная клининговая компания «{}».",
    ),
    Both(
        "The service is real: a separate process with a temporary database. Telegram, OpenAI and the mail server are \
         stand-ins on this computer. It needs no keys and no network, and it does not touch your files.",
        "Сервис настоящий: отдельный процесс с временной базой. Вместо Telegram, OpenAI и почтового сервера работают \
         локальные заглушки: не нужны ни ключи, ни сеть, а ваши файлы не затрагиваются.",
    ),
    Both(
        "The answers come from a script, not an AI.",
        "Отвечает сценарий, а не ИИ (script, not AI).",
    ),
    Both(
        "▸ message from a customer, ◂ reply to the customer, ✉ email, · log event of the service.",
        "▸ сообщение клиента, ◂ ответ клиенту, ✉ письмо, · событие в журнале сервиса.",
    ),
];

/// Plays all scenes.
///
/// # Errors
/// A missing answer, or a service that ends unexpectedly.
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
            "Anna comes from an advertisement, John found the bot himself. Each is greeted in their own language, and the \
             advertisement is stored.",
            "Анна пришла по ссылке из объявления, Джон нашёл бота сам. Бот здоровается с каждым на его языке и запоминает \
             объявление.",
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
        Both("2. Two customers at once", "2. Одновременно"),
        Both(
            "Both ask at the same time, and neither waits for the other. Lists and bold text arrive as Telegram \
             formatting, not as asterisks.",
            "Оба спрашивают сразу, и никто никого не ждёт. Списки и жирный шрифт приходят в оформлении Telegram, а \
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
            "The model takes its time; the customer sees “typing” meanwhile.",
            "Модели нужно время, а клиент тем временем видит «печатает».",
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
            "Like most people, John writes in pieces. The service waits until he is done and answers all of it at once.",
            "Джон, как многие, пишет по кусочкам. Сервис ждёт, пока он закончит, и отвечает на всё сразу.",
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
            "The owner's facts do not mention pools. The assistant does not invent an answer: it says so, and the question \
             goes into the owner's report.",
            "О бассейнах владелец ничего не написал. Ассистент ничего не выдумывает: он так и говорит, а вопрос попадает в \
             отчёт владельцу.",
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
            "The worst moment: John's message is stored, the model is busy, and the process is killed. Anna writes while \
             the service is down.",
            "Худший момент: сообщение Джона сохранено, модель думает, и тут процесс убивают. Пока сервис не работает, \
             пишет Анна.",
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
    stage.show_waiting()?;
    stage.say(ANNA, "Можно оплатить картой?");
    tokio::time::sleep(AWAY).await;
    stage.settle().await;
    stage.start().await?;
    stage.released(rule);
    stage.answered().await?;
    let once = Both(
        "One answer each: no message was lost, none was answered twice.",
        "Каждому по одному ответу: ничего не пропало и не повторилось.",
    );
    stage.screen.narrate(once.of(stage.lang));
    Ok(())
}

async fn memory(stage: &mut Stage) -> anyhow::Result<()> {
    scene(
        stage,
        Both("8. It still knows John", "8. Джона не забыли"),
        Both(
            "His earlier messages come from the database: his thread at OpenAI is new.",
            "Прежние сообщения берутся из базы: в OpenAI для него уже новый диалог.",
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
            "The model never answers Maria's question. The other customers are answered meanwhile; then the request is \
             retried.",
            "На вопрос Марии модель не отвечает вовсе. Остальные тем временем получают ответы, а её вопрос сервис задаёт \
             заново.",
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
            "After /reset the earlier messages stay in the shop's database, but the model never gets them again.",
            "После /reset прежние сообщения остаются в базе компании, но модель их больше не получает.",
        ),
    )
    .await;
    stage.say(JOHN, "/reset");
    stage.answered().await?;
    stage.say(JOHN, "What did I ask before?");
    stage.answered().await
}
