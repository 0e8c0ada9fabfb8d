//! TelegramSender: sends messages as fast as pacing allows and classifies Telegram's answers. It leaves retries to the
//! outbox, with one exception: if Telegram rejects a message for an unknown reason, it is sent again at once without entities, keyboard
//! and quotation, because a message must always arrive.

use std::sync::Arc;
use std::time::Duration;

use base::{Event, Events, Moment, StepName};
use domain::{ChatId, Keyboard, OutgoingMessage, Span, Style};
use serde::Deserialize;
use teloxide::payloads::{LeaveChat, SendChatAction, SendMessage, SendMessageSetters};
use teloxide::types::{
    ButtonRequest, ChatAction, KeyboardButton, KeyboardMarkup, KeyboardRemove, LinkPreviewOptions, MessageEntity,
    MessageEntityKind, MessageId, ReplyMarkup, ReplyParameters,
};
use tokio::sync::Semaphore;

use super::answer::{CallError, Refusal};
use super::api::Api;
use super::client::Clients;
use super::gate::Gate;
use super::messages::{BotLimited, ChatContent, SendError, SendReply, SentMessage, ShowTyping};
use super::pacing::Pacing;
use crate::config::TelegramConfig;
use crate::runtime::{Answer, Behaviour, Ctx, Receive, Runtime, offload};

/// The actor.
pub(crate) struct TelegramSender {
    api: Api,
    pacing: Pacing,
    gate: Gate,
    typing: Arc<Semaphore>,
    runtime: Runtime,
}

impl TelegramSender {
    /// Creates a sender that keeps to the configured rates and sends at most `typing_in_progress` "typing…" actions at a time.
    pub(crate) fn new(
        clients: &Clients,
        config: &TelegramConfig,
        typing_in_progress: usize,
        runtime: &Runtime,
    ) -> Self {
        Self {
            api: clients.sending.clone(),
            gate: Gate::default(),
            pacing: Pacing::new(config.rate_per_second, config.chat_rate_per_second),
            typing: Arc::new(Semaphore::new(typing_in_progress)),
            runtime: runtime.clone(),
        }
    }
}

impl Behaviour for TelegramSender {
    const NAME: &'static str = "telegram_sender";
}

impl Receive<SendReply> for TelegramSender {
    fn receive(&mut self, send: SendReply, answer: Answer<Result<SentMessage, SendError>>, ctx: &mut Ctx<'_, Self>) {
        let slot = self.pacing.in_chat(send.chat, self.runtime.clock.now());
        let clock = self.runtime.clock.clone();
        ctx.spawn(async move { clock.until(slot).await }, move |this, (), ctx| {
            // The global slot is reserved only after the chat's own wait, so that a waiting chat delays no other.
            let slot = this.pacing.in_all(this.runtime.clock.now());
            let clock = this.runtime.clock.clone();
            ctx.spawn(async move { clock.until(slot).await }, move |this, (), ctx| {
                if !answer.is_wanted() {
                    // The outbox was restarted meanwhile and will claim the row again.
                    return;
                }
                if let Err(wait) = this.gate.admit(this.runtime.clock.now()) {
                    answer.give(Err(wait));
                    return;
                }
                let chat = send.chat;
                let call = deliver(this.api.clone(), send, this.runtime.clone());
                ctx.spawn(offload(call), move |this, outcome, _| {
                    answer.give(this.gate.record(chat, outcome, this.runtime.clock.now()));
                });
            });
        });
    }
}

impl Receive<ShowTyping> for TelegramSender {
    fn receive(&mut self, ShowTyping { chat }: ShowTyping, _answer: Answer<()>, ctx: &mut Ctx<'_, Self>) {
        // Thousands of turns request it every few seconds; if Telegram hangs, the semaphore bounds the open connections.
        let Ok(permit) = Arc::clone(&self.typing).try_acquire_owned() else {
            return;
        };
        let (api, steps) = (self.api.clone(), self.runtime.steps.clone());
        let call = async move {
            let _permit = permit;
            let typing = SendChatAction::new(to_telegram(chat), ChatAction::Typing);
            let typing = async { api.call(&typing).await.map_err(|_missed| ()) };
            // Best effort.
            let _ = steps.call(StepName::Typing, |_moment| (), typing).await;
        };
        ctx.spawn(offload(call), |_, (), _| ());
    }
}

