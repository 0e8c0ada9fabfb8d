//! Messages that can be recognised in any text that quotes them: "message 2 of customer 7".

/// Numbers of a message and its customer, both from 1.
pub type Name = (u32, u32);

/// The messages named in a text, in order.
#[must_use]
pub fn names(text: &str) -> Vec<Name> {
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
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    (digits.parse().ok(), rest)
}
