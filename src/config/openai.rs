//! Settings of the OpenAI edge.

use std::time::Duration;

use clap::ValueEnum;

use super::entry::{optional, secret, value};
use super::group::settings;
use super::values::{api_key, duration, number, openai_url, proxy_url, verbatim, without_password, word};
use super::{Authorities, Secret};

/// The model that answers unless `OPENAI_MODEL` names another: quick and cheap enough for every customer's
/// every question. Models come and go, so the choice carries its date.
pub(crate) const DEFAULT_MODEL: &str = "gpt-5.4-mini";

/// When [`DEFAULT_MODEL`] was chosen.
pub(crate) const DEFAULT_MODEL_CHOSEN: &str = "2026-11";

settings! {
    /// What the OpenAI edge needs.
    pub struct OpenAiConfig in "OpenAI" {
        /// The key of the OpenAI project that pays for the answers (required)
        api_key: Secret = secret("OPENAI_API_KEY", "KEY", api_key),
        /// Address of the API, ending with /v1
        base_url: String = value("OPENAI_BASE_URL", "URL", "https://api.openai.com/v1", openai_url).private(without_password),
        /// Proxy on the way to OpenAI: http://, https://, socks5:// or socks5h:// (host names are resolved by the proxy)
        proxy: Option<Secret> = optional("OPENAI_PROXY", "URL", proxy_url).private(without_password),
        /// The model that answers
        model: String = value("OPENAI_MODEL", "NAME", DEFAULT_MODEL, verbatim)
            .remark(&format!("the default was chosen in {DEFAULT_MODEL_CHOSEN}")),
        /// How much a reasoning model may think: none, minimal, low, medium, high, xhigh or max; unset: the model decides
        reasoning_effort: Option<ReasoningEffort> = optional("OPENAI_REASONING_EFFORT", "EFFORT", word),
        /// Longest time of one request, 1 s to 10 min
        // From connecting to its last byte.
        timeout: Duration = value("OPENAI_TIMEOUT", "TIME", "60s", |text| {
            duration(text, Duration::from_secs(1), Duration::from_mins(10))
        }),
        /// Requests under way at the same time, 1 to 4096
        // More wait for their turn.
        concurrency: usize = value("OPENAI_CONCURRENCY", "N", "256", |text| number(text, 1, 4_096)),
    }
    and
    /// `TLS_CA_FILE`
    authorities: Authorities
}

/// How much a reasoning model may think before it answers; the words are OpenAI's, least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "lowercase")]
pub enum ReasoningEffort {
    None,
    Minimal,
    Low,
    Medium,
    High,
    Xhigh,
    Max,
}

impl ReasoningEffort {
    /// The word on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Minimal => "minimal",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Xhigh => "xhigh",
            Self::Max => "max",
        }
    }
}
