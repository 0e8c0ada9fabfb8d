//! The scenes the owner pays for: a customer leaves his number, and it is in the owner's mailbox.

use sandbox::{Edge, Fault, Rule, RuleId};

use super::stage::{ANNA, JOHN, MARIA, PATIENCE, Stage, scene};
use super::words::{Both, Lang};

/// Who books, what he writes, and what his number is once it is read.
struct Booking {
    chat: i64,
    wish: &'static str,
    words: &'static str,
    number: &'static str,
}

/// In the language of the narration, because the letter is what is to be read here.
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
            "John wants to book. He is shown a button that shares his number; he rather writes it himself, as people \
             do. The same moment the owner has a letter with the number to tap, and with all that was said.",
            "Анна хочет записаться. Ей показывают кнопку, которая отправит номер; она пишет его сама, как пишут люди. \
             В ту же минуту у владельца письмо: номер, по которому можно позвонить, и весь разговор.",
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

/// Neither model nor mail, and a kill on top: the contact is taken and told all the same.
///
/// The mail server is one that takes connections and never answers, not one that refuses them: the letter is then under
/// way when the process is killed, and the next process sends it at once. A letter that was refused would wait for 15
/// seconds and more, by the same rules as in earnest, and so would whoever watches.
pub(super) async fn nothing_works(stage: &mut Stage) -> anyhow::Result<()> {
    scene(
        stage,
        Both("10. No model, no mail", "10. Ни модели, ни почты"),
        Both(
            "OpenAI's quota is used up, and the mail server takes connections but never answers. Maria is asked for \
             her number instead, and the operator is told. Then the process is killed as well.",
            "Деньги на счету OpenAI кончились, а почтовый сервер принимает соединения и молчит. У Марии вместо ответа \
             просят номер, и об этом узнаёт оператор. А потом убивают и сам процесс.",
        ),
    )
    .await;
    let rules = take_away(stage);
    let [_, mail] = rules;
    form_filled(stage).await?;
    // The letters on the lead and on the trouble are both in the hands of the process that is killed: one waits for the
    // server, the other behind it.
    let is_under_way = stage.has_struck(mail, 1, PATIENCE).await;
    anyhow::ensure!(is_under_way, "the letters never leave");
    stage.settle().await;
    stage.kill().await?;
    stage.tell_waiting()?;
    give_back(stage, rules);
    stage.start().await?;
    stage.answered().await?;
    stage.say(MARIA, "Спасибо, жду звонка!");
    stage.answered().await?;
    let last = Both(
        "The owner has her number, the operator knows of the trouble, and the model answers her question late.",
        "Номер у владельца, о неполадках знает оператор, а на вопрос модель ответила, хоть и поздно.",
    );
    stage.screen.narrate(last.of(stage.lang));
    Ok(())
}

/// The model and the mail server, in this order.
fn take_away(stage: &Stage) -> [RuleId; 2] {
    let faults = stage.sandbox.faults();
    let model = Rule::on(Edge::OpenAi, "responses").with(Fault::Quota);
    let mail = Rule::on(Edge::Smtp, "connect").with(Fault::Hang);
    let gone = Both(
        "OpenAI refuses, the mail server is silent",
        "OpenAI отказывает, почтовый сервер молчит",
    );
    stage.screen.blow(gone.of(stage.lang));
    [faults.add(model), faults.add(mail)]
}

fn give_back(stage: &Stage, rules: [RuleId; 2]) {
    for rule in rules {
        stage.released(rule);
    }
    let back = Both("OpenAI and the mail server are back", "OpenAI и почта снова работают");
    stage.screen.mended(back.of(stage.lang));
}

/// Maria asks, is asked for her number instead, and leaves it.
async fn form_filled(stage: &mut Stage) -> anyhow::Result<()> {
    let seen = stage.seen(MARIA);
    stage.say(MARIA, "Сколько стоит помыть окна?");
    stage.next_reply(MARIA, seen).await?;
    let said = stage.say(MARIA, "Мария 8-903-123 4567");
    stage.left(MARIA, said.update_id, "+79031234567");
    stage.next_reply(MARIA, seen + 1).await
}
