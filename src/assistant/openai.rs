//! The client. async-openai makes the requests; what comes back goes through a service of our own, because the
//! library forgets the status of a body it cannot read, throws `Retry-After` away and logs bodies. Nothing is
//! retried here: with a conversation a second request can add the same message twice.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_openai::Client;
use async_openai::config::OpenAIConfig;
use async_openai::error::OpenAIError;
use async_openai::middleware::HttpRequestFactory;
use async_openai::traits::RequestOptionsBuilder;
use base::json;
use base::{Clock, Moment, StepName, Steps};
use domain::ThreadId;
use futures_util::FutureExt as _;
use reqwest::header::{HeaderMap, HeaderValue};
use serde_json::Value;

use super::answer::{self, CheckedModel};
use super::errors::{self, Refusal};
use super::messages::{RunAnswer, RunError, RunThread, StartRun};
use super::wire::{self, RunRequest, Setting};
use crate::config::{Authorities, OpenAiConfig};
use crate::runtime::descriptors::{NO_DESCRIPTORS, are_descriptors_exhausted};
use crate::runtime::issuer::{UNKNOWN_ISSUER, is_issuer_unknown};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Bytes of a body. A response repeats instructions and tools, and is far below it.
const LONGEST_BODY: usize = 8 << 20;
const REQUEST_ID: &str = "X-Client-Request-Id";

/// OpenAI, or a server that speaks like it. Cheap to clone; all clones share their connections.
#[derive(Clone)]
pub(crate) struct OpenAi {
    client: Client<OpenAIConfig>,
    model: String,
    effort: Option<&'static str>,
    timeout: Duration,
    concurrency: usize,
    last_key: Arc<Mutex<Option<CacheKey>>>,
}

/// `prompt_cache_key` of the runs that share these instructions.
struct CacheKey {
    instructions: Arc<str>,
    key: Arc<str>,
}

/// Who asks, as far as OpenAI is told.
#[derive(Debug)]
pub(super) struct Asker {
    /// See [`super::wire::safety_identifier`].
    pub(super) safety_identifier: String,
    /// The request's own id, for OpenAI's support.
    pub(super) request_id: String,
}

impl OpenAi {
    /// Makes a client; connects to nothing yet. The rustls provider must have been installed.
    ///
    /// # Errors
    /// [`RunError::Unavailable`] naming what is unusable: `api_key`, `proxy` or `tls`.
    pub(crate) fn new(config: &OpenAiConfig, clock: Clock) -> Result<Self, RunError> {
        let key = config.api_key.expose();
        // async-openai would panic over it at the first request.
        HeaderValue::from_str(key).map_err(|_invalid| errors::unavailable("api_key"))?;
        let openai = OpenAIConfig::new()
            .with_api_base(&config.base_url)
            .with_api_key(key)
            // The library would take these from the environment, which is no setting of ours.
            .with_org_id("")
            .with_project_id("");
        let http = http_client(
            config.proxy.as_ref().map(crate::config::Secret::expose),
            &config.authorities,
        )?;
        let service = tower::service_fn({
            let http = http.clone();
            move |request| kept(http.clone(), request, clock.clone())
        });
        Ok(Self {
            client: Client::build(http, openai).with_http_service(service),
            model: config.model.clone(),
            effort: config.reasoning_effort.map(crate::config::ReasoningEffort::word),
            timeout: config.timeout,
            concurrency: config.concurrency,
            last_key: Arc::default(),
        })
    }

    /// `OPENAI_CONCURRENCY`.
    pub(super) fn concurrency(&self) -> usize {
        self.concurrency
    }

    /// Makes a run, and its thread if need be, within `OPENAI_TIMEOUT`.
    pub(super) async fn run(&self, run: &StartRun, asker: &Asker, steps: &Steps) -> Result<RunAnswer, RunError> {
        self.in_time(async {
            let thread = match &run.thread {
                RunThread::Existing(thread) => thread.clone(),
                RunThread::New => {
                    let making = self.new_thread(asker);
                    steps.call(StepName::Conversation, fault, making).await?
                }
            };
            let setting = Setting {
                model: &self.model,
                effort: self.effort,
                safety_identifier: &asker.safety_identifier,
                prompt_cache_key: &self.cache_key(run),
            };
            let request = RunRequest::new(run, &thread, &setting);
            let running = self.response(&request, asker);
            let body = steps.call(StepName::Run, fault, running).await?;
            answer::answer(thread, body)
        })
        .await
    }

