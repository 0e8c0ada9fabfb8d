//! Settings of the network: what connections to others have in common.

use super::Authorities;
use super::entry::optional_for;
use super::group::settings;
use super::source::Requirements;

settings! {
    /// What connections to others have in common; each edge is given a copy.
    pub(super) struct NetworkConfig in "Network" {
        /// Certificates (PEM) of authorities to trust beside the well-known ones, for mail, Telegram and OpenAI; unset: none
        // Commands that connect to nothing do not read the file.
        authorities: Authorities = optional_for("TLS_CA_FILE", "FILE", |file, requirements| match requirements {
            Requirements::Run => Authorities::read(file),
            Requirements::ReadOnly => Ok(Authorities::default()),
        })
        .or_else(|_source| Authorities::default()),
    }
}
