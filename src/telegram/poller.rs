//! TelegramPoller: fetches updates and confirms them only when they are durable. Telegram keeps an update until a
//! later `getUpdates` carries a higher offset (Bot API, getUpdates), so the offset moves when the inbox has answered,
//! never before. It lives in memory: the first call after a start has none and gets everything unconfirmed.

use std::cell::Cell;
use std::pin::pin;
use std::time::Duration;

use base::backoff::Backoff;
use base::{Event, StepName};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{IncomingUpdate, Language};
use futures_util::future::join_all;
use serde::Serialize;
use teloxide::payloads::AnswerCallbackQuery;
use teloxide::types::CallbackQueryId;

use super::answer::{HttpAnswer, UNREADABLE};
use super::api::{Api, GET_UPDATES};
use super::client::{Clients, LONG_POLL, Rival, TelegramError, sort};
use super::convert::{self, BotIdentity};
use super::messages::{BotLimited, LoadPollTime, StopPolling, TokenRefused, UpdatesReceived};
use super::setup::{MenuLine, settle, watched};
use crate::runtime::{Answer, Loop, Port, Queue, Runtime, StartReason, Takes, offload};

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
pub(crate) struct Ports {
    /// InboxActor: makes a batch durable.
    pub deliver: Port<UpdatesReceived>,
    /// TelegramSender: nobody is sent anything for a while.
    pub limited: Port<BotLimited>,
    /// OutboxActor: an operator has to hear of it.
    pub refused: Port<TokenRefused>,
}

/// What the poller has to know.
#[derive(Clone)]
pub(crate) struct Settings {
    /// The bot's id and user name.
    pub bot: BotIdentity,
    /// The command menu; `None` is the one for every other language.
    pub menus: Vec<(Option<Language>, Vec<MenuLine>)>,
}

/// The actor.
pub(crate) struct TelegramPoller {
    api: Api,
    sending: Api,
    ports: Ports,
    settings: Settings,
    runtime: Runtime,
}

/// What the poller receives.
pub(crate) enum Incoming {
    /// Fetch nothing more.
    Stop(Answer<()>),
    /// When were updates last fetched?
    LoadPollTime(Answer<DateTime<Utc>>),
}

impl TelegramPoller {
    /// A poller that begins at the oldest unconfirmed update.
    pub(crate) fn new(clients: &Clients, settings: Settings, runtime: &Runtime, ports: Ports) -> Self {
        Self {
            api: clients.polling.clone(),
            sending: clients.sending.clone(),
            ports,
            settings,
            runtime: runtime.clone(),
        }
    }

    /// Settles webhook and menus; answers when to try again.
    async fn prepare(&self) -> Option<DateTime<Utc>> {
        let (api, menus) = (self.api.clone(), self.settings.menus.clone());
        let (events, steps) = (self.runtime.events.clone(), self.runtime.steps.clone());
        let settling = offload(async move { settle(&api, &steps, &events, &menus).await });
        let error = settling.await.err()?;
        // A menu is not worth a customer's wait; a webhook will show as a conflict.
        let failed = Event::warn(Self::NAME, "bot_setup_failed").with("reason", error);
        self.runtime.events.emit(failed);
        Some(self.runtime.clock.now() + PREPARE_AGAIN)
    }

    /// The next batch, however long it takes. It may be dropped at any time.
    async fn fetch(
        &self,
        offset: &mut Option<i64>,
        prepare_at: &mut Option<DateTime<Utc>>,
        polled_at: &Cell<DateTime<Utc>>,
    ) -> Vec<IncomingUpdate> {
        let clock = &self.runtime.clock;
        let mut failures = 0_u32;
        loop {
            let error = match self.poll(*offset).await {
                Ok(updates) => {
                    let away = clock.now() - polled_at.replace(clock.now());
                    if failures > 0 {
                        let back = Event::info(Self::NAME, "polling_resumed").with("outage_s", away.num_seconds());
                        self.runtime.events.emit(back);
                    }
                    failures = 0;
                    if !updates.is_empty() {
                        return updates;
                    }
                    // All that was stored is confirmed by the call that brought nothing. Without an offset the next one also
                    // finds updates whose ids begin anew, as they do after a quiet week (Bot API, Update: `update_id`).
                    *offset = None;
                    if prepare_at.is_some_and(|due| due <= clock.now()) {
                        *prepare_at = self.prepare().await;
                    }
                    continue;
                }
                Err(error) => error,
            };
            failures = failures.saturating_add(1);
            self.report(&error, failures);
            clock.after(pause(&error, failures)).await;
            if error == TelegramError::Conflict(Rival::Webhook) {
                *prepare_at = self.prepare().await;
            }
        }
    }

    async fn poll(&self, offset: Option<i64>) -> Result<Vec<IncomingUpdate>, TelegramError> {
        let request = GetUpdates {
            offset,
            limit: BATCH,
            timeout: LONG_POLL.as_secs(),
            allowed_updates: ALLOWED,
        };
        let (api, steps) = (self.api.clone(), self.runtime.steps.clone());
        let identity = self.settings.bot.clone();
        let polling = async move {
            let answer = watched(&steps, StepName::Poll, get_updates(&api, &request)).await?;
            read(&identity, &answer)
        };
        offload(polling).await
    }

    fn report(&self, error: &TelegramError, failures: u32) {
        let failed = match error {
            TelegramError::Conflict(_) | TelegramError::Unauthorized => Event::error(Self::NAME, "polling_rejected"),
            _ => Event::warn(Self::NAME, "polling_failed"),
        };
        let failed = failed.with("reason", error).with("attempt", failures);
        self.runtime.events.emit(failed);
        match error {
            TelegramError::Unauthorized => self.ports.refused.hint(TokenRefused),
            TelegramError::RetryAfter(wait) => self.ports.limited.hint(BotLimited(*wait)),
            _ => {}
        }
    }

