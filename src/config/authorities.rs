//! `TLS_CA_FILE`: additional CA certificates to trust, for a private mail server or a proxy that intercepts TLS.

use std::path::Path;
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::source::unmarked;
use super::values::Problem;

/// Additional CA certificates (DER). Cheap to clone.
#[derive(Clone, Default)]
pub struct Authorities(Arc<Vec<CertificateDer<'static>>>);

impl Authorities {
    /// Reads a file with one or more certificates (PEM).
    pub(super) fn read(file: &str) -> Result<Self, Problem> {
        let fix = "set it to the path of a PEM file with the CA certificate (-----BEGIN CERTIFICATE-----)";
        let problem = |text: String| (text, fix.to_owned());
        let text = std::fs::read(Path::new(file))
            .map(unmarked)
            .map_err(|error| problem(format!("names a file that cannot be read ({}): {file:?}", error.kind())))?;
        let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
        let found = found.map_err(|_broken| problem(format!("names a file with an invalid certificate: {file:?}")))?;
        if found.is_empty() {
            return Err(problem(format!("names a file without a certificate: {file:?}")));
        }
        let mut roots = RootCertStore::empty();
        for (place, certificate) in found.iter().enumerate() {
            let added = roots.add(certificate.clone());
            added.map_err(|_refused| {
                let text = format!("names a file whose certificate {} is invalid: {file:?}", place + 1);
                problem(text)
            })?;
        }
        Ok(Self(Arc::new(found)))
    }

    /// Each certificate (DER).
    pub fn der(&self) -> impl Iterator<Item = &[u8]> {
        self.0.iter().map(AsRef::as_ref)
    }
}

impl std::fmt::Debug for Authorities {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Authorities").field(&self.0.len()).finish()
    }
}

#[cfg(test)]
impl Authorities {
    /// A certificate of a test.
    pub fn of(der: &[u8]) -> Self {
        Self(Arc::new(vec![CertificateDer::from(der.to_vec())]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn certificate() -> String {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        made.cert.pem()
    }

    fn read(text: &str) -> Result<usize, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(&file, text).unwrap();
        Authorities::read(file.path().to_str().unwrap())
            .map(|found| found.der().count())
            .map_err(|(problem, _)| problem)
    }

    #[test]
    fn a_file_may_contain_several_certificates_and_other_text() {
        assert_eq!(read(&certificate()), Ok(1));
        let several = format!("our root\n{}\r\n# the other one\n{}", certificate(), certificate());
        assert_eq!(read(&several), Ok(2));
        let marked = format!("\u{feff}{}{}", certificate(), certificate());
        assert_eq!(read(&marked), Ok(2), "as Notepad saves it");
    }

    #[test]
    fn a_file_without_a_valid_certificate_is_an_error_that_names_the_file() {
        let key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
        let nonsense = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        let cut = certificate().lines().take(3).collect::<Vec<_>>().join("\n");
        for text in ["", "hello", key, nonsense, &cut] {
            let problem = read(text).unwrap_err();
            assert!(problem.contains("certificate") && problem.contains("tmp"), "{problem}");
        }
        let (problem, fix) = Authorities::read("/nowhere/ca.pem").unwrap_err();
        assert!(
            problem.contains("/nowhere/ca.pem") && fix.contains("PEM"),
            "{problem}: {fix}"
        );
    }
}
