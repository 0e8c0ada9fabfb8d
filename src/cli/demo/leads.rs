//! The scenes about leads: a customer leaves a number, and the owner gets it by email.

use sandbox::{Edge, Fault, Rule, RuleId};

use super::stage::{ANNA, JOHN, MARIA, PATIENCE, Stage, scene};
use super::words::{Both, Lang};

/// A customer who books, and the number as the service reads it.
struct Booking {
    chat: i64,
    wish: &'static str,
    words: &'static str,
    number: &'static str,
}

/// In the language of the narration, so that the viewer can read the letter.
const fn booking(lang: Lang) -> Booking {
    match lang {
        Lang::En => Booking {
            chat: JOHN,
            wish: "I would like to book a deep cleaning for Friday",
            words: "my name is John ,phone +1 (212)5550123 , after 6 pm pls",
            number: "+12125550123",
        },
        Lang::Ru => Booking {
            chat: ANNA,
            wish: "Хочу записаться на генеральную уборку в пятницу",
            words: "меня зовут Анна ,тел 8(912)345-67 89 , лучше после шести",
            number: "+79123456789",
        },
    }
}

/// A contact button, a sloppy number, and a letter within the turn.
pub(super) async fn booked(stage: &mut Stage) -> anyhow::Result<()> {
    scene(
        stage,
        Both("6. A booking", "6. Заказ"),
        Both(
            "John wants to book. The bot shows a button that shares his number, but he types it himself, carelessly. The \
             owner gets an email at once, with the number to tap and the whole conversation.",
            "Анна хочет записаться. Бот показывает кнопку, которая отправит номер, но она пишет его сама, как попало. \
             Владелец сразу получает письмо: номер, по которому можно позвонить, и весь диалог.",
        ),
    )
    .await;
    let Booking {
        chat,
        wish,
        words,
        number,
    } = booking(stage.lang);
    stage.say(chat, wish);
    stage.answered().await?;
    let said = stage.say(chat, words);
    stage.left(chat, said.update_id, number);
    stage.answered().await
}

/// No model, no mail, and a kill: the contact still becomes a lead and an email.
///
/// The mail server accepts connections and never answers. The letter is then in progress when the process is killed, and
/// the next process sends it at once. A rejected letter would be retried after 15 seconds or more: too long for a viewer.
pub(super) async fn nothing_works(stage: &mut Stage) -> anyhow::Result<()> {
    scene(
        stage,
        Both("10. No model, no mail", "10. Ни модели, ни почты"),
        Both(
            "OpenAI's quota is used up, and the mail server accepts connections but never answers. The bot asks Maria for \
             her number instead, and the operator gets an alert. Then the process is killed as well.",
            "Деньги на счёте OpenAI закончились, а почтовый сервер принимает соединения и молчит. Вместо ответа бот просит у \
             Марии номер, а оператор получает предупреждение. А потом убивают и сам процесс.",
        ),
    )
    .await;
    let rules = take_away(stage);
    let [_, mail] = rules;
    form_filled(stage).await?;
    // The process that is killed has claimed both letters: the lead's waits for the server, the alert waits behind it.
    let is_under_way = stage.has_struck(mail, 1, PATIENCE).await;
    anyhow::ensure!(is_under_way, "the letters are never sent");
    stage.settle().await;
    stage.kill().await?;
    stage.show_waiting()?;
    give_back(stage, rules);
    stage.start().await?;
    stage.answered().await?;
    stage.say(MARIA, "Спасибо, жду звонка!");
    stage.answered().await?;
    let last = Both(
        "The owner has her number, the operator knows about the outage, and the model answered her question, if late.",
        "Номер у владельца, оператор знает о сбое, а на вопрос модель ответила, хоть и поздно.",
    );
    stage.screen.narrate(last.of(stage.lang));
    Ok(())
}

/// Returns the faults of the model and of the mail server.
fn take_away(stage: &Stage) -> [RuleId; 2] {
    let faults = stage.sandbox.faults();
    let model = Rule::on(Edge::OpenAi, "responses").with(Fault::Quota);
    let mail = Rule::on(Edge::Smtp, "connect").with(Fault::Hang);
    let gone = Both(
        "OpenAI rejects requests, the mail server does not answer",
        "OpenAI отказывает, почтовый сервер молчит",
    );
    stage.screen.failure(gone.of(stage.lang));
    [faults.add(model), faults.add(mail)]
}

fn give_back(stage: &Stage, rules: [RuleId; 2]) {
    for rule in rules {
        stage.released(rule);
    }
    let back = Both("OpenAI and the mail server work again", "OpenAI и почта снова работают");
    stage.screen.recovery(back.of(stage.lang));
}

/// Maria gets the form instead of an answer and leaves her number.
async fn form_filled(stage: &mut Stage) -> anyhow::Result<()> {
    let seen = stage.seen(MARIA);
    stage.say(MARIA, "Сколько стоит помыть окна?");
    stage.next_reply(MARIA, seen).await?;
    let said = stage.say(MARIA, "Мария 8-903-123 4567");
    stage.left(MARIA, said.update_id, "+79031234567");
    stage.next_reply(MARIA, seen + 1).await
}