    /// Has a batch stored; answers the offset that confirms it. `None`: it was not stored, or nothing in it has an id to confirm it
    /// by, and Telegram delivers it again.
    async fn store(&self, updates: Vec<IncomingUpdate>) -> Option<i64> {
        let newest = updates.iter().map(|update| update.update.0).max().unwrap_or_default();
        let received = Event::debug(Self::NAME, "updates_received").with("count", updates.len());
        self.runtime.events.emit(received.with("newest_upd", newest));
        self.answer_taps(&updates);
        let stored = self.ports.deliver.command(UpdatesReceived { updates }).await;
        (matches!(stored, Ok(Ok(()))) && newest > 0).then_some(newest + 1)
    }

    /// Ends the spinner that a tap on an inline button shows. Best effort: what the tap says is stored like any update, and Telegram
    /// forgets a tap that is not answered soon.
    fn answer_taps(&self, updates: &[IncomingUpdate]) {
        let taps: Vec<String> = updates.iter().filter_map(|update| update.tap.clone()).collect();
        if taps.is_empty() {
            return;
        }
        let api = self.sending.clone();
        // Nobody waits for it, and it is over within seconds.
        tokio::spawn(async move {
            let answers = taps
                .into_iter()
                .map(|tap| AnswerCallbackQuery::new(CallbackQueryId(tap)));
            let answers: Vec<_> = answers.collect();
            let calls = join_all(answers.iter().map(|answer| api.call(answer)));
            let _ = tokio::time::timeout(TAPS, calls).await;
        });
    }

    /// A last call that only moves the offset; what it returns is not stored and stays unconfirmed.
    async fn confirm(&self, offset: Option<i64>) {
        let Some(offset) = offset else { return };
        let request = GetUpdates {
            offset: Some(offset),
            limit: 1,
            timeout: 0,
            allowed_updates: ALLOWED,
        };
        let (api, steps) = (self.api.clone(), self.runtime.steps.clone());
        let confirming = async move { watched(&steps, StepName::Confirm, get_updates(&api, &request)).await };
        // Unconfirmed updates are delivered again, and known then.
        let _ = offload(confirming).await;
    }
}

impl Loop for TelegramPoller {
    const NAME: &'static str = "telegram_poller";
    type Incoming = Incoming;

    async fn run(self, _reason: StartReason, mut queue: Queue<Incoming>) {
        let clock = &self.runtime.clock;
        let polled_at = Cell::new(clock.now());
        let (mut offset, mut stop) = (None, None);
        let preparing = pin!(self.prepare());
        let prepared = queue.during(preparing, |message| hear(message, &polled_at, &mut stop));
        let mut prepare_at = prepared.await.flatten();
        while stop.is_none() {
            let fetched = {
                let fetching = pin!(self.fetch(&mut offset, &mut prepare_at, &polled_at));
                queue
                    .during(fetching, |message| hear(message, &polled_at, &mut stop))
                    .await
            };
            let Some(updates) = fetched else { break };
            // Seen through, also when the service stops.
            let storing = pin!(self.store(updates));
            let stored = queue.during(storing, |message| {
                hear(message, &polled_at, &mut stop);
                false
            });
            match stored.await.flatten() {
                Some(next) => offset = Some(next),
                None if stop.is_some() => break,
                None => {
                    let pausing = pin!(clock.after(Backoff::POLL.span(1)));
                    queue
                        .during(pausing, |message| hear(message, &polled_at, &mut stop))
                        .await;
                }
            }
        }
        self.confirm(offset).await;
        loop {
            if let Some(answer) = stop.take() {
                answer.give(());
            }
            hear(queue.next().await, &polled_at, &mut stop);
        }
    }
}

/// Whether whatever is under way has to end.
fn hear(message: Incoming, polled_at: &Cell<DateTime<Utc>>, stop: &mut Option<Answer<()>>) -> bool {
    match message {
        Incoming::LoadPollTime(answer) => answer.give(polled_at.get()),
        Incoming::Stop(answer) => *stop = Some(answer),
    }
    stop.is_some()
}

/// How long to wait after a poll that failed.
fn pause(error: &TelegramError, failures: u32) -> TimeDelta {
    match error {
        TelegramError::Conflict(Rival::Poller) | TelegramError::Unauthorized => RIVAL_WAIT,
        TelegramError::RetryAfter(wait) => TimeDelta::from_std(*wait).unwrap_or_default(),
        _ => Backoff::POLL.span(failures),
    }
}

impl Takes<StopPolling> for TelegramPoller {
    fn incoming(_stop: StopPolling, answer: Answer<()>) -> Incoming {
        Incoming::Stop(answer)
    }
}

impl Takes<LoadPollTime> for TelegramPoller {
    fn incoming(_load: LoadPollTime, answer: Answer<DateTime<Utc>>) -> Incoming {
        Incoming::LoadPollTime(answer)
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
async fn get_updates(api: &Api, request: &GetUpdates) -> Result<HttpAnswer, TelegramError> {
    api.post(GET_UPDATES, request).await.map_err(sort)
}

fn read(bot: &BotIdentity, answer: &HttpAnswer) -> Result<Vec<IncomingUpdate>, TelegramError> {
    let unreadable = || TelegramError::OutOfReach("unreadable");
    let batch = match answer.judge() {
        Ok(batch) => batch.ok_or_else(unreadable)?.get(),
        // One member that is no JSON spoils the whole; it would come again with every poll, and so would all behind it.
        Err(error) if error == UNREADABLE && answer.status == 200 => {
            batch_of_broken(&answer.body).ok_or_else(unreadable)?
        }
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
mod tests;
