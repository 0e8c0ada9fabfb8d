//! TelegramPoller: fetches updates and confirms them only when they are durable. Telegram keeps an update until a
//! later `getUpdates` carries a higher offset (Bot API, getUpdates), so the offset moves when the inbox has answered,
//! never before. It lives in memory: the first call after a start has none and gets everything unconfirmed.

use std::time::Duration;

use base::backoff::Backoff;
use base::{Event, StepName};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{IncomingUpdate, Language};
use futures_util::future::join_all;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use teloxide::payloads::AnswerCallbackQuery;
use teloxide::types::CallbackQueryId;

use super::answer::{Answer as Answered, UNREADABLE};
use super::api::Api;
use super::client::{Clients, LONG_POLL, Rival, TelegramError, sort};
use super::convert::{self, BotIdentity};
use super::messages::{BotLimited, LoadPollTime, StopPolling, TokenRefused, UpdatesReceived};
use super::setup::{MenuLine, settle, watched};
use crate::runtime::{Answer, Behaviour, Birth, Ctx, Port, Receive, Runtime, Task};

/// Bot API, getUpdates: "Values between 1-100 are accepted".
const BATCH: u8 = 100;
const ALLOWED: &[&str] = &["message", "edited_message", "callback_query", "my_chat_member"];
/// Another poller will not go away within seconds.
const RIVAL_WAIT: TimeDelta = TimeDelta::seconds(30);
/// What answering the taps of one batch may take.
const TAPS: Duration = Duration::from_secs(5);
/// After which what could not be settled is tried again, in a quiet moment.
const PREPARE_AGAIN: TimeDelta = TimeDelta::minutes(10);

/// What the poller needs of others.
#[derive(Clone)]
pub struct Ports {
    /// InboxActor: makes a batch durable.
    pub deliver: Port<UpdatesReceived>,
    /// TelegramSender: nobody is sent anything for a while.
    pub limited: Port<BotLimited>,
    /// OutboxActor: an operator has to hear of it.
    pub refused: Port<TokenRefused>,
}

/// What the poller has to know.
#[derive(Clone)]
pub struct Settings {
    /// The bot's id and user name.
    pub bot: BotIdentity,
    /// The command menu; `None` is the one for every other language.
    pub menus: Vec<(Option<Language>, Vec<MenuLine>)>,
}

/// The actor.
pub struct TelegramPoller {
    api: Api,
    sending: Api,
    ports: Ports,
    settings: Settings,
    runtime: Runtime,
    offset: Option<i64>,
    failures: u32,
    polled_at: DateTime<Utc>,
    /// Webhook or menus are not settled: when to try again.
    prepare_at: Option<DateTime<Utc>>,
    phase: Phase,
    stopping: Option<Answer<()>>,
}

enum Phase {
    /// Preparing or waiting for Telegram: may be dropped at any time.
    Waiting(Option<Task>),
    /// A batch is being stored: must be seen through.
    Storing,
    /// Nothing more is fetched.
    Stopped,
}

impl TelegramPoller {
    /// A poller that begins at the oldest unconfirmed update.
    pub fn new(clients: &Clients, settings: Settings, runtime: &Runtime, ports: Ports) -> Self {
        Self {
            api: clients.polling.clone(),
            sending: clients.sending.clone(),
            ports,
            settings,
            polled_at: runtime.clock.now(),
            runtime: runtime.clone(),
            offset: None,
            failures: 0,
            prepare_at: None,
            phase: Phase::Waiting(None),
            stopping: None,
        }
    }

