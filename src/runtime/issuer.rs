//! Recognises a certificate of an unknown issuer: a company proxy that inspects TLS, or a server with a private authority. The
//! reason "connect" would make an operator check the network.

use std::error::Error;

use rustls::CertificateError;

/// The reason in place of "connect".
pub(crate) const UNKNOWN_ISSUER: &str = "certificate of an unknown authority; TLS_CA_FILE can name it";

/// Whether the error or one of its sources is an unknown issuer.
pub(crate) fn is_issuer_unknown(error: &(dyn Error + 'static)) -> bool {
    let unknown = rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
    // An `io::Error` around another one does not name it as its source.
    let io = error.downcast_ref::<std::io::Error>();
    let inside = io.and_then(std::io::Error::get_ref);
    error.downcast_ref::<rustls::Error>() == Some(&unknown)
        || inside.is_some_and(|inner| is_issuer_unknown(inner))
        || error.source().is_some_and(is_issuer_unknown)
}
