//! Checks that the sweep covers every call: the stand-ins count the calls they receive and know nothing of steps.

use base::StepName;
use sandbox::Event;

use super::story::run_quietly;
use super::zeros::count;

/// The steps of one kind in a story without trouble.
#[derive(Debug)]
pub(crate) struct Calls {
    pub name: StepName,
    /// Calls the stand-in received.
    pub reached: u64,
    pub begun: u64,
}

/// Every kind of call to an edge. Both kinds of `getUpdates` count as one here.
pub(crate) async fn calls() -> Vec<Calls> {
    let (begun, journal) = run_quietly().await;
    let begun = |name: StepName| begun.get(name.word()).copied().unwrap_or_default();
    let reached: Vec<StepName> = journal.iter().filter_map(|entry| step_of(&entry.event)).collect();
    let edges = [
        StepName::Identify,
        StepName::Webhook,
        StepName::Menu,
        StepName::Poll,
        StepName::Typing,
        StepName::Conversation,
        StepName::Run,
        StepName::Send,
        StepName::Mail,
    ];
    let calls = edges.map(|name| Calls {
        name,
        reached: count(reached.iter().filter(|reached| **reached == name).count()),
        begun: begun(name)
            + match name {
                StepName::Poll => begun(StepName::Confirm),
                _ => 0,
            },
    });
    calls.into()
}

/// The step of a call; `None` if the entry is not a call.
fn step_of(event: &Event) -> Option<StepName> {
    match event {
        Event::TelegramCall { method, .. } => Some(match method.as_str() {
            "getMe" => StepName::Identify,
            "getWebhookInfo" | "deleteWebhook" => StepName::Webhook,
            "getMyCommands" | "setMyCommands" => StepName::Menu,
            "getUpdates" => StepName::Poll,
            "sendChatAction" => StepName::Typing,
            "sendMessage" | "leaveChat" => StepName::Send,
            other => panic!("{other} is not a step"),
        }),
        Event::ConversationCreated { .. } => Some(StepName::Conversation),
        Event::RunAsked { .. } => Some(StepName::Run),
        Event::MailReceived { .. } => Some(StepName::Mail),
        _ => None,
    }
}
