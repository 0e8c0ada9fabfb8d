//! TelegramPoller: fetches updates and confirms them only when they are durable. Telegram keeps an update until a
//! later `getUpdates` has a higher offset (Bot API, getUpdates), so the offset advances only after the inbox has
//! answered. It is kept in memory: the first call after a start sends none and gets all unconfirmed updates.

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
use super::client::{Clients, LONG_POLL, Rival, TelegramError, classify};
use super::convert::{self, BotIdentity};
use super::messages::{BotLimited, LoadPollTime, StopPolling, TokenRefused, UpdatesReceived};
use super::setup::{MenuLine, set_up, watched};
use crate::runtime::{Answer, Loop, Port, Queue, Runtime, StartReason, Takes, offload};

/// Bot API, getUpdates: "Values between 1-100 are accepted".
const BATCH: u8 = 100;
const ALLOWED_UPDATES: &[&str] = &["message", "edited_message", "callback_query", "my_chat_member"];
/// Long, because another poller or a rejected token does not disappear within seconds.
const CONFLICT_WAIT: TimeDelta = TimeDelta::seconds(30);
/// For answering the button taps of one batch.
const TAP_TIMEOUT: Duration = Duration::from_secs(5);
/// After a failed setup; it is retried only when a poll returned nothing.
const SETUP_RETRY: TimeDelta = TimeDelta::minutes(10);

/// The recipients the poller needs.
#[derive(Clone)]
pub(crate) struct Ports {
    /// InboxActor: makes a batch durable.
    pub deliver: Port<UpdatesReceived>,
    /// TelegramSender: pauses all chats.
    pub limited: Port<BotLimited>,
    /// OutboxActor: alerts the operators.
    pub refused: Port<TokenRefused>,
}

/// The poller's settings.
#[derive(Clone)]
pub(crate) struct Settings {
    /// The bot's id and user name.
    pub bot: BotIdentity,
    /// The command menus; `None` is the menu for every other language.
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

/// The poller's messages.
pub(crate) enum Incoming {
    /// See [`StopPolling`].
    Stop(Answer<()>),
    /// See [`LoadPollTime`].
    LoadPollTime(Answer<DateTime<Utc>>),
}

impl TelegramPoller {
    /// Creates a poller that starts at the oldest unconfirmed update.
    pub(crate) fn new(clients: &Clients, settings: Settings, runtime: &Runtime, ports: Ports) -> Self {
        Self {
            api: clients.polling.clone(),
            sending: clients.sending.clone(),
            ports,
            settings,
            runtime: runtime.clone(),
        }
    }

    /// Sets up webhook and menus; returns the time of a retry if that failed.
    async fn prepare(&self) -> Option<DateTime<Utc>> {
        let (api, menus) = (self.api.clone(), self.settings.menus.clone());
        let (events, steps) = (self.runtime.events.clone(), self.runtime.steps.clone());
        let setup = offload(async move { set_up(&api, &steps, &events, &menus).await });
        let error = setup.await.err()?;
        // Polling goes on: a missing menu must not delay customers, and a webhook shows up as a conflict.
        let failed = Event::warn(Self::NAME, "bot_setup_failed").with("reason", error);
        self.runtime.events.emit(failed);
        Some(self.runtime.clock.now() + SETUP_RETRY)
    }

    /// Waits for the next batch. Cancel-safe.
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
                    // This empty poll confirmed all stored updates. Without an offset the next poll also finds updates whose ids
                    // were reset, as happens after a week without updates (Bot API, Update: `update_id`).
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
            allowed_updates: ALLOWED_UPDATES,
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

    /// Has a batch stored and returns the offset that confirms it. `None` if it was not stored or contains no id; Telegram then delivers
    /// it again.
    async fn store(&self, updates: Vec<IncomingUpdate>) -> Option<i64> {
        let newest = updates.iter().map(|update| update.update.0).max().unwrap_or_default();
        let received = Event::debug(Self::NAME, "updates_received").with("count", updates.len());
        self.runtime.events.emit(received.with("newest_upd", newest));
        self.answer_taps(&updates);
        let stored = self.ports.deliver.command(UpdatesReceived { updates }).await;
        (matches!(stored, Ok(Ok(()))) && newest > 0).then_some(newest + 1)
    }