impl Receive<BotLimited> for TelegramSender {
    fn receive(&mut self, BotLimited(wait): BotLimited, _answer: Answer<()>, _ctx: &mut Ctx<'_, Self>) {
        self.gate.limit(wait, self.runtime.clock.now());
    }
}

async fn deliver(api: Api, send: SendReply, runtime: Runtime) -> Result<SentMessage, SendError> {
    let fault = |moment| match moment {
        Moment::Before => SendError::Transient("step"),
        Moment::After => SendError::Unknown("step"),
    };
    let sending = call(&api, send.chat, send.content, &runtime.events);
    runtime.steps.call(StepName::Send, fault, sending).await
}

async fn call(api: &Api, chat: ChatId, content: ChatContent, events: &Events) -> Result<SentMessage, SendError> {
    let message = match content {
        ChatContent::Message(message) => message,
        ChatContent::Leave => {
            api.call(&LeaveChat::new(to_telegram(chat))).await.map_err(classify)?;
            return Ok(SentMessage {
                message_id: None,
                is_plain: false,
            });
        }
    };
    let mut form = Form::Whole;
    loop {
        let refusal = match api.ask(&request(chat, &message, form)).await {
            Ok(sent) => {
                return Ok(SentMessage {
                    message_id: sent.and_then(|sent: Sent| sent.message_id),
                    is_plain: form != Form::Whole,
                });
            }
            Err(CallError::Refused(refusal)) => refusal,
            Err(error) => return Err(classify(error)),
        };
        let Some(next) = form.after(&refusal, &message) else {
            events.emit(rejected(chat, &refusal, &message));
            return Err(classify(CallError::Refused(refusal)));
        };
        form = next;
    }
}

/// The parts of a message that are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Whole,
    /// Without entities.
    Unstyled,
    /// The text alone.
    Bare,
}

impl Form {
    /// The form to send at once after this rejection; `None` if there is none.
    fn after(self, refusal: &Refusal, message: &OutgoingMessage) -> Option<Self> {
        let is_known = refusal.is_closed_chat() || refusal.is_muted_chat();
        if self == Self::Bare || is_known || !refusal.is_about_request() {
            return None;
        }
        let is_styled = self == Self::Whole && !message.reply.spans.is_empty();
        Some(match refusal.is_about_entities() && is_styled {
            true => Self::Unstyled,
            false => Self::Bare,
        })
    }
}

/// Leaves out Telegram's description if it may quote the message: the log must not contain customers' texts.
fn rejected(chat: ChatId, refusal: &Refusal, message: &OutgoingMessage) -> Event {
    let said = refusal.description.to_lowercase();
    let text = message.reply.text.to_lowercase();
    let mut words = text.split(|c: char| !c.is_alphanumeric());
    let is_quoted = words.any(|word| word.chars().count() > 2 && said.contains(word));
    let said: String = refusal.description.chars().take(100).collect();
    Event::warn(TelegramSender::NAME, "message_rejected")
        .chat(chat)
        .with("code", refusal.code)
        .with_some("description", (!is_quoted).then_some(said))
}

fn request(chat: ChatId, message: &OutgoingMessage, form: Form) -> SendMessage {
    let mut request =
        SendMessage::new(to_telegram(chat), message.reply.text.clone()).link_preview_options(no_preview());
    if form == Form::Whole && !message.reply.spans.is_empty() {
        request = request.entities(message.reply.spans.iter().filter_map(entity).collect::<Vec<_>>());
    }
    if form == Form::Bare {
        return request;
    }
    if let Some(keyboard) = &message.keyboard {
        request = request.reply_markup(markup(keyboard));
    }
    // An ephemeral message has the id 0, which cannot be quoted.
    if let Some(quoted) = message
        .quotes
        .and_then(|id| i32::try_from(id.0).ok())
        .filter(|id| *id > 0)
    {
        request = request.reply_parameters(ReplyParameters::new(MessageId(quoted)).allow_sending_without_reply());
    }
    request
}

