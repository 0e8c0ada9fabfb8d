//! TelegramSender: sends one message at a time for each chat, as fast as pacing allows, and sorts what Telegram
//! says of it. It never tries again by itself but in one case: entities that Telegram refuses are left out, since
//! a message must always arrive.

use std::sync::Arc;

use serde::Deserialize;
use teloxide::payloads::SendMessageSetters;
use teloxide::prelude::Requester;
use teloxide::types::{
    ButtonRequest, ChatAction, KeyboardButton, KeyboardMarkup, KeyboardRemove, LinkPreviewOptions, MessageEntity,
    MessageEntityKind, MessageId, ReplyMarkup, ReplyParameters,
};
use teloxide::{ApiError, Bot, RequestError};
use tokio::sync::Semaphore;

use super::client::{Clients, PATIENCE, unconnected};
use super::messages::{ChatContent, SendError, SendReply, SentMessage, ShowTyping};
use super::pacing::Pacing;
use crate::config::TelegramConfig;
use crate::domain::{ChatId, Keyboard, OutgoingMessage, Span, Style};
use crate::runtime::{Answer, Behaviour, Ctx, Moment, Receive, Runtime, StepName, Steps};

/// The actor.
pub struct TelegramSender {
    bot: Bot,
    pacing: Pacing,
    typing: Arc<Semaphore>,
    runtime: Runtime,
}

impl TelegramSender {
    /// A sender that keeps to the configured rates, and shows "typing…" to so many chats at a time.
    pub fn new(clients: &Clients, config: &TelegramConfig, typing_in_hand: usize, runtime: &Runtime) -> Self {
        Self {
            bot: clients.sending.clone(),
            pacing: Pacing::new(config.rate_per_second, config.chat_rate_per_second),
            typing: Arc::new(Semaphore::new(typing_in_hand)),
            runtime: runtime.clone(),
        }
    }
}

impl Behaviour for TelegramSender {
    const NAME: &'static str = "telegram_sender";
}

impl Receive<SendReply> for TelegramSender {
    fn receive(&mut self, send: SendReply, answer: Answer<Result<SentMessage, SendError>>, ctx: &mut Ctx<'_, Self>) {
        let place = self.pacing.in_chat(send.chat, self.runtime.clock.now());
        let clock = self.runtime.clock.clone();
        ctx.spawn(async move { clock.until(place).await }, move |this, (), ctx| {
            // The common place is taken when the chat's own has come: a chat that waits keeps nobody waiting.
            let place = this.pacing.in_all(this.runtime.clock.now());
            let clock = this.runtime.clock.clone();
            ctx.spawn(async move { clock.until(place).await }, move |this, (), ctx| {
                if !answer.is_wanted() {
                    // The outbox was restarted meanwhile and will hand the row over again.
                    return;
                }
                let call = hand_over(this.bot.clone(), send, this.runtime.steps.clone());
                ctx.offload(call, move |_, outcome, _| answer.give(outcome));
            });
        });
    }
}

impl Receive<ShowTyping> for TelegramSender {
    fn receive(&mut self, ShowTyping { chat }: ShowTyping, _answer: Answer<()>, ctx: &mut Ctx<'_, Self>) {
        // Thousands of turns ask for it every few seconds: a Telegram that hangs must not be met with as many connections.
        let Ok(place) = Arc::clone(&self.typing).try_acquire_owned() else {
            return;
        };
        let (bot, steps) = (self.bot.clone(), self.runtime.steps.clone());
        let call = async move {
            let _place = place;
            let typing = async {
                let typing = bot.send_chat_action(to_telegram(chat), ChatAction::Typing);
                tokio::time::timeout(PATIENCE, async move { typing.await })
                    .await
                    .map_err(|_elapsed| ())
            };
            // A missed "typing…" is nobody's loss.
            let _ = steps.call(StepName::Typing, |_moment| (), typing).await;
        };
        ctx.offload(call, |_, (), _| ());
    }
}

async fn hand_over(bot: Bot, send: SendReply, steps: Steps) -> Result<SentMessage, SendError> {
    let fault = |moment| match moment {
        Moment::Before => SendError::Transient("step"),
        Moment::After => SendError::Unknown("step"),
    };
    let sending = async {
        match tokio::time::timeout(PATIENCE, call(&bot, send.chat, send.content)).await {
            Ok(outcome) => outcome,
            Err(_elapsed) => Err(SendError::Unknown("timeout")),
        }
    };
    steps.call(StepName::Send, fault, sending).await
}

