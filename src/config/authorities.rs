//! `TLS_CA_FILE`: certificates of authorities that are trusted beside the well-known ones, as a mail server of the
//! business's own or a proxy that looks into TLS needs them.

use std::path::Path;
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::source::unmarked;
use super::values::Problem;

/// Certificates (DER) of further authorities. Cheap to clone.
#[derive(Clone, Default)]
pub struct Authorities(Arc<Vec<CertificateDer<'static>>>);

impl Authorities {
    /// Reads a file of certificates (PEM, one or several).
    pub(super) fn read(file: &str) -> Result<Self, Problem> {
        let fix = "write the path of a file with the authority's certificate (PEM, -----BEGIN CERTIFICATE-----)";
        let problem = |what: String| (what, fix.to_owned());
        let text = std::fs::read(Path::new(file))
            .map(unmarked)
            .map_err(|error| problem(format!("names a file that cannot be read ({}): {file:?}", error.kind())))?;
        let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
        let found = found.map_err(|_broken| problem(format!("names a file with a broken certificate: {file:?}")))?;
        if found.is_empty() {
            return Err(problem(format!("names a file without a certificate: {file:?}")));
        }
        let mut roots = RootCertStore::empty();
        for (place, certificate) in found.iter().enumerate() {
            let added = roots.add(certificate.clone());
            added.map_err(|_refused| {
                let what = format!("names a file whose certificate {} is not one: {file:?}", place + 1);
                problem(what)
            })?;
        }
        Ok(Self(Arc::new(found)))
    }

    /// Each of them (DER).
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
    /// One of a test's own.
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
            .map_err(|(what, _)| what)
    }

    #[test]
    fn a_file_may_hold_several_certificates_and_words_between_them() {
        assert_eq!(read(&certificate()), Ok(1));
        let several = format!("our root\n{}\r\n# the other one\n{}", certificate(), certificate());
        assert_eq!(read(&several), Ok(2));
        let marked = format!("\u{feff}{}{}", certificate(), certificate());
        assert_eq!(read(&marked), Ok(2), "as Notepad saves it");
    }

    #[test]
    fn what_holds_no_certificate_is_a_fault_that_names_the_file() {
        let key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
        let nonsense = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        let cut = certificate().lines().take(3).collect::<Vec<_>>().join("\n");
        for text in ["", "hello", key, nonsense, &cut] {
            let what = read(text).unwrap_err();
            assert!(what.contains("certificate") && what.contains("tmp"), "{what}");
        }
        let (what, fix) = Authorities::read("/nowhere/ca.pem").unwrap_err();
        assert!(what.contains("/nowhere/ca.pem") && fix.contains("PEM"), "{what}: {fix}");
    }
}
