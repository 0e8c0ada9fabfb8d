//! The client. async-openai builds the requests, but a custom service receives the responses and bypasses the library, which drops
//! the status of an unreadable body, ignores `Retry-After` and logs bodies. This module never retries: with a
//! conversation, a second request could add the same message twice.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_openai::Client;
use async_openai::config::OpenAIConfig;
use async_openai::error::OpenAIError;
use async_openai::middleware::HttpRequestFactory;
use async_openai::traits::RequestOptionsBuilder;
use base::{Clock, Moment, StepName, Steps};
use domain::ThreadId;
use futures_util::FutureExt as _;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde::de::IgnoredAny;
use serde_json::Value;

use super::answer::{self, CheckedModel, Response};
use super::errors::{self, Refusal};
use super::messages::{RunAnswer, RunError, RunThread, StartRun, ToolDefinition};
use super::wire::{RunRequest, Setting, Standing};
use crate::config::{Authorities, OpenAiConfig};
use crate::runtime::descriptors::{NO_DESCRIPTORS, are_descriptors_exhausted};
use crate::runtime::issuer::{UNKNOWN_ISSUER, is_issuer_unknown};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// In bytes. A response repeats instructions and tools, and is far shorter.
const LONGEST_BODY: usize = 8 << 20;
const REQUEST_ID: HeaderName = HeaderName::from_static("x-client-request-id");

/// OpenAI or a compatible server. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub(crate) struct OpenAi {
    client: Client<OpenAIConfig>,
    model: String,
    effort: Option<&'static str>,
    timeout: Duration,
    concurrency: usize,
    last: Arc<Mutex<Option<Last>>>,
}

/// The beginning of the last run, for the next one.
struct Last {
    instructions: Arc<str>,
    tools: Arc<[ToolDefinition]>,
    standing: Arc<Standing>,
}

/// How a request identifies the customer and itself.
#[derive(Debug)]
pub(super) struct Caller {
    /// See [`super::wire::safety_identifier`].
    pub(super) safety_identifier: String,
    /// Unique, for OpenAI's support.
    pub(super) request_id: String,
}

impl OpenAi {
    /// Creates a client without connecting. The rustls provider must be installed.
    ///
    /// # Errors
    /// [`RunError::Unavailable`] with the unusable setting: `api_key`, `proxy` or `tls`.
    pub(crate) fn new(config: &OpenAiConfig, clock: Clock) -> Result<Self, RunError> {
        let key = config.api_key.expose();
        // async-openai would panic at the first request.
        HeaderValue::from_str(key).map_err(|_invalid| errors::unavailable("api_key"))?;
        let openai = OpenAIConfig::new()
            .with_api_base(&config.base_url)
            .with_api_key(key)
            // The library would read these from the environment, as invisible settings.
            .with_org_id("")
            .with_project_id("");
        let http = http_client(
            config.proxy.as_ref().map(crate::config::Secret::expose),
            &config.authorities,
        )?;
        let service = tower::service_fn({
            let http = http.clone();
            move |request| exchange(http.clone(), request, clock.clone())
        });
        Ok(Self {
            client: Client::build(http, openai).with_http_service(service),
            model: config.model.clone(),
            effort: config.reasoning_effort.map(crate::config::ReasoningEffort::word),
            timeout: config.timeout,
            concurrency: config.concurrency,
            last: Arc::default(),
        })
    }

    pub(super) fn concurrency(&self) -> usize {
        self.concurrency
    }

    /// Makes a run, and its thread if necessary, within `OPENAI_TIMEOUT`.
    pub(super) async fn run(&self, run: &StartRun, caller: &Caller, steps: &Steps) -> Result<RunAnswer, RunError> {
        self.with_timeout(async {
            let thread = match &run.thread {
                RunThread::Existing(thread) => thread.clone(),
                RunThread::New => {
                    let making = self.new_thread(caller);
                    steps.call(StepName::Conversation, fault, making).await?
                }
            };
            let standing = self.standing(run)?;
            let setting = Setting {
                model: &self.model,
                effort: self.effort,
                safety_identifier: &caller.safety_identifier,
                standing: &standing,
            };
            let request = RunRequest::new(run, &thread, &setting);
            let running = self.response(&request, caller);
            let response = steps.call(StepName::Run, fault, running).await?;
            answer::answer(thread, response)
        })
        .await
    }

    /// Serialises and hashes instructions and tools once for all runs that share them.
    fn standing(&self, run: &StartRun) -> Result<Arc<Standing>, RunError> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some(last)
                if Arc::ptr_eq(&last.instructions, &run.instructions) && Arc::ptr_eq(&last.tools, &run.tools) =>
            {
                Ok(Arc::clone(&last.standing))
            }
            _ => {
                let standing = Arc::new(Standing::new(&run.instructions, &run.tools)?);
                *last = Some(Last {
                    instructions: Arc::clone(&run.instructions),
                    tools: Arc::clone(&run.tools),
                    standing: Arc::clone(&standing),
                });
                Ok(standing)
            }
        }
    }

    async fn response(&self, request: &RunRequest<'_>, caller: &Caller) -> Result<Response, RunError> {
        let responses = self.client.responses().header(REQUEST_ID, &caller.request_id);
        let made = responses.map_err(run_error)?.create_byot(request).await;
        Response::read(&body(made)?)
    }

    async fn new_thread(&self, caller: &Caller) -> Result<ThreadId, RunError> {
        let request_id = format!("{}-thread", caller.request_id);
        let conversations = self.client.conversations().header(REQUEST_ID, &request_id);
        let created = conversations
            .map_err(run_error)?
            .create_byot(Value::Object(serde_json::Map::new()))
            .await;
        answer::conversation(&body(created)?)
    }

    async fn model(&self) -> Result<CheckedModel, RunError> {
        let found = self.client.models().retrieve_byot(&self.model).await;
        answer::model(&self.model, &body(found)?)
    }

    fn with_timeout<T>(
        &self,
        work: impl Future<Output = Result<T, RunError>>,
    ) -> impl Future<Output = Result<T, RunError>> {
        let bounded = tokio::time::timeout(self.timeout, work);
        bounded.map(|outcome| outcome.unwrap_or_else(|_elapsed| Err(errors::unknown("timeout"))))
    }
}

