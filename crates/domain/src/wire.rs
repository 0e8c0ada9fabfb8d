//! E-mail addresses as mail servers know them: a domain of any script travels in ASCII, a mailbox beyond ASCII needs a
//! server that says so.

use super::Email;

impl Email {
    /// With its domain as mail servers know it (RFC 5890, A-label): `info@xn--80a1acny.xn--p1ai` for `info@почта.рф`.
    pub fn on_the_wire(&self) -> String {
        match self.as_str().rsplit_once('@') {
            Some((local, _)) => format!("{local}@{}", self.ascii_domain()),
            None => self.as_str().to_owned(),
        }
    }

    /// The domain as mail servers know it; one that has no such form stays as it is.
    pub fn ascii_domain(&self) -> String {
        idna::domain_to_ascii(self.domain()).unwrap_or_else(|_unfit| self.domain().to_owned())
    }

    /// Whether the part before the `@` is beyond ASCII, so that a mail server has to offer SMTPUTF8 (RFC 6531).
    pub fn needs_utf8(&self) -> bool {
        self.as_str()
            .rsplit_once('@')
            .is_some_and(|(local, _)| !local.is_ascii())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_of_any_script_has_a_form_for_the_wire() {
        for (address, wire, needs_utf8) in [
            ("info@почта.рф", "info@xn--80a1acny.xn--p1ai", false),
            ("info@Почта.РФ", "info@xn--80a1acny.xn--p1ai", false),
            ("a@bücher.example", "a@xn--bcher-kva.example", false),
            ("a@例え.jp", "a@xn--r8jz45g.jp", false),
            ("a@shop.example", "a@shop.example", false),
            ("инфо@почта.рф", "инфо@xn--80a1acny.xn--p1ai", true),
        ] {
            let address = Email::normalised(address);
            assert_eq!(address.on_the_wire(), wire);
            assert_eq!(address.needs_utf8(), needs_utf8, "{wire}");
        }
    }
}
