//! The visitor plays the customer: input goes to the bot, except for a few commands of the demo.

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

/// Longest wait for a call of the model; a command makes none.
const ASKED: Duration = Duration::from_secs(4);
const AWAY: Duration = Duration::from_millis(500);

const ABOUT: [Both; 2] = [
    Both(
        "You are a customer of “{}” (Clean House), an invented cleaning company. The service is real: a separate process \
         with a temporary database. Telegram, OpenAI and the mail server are stand-ins on this computer.",
        "Вы клиент вымышленной клининговой компании «{}». Сервис настоящий: отдельный процесс с временной базой. Вместо \
         Telegram, OpenAI и почтового сервера работают локальные заглушки.",
    ),
    Both(
        "The answers come from a script, not an AI. ▸ you, ◂ the bot, ✉ the owner's mailbox, · log events.",
        "Отвечает сценарий, а не ИИ (script, not AI). ▸ вы, ◂ бот, ✉ почта владельца, · журнал сервиса.",
    ),
];
const TRY: Both = Both(
    "\
Try:
  How much is it?       prices, hours, payment, office … in English or Russian
  Do you fix cars?      a question the shop's facts do not answer
  +7 912 345-67 89      a phone number, yours or this one: the owner gets an email
  /start /help /reset   the bot's commands, as in Telegram
  /kill                 kill -9 the service between your next message and the answer
  /mail                 show the last email to the owner again
  /report               request the owner's report; it arrives within ten seconds
  /rows                 show all messages as database rows
  /threads              show threads.json: the OpenAI thread of each customer
  /try  /quit           show this list; end with a verdict
",
    "\
Попробуйте:
  How much is it?       цены, часы, оплата, офис … по-русски или по-английски
  Do you fix cars?      вопрос, на который в сведениях компании нет ответа
  +7 912 345-67 89      номер, свой или этот: владельцу придёт письмо
  /start /help /reset   команды бота, как в Telegram
  /kill                 убить сервис (kill -9) между вашим сообщением и ответом
  /mail                 показать последнее письмо владельцу
  /report               запросить отчёт: письмо придёт в течение десяти секунд
  /rows                 показать все сообщения строками базы
  /threads              показать threads.json: диалоги клиентов в OpenAI
  /try  /quit           показать этот список; закончить и показать итог
",
);

/// Plays until the visitor leaves.
///
/// # Errors
/// A service that ended unexpectedly, or an unreadable database.
pub(super) async fn play(stage: &mut Stage) -> anyhow::Result<()> {
    stage.screen.title("frontdesk demo");
    for sentence in ABOUT {
        stage.screen.narrate(&sentence.with(stage.lang, &[&BUSINESS]));
    }
    offer(stage);
    stage.start().await?;
    let mut lines = typed();
    let mut is_kill_pending = false;
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
                is_kill_pending = true;
                let armed = Both(
                    "Ready: write a message, and the service will be killed before it answers.",
                    "Готово: напишите сообщение, и сервис будет убит до ответа.",
                );
                stage.screen.narrate(armed.of(stage.lang));
            }
            text if is_kill_pending => is_kill_pending = !kill_behind(stage, text).await?,
            text => {
                say(stage, text);
            }
        }
        stage.screen.prompt(you);
    }
    stage.screen.unprompt();
    // The verdict reports anything still open.
    let _ = stage.is_calm().await?;
    stage.settle().await;
    Ok(())
}

fn offer(stage: &Stage) {
    stage.screen.bare("");
    stage.screen.bare(TRY.of(stage.lang));
}

/// Sends the text and notes its contacts for the verdict, found as the service finds them.
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
                "No email yet: leave a phone number or an e-mail address.",
                "Писем ещё нет: оставьте номер телефона или адрес почты.",
            );
            stage.screen.narrate(none.of(stage.lang));
        }
    }
}

/// The next line of input; fails if the service ends.
async fn next(stage: &mut Stage, lines: &mut mpsc::UnboundedReceiver<String>) -> anyhow::Result<Option<String>> {
    tokio::select! {
        line = lines.recv() => Ok(line),
        // Always an error.
        ended = stage.ended() => ended.map(|()| None),
    }
}

/// Kills the service between a message and its answer; `false` if the message needs no model.
async fn kill_behind(stage: &mut Stage, text: &str) -> anyhow::Result<bool> {
    let rule = stage.hold(text);
    let said = say(stage, text);
    if !stage.is_asked(rule, ASKED).await {
        stage.released(rule);
        let direct = Both(
            "That message is answered at once, without the model. Try again with the next one.",
            "На это бот отвечает сразу, без модели. Попробуйте со следующим сообщением.",
        );
        stage.screen.narrate(direct.of(stage.lang));
        return Ok(false);
    }
    stage.settle().await;
    stage.kill().await?;
    stage.interrupted.push(said.update_id);
    stage.show_waiting()?;
    tokio::time::sleep(AWAY).await;
    stage.start().await?;
    stage.released(rule);
    Ok(true)
}

/// The lines of stdin. Reads in a thread, because reading a terminal cannot be cancelled.
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
