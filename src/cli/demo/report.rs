//! The scene that ends the day: the owner's report.

use super::stage::{PATIENCE, Stage, scene};
use super::words::Both;

/// The report is asked for while nothing runs, and arrives when the service is back. A service that runs finds it within
/// ten seconds, which is long for whoever watches.
pub(super) async fn asked(stage: &mut Stage) -> anyhow::Result<()> {
    scene(
        stage,
        Both("12. The report", "12. Отчёт"),
        Both(
            "Every morning at nine the owner gets one letter on all that happened. Now he asks for an extra one, while the \
             service is down. The wish is kept on the disk, and the letter leaves as soon as the service is back.",
            "Каждое утро в девять владелец получает одно письмо обо всём, что было. Сейчас он просит внеочередное, а \
             сервис в этот момент выключен. Просьба записана на диск, и письмо уходит, как только сервис запустился.",
        ),
    )
    .await;
    stage.kill().await?;
    requested(stage).await?;
    stage.tell_waiting()?;
    let letters = stage.sandbox.smtp().letters().len();
    stage.start().await?;
    let arrived = stage.sandbox.smtp().await_letters(letters + 1, PATIENCE).await;
    anyhow::ensure!(arrived.is_ok(), "the report never comes");
    stage.answered().await
}

/// Runs `frontdesk report send`, also for the visitor.
pub(super) async fn requested(stage: &Stage) -> anyhow::Result<()> {
    stage.service.command(&["report", "send"]).await?;
    let asked = Both(
        "frontdesk report send: an extra report is a row",
        "frontdesk report send: внеочередной отчёт записан",
    );
    stage.screen.mended(asked.of(stage.lang));
    Ok(())
}
