//! The client. async-openai makes the requests; what comes back is received by a service of our own and passed around the library,
//! which forgets the status of a body it cannot read, throws `Retry-After` away and logs bodies. Nothing is
//! retried here: with a conversation a second request can add the same message twice.

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
/// Bytes of a body. A response repeats instructions and tools, and is far below it.
const LONGEST_BODY: usize = 8 << 20;
const REQUEST_ID: HeaderName = HeaderName::from_static("x-client-request-id");

/// OpenAI, or a server that speaks like it. Cheap to clone; all clones share their connections.
#[derive(Clone)]
pub(crate) struct OpenAi {
    client: Client<OpenAIConfig>,
    model: String,
    effort: Option<&'static str>,
    timeout: Duration,
    concurrency: usize,
    last: Arc<Mutex<Option<Last>>>,
}

/// What the last run began with.
struct Last {
    instructions: Arc<str>,
    tools: Arc<[ToolDefinition]>,
    standing: Arc<Standing>,
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
            let standing = self.standing(run)?;
            let setting = Setting {
                model: &self.model,
                effort: self.effort,
                safety_identifier: &asker.safety_identifier,
                standing: &standing,
            };
            let request = RunRequest::new(run, &thread, &setting);
            let running = self.response(&request, asker);
            let response = steps.call(StepName::Run, fault, running).await?;
            answer::answer(thread, response)
        })
        .await
    }

    /// Instructions and tools are written and hashed once for all runs that share them.
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

    async fn response(&self, request: &RunRequest<'_>, asker: &Asker) -> Result<Response, RunError> {
        let responses = self.client.responses().header(REQUEST_ID, &asker.request_id);
        let made = responses.map_err(sorted)?.create_byot(request).await;
        Response::read(&body(made)?)
    }

    async fn new_thread(&self, asker: &Asker) -> Result<ThreadId, RunError> {
        let request_id = format!("{}-thread", asker.request_id);
        let conversations = self.client.conversations().header(REQUEST_ID, &request_id);
        let created = conversations
            .map_err(sorted)?
            .create_byot(Value::Object(serde_json::Map::new()))
            .await;
        answer::conversation(&body(created)?)
    }

    async fn model(&self) -> Result<CheckedModel, RunError> {
        let found = self.client.models().retrieve_byot(&self.model).await;
        answer::model(&self.model, &body(found)?)
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

/// What came back: a whole body with a status of 2xx, or why there is none. The library passes on nothing as it is but a foreign
/// error, so both travel as one: async-openai never sees a body, which it would read, copy and log.
#[derive(thiserror::Error)]
#[error("what came back")]
struct Returned(Result<Vec<u8>, RunError>);

/// Without the body: it holds a customer's text.
impl std::fmt::Debug for Returned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Returned")
    }
}

/// One request.
async fn exchange(
    http: reqwest::Client,
    request: HttpRequestFactory,
    clock: Clock,
) -> Result<reqwest::Response, OpenAIError> {
    let mut built = request.build().await?;
    // Thousands wait for their model: none keeps its request meanwhile, neither to build it again nor to send it again.
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
            // The status alone decides when the body does not arrive.
            let body = whole(&mut response).await.unwrap_or_default();
            Err(Refusal::read(status.as_u16(), &body, wait).sorted())
        }
    };
    Err(OpenAIError::Boxed(Box::new(Returned(returned))))
}

/// The body that came back by [`Returned`].
fn body(made: Result<IgnoredAny, OpenAIError>) -> Result<Vec<u8>, RunError> {
    match made {
        Err(OpenAIError::Boxed(error)) => match error.downcast::<Returned>() {
            Ok(returned) => returned.0,
            Err(_foreign) => Err(errors::unknown("client")),
        },
        Err(error) => Err(sorted(error)),
        Ok(_of_the_library) => Err(errors::unknown("client")),
    }
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
