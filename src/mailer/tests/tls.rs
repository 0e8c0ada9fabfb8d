//! Without an encrypted connection to a verified server, neither login nor letter is sent.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::*;
use crate::mailer::smtp::Server;

/// A mail server with a certificate for `localhost` that it signed itself.
struct Private {
    port: u16,
    certificate: CertificateDer<'static>,
    /// What was said to it, in the clear and behind TLS.
    heard: Arc<Mutex<Vec<String>>>,
}

impl Private {
    async fn start(security: SmtpSecurity) -> Self {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let certificate = made.cert.der().clone();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.clone()], key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard: Arc<Mutex<Vec<String>>> = Arc::default();
        let ear = Arc::clone(&heard);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, ear) = (acceptor.clone(), Arc::clone(&ear));
                tokio::spawn(async move {
                    if security == SmtpSecurity::ForceTls {
                        let stream = acceptor.accept(stream).await.ok()?;
                        return talk(&mut BufReader::new(stream), "tls", &ear, true).await;
                    }
                    let mut plain = BufReader::new(stream);
                    talk(&mut plain, "clear", &ear, true).await?;
                    let stream = acceptor.accept(plain.into_inner()).await.ok()?;
                    talk(&mut BufReader::new(stream), "tls", &ear, false).await
                });
            }
        });
        Self {
            port,
            certificate,
            heard,
        }
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

/// Speaks until the client leaves, or until it has asked for TLS.
async fn talk<S>(stream: &mut BufReader<S>, how: &str, ear: &Mutex<Vec<String>>, greets: bool) -> Option<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    if greets {
        stream.write_all(b"220 private\r\n").await.ok()?;
        stream.flush().await.ok()?;
    }
    let mut in_letter = false;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let word = line.split([' ', '\r']).next().unwrap_or_default().to_owned();
        let answer = match (in_letter, word.as_str()) {
            (true, ".") => {
                in_letter = false;
                "250 taken"
            }
            (true, _) => continue,
            (false, "EHLO") if how == "clear" => "250-private\r\n250 STARTTLS",
            (false, "EHLO") => "250-private\r\n250 AUTH PLAIN",
            (false, "AUTH") => "235 welcome",
            (false, "DATA") => {
                in_letter = true;
                "354 go on"
            }
            (false, "STARTTLS") => "220 go ahead",
            (false, "QUIT") => "221 bye",
            (false, _) => "250 ok",
        };
        ear.lock().unwrap().push(format!("{how} {word}"));
        stream.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
        stream.flush().await.ok()?;
        if word == "STARTTLS" {
            return Some(());
        }
    }
}

fn at_localhost(port: u16, security: SmtpSecurity) -> SmtpConfig {
    SmtpConfig {
        host: "localhost".into(),
        security,
        ..with_login(smtp(port))
    }
}

async fn delivered(config: &SmtpConfig) -> Result<(), MailError> {
    let (server, letter) = (Server::new(config)?, written(examples::one(examples::short())));
    let ready = server.ask(&letter).await?;
    server.hand_over(ready, &letter).await
}

fn trusting(mut config: SmtpConfig, authority: &[u8]) -> SmtpConfig {
    config.authorities = Authorities::of(authority);
    config
}

#[tokio::test]
async fn a_letter_and_its_login_travel_behind_tls_alone() {
    for security in [SmtpSecurity::Starttls, SmtpSecurity::ForceTls] {
        let private = Private::start(security).await;
        let trusted = trusting(at_localhost(private.port, security), &private.certificate);
        assert_eq!(delivered(&trusted).await, Ok(()), "{security:?}");
        let heard = private.heard();
        let is_private = |line: &&String| line.starts_with("tls ");
        let expected = ["tls EHLO", "tls AUTH", "tls MAIL", "tls RCPT", "tls DATA"];
        let behind: Vec<&String> = heard.iter().filter(is_private).collect();
        assert_eq!(behind[..5], expected, "{heard:?}");
        let clear: Vec<&String> = heard.iter().filter(|line| !is_private(line)).collect();
        assert!(
            clear
                .iter()
                .all(|line| ["clear EHLO", "clear STARTTLS"].contains(&line.as_str())),
            "{heard:?}"
        );
    }
}

#[tokio::test]
async fn an_untrusted_server_gets_neither_login_nor_letter() {
    for security in [SmtpSecurity::Starttls, SmtpSecurity::ForceTls] {
        let private = Private::start(security).await;
        let outcome = delivered(&at_localhost(private.port, security)).await;
        assert!(
            matches!(&outcome, Err(MailError::Account(said)) if said.contains("TLS_CA_FILE")),
            "{security:?}: {outcome:?}"
        );
        let heard = private.heard();
        assert!(heard.iter().all(|line| !line.starts_with("tls")), "{heard:?}");
    }
}

#[tokio::test]
async fn a_certificate_of_another_host_is_none() {
    let private = Private::start(SmtpSecurity::ForceTls).await;
    let mut elsewhere = at_localhost(private.port, SmtpSecurity::ForceTls);
    elsewhere.host = "127.0.0.1".into();
    let outcome = delivered(&trusting(elsewhere, &private.certificate)).await;
    assert!(
        matches!(&outcome, Err(MailError::Account(said)) if said.contains("SMTP_HOST")),
        "{outcome:?}"
    );
}