    /// The instructions are hashed once for all runs that share them.
    fn cache_key(&self, run: &StartRun) -> Arc<str> {
        let mut last = self.last_key.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some(last) if Arc::ptr_eq(&last.instructions, &run.instructions) => Arc::clone(&last.key),
            _ => {
                let key: Arc<str> = wire::prompt_cache_key(&run.instructions, &run.tools).into();
                *last = Some(CacheKey {
                    instructions: Arc::clone(&run.instructions),
                    key: Arc::clone(&key),
                });
                key
            }
        }
    }

    async fn response(&self, request: &RunRequest<'_>, asker: &Asker) -> Result<Value, RunError> {
        let responses = self.client.responses().header(REQUEST_ID, &asker.request_id);
        let made = responses.map_err(sorted)?.create_byot(request).await;
        made.map_err(sorted)
    }

    async fn new_thread(&self, asker: &Asker) -> Result<ThreadId, RunError> {
        let request_id = format!("{}-thread", asker.request_id);
        let conversations = self.client.conversations().header(REQUEST_ID, &request_id);
        let created = conversations
            .map_err(sorted)?
            .create_byot(Value::Object(serde_json::Map::new()))
            .await;
        let body: Value = created.map_err(sorted)?;
        answer::conversation(&body)
    }

    async fn model(&self) -> Result<CheckedModel, RunError> {
        let found = self.client.models().retrieve_byot(&self.model).await;
        let body: Value = found.map_err(sorted)?;
        Ok(answer::model(&self.model, &body))
    }

    fn in_time<T>(&self, work: impl Future<Output = Result<T, RunError>>) -> impl Future<Output = Result<T, RunError>> {
        let in_time = tokio::time::timeout(self.timeout, work);
        in_time.map(|outcome| outcome.unwrap_or_else(|_elapsed| Err(errors::unknown("timeout"))))
    }
}

/// Asks whether key, address and model are good, without making a run (GET /models/{model}).
///
/// # Errors
/// Sorted as those of a run; takes at most `OPENAI_TIMEOUT`.
pub(crate) async fn check(config: &OpenAiConfig) -> Result<CheckedModel, RunError> {
    let openai = OpenAi::new(config, Clock::system())?;
    openai.in_time(openai.model()).await
}

/// What a step that was made to fail looks like.
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
        // A proxy from the environment is no setting of ours.
        None => builder.no_proxy(),
    };
    builder.build().map_err(|_unusable| errors::unavailable("tls"))
}

/// One request. What comes back is either a whole body of JSON with a status of 2xx, or already a [`RunError`]
/// in [`OpenAIError::Boxed`]: async-openai never meets a body that it would log.
async fn kept(
    http: reqwest::Client,
    request: HttpRequestFactory,
    clock: Clock,
) -> Result<reqwest::Response, OpenAIError> {
    let boxed = |error: RunError| OpenAIError::Boxed(Box::new(error));
    let mut built = request.build().await?;
    // Thousands wait for their model: none keeps its request meanwhile, neither to build it again nor to send it again.
    drop(request);
    if let Some(body) = built.body_mut() {
        let text = String::from_utf8_lossy(body.as_bytes().unwrap_or_default()).into_owned();
        *body = reqwest::Body::wrap(text);
    }
    let mut response = http.execute(built).await?;
    let status = response.status();
    if !status.is_success() {
        let wait = retry_after(response.headers(), &clock);
        // The status alone decides when the body does not arrive.
        let body = whole(&mut response).await.unwrap_or_default();
        let refusal = Refusal::read(status.as_u16(), &body, wait);
        return Err(boxed(refusal.sorted()));
    }
    let body = whole(&mut response).await.map_err(boxed)?;
    let body = json::read(&body).ok_or_else(|| boxed(errors::unknown("unreadable")))?;
    Ok(http::Response::new(body.to_string()).into())
}

/// The body, unless it is cut or too long.
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

/// Never by its `Display`: it can hold a whole body.
fn sorted(error: OpenAIError) -> RunError {
    match error {
        OpenAIError::Boxed(error) => match error.downcast::<RunError>() {
            Ok(error) => *error,
            Err(_foreign) => errors::unknown("client"),
        },
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
