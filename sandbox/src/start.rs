//! Starting and stopping: one thread with its own runtime serves everything, so that the stand-ins answer independently of the
//! caller's runtime.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, TcpListener as StdListener};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::oneshot;

use crate::control::ControlEdge;
use crate::faults::{Faults, RuleId};
use crate::journal::{Entry, Journal, Listener, Timeout};
use crate::openai::{self, OpenAi, OpenAiEdge};
use crate::script::{Consultant, Script};
use crate::seen;
use crate::server::serve;
use crate::smtp::{self, ClosablePort, Smtp};
use crate::telegram::{self, Telegram, TelegramEdge};

/// Options of a sandbox.
#[derive(Clone)]
pub struct Options {
    /// The bot's token: a number, a colon, anything.
    pub token: String,
    /// The key of the OpenAI API.
    pub api_key: String,
    /// Without the `@`.
    pub bot_username: String,
    /// The displayed name.
    pub bot_name: String,
    /// The mail server's only user.
    pub smtp_username: String,
    /// The mail server's password.
    pub smtp_password: String,
    /// Answers in place of a model.
    pub script: Arc<dyn Script>,
    /// 0: any free port.
    pub telegram_port: u16,
    /// 0: any free port.
    pub openai_port: u16,
    /// 0: any free port.
    pub smtp_port: u16,
    /// 0: any free port.
    pub control_port: u16,
    /// For long measurements: receives the events, and nothing is kept. The journal stays empty, conversations have no
    /// items (so no script may call a tool), and neither messages nor requests can be read later.
    pub listener: Option<Listener>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            token: "1000001:sandbox-token-not-a-secret".to_owned(),
            api_key: "sk-sandbox".to_owned(),
            bot_username: "sandbox_bot".to_owned(),
            bot_name: "Sandbox".to_owned(),
            smtp_username: "robot@example.org".to_owned(),
            smtp_password: "smtp-password-not-a-secret".to_owned(),
            script: Arc::new(Consultant),
            telegram_port: 0,
            openai_port: 0,
            smtp_port: 0,
            control_port: 0,
            listener: None,
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Options")
            .field("bot_username", &self.bot_username)
            .finish_non_exhaustive()
    }
}

/// A running sandbox; cheap to clone. Dropping the last clone stops it.
#[derive(Clone, Debug)]
pub struct Sandbox(Arc<Running>);

#[derive(Debug)]
struct Running {
    edge: ControlEdge,
    control_port: u16,
    /// The thread ends when this end of the channel is dropped.
    _stop: oneshot::Sender<()>,
}