    fn prepare(&mut self, ctx: &mut Ctx<'_, Self>) {
        let (api, menus) = (self.api.clone(), self.settings.menus.clone());
        let (events, steps) = (self.runtime.events.clone(), self.runtime.steps.clone());
        let preparing = async move { settle(&api, &steps, &events, &menus).await };
        let task = ctx.offload(preparing, |this, outcome, ctx| {
            this.prepare_at = None;
            if let Err(error) = outcome {
                // A menu is not worth a customer's wait; a webhook will show as a conflict.
                let failed = Event::warn(Self::NAME, "preparation_failed").with("reason", error);
                this.runtime.events.emit(failed);
                this.prepare_at = Some(this.runtime.clock.now() + PREPARE_AGAIN);
            }
            this.poll(ctx);
        });
        self.phase = Phase::Waiting(Some(task));
    }

    fn poll(&mut self, ctx: &mut Ctx<'_, Self>) {
        let request = GetUpdates {
            offset: self.offset,
            limit: BATCH,
            timeout: LONG_POLL.as_secs(),
            allowed_updates: ALLOWED,
        };
        let identity = self.settings.bot.clone();
        let (api, steps) = (self.api.clone(), self.runtime.steps.clone());
        let fetching = async move {
            let answer = watched(&steps, StepName::Poll, fetch(&api, &request)).await?;
            read(&identity, &answer)
        };
        let task = ctx.offload(fetching, |this, outcome, ctx| match outcome {
            Ok(updates) => this.fetched(updates, ctx),
            Err(error) => this.not_fetched(&error, ctx),
        });
        self.phase = Phase::Waiting(Some(task));
    }

    fn fetched(&mut self, updates: Vec<IncomingUpdate>, ctx: &mut Ctx<'_, Self>) {
        if self.failures > 0 {
            let away = self.runtime.clock.now() - self.polled_at;
            let back = Event::info(Self::NAME, "polling_resumed").with("away_s", away.num_seconds());
            self.runtime.events.emit(back);
        }
        self.failures = 0;
        self.polled_at = self.runtime.clock.now();
        if updates.is_empty() {
            // All that was stored is confirmed by the call that brought nothing. Without an offset the next one also
            // finds updates whose ids begin anew, as they do after a quiet week (Bot API, Update: `update_id`).
            self.offset = None;
            match self.prepare_at {
                Some(due) if due <= self.polled_at => self.prepare(ctx),
                _ => self.poll(ctx),
            }
            return;
        }
        let newest = updates.iter().map(|update| update.update.0).max().unwrap_or_default();
        let received = Event::debug(Self::NAME, "updates_received").with("count", updates.len());
        self.runtime.events.emit(received.with("newest", newest));
        self.answer_taps(&updates, ctx);
        self.phase = Phase::Storing;
        let stored = self.ports.deliver.command(UpdatesReceived { updates });
        ctx.spawn(stored, move |this, stored, ctx| match stored {
            Ok(Ok(())) if newest > 0 => {
                this.offset = Some(newest + 1);
                this.go_on(ctx);
            }
            // Not stored, or nothing in it has an id to confirm it by: Telegram delivers it again.
            Ok(_) | Err(_) => this.retry(Backoff::POLL.span(1), ctx),
        });
    }

    /// Ends the spinner that a tap on an inline button shows. Best effort: what the tap says is stored like any update, and Telegram
    /// forgets a tap that is not answered soon.
    fn answer_taps(&self, updates: &[IncomingUpdate], ctx: &mut Ctx<'_, Self>) {
        let taps: Vec<String> = updates.iter().filter_map(|update| update.tap.clone()).collect();
        if taps.is_empty() {
            return;
        }
        let api = self.sending.clone();
        let answering = async move {
            let answers = taps
                .into_iter()
                .map(|tap| AnswerCallbackQuery::new(CallbackQueryId(tap)));
            let answers: Vec<_> = answers.collect();
            let calls = join_all(answers.iter().map(|answer| api.call(answer)));
            let _ = tokio::time::timeout(TAPS, calls).await;
        };
        ctx.offload(answering, |_, (), _| ());
    }