async fn call(bot: &Bot, chat: ChatId, content: ChatContent) -> Result<SentMessage, SendError> {
    match content {
        ChatContent::Message(message) => match send(bot, chat, &message, true).await {
            Err(RequestError::Api(refusal)) if is_about_entities(&refusal) && !message.reply.spans.is_empty() => {
                let sent = send(bot, chat, &message, false).await.map_err(|error| sort(&error))?;
                Ok(SentMessage { is_plain: true, ..sent })
            }
            outcome => outcome.map_err(|error| sort(&error)),
        },
        ChatContent::Leave => match bot.leave_chat(to_telegram(chat)).await {
            Ok(_left) => Ok(SentMessage {
                message_id: None,
                is_plain: false,
            }),
            Err(error) => Err(sort(&error)),
        },
    }
}

async fn send(
    bot: &Bot,
    chat: ChatId,
    message: &OutgoingMessage,
    with_entities: bool,
) -> Result<SentMessage, RequestError> {
    let mut request = bot
        .send_message(to_telegram(chat), &message.reply.text)
        .link_preview_options(no_preview());
    if with_entities && !message.reply.spans.is_empty() {
        request = request.entities(message.reply.spans.iter().filter_map(entity).collect::<Vec<_>>());
    }
    if let Some(keyboard) = &message.keyboard {
        request = request.reply_markup(markup(keyboard));
    }
    if let Some(quoted) = message.quotes.and_then(|id| i32::try_from(id.0).ok()) {
        request = request.reply_parameters(ReplyParameters::new(MessageId(quoted)).allow_sending_without_reply());
    }
    let message_id = match request.await {
        Ok(sent) => Some(i64::from(sent.id.0)),
        // It was sent, said in a form the library does not know. Asked again Telegram would say the same, and the customer
        // would get the message each time.
        Err(RequestError::InvalidJson { source, raw }) => match accepted(&raw) {
            Some(sent) => sent.message_id,
            None => return Err(RequestError::InvalidJson { source, raw }),
        },
        Err(error) => return Err(error),
    };
    Ok(SentMessage {
        message_id,
        is_plain: false,
    })
}

/// The little that must be readable of an answer. What is passed over is not even decoded.
#[derive(Deserialize)]
struct Accepted {
    ok: bool,
    result: Sent,
}

#[derive(Deserialize)]
struct Sent {
    message_id: Option<i64>,
}

fn accepted(raw: &str) -> Option<Sent> {
    let answer: Accepted = serde_json::from_str(raw).ok()?;
    answer.ok.then_some(answer.result)
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

fn is_about_entities(error: &ApiError) -> bool {
    match error {
        ApiError::CantParseEntities(_) => true,
        ApiError::Unknown(text) => text.to_ascii_lowercase().contains("entit"),
        _ => false,
    }
}

/// Nothing of Telegram's wording but its own refusals is kept, and those never quote a message.
fn sort(error: &RequestError) -> SendError {
    match error {
        RequestError::RetryAfter(wait) => SendError::RetryAfter(wait.duration()),
        RequestError::Api(refusal) => sort_refusal(refusal),
        RequestError::Network(error) if error.is_connect() => SendError::Transient(unconnected(error)),
        RequestError::Network(error) if error.is_timeout() => SendError::Unknown("timeout"),
        RequestError::Network(_) => SendError::Unknown("cut"),
        RequestError::InvalidJson { .. } => SendError::Unknown("unreadable"),
        RequestError::Io(_) => SendError::Transient("io"),
        RequestError::MigrateToChatId(_) => SendError::Blocked,
    }
}

fn sort_refusal(refusal: &ApiError) -> SendError {
    match refusal {
        ApiError::BotBlocked
        | ApiError::UserDeactivated
        | ApiError::ChatNotFound
        | ApiError::UserNotFound
        | ApiError::CantInitiateConversation
        | ApiError::CantTalkWithBots
        | ApiError::GroupDeactivated
        | ApiError::BotKicked
        | ApiError::BotKickedFromSupergroup
        | ApiError::BotKickedFromChannel => SendError::Blocked,
        ApiError::InvalidToken => SendError::Transient("unauthorized"),
        ApiError::Unknown(text) if text.starts_with("Forbidden") => SendError::Blocked,
        ApiError::Unknown(text) => SendError::Permanent(text.clone()),
        refusal => SendError::Permanent(refusal.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_telegram_took_is_sent_in_whatever_form_it_says_so() {
        let id = |raw| accepted(raw).map(|sent| sent.message_id);
        let far = r#"{"ok":true,"result":{"message_id":1099511627781,"chat":5,"text":"\ud83d"}}"#;
        assert_eq!(id(far), Some(Some(1_099_511_627_781)));
        assert_eq!(id(r#"{"ok":true,"result":{"id":7}}"#), Some(None));
        for raw in [
            r#"{"ok":false,"description":"x"}"#,
            r#"{"ok":true,"res"#,
            "<html>",
            "",
            "null",
            "[]",
        ] {
            assert_eq!(id(raw), None, "{raw}");
        }
    }
}