impl Sandbox {
    /// Binds the ports on 127.0.0.1 and starts serving.
    ///
    /// # Errors
    /// When a port is taken, the token has no number before a colon, or no thread can be started.
    pub fn start(options: Options) -> io::Result<Self> {
        let id = options.token.split_once(':').and_then(|(id, _)| id.parse().ok());
        let id =
            id.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "the token has no number before a colon"))?;
        let listeners = Listeners {
            telegram: bind(options.telegram_port)?,
            openai: bind(options.openai_port)?,
            control: bind(options.control_port)?,
        };
        let journal = Journal::new(options.listener);
        let faults = Faults::new(journal.clone());
        let bot = telegram::Bot {
            token: options.token,
            id,
            username: options.bot_username,
            name: options.bot_name,
        };
        let telegram = Telegram {
            shared: telegram::Shared::new(bot, journal.clone(), faults.clone()),
            port: listeners.telegram.local_addr()?.port(),
        };
        let openai = OpenAi {
            shared: openai::Shared::new(options.api_key, options.script, journal.clone(), faults.clone()),
            port: listeners.openai.local_addr()?.port(),
        };
        let smtp = Smtp {
            shared: Arc::new(smtp::Shared::new(
                options.smtp_username,
                options.smtp_password,
                journal.clone(),
                faults.clone(),
            )),
            port: Arc::new(ClosablePort::new(options.smtp_port)?),
        };
        let control_port = listeners.control.local_addr()?.port();
        let edge = ControlEdge {
            telegram,
            openai,
            smtp,
            journal,
            faults,
        };
        let (stop, stopped) = oneshot::channel();
        edge.journal.use_timers_of(spawn(listeners, edge.clone(), stopped)?);
        Ok(Self(Arc::new(Running {
            edge,
            control_port,
            _stop: stop,
        })))
    }

    /// Starts with this script on any free ports.
    ///
    /// # Errors
    /// See [`Self::start`].
    pub fn answering(script: impl Script + 'static) -> io::Result<Self> {
        Self::start(Options {
            script: Arc::new(script),
            ..Options::default()
        })
    }

    /// Waits until a rule has hit `times` calls.
    ///
    /// # Errors
    /// [`Timeout`] when `limit` (of real time) passed first.
    pub async fn struck(&self, rule: RuleId, times: u32, limit: Duration) -> Result<(), Timeout> {
        let enough = |_: &[Entry]| (self.faults().hits(rule) >= times).then_some(());
        self.journal().wait_for(limit, enough).await
    }

    /// Runs a future on the thread of the stand-ins, so that it wakes no other thread.
    pub fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) {
        self.journal().spawn(future);
    }

    /// Environment variables that point a bot at it.
    #[must_use]
    pub fn environment(&self) -> [(&'static str, String); 9] {
        let (telegram, openai, smtp) = (self.telegram(), self.openai(), self.smtp());
        [
            ("TELEGRAM_API_URL", telegram.url()),
            ("TELEGRAM_BOT_TOKEN", telegram.token().to_owned()),
            ("OPENAI_BASE_URL", openai.url()),
            ("OPENAI_API_KEY", openai.api_key().to_owned()),
            ("SMTP_HOST", smtp.host().to_owned()),
            ("SMTP_PORT", smtp.port().to_string()),
            ("SMTP_SECURITY", "off".to_owned()),
            ("SMTP_USERNAME", smtp.username().to_owned()),
            ("SMTP_PASSWORD", smtp.password().to_owned()),
        ]
    }

    /// The Telegram stand-in.
    #[must_use]
    pub fn telegram(&self) -> &Telegram {
        &self.0.edge.telegram
    }

    /// The OpenAI stand-in.
    #[must_use]
    pub fn openai(&self) -> &OpenAi {
        &self.0.edge.openai
    }

    /// The SMTP stand-in.
    #[must_use]
    pub fn smtp(&self) -> &Smtp {
        &self.0.edge.smtp
    }

    /// Customer messages and replies, letters in mailboxes, and the input of each request to the model: the records for the
    /// [`audit`].
    #[must_use]
    pub fn seen(&self) -> audit::Seen {
        seen::all(self.journal(), self.openai(), self.smtp())
    }

    /// The journal of all events.
    #[must_use]
    pub fn journal(&self) -> &Journal {
        &self.0.edge.journal
    }

    /// The rules for faults.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.0.edge.faults
    }

    /// The HTTP address that controls the sandbox.
    #[must_use]
    pub fn control_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.0.control_port)
    }

    /// All violations of an interface's contract by the client: unknown methods and fields, wrong types, wrong tokens, malformed
    /// letters. Empty in a good run.
    #[must_use]
    pub fn violations(&self) -> Vec<String> {
        self.journal().violations()
    }
}

struct Listeners {
    telegram: StdListener,
    openai: StdListener,
    control: StdListener,
}

fn bind(port: u16) -> io::Result<StdListener> {
    let listener = StdListener::bind((Ipv4Addr::LOCALHOST, port))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Starts the thread; returns its runtime once that exists.
fn spawn(listeners: Listeners, control: ControlEdge, stopped: oneshot::Receiver<()>) -> io::Result<Handle> {
    let (ready, started) = mpsc::channel();
    thread::Builder::new().name("sandbox".to_owned()).spawn(move || {
        let runtime = match Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => return drop(ready.send(Err(error))),
        };
        // If the caller has already ended, `stopped` ends the thread at once.
        drop(ready.send(Ok(runtime.handle().clone())));
        run(&runtime, listeners, control, stopped);
    })?;
    started.recv().map_err(io::Error::other)?
}

fn run(runtime: &Runtime, listeners: Listeners, control: ControlEdge, stopped: oneshot::Receiver<()>) {
    let served = async move {
        let telegram = Arc::new(TelegramEdge(Arc::clone(&control.telegram.shared)));
        let openai = Arc::new(OpenAiEdge(Arc::clone(&control.openai.shared)));
        tokio::spawn(serve(TcpListener::from_std(listeners.telegram)?, telegram));
        tokio::spawn(serve(TcpListener::from_std(listeners.openai)?, openai));
        let (port, shared) = (Arc::clone(&control.smtp.port), Arc::clone(&control.smtp.shared));
        tokio::spawn(smtp::serve(port, shared));
        tokio::spawn(serve(TcpListener::from_std(listeners.control)?, Arc::new(control)));
        io::Result::Ok(stopped.await)
    };
    // Fails only if the reactor rejects the listener; then clients find the ports closed.
    drop(runtime.block_on(served));
}
