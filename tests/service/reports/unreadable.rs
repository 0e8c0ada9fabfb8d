//! Unreadable rows of a large shop: each affects its own customer, and the report counts it.

use chrono::TimeDelta;
use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use sandbox::{Edge, Fault, Rule, RuleId};

use super::{begun, builder, nine, reports, text};
use crate::harness::TestService;

const CUSTOMERS: i64 = 200;

/// Every customer has a pending reply and a pending question; the third has a lead with a pending letter.
async fn everything_waits(service: &TestService) -> RuleId {
    for chat in 1..=CUSTOMERS {
        let number = if chat == 3 {
            ", мой номер 8 912 345-67-89"
        } else {
            ""
        };
        service.say(chat, &format!("первый вопрос {chat}{number}"));
    }
    let waiting = "SELECT COUNT(*) FROM outbox WHERE key LIKE 'reply:%' UNION ALL \
                   SELECT COUNT(*) FROM outbox WHERE key LIKE 'lead:1:%'";
    service.sql_becomes(waiting, &["200", "1"]).await;
    let held = service.hold_runs();
    for chat in 1..=CUSTOMERS {
        service.say(chat, &format!("второй вопрос {chat}"));
    }
    service
        .sql_becomes("SELECT COUNT(*) FROM inbox WHERE state = 'pending'", &["200"])
        .await;
    service.faults_injected(held, 200).await;
    held
}

fn corrupt(service: &TestService) {
    let mut conn = SqliteConnection::establish(&service.database().to_string_lossy()).unwrap();
    conn.batch_execute(
        "UPDATE outbox SET payload = '{\"message\":' WHERE lane = 'tg:1';
         UPDATE inbox SET content = 'привет' WHERE chat_id = 2 AND state = 'pending';
         UPDATE outbox SET payload = 'garbage' WHERE key LIKE 'lead:1:%';",
    )
    .unwrap();
}

#[actix_rt::test]
async fn three_unreadable_rows_affect_three_customers_of_two_hundred() {
    let mut service = begun(builder()).await;
    let cut = Rule::on(Edge::Telegram, "sendMessage").with(Fault::CutBefore);
    let cut = service.fault(cut);
    service.sandbox().smtp().close_port();
    let held = everything_waits(&service).await;
    service.kill();
    corrupt(&service);
    service.release(cut);
    service.release(held);
    service.sandbox().smtp().open_port().unwrap();
    let mut events = service.listen();
    service.start_again().await;
    service
        .sql_becomes("SELECT COUNT(*) FROM inbox WHERE state = 'pending'", &["0"])
        .await;
    // Interrupted replies wait for their next attempt.
    service.advancing(TimeDelta::seconds(1), service.settles()).await;
    for chat in 4..=CUSTOMERS {
        let echo = |word: &str| format!("{word} вопрос {chat}");
        let got = service.replies(chat, 2).await;
        assert!(
            got[0].contains(&echo("первый")) && got[1].contains(&echo("второй")),
            "{got:?}"
        );
    }
    assert!(service.replies(1, 1).await[0].contains("второй вопрос 1"));
    assert_eq!(service.replies(2, 2).await.len(), 2, "the answer and the polite text");
    assert_eq!(service.replies(3, 2).await.len(), 2);
    let ended = "SELECT 'message', state, chat_id FROM inbox WHERE reason = 'unreadable' UNION ALL \
                 SELECT COALESCE('letter of ' || lead_id, 'reply'), state, chat_id FROM outbox WHERE reason = 'unreadable' ORDER BY 3";
    assert_eq!(
        service.sql(ended),
        ["reply|dead|1", "message|failed|2", "letter of 1|dead|3"]
    );
    nine(&service, &mut events).await;
    service.settles().await;
    let report = reports(&service).remove(0);
    let words = text(&report);
    for shown in [
        "запись сообщения в базе повреждена",
        "Ответ клиенту не отправлен",
        "Письмо на owner@example.org не отправлено",
    ] {
        assert!(words.contains(shown), "{shown} in {words}");
    }
    let log = service.log();
    let errors: Vec<&str> = log
        .lines()
        .filter(|line| line.contains("ERROR") && line.contains("reason=unreadable"))
        .collect();
    assert_eq!(errors.len(), 3, "{errors:#?}");
}