    fn not_fetched(&mut self, error: &TelegramError, ctx: &mut Ctx<'_, Self>) {
        self.failures = self.failures.saturating_add(1);
        let failed = match error {
            TelegramError::Conflict(_) | TelegramError::Unauthorized => Event::error(Self::NAME, "polling_refused"),
            _ => Event::warn(Self::NAME, "polling_failed"),
        };
        let failed = failed.with("reason", error).with("attempt", self.failures);
        self.runtime.events.emit(failed);
        if *error == TelegramError::Unauthorized {
            self.ports.refused.hint(TokenRefused);
        }
        match error {
            TelegramError::Conflict(Rival::Webhook) => {
                let (clock, wait) = (self.runtime.clock.clone(), Backoff::POLL.span(self.failures));
                let task = ctx.spawn(async move { clock.after(wait).await }, |this, (), ctx| {
                    this.prepare(ctx);
                });
                self.phase = Phase::Waiting(Some(task));
            }
            TelegramError::Conflict(Rival::Poller) | TelegramError::Unauthorized => self.retry(RIVAL_WAIT, ctx),
            TelegramError::RetryAfter(wait) => {
                self.ports.limited.hint(BotLimited(*wait));
                self.retry(TimeDelta::from_std(*wait).unwrap_or_default(), ctx);
            }
            _ => self.retry(Backoff::POLL.span(self.failures), ctx),
        }
    }

    fn retry(&mut self, wait: TimeDelta, ctx: &mut Ctx<'_, Self>) {
        if self.stopping.is_some() {
            self.go_on(ctx);
            return;
        }
        let clock = self.runtime.clock.clone();
        let task = ctx.spawn(async move { clock.after(wait).await }, |this, (), ctx| this.poll(ctx));
        self.phase = Phase::Waiting(Some(task));
    }

    fn go_on(&mut self, ctx: &mut Ctx<'_, Self>) {
        match self.stopping.take() {
            None => self.poll(ctx),
            Some(answer) => self.confirm(answer, ctx),
        }
    }

    /// A last call that only moves the offset; what it returns is not stored and stays unconfirmed.
    fn confirm(&mut self, answer: Answer<()>, ctx: &mut Ctx<'_, Self>) {
        self.phase = Phase::Stopped;
        let Some(offset) = self.offset else {
            answer.give(());
            return;
        };
        let request = GetUpdates {
            offset: Some(offset),
            limit: 1,
            timeout: 0,
            allowed_updates: ALLOWED,
        };
        let (api, steps) = (self.api.clone(), self.runtime.steps.clone());
        let confirming = async move { watched(&steps, StepName::Confirm, fetch(&api, &request)).await };
        ctx.offload(confirming, |_, _, _| answer.give(()));
    }
}

impl Behaviour for TelegramPoller {
    const NAME: &'static str = "telegram_poller";

    fn started(&mut self, _birth: Birth, ctx: &mut Ctx<'_, Self>) {
        self.prepare(ctx);
    }
}

impl Receive<StopPolling> for TelegramPoller {
    fn receive(&mut self, _stop: StopPolling, answer: Answer<()>, ctx: &mut Ctx<'_, Self>) {
        match std::mem::replace(&mut self.phase, Phase::Stopped) {
            Phase::Waiting(task) => {
                if let Some(task) = task {
                    ctx.cancel(task);
                }
                self.confirm(answer, ctx);
            }
            Phase::Storing => {
                self.phase = Phase::Storing;
                self.stopping = Some(answer);
            }
            Phase::Stopped => answer.give(()),
        }
    }
}

impl Receive<LoadPollTime> for TelegramPoller {
    fn receive(&mut self, _load: LoadPollTime, answer: Answer<DateTime<Utc>>, _ctx: &mut Ctx<'_, Self>) {
        answer.give(self.polled_at);
    }
}

#[derive(Serialize)]
struct GetUpdates {
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<i64>,
    limit: u8,
    timeout: u64,
    allowed_updates: &'static [&'static str],
}