/// Checks key, address and model without making a run (GET /models/{model}), within `OPENAI_TIMEOUT`.
///
/// # Errors
/// The same as those of a run.
pub(crate) async fn check(config: &OpenAiConfig) -> Result<CheckedModel, RunError> {
    let openai = OpenAi::new(config, Clock::system())?;
    openai.with_timeout(openai.model()).await
}

/// The error of an injected fault.
fn fault(moment: Moment) -> RunError {
    match moment {
        Moment::Before => RunError::NotExecuted {
            what: "step".to_owned(),
            retry_after: None,
        },
        Moment::After => errors::unknown("step"),
    }
}

fn http_client(proxy: Option<&str>, authorities: &Authorities) -> Result<reqwest::Client, RunError> {
    let roots = webpki_root_certs::TLS_SERVER_ROOT_CERTS
        .iter()
        .map(AsRef::as_ref)
        .chain(authorities.der())
        .filter_map(|root| reqwest::Certificate::from_der(root).ok());
    let builder = reqwest::Client::builder()
        .tls_certs_only(roots)
        .connect_timeout(CONNECT_TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never());
    let builder = match proxy {
        Some(url) => builder.proxy(reqwest::Proxy::all(url).map_err(|_invalid| errors::unavailable("proxy"))?),
        // A proxy from the environment would be an invisible setting.
        None => builder.no_proxy(),
    };
    builder.build().map_err(|_unusable| errors::unavailable("tls"))
}

/// The response: a whole body with a 2xx status, or an error. Both bypass async-openai as a boxed error, the only value it passes on
/// unchanged: it would read, copy and log a body.
#[derive(thiserror::Error)]
#[error("response")]
struct Returned(Result<Vec<u8>, RunError>);

/// Without the body, which contains a customer's text.
impl std::fmt::Debug for Returned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Returned")
    }
}

async fn exchange(
    http: reqwest::Client,
    request: HttpRequestFactory,
    clock: Clock,
) -> Result<reqwest::Response, OpenAIError> {
    let mut built = request.build().await?;
    // Thousands of runs may wait for the model. Drop the copies kept for rebuilding and resending the request.
    drop(request);
    if let Some(body) = built.body_mut() {
        *body = reqwest::Body::wrap(std::mem::take(body));
    }
    let mut response = http.execute(built).await?;
    let status = response.status();
    let returned = match status.is_success() {
        true => whole(&mut response).await,
        false => {
            let wait = retry_after(response.headers(), &clock);
            // Without a body the status alone decides.
            let body = whole(&mut response).await.unwrap_or_default();
            Err(Refusal::read(status.as_u16(), &body, wait).into_run_error())
        }
    };
    Err(OpenAIError::Boxed(Box::new(Returned(returned))))
}

/// Unwraps [`Returned`].
fn body(made: Result<IgnoredAny, OpenAIError>) -> Result<Vec<u8>, RunError> {
    match made {
        Err(OpenAIError::Boxed(error)) => match error.downcast::<Returned>() {
            Ok(returned) => returned.0,
            Err(_foreign) => Err(errors::unknown("client")),
        },
        Err(error) => Err(run_error(error)),
        Ok(_of_the_library) => Err(errors::unknown("client")),
    }
}

/// The body, unless it is truncated or too long.
async fn whole(response: &mut reqwest::Response) -> Result<Vec<u8>, RunError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| transport(&error))? {
        if body.len() + chunk.len() > LONGEST_BODY {
            return Err(errors::unknown("body_too_long"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn retry_after(headers: &HeaderMap, clock: &Clock) -> Option<Duration> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    errors::retry_after(text("retry-after-ms"), text("retry-after"), clock.now())
}

/// Never uses the error's `Display`, which can contain a whole body.
fn run_error(error: OpenAIError) -> RunError {
    match error {
        OpenAIError::Reqwest(error) => transport(&error),
        OpenAIError::InvalidArgument(_) => errors::unavailable("request"),
        _ => errors::unknown("unreadable"),
    }
}

fn transport(error: &reqwest::Error) -> RunError {
    if error.is_builder() {
        errors::unavailable("address")
    } else if error.is_connect() {
        match error {
            error if are_descriptors_exhausted(error) => errors::not_executed(NO_DESCRIPTORS),
            error if is_issuer_unknown(error) => errors::not_executed(UNKNOWN_ISSUER),
            _ => errors::not_connected(),
        }
    } else if error.is_timeout() {
        errors::unknown("timeout")
    } else {
        errors::unknown("cut")
    }
}
