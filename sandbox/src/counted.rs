//! The numbered messages of `play`, which replies must name to be recognised.

/// A message of the play: its number and its customer's, both from 1.
pub(crate) type Counted = (u32, u32);

/// The messages of a play that a text names, in order.
pub(crate) fn counted(text: &str) -> Vec<Counted> {
    let mut found = Vec::new();
    for part in text.split("message ").skip(1) {
        let (message, rest) = leading_number(part);
        if let (Some(message), Some(rest)) = (message, rest.strip_prefix(" of customer ")) {
            found.extend(leading_number(rest).0.map(|customer| (message, customer)));
        }
    }
    found
}

fn leading_number(text: &str) -> (Option<u32>, &str) {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    (digits.parse().ok(), rest)
}
