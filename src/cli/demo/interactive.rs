//! The visitor is the customer: what is typed goes to the bot, a few commands are the demo's own.

use std::time::Duration;

use domain::{Reach, Region};
use sandbox::Said;
use tokio::sync::mpsc;

use super::letter;
use super::report;
use super::saw;
use super::settings::{BUSINESS, OWNER, REGION};
use super::stage::{Stage, VISITOR};
use super::words::Both;

/// A message the model is not asked about (a command) is not waited for longer.
const ASKED: Duration = Duration::from_secs(4);
const AWAY: Duration = Duration::from_millis(500);

const ABOUT: [Both; 2] = [
    Both(
        "You are a customer of “{}” (Clean House), a small cleaning company that does not exist. The service is the real one, in a \
         process of its own on a throw-away database; Telegram, OpenAI and the mail server are stand-ins on this \
         computer.",
        "Вы клиент компании «{}»: это клининг, которого нет на свете. Сервис настоящий, отдельный процесс на временной \
         базе; Telegram, OpenAI и почтовый сервер заменены двойниками на этом же компьютере.",
    ),
    Both(
        "The answers come from a script, not an AI. ▸ is you, ◂ the bot, ✉ the owner's mailbox, · the service's actors.",
        "Отвечает сценарий, а не ИИ (script, not AI). ▸ вы, ◂ бот, ✉ почта владельца, · акторы сервиса.",
    ),
];
const TRY: Both = Both(
    "\
Try:
  How much is it?       prices, hours, payment, office … in English or Russian
  Do you fix cars?      something the shop's facts do not answer
  +7 912 345-67 89      a number, yours or this one: the owner gets a letter
  /start /help /reset   the bot's own commands, as in Telegram
  /kill                 kill -9 the service between your next message and its answer
  /mail                 the last letter to the owner once more
  /report               ask for the owner's report now: a letter within ten seconds
  /rows                 every word so far, as rows of the database
  /threads              threads.json: whose thread at OpenAI is whose
  /try  /quit           this list; the end, with a verdict
",
    "\
Попробуйте:
  How much is it?       цены, часы, оплата, офис … по-русски или по-английски
  Do you fix cars?      то, чего в фактах компании нет
  +7 912 345-67 89      номер, свой или этот: владельцу придёт письмо
  /start /help /reset   команды самого бота, как в Telegram
  /kill                 kill -9 сервиса между вашим сообщением и ответом
  /mail                 последнее письмо владельцу ещё раз
  /report               попросить отчёт владельца сейчас: письмо в течение десяти секунд
  /rows                 все слова на этот момент, строками базы
  /threads              threads.json: чья беседа в OpenAI чья
  /try  /quit           этот список; конец, с итогом
",
);

/// Plays until the visitor leaves.
///
/// # Errors
/// A service that ends by itself, a database that cannot be read.
pub(super) async fn play(stage: &mut Stage) -> anyhow::Result<()> {
    stage.screen.title("frontdesk demo");
    for sentence in ABOUT {
        stage.screen.narrate(&sentence.with(stage.lang, &[&BUSINESS]));
    }
    offer(stage);
    stage.start().await?;
    let mut lines = typed();
    let mut is_kill_armed = false;
    let you = stage.name(VISITOR);
    stage.screen.prompt(you);
    while let Some(line) = next(stage, &mut lines).await? {
        match line.trim() {
            "" => {}
            "/quit" | "/exit" => break,
            "/try" => offer(stage),
            "/mail" => last_letter(stage),
            "/report" => report::requested(stage).await?,
            "/rows" => saw::dialogs(stage)?,
            "/threads" => saw::threads(stage),
            "/kill" => {
                is_kill_armed = true;
                let armed = Both(
                    "Armed: write a message, and the service is killed before it can answer.",
                    "Готово: напишите сообщение, и сервис будет убит до ответа.",
                );
                stage.screen.narrate(armed.of(stage.lang));
            }
            text if is_kill_armed => is_kill_armed = !kill_behind(stage, text).await?,
            text => {
                say(stage, text);
            }
        }
        stage.screen.prompt(you);
    }
    stage.screen.unprompt();
    // What is still open is told by the verdict.
    let _ = stage.is_calm().await?;
    stage.settle().await;
    Ok(())
}

fn offer(stage: &Stage) {
    stage.screen.bare("");
    stage.screen.bare(TRY.of(stage.lang));
}

/// Says it, and keeps for the verdict what it holds of contacts, read as the service reads them.
fn say(stage: &mut Stage, text: &str) -> Said {
    let said = stage.say(VISITOR, text);
    for reach in contacts::in_text(text, &Region::new(REGION)) {
        let contact = match &reach {
            Reach::Phone(number) => number.as_str(),
            Reach::Email(address) => address.as_str(),
        };
        stage.left(VISITOR, said.update_id, contact);
    }
    said
}

fn last_letter(stage: &Stage) {
    match stage.sandbox.smtp().letters_to(OWNER).last() {
        Some(last) => stage.screen.letter(&letter::lines(last, stage.lang)),
        None => {
            let none = Both(
                "There is none yet: leave a phone number or an e-mail address.",
                "Писем ещё нет: оставьте номер телефона или адрес почты.",
            );
            stage.screen.narrate(none.of(stage.lang));
        }
    }
}

/// The next line, as long as the service is there.
async fn next(stage: &mut Stage, lines: &mut mpsc::UnboundedReceiver<String>) -> anyhow::Result<Option<String>> {
    tokio::select! {
        line = lines.recv() => Ok(line),
        // It ends only with an error: the service may not end by itself.
        ended = stage.ended() => ended.map(|()| None),
    }
}

/// Kills the service between a message and its answer; whether there was such a moment.
async fn kill_behind(stage: &mut Stage, text: &str) -> anyhow::Result<bool> {
    let rule = stage.hold(text);
    let said = say(stage, text);
    if !stage.is_asked(rule, ASKED).await {
        stage.released(rule);
        let direct = Both(
            "That one needs no model and is answered at once. The next message, then.",
            "На это отвечают сразу, без модели. Тогда на следующем сообщении.",
        );
        stage.screen.narrate(direct.of(stage.lang));
        return Ok(false);
    }
    stage.settle().await;
    stage.kill().await?;
    stage.interrupted.push(said.update_id);
    stage.tell_waiting()?;
    tokio::time::sleep(AWAY).await;
    stage.start().await?;
    stage.released(rule);
    Ok(true)
}

/// What is typed, line by line, until the end of input. A thread, because reading a terminal cannot be called off.
fn typed() -> mpsc::UnboundedReceiver<String> {
    let (sender, lines) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    lines
}
