//! The last defence: redacts secrets in log lines. The service itself never logs them, but a library may put a whole URL into an
//! error.

use crate::config::Secret;

/// Replaces a secret.
const MASK: &str = "***";

/// Shorter values are not redacted: masking every `a` would garble the log and reveal the secret.
const SHORTEST: usize = 6;

/// Redacts the configured secrets and everything that looks like a bot token or an OpenAI key.
#[derive(Debug, Clone, Default)]
pub(crate) struct Redactor {
    needles: Vec<Needle>,
}

/// A secret in one of its encodings.
#[derive(Clone)]
struct Needle(String);

impl std::fmt::Debug for Needle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(MASK)
    }
}

impl Redactor {
    /// Redacts these secrets, also percent-encoded as in a URL.
    pub(crate) fn new(secrets: &[Secret]) -> Self {
        let mut needles: Vec<String> = secrets
            .iter()
            .map(Secret::expose)
            .filter(|secret| secret.len() >= SHORTEST)
            .flat_map(|secret| {
                let upper = percent_encoded(secret);
                [secret.to_owned(), lower_escapes(&upper), upper]
            })
            .collect();
        // Longer secrets first: a shorter one inside would leave the rest visible.
        needles.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        needles.dedup();
        Self {
            needles: needles.into_iter().map(Needle).collect(),
        }
    }

    pub(crate) fn redact(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for Needle(needle) in &self.needles {
            if text.contains(needle) {
                text = text.replace(needle, MASK);
            }
        }
        mask(&mask(&text, bot_token), openai_key)
    }
}

fn percent_encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

/// `%3A` as `%3a`: URLs use both.
fn lower_escapes(text: &str) -> String {
    let mut parts = text.split('%');
    let mut lower = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (digits, rest) = part.split_at(part.len().min(2));
        lower += &format!("%{}{rest}", digits.to_ascii_lowercase());
    }
    lower
}

/// Masks what `find` finds. `find` gets the character before a position and the text from there, and returns the length of a
/// secret that begins at the position.
fn mask(text: &str, find: fn(Option<char>, &str) -> Option<usize>) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut before = None;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = find(before, rest).filter(|length| *length > 0);
        match length {
            Some(_) => masked.push_str(MASK),
            None => masked.push(first),
        }
        let (taken, left) = rest.split_at(length.unwrap_or(first.len_utf8()));
        before = taken.chars().next_back();
        rest = left;
    }
    masked
}

fn is_key_char(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

/// `123456:AAH…`, also with a percent-encoded colon and after the `bot` of a URL path.
fn bot_token(before: Option<char>, text: &str) -> Option<usize> {
    if before.is_some_and(|c| c.is_ascii_digit()) {
        return None;
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let rest = &text[digits..];
    let colon = [":", "%3A", "%3a"]
        .iter()
        .find(|colon| rest.starts_with(**colon))?
        .len();
    let key = rest.bytes().skip(colon).take_while(|b| is_key_char(*b)).count();
    (digits >= 6 && key >= 30).then_some(digits + colon + key)
}

/// `sk-…`
fn openai_key(before: Option<char>, text: &str) -> Option<usize> {
    if before.is_some_and(|c| c.is_ascii_alphanumeric()) || !text.starts_with("sk-") {
        return None;
    }
    let key = text.bytes().take_while(|b| is_key_char(*b)).count();
    (key >= "sk-".len() + 16).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw";

    fn knowing(secret: &str) -> Redactor {
        Redactor::new(&[Secret::new(secret)])
    }

    #[test]
    fn a_configured_secret_is_redacted_everywhere() {
        let redactor = knowing("pa:ss/wörd");
        assert_eq!(redactor.redact("x=pa:ss/wörd, again pa:ss/wörd"), "x=***, again ***");
        assert_eq!(
            redactor.redact("u=pa%3Ass%2Fw%C3%B6rd&pa%3ass%2fw%c3%b6rd"),
            "u=***&***"
        );
    }

    #[test]
    fn an_unknown_bot_token_is_redacted_by_its_shape() {
        let redactor = Redactor::default();
        let url = format!("https://api.telegram.org/bot{TOKEN}/getMe");
        assert_eq!(redactor.redact(&url), "https://api.telegram.org/bot***/getMe");
        let encoded = url.replace(':', "%3A").replacen("https%3A", "https:", 1);
        assert_eq!(redactor.redact(&encoded), "https://api.telegram.org/bot***/getMe");
    }

    #[test]
    fn an_unknown_openai_key_is_redacted_by_its_shape() {
        let redactor = Redactor::default();
        assert_eq!(redactor.redact("Bearer sk-proj-abcdefghij0123456789"), "Bearer ***");
        assert_eq!(
            redactor.redact("the risk-assessment-of-the-year"),
            "the risk-assessment-of-the-year"
        );
    }

    #[test]
    fn a_secret_that_contains_another_is_redacted_whole() {
        let redactor = Redactor::new(&[Secret::new("secret"), Secret::new("secret-and-more")]);
        assert_eq!(redactor.redact("secret-and-more secret"), "*** ***");
    }

    #[test]
    fn a_very_short_secret_is_not_redacted() {
        assert_eq!(knowing("a").redact("chat=42 banana"), "chat=42 banana");
    }

    #[test]
    fn printing_a_redactor_shows_no_secret() {
        assert!(!format!("{:?}", knowing("hunter22")).contains("hunter22"));
    }
}
