//! Settings shared by all network connections.

use super::Authorities;
use super::entry::optional_for;
use super::group::settings;
use super::source::Requirements;

settings! {
    /// Settings shared by all connections; each edge gets a copy.
    pub(super) struct NetworkConfig in "Network" {
        /// PEM file with additional CA certificates to trust for mail, Telegram and OpenAI
        // Commands without connections do not read the file.
        authorities: Authorities = optional_for("TLS_CA_FILE", "FILE", |file, requirements| match requirements {
            Requirements::Run => Authorities::read(file),
            Requirements::ReadOnly => Ok(Authorities::default()),
        })
        .or_else(|_source| Authorities::default()),
    }
}
