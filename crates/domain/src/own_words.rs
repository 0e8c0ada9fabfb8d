//! The customer's last words, for a lead without a request: the owner should not have to search the dialog for them.

use super::message::split_label;

/// Lines that replace a request: the newest with enough letters. A name next to a number has fewer than a request.
const LINES: usize = 2;
const FEWEST_LETTERS: usize = 12;
/// Characters of each.
const LONGEST_LINE: usize = 300;

/// What of a customer's lines, the newest first, may be a wish; in the order in which they were said.
pub fn own_words<'a>(newest_first: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let is_wish = |said: &&str| {
        let words = split_label(said).map_or(*said, |(_, behind)| behind);
        // What follows a command is theirs, the command is ours.
        let behind_command = words.split_once(char::is_whitespace).map_or("", |(_, behind)| behind);
        let words = if words.starts_with('/') { behind_command } else { words };
        words.chars().filter(|c| c.is_alphabetic()).count() >= FEWEST_LETTERS
    };
    let mut lines: Vec<String> = newest_first
        .into_iter()
        .filter(is_wish)
        .take(LINES)
        .map(short)
        .collect();
    lines.reverse();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// One line of bounded length.
fn short(said: &str) -> String {
    let words: Vec<&str> = said.split_whitespace().collect();
    let line = words.join(" ");
    match line.char_indices().nth(LONGEST_LINE) {
        None => line,
        Some(_) => line.chars().take(LONGEST_LINE - 1).chain(['…']).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_words_that_may_be_a_request_replace_it() {
        let said = [
            "8 912 345-67-89 Анна",
            "[contact Анна, +79123456789]",
            "Перезвоните\nпосле шести",
            "[photo] нужна уборка двух комнат",
            "/start",
            "сколько стоит помыть окна?",
        ];
        let told = own_words(said).unwrap();
        assert_eq!(told, "[photo] нужна уборка двух комнат\nПерезвоните после шести");
        assert_eq!(own_words(["ok", "/help", "/start avito3", "89123456789"]), None);
        let behind = "/ремонт окна, мой номер 8 916 555-66-77";
        assert_eq!(own_words([behind]).as_deref(), Some(behind));
        let long = own_words([("слово ".repeat(200)).as_str()]).unwrap();
        assert_eq!(long.chars().count(), LONGEST_LINE);
        assert!(long.ends_with('…'));
    }
}
