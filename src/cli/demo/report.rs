//! The last scene: the owner's report.

use super::stage::{PATIENCE, Stage, scene};
use super::words::Both;

/// The report is requested while the service is down and sent after the start. A running service would take up to ten
/// seconds to find the request: too long for a viewer.
pub(super) async fn asked(stage: &mut Stage) -> anyhow::Result<()> {
    scene(
        stage,
        Both("12. The report", "12. Отчёт"),
        Both(
            "Every morning at nine the owner gets one email about the day. Now they request a report while the service is \
             down. The request is stored on disk, and the report is sent as soon as the service starts.",
            "Каждое утро в девять владелец получает одно письмо обо всём, что было. Сейчас он просит отчёт, а сервис \
             выключен. Запрос сохранён на диске, и отчёт уходит, как только сервис запустится.",
        ),
    )
    .await;
    stage.kill().await?;
    requested(stage).await?;
    stage.show_waiting()?;
    let letters = stage.sandbox.smtp().letters().len();
    stage.start().await?;
    let arrived = stage.sandbox.smtp().await_letters(letters + 1, PATIENCE).await;
    anyhow::ensure!(arrived.is_ok(), "the report does not arrive");
    stage.answered().await
}

/// Runs `frontdesk report send`.
pub(super) async fn requested(stage: &Stage) -> anyhow::Result<()> {
    stage.service.command(&["report", "send"]).await?;
    let asked = Both(
        "frontdesk report send: the request is stored",
        "frontdesk report send: запрос сохранён",
    );
    stage.screen.recovery(asked.of(stage.lang));
    Ok(())
}
