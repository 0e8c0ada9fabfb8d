//! TLS to the mail server: the trusted authorities, and why a connection could not be encrypted.

use std::io;
use std::sync::Arc;

use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{CertificateError, ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::messages::MailError;
use crate::config::Authorities;

/// What makes connections to one server private.
#[derive(Clone)]
pub(super) struct Tls {
    connector: TlsConnector,
    server: ServerName<'static>,
}

impl Tls {
    /// Trusts the well-known authorities and those of `TLS_CA_FILE`.
    ///
    /// # Errors
    /// [`MailError::Configuration`] if no certificate can be checked for that host.
    pub(super) fn new(host: &str, authorities: &Authorities) -> Result<Self, MailError> {
        let unusable = |_named| MailError::Configuration("SMTP_HOST cannot have a certificate".into());
        let server = ServerName::try_from(host.to_owned()).map_err(unusable)?;
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().cloned());
        roots.add_parsable_certificates(authorities.der().map(|der| CertificateDer::from(der.to_vec())));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|_versions| MailError::Configuration("no version of TLS".into()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self {
            connector: TlsConnector::from(Arc::new(config)),
            server,
        })
    }

    /// # Errors
    /// [`MailError::Account`] if the server's identity is not verified or it does not encrypt; else it disconnected.
    pub(super) async fn encrypt(&self, stream: TcpStream) -> Result<TlsStream<TcpStream>, MailError> {
        let encrypted = self.connector.connect(self.server.clone(), stream).await;
        encrypted.map_err(|error| sort(&error))
    }
}

/// Waiting does not fix a certificate, but it may fix a disconnect during the handshake.
fn sort(error: &io::Error) -> MailError {
    let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<rustls::Error>());
    let what = match cause {
        None => return MailError::Transient("no connection".into()),
        Some(rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer)) => {
            "certificate of an authority that is not known; put its certificate into TLS_CA_FILE"
        }
        Some(rustls::Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        )) => "certificate of another name; SMTP_HOST must be a name in it",
        Some(rustls::Error::InvalidCertificate(
            CertificateError::Expired | CertificateError::ExpiredContext { .. },
        )) => "certificate has expired",
        Some(rustls::Error::InvalidCertificate(
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. },
        )) => "certificate is not valid yet; check this machine's clock",
        Some(_) => "no encrypted connection: certificate, SMTP_PORT or SMTP_SECURITY",
    };
    MailError::Account(what.into())
}