    /// Ends the spinner of a tapped inline button. Best effort: the tap itself is stored like any update, and Telegram soon drops an
    /// unanswered one.
    fn answer_taps(&self, updates: &[IncomingUpdate]) {
        let taps: Vec<String> = updates.iter().filter_map(|update| update.tap.clone()).collect();
        if taps.is_empty() {
            return;
        }
        let api = self.sending.clone();
        // Not awaited: the timeout bounds it.
        tokio::spawn(async move {
            let answers = taps
                .into_iter()
                .map(|tap| AnswerCallbackQuery::new(CallbackQueryId(tap)));
            let answers: Vec<_> = answers.collect();
            let calls = join_all(answers.iter().map(|answer| api.call(answer)));
            let _ = tokio::time::timeout(TAP_TIMEOUT, calls).await;
        });
    }

    /// A last call that only advances the offset. The updates it returns are not stored and stay unconfirmed.
    async fn confirm(&self, offset: Option<i64>) {
        let Some(offset) = offset else { return };
        let request = GetUpdates {
            offset: Some(offset),
            limit: 1,
            timeout: 0,
            allowed_updates: ALLOWED_UPDATES,
        };
        let (api, steps) = (self.api.clone(), self.runtime.steps.clone());
        let confirming = async move { watched(&steps, StepName::Confirm, get_updates(&api, &request)).await };
        // A failure is harmless: unconfirmed updates are delivered again and recognised as duplicates.
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
        let prepared = queue.during(preparing, |message| on_message(message, &polled_at, &mut stop));
        let mut prepare_at = prepared.await.flatten();
        while stop.is_none() {
            let fetched = {
                let fetching = pin!(self.fetch(&mut offset, &mut prepare_at, &polled_at));
                queue
                    .during(fetching, |message| on_message(message, &polled_at, &mut stop))
                    .await
            };
            let Some(updates) = fetched else { break };
            // Always finished, also when the service stops.
            let storing = pin!(self.store(updates));
            let stored = queue.during(storing, |message| {
                on_message(message, &polled_at, &mut stop);
                false
            });
            match stored.await.flatten() {
                Some(next) => offset = Some(next),
                None if stop.is_some() => break,
                None => {
                    let pausing = pin!(clock.after(Backoff::POLL.span(1)));
                    queue
                        .during(pausing, |message| on_message(message, &polled_at, &mut stop))
                        .await;
                }
            }
        }
        self.confirm(offset).await;
        loop {
            if let Some(answer) = stop.take() {
                answer.give(());
            }
            on_message(queue.next().await, &polled_at, &mut stop);
        }
    }
}

/// Returns whether the current wait has to end.
fn on_message(message: Incoming, polled_at: &Cell<DateTime<Utc>>, stop: &mut Option<Answer<()>>) -> bool {
    match message {
        Incoming::LoadPollTime(answer) => answer.give(polled_at.get()),
        Incoming::Stop(answer) => *stop = Some(answer),
    }
    stop.is_some()
}

/// The wait after a failed poll.
fn pause(error: &TelegramError, failures: u32) -> TimeDelta {
    match error {
        TelegramError::Conflict(Rival::Poller) | TelegramError::Unauthorized => CONFLICT_WAIT,
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

/// Returns the raw answer. With strict types one update with an unknown entity or a lone surrogate would lose a customer's text, or the
/// whole batch.
async fn get_updates(api: &Api, request: &GetUpdates) -> Result<HttpAnswer, TelegramError> {
    api.post(GET_UPDATES, request).await.map_err(classify)
}

fn read(bot: &BotIdentity, answer: &HttpAnswer) -> Result<Vec<IncomingUpdate>, TelegramError> {
    let unreadable = || TelegramError::Unreachable("unreadable");
    let batch = match answer.result() {
        Ok(batch) => batch.ok_or_else(unreadable)?.get(),
        // One update that is not valid JSON breaks the whole answer. It would return with every poll and block all later updates.
        Err(error) if error == UNREADABLE && answer.status == 200 => {
            batch_of_invalid(&answer.body).ok_or_else(unreadable)?
        }
        Err(error) => return Err(classify(error)),
    };
    convert::read_batch(bot, batch).map_err(|_not_json| unreadable())
}

/// The text of the `result` array in an "ok" answer that is not valid JSON.
fn batch_of_invalid(body: &str) -> Option<&str> {
    let inner = body.trim().strip_prefix('{')?.strip_suffix('}')?;
    let (head, batch) = inner.split_once("\"result\"")?;
    let is_good = head.replace(char::is_whitespace, "") == "\"ok\":true,";
    batch.trim_start().strip_prefix(':').map(str::trim).filter(|_| is_good)
}

#[cfg(test)]
mod tests;
