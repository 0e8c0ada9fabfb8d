//! Settings of the OpenAI edge.

use std::time::Duration;

use clap::ValueEnum;

use super::entry::{optional, secret, value};
use super::group::settings;
use super::values::{api_key, duration, number, openai_url, proxy_url, verbatim, without_password, word};
use super::{Authorities, Secret};

/// The default of `OPENAI_MODEL`: fast and cheap enough to answer every question. Models are retired, so the choice has a date.
pub(crate) const DEFAULT_MODEL: &str = "gpt-5.4-mini";

/// When [`DEFAULT_MODEL`] was chosen.
pub(crate) const DEFAULT_MODEL_CHOSEN: &str = "2026-11";

settings! {
    /// What the OpenAI edge needs.
    pub struct OpenAiConfig in "OpenAI" {
        /// API key of your OpenAI project (required)
        api_key: Secret = secret("OPENAI_API_KEY", "KEY", api_key),
        /// Base URL of the API, ending in /v1
        base_url: String = value("OPENAI_BASE_URL", "URL", "https://api.openai.com/v1", openai_url).private(without_password),
        /// Proxy for OpenAI: http://, https://, socks5:// or socks5h:// (socks5h: the proxy resolves host names)
        proxy: Option<Secret> = optional("OPENAI_PROXY", "URL", proxy_url).private(without_password),
        /// Model that answers customers
        model: String = value("OPENAI_MODEL", "NAME", DEFAULT_MODEL, verbatim)
            .remark(&format!("built-in default as of {DEFAULT_MODEL_CHOSEN}")),
        /// Reasoning effort: none, minimal, low, medium, high, xhigh or max (default: the model decides)
        reasoning_effort: Option<ReasoningEffort> = optional("OPENAI_REASONING_EFFORT", "EFFORT", word),
        /// Timeout for one request, 1s to 10min
        // From connecting to the last byte of the response.
        timeout: Duration = value("OPENAI_TIMEOUT", "TIME", "60s", |text| {
            duration(text, Duration::from_secs(1), Duration::from_mins(10))
        }),
        /// Maximum concurrent requests, 1 to 4096
        concurrency: usize = value("OPENAI_CONCURRENCY", "N", "256", |text| number(text, 1, 4_096)),
    }
    and
    /// `TLS_CA_FILE`
    authorities: Authorities
}

/// How much a reasoning model thinks before it answers: OpenAI's values, lowest first.
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
    /// The value in a request.
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