/// The id of an accepted message, if the answer contains one. The message was sent in any case: a retry would get the same answer, and
/// the customer a duplicate each time.
#[derive(Deserialize)]
struct Sent {
    message_id: Option<i64>,
}

fn to_telegram(chat: ChatId) -> teloxide::types::ChatId {
    teloxide::types::ChatId(chat.0)
}

fn no_preview() -> LinkPreviewOptions {
    LinkPreviewOptions {
        is_disabled: true,
        url: None,
        prefer_small_media: false,
        prefer_large_media: false,
        show_above_text: false,
    }
}

fn entity(span: &Span) -> Option<MessageEntity> {
    let kind = match &span.style {
        Style::Bold => MessageEntityKind::Bold,
        Style::Italic => MessageEntityKind::Italic,
        Style::Strikethrough => MessageEntityKind::Strikethrough,
        Style::Code => MessageEntityKind::Code,
        Style::Pre { language } => MessageEntityKind::Pre {
            language: language.clone(),
        },
        Style::Blockquote => MessageEntityKind::Blockquote,
        Style::Link { url } => MessageEntityKind::TextLink { url: url.parse().ok()? },
    };
    Some(MessageEntity::new(kind, span.offset, span.length))
}

fn markup(keyboard: &Keyboard) -> ReplyMarkup {
    match keyboard {
        Keyboard::Contact { share, write } => KeyboardMarkup::new([
            [KeyboardButton::new(share).request(ButtonRequest::Contact)],
            [KeyboardButton::new(write)],
        ])
        .resize_keyboard()
        .one_time_keyboard()
        .into(),
        Keyboard::Remove => KeyboardRemove::new().into(),
    }
}

fn classify(error: CallError) -> SendError {
    match error {
        CallError::RetryAfter(wait) => SendError::RetryAfter(wait),
        CallError::Token => SendError::Unauthorized(Duration::ZERO),
        CallError::Unsent(reason) => SendError::Transient(reason),
        CallError::Lost(reason) => SendError::Unknown(reason),
        CallError::Refused(refusal) if refusal.is_closed_chat() => SendError::Blocked,
        CallError::Refused(refusal) if refusal.is_muted_chat() => SendError::Muted,
        CallError::Refused(refusal) if refusal.is_about_request() => SendError::Rejected,
        CallError::Refused(_) => SendError::Transient("refused"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::answer::HttpAnswer;
    use super::*;

    #[test]
    fn an_accepted_message_counts_as_sent_whatever_the_answer_contains() {
        let accepted = |body: &str| {
            let answer = HttpAnswer {
                status: 200,
                retry_after: None,
                body: body.into(),
            };
            answer.read().unwrap().and_then(|sent: Sent| sent.message_id)
        };
        let far = r#"{"ok":true,"result":{"message_id":1099511627781,"chat":5,"text":"\ud83d"}}"#;
        assert_eq!(accepted(far), Some(1_099_511_627_781));
        for strange in [
            r#"{"ok":true,"result":{"id":7}}"#,
            r#"{"ok":true,"result":{"message_id":"7"}}"#,
            r#"{"ok":true,"result":true}"#,
            r#"{"ok":true}"#,
        ] {
            assert_eq!(accepted(strange), None, "{strange}");
        }
    }

    #[test]
    fn a_logged_rejection_never_quotes_the_message() {
        let message = OutgoingMessage::plain("Ваш номер 89123456789 записан");
        let described = |description: &str| {
            let refusal = Refusal {
                code: 400,
                description: description.into(),
            };
            let event = rejected(ChatId(1), &refusal, &message);
            event.field("description").map(str::to_owned)
        };
        let new = "Bad Request: SOMETHING_NEW";
        assert_eq!(described(new).as_deref(), Some(new));
        for quoting in ["Bad Request: \"записан\" is wrong", "Bad Request: near 89123456789"] {
            assert_eq!(described(quoting), None);
        }
    }
}