/// The answer as it came. Read as a whole into strict types, one member with an unknown entity or a lone surrogate would take a
/// customer's text, or the whole batch, with it.
async fn fetch(api: &Api, request: &GetUpdates) -> Result<Answered, TelegramError> {
    api.post("getUpdates", request).await.map_err(sort)
}

#[derive(Deserialize)]
struct Batch<'a> {
    #[serde(borrow)]
    result: &'a RawValue,
}

fn read(bot: &BotIdentity, answer: &Answered) -> Result<Vec<IncomingUpdate>, TelegramError> {
    let unreadable = || TelegramError::OutOfReach("unreadable");
    let body = answer.body.as_str();
    let batch = match answer.judge() {
        Ok(()) => {
            let batch: Batch<'_> = serde_json::from_str(body).map_err(|_form| unreadable())?;
            batch.result.get()
        }
        // One member that is no JSON spoils the whole; it would come again with every poll, and so would all behind it.
        Err(error) if error == UNREADABLE && answer.status == 200 => batch_of_broken(body).ok_or_else(unreadable)?,
        Err(error) => return Err(sort(error)),
    };
    convert::read_batch(bot, batch).map_err(|_not_json| unreadable())
}

/// The batch between the two ends of a good answer.
fn batch_of_broken(body: &str) -> Option<&str> {
    let inner = body.trim().strip_prefix('{')?.strip_suffix('}')?;
    let (head, batch) = inner.split_once("\"result\"")?;
    let is_good = head.replace(char::is_whitespace, "") == "\"ok\":true,";
    batch.trim_start().strip_prefix(':').map(str::trim).filter(|_| is_good)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(body: &str) -> Answered {
        Answered {
            status: 200,
            retry_after: None,
            body: body.to_owned(),
        }
    }

    #[test]
    fn a_refused_poll_is_told_apart_by_its_reason() {
        let cases = [
            (
                r#"{"ok":false,"error_code":401,"description":"Unauthorized"}"#,
                TelegramError::Unauthorized,
            ),
            (
                r#"{"ok":false,"error_code":409,"description":"Conflict: terminated by other getUpdates request"}"#,
                TelegramError::Conflict(Rival::Poller),
            ),
            (
                r#"{"ok":false,"error_code":409,"description":"Conflict: can't use getUpdates method while webhook is active"}"#,
                TelegramError::Conflict(Rival::Webhook),
            ),
            (
                r#"{"ok":false,"error_code":429,"description":"x","parameters":{"retry_after":7}}"#,
                TelegramError::RetryAfter(Duration::from_secs(7)),
            ),
            (
                r#"{"ok":false,"error_code":502,"description":"Bad Gateway"}"#,
                TelegramError::OutOfReach("server error"),
            ),
            (
                r#"{"ok":false,"error_code":400,"description":"Bad Request: x"}"#,
                TelegramError::OutOfReach("refused"),
            ),
            ("<html>502</html>", TelegramError::OutOfReach("unreadable")),
        ];
        let bot = BotIdentity {
            id: 1,
            username: Some("bot".into()),
        };
        for (body, expected) in cases {
            assert_eq!(read(&bot, &answered(body)), Err(expected));
        }
    }

    #[test]
    fn a_member_that_is_no_json_never_spoils_the_batch() {
        let bot = BotIdentity { id: 1, username: None };
        let body = r#"{"ok":true,"result":[{"update_id":4,"message":{nonsense}},{"update_id":5}]}"#;
        let ids: Vec<i64> = read(&bot, &answered(body))
            .unwrap()
            .iter()
            .map(|update| update.update.0)
            .collect();
        assert_eq!(ids, [4, 5]);
        for cut in [
            &body[..40],
            r#"{"ok":false,"result":[{x}]}"#,
            r#"{"ok":true,"result":{x}}"#,
        ] {
            assert_eq!(read(&bot, &answered(cut)), Err(TelegramError::OutOfReach("unreadable")));
        }
    }
}
