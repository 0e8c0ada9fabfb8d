//! The name we introduce ourselves by (RFC 5321, 4.1.1.1). Servers refuse a bare host name, and every virtual machine
//! has one: so it is a full name, else the address of the connection.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use lettre::transport::smtp::extension::ClientId;

use crate::config::SmtpConfig;

/// The available names. Clones share which of them was refused.
#[derive(Debug, Clone)]
pub(super) struct Names {
    /// `SMTP_HELO`.
    set: Option<String>,
    /// The machine's own, if it is a full one.
    own: Option<String>,
    /// The domain letters are from.
    domain: String,
    /// The server refused the other one.
    is_by_domain: Arc<AtomicBool>,
}

impl Names {
    pub(super) fn new(config: &SmtpConfig) -> Self {
        let own = match ClientId::default() {
            ClientId::Domain(name) => Some(name).filter(|name| is_full_name(name)),
            _ => None,
        };
        Self {
            set: config.helo.clone(),
            own,
            domain: config.from.ascii_domain(),
            is_by_domain: Arc::default(),
        }
    }

    /// The name for a connection from that address.
    pub(super) fn of(&self, local: IpAddr) -> ClientId {
        let name = match (&self.set, self.is_by_domain.load(Ordering::Relaxed), &self.own) {
            (Some(set), ..) => Some(set),
            (None, true, _) => Some(&self.domain),
            (None, false, own) => own.as_ref(),
        };
        match (name, local.to_canonical()) {
            (Some(name), _) => ClientId::Domain(name.clone()),
            (None, IpAddr::V4(address)) => ClientId::Ipv4(address),
            (None, IpAddr::V6(address)) => ClientId::Ipv6(address),
        }
    }

    /// The server refused the name; whether there is another one to try.
    pub(super) fn refused(&self) -> bool {
        let has_another = self.set.is_none() && is_full_name(&self.domain);
        has_another && !self.is_by_domain.swap(true, Ordering::Relaxed)
    }
}

/// A name of several labels that others could look up.
pub(super) fn is_full_name(name: &str) -> bool {
    let is_label = |label: &str| {
        let is_plain = label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        (1..=63).contains(&label.len()) && is_plain && !label.starts_with('-') && !label.ends_with('-')
    };
    let last = name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    // What networks call their machines among themselves; and the last label of an IP address.
    let is_private = ["local", "localdomain", "localhost", "lan", "internal", "home"].contains(&last.as_str());
    let is_number = last.bytes().all(|b| b.is_ascii_digit());
    name.len() <= 253 && name.contains('.') && !is_private && !is_number && name.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use super::*;

    fn names(own: Option<&str>) -> Names {
        Names {
            set: None,
            own: own.map(str::to_owned),
            domain: "shop.example".into(),
            is_by_domain: Arc::default(),
        }
    }

    fn shown(names: &Names) -> String {
        names.of(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7))).to_string()
    }

    #[test]
    fn only_a_full_name_introduces_a_machine() {
        assert!(is_full_name("mail.example.org") && is_full_name("box-1.xn--80a1acny.xn--p1ai"));
        let long = format!("{}.example", "a".repeat(64));
        for name in [
            "",
            "box-1",
            "a1b2c3d4e5f6",
            "localhost",
            "localhost.localdomain",
            "macbook.local",
            "vps.internal",
            "192.0.2.7",
            "under_score.example",
            "-x.example",
            "a..b",
            ".example",
            "example.",
            "x.example\r\nRCPT",
            "почта.рф",
            &long,
        ] {
            assert!(!is_full_name(name), "{name}");
        }
    }

    #[test]
    fn a_machine_without_a_full_name_gives_its_address() {
        assert_eq!(shown(&names(Some("mail.example.org"))), "mail.example.org");
        let nameless = names(None);
        assert_eq!(shown(&nameless), "[192.0.2.7]");
        let local = nameless.of(IpAddr::V6(Ipv6Addr::LOCALHOST)).to_string();
        assert_eq!(local, "[IPv6:::1]");
        let mapped = nameless
            .of(IpAddr::V6(Ipv4Addr::LOCALHOST.to_ipv6_mapped()))
            .to_string();
        assert_eq!(mapped, "[127.0.0.1]");
    }

    #[test]
    fn a_refused_name_gives_way_to_the_domain_of_the_sender_once() {
        let names = names(Some("mail.example.org"));
        assert!(names.refused());
        assert_eq!(shown(&names), "shop.example");
        assert!(!names.refused(), "there is no third one");
    }
}
