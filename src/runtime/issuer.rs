//! A certificate whose issuer nobody here knows: a company's proxy that looks into TLS, or a server with an authority of its
//! own. "connect" would send an operator looking at the network.

use std::error::Error;

use rustls::CertificateError;

/// What is told in place of "connect".
pub(crate) const UNKNOWN_ISSUER: &str = "certificate of an unknown authority; TLS_CA_FILE can name it";

/// Whether that is at the bottom of an error.
pub(crate) fn is_issuer_unknown(error: &(dyn Error + 'static)) -> bool {
    let unknown = rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
    // An `io::Error` around another one does not name it as its source.
    let io = error.downcast_ref::<std::io::Error>();
    let inside = io.and_then(std::io::Error::get_ref);
    error.downcast_ref::<rustls::Error>() == Some(&unknown)
        || inside.is_some_and(|inner| is_issuer_unknown(inner))
        || error.source().is_some_and(is_issuer_unknown)
}
