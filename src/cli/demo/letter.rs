//! A letter as a mail program shows it: sender, recipient, subject, text. The middle of a long dialog is left out, so that
//! the letter does not push everything else off the screen.

use sandbox::Letter;

use super::words::{Both, Lang};

/// How templates mark a heading; the last part of a letter is the dialog.
const DIALOG: &str = "== ";
/// Lines shown at the end of a letter: the last messages and the signature.
const END: usize = 14;
/// Lines shown at the beginning of a letter without a dialog.
const BEGINNING: usize = 6;

/// The lines to show.
pub(super) fn lines(letter: &Letter, lang: Lang) -> Vec<String> {
    let sender = match &letter.from_name {
        Some(name) => format!("{name} <{}>", letter.from),
        None => letter.from.clone(),
    };
    let heads = [
        (Both("From:   ", "От:   "), sender),
        (Both("To:     ", "Кому: "), letter.to.join(", ")),
        (Both("Subject:", "Тема: "), letter.subject.clone()),
    ];
    let mut lines: Vec<String> = heads
        .iter()
        .map(|(head, value)| format!("{} {value}", head.of(lang)))
        .collect();
    lines.push(String::new());
    lines.extend(shortened(letter.text.as_deref().unwrap_or_default(), lang));
    lines
}

fn shortened(text: &str, lang: Lang) -> Vec<String> {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    let dialog = lines.iter().rposition(|line| line.starts_with(DIALOG));
    // An empty line, the date and the first message follow the heading.
    let head = dialog.map_or(BEGINNING, |dialog| dialog + 4);
    let end = dialog.map_or(lines.len(), |_| lines.len().saturating_sub(END));
    // Continuation lines are indented: do not start with one.
    let begins = |line: &&str| !line.is_empty() && !line.starts_with(' ');
    let end = end + lines.iter().skip(end).take_while(|line| !begins(line)).count();
    if end < head + 2 {
        return lines.into_iter().map(str::to_owned).collect();
    }
    let left_out = Both("[… {} lines not shown …]", "[… ещё строк: {} …]");
    let left_out = left_out.with(lang, &[&(end - head)]);
    let (before, behind) = (&lines[..head], &lines[end..]);
    let shown = before
        .iter()
        .copied()
        .chain([left_out.as_str()])
        .chain(behind.iter().copied());
    shown.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_a_long_dialog_is_left_out_with_a_count() {
        let dialog: Vec<String> = (1..=40).map(|n| format!("line {n}")).collect();
        let text = format!("Card\n\n== Dialog ==\n\n-- today --\n{}\n", dialog.join("\n"));
        let shown = shortened(&text, Lang::En);
        assert_eq!(shown[..6], ["Card", "", "== Dialog ==", "", "-- today --", "line 1"]);
        assert_eq!(shown[6], "[… 25 lines not shown …]");
        assert_eq!((shown[7].as_str(), shown[20].as_str()), ("line 27", "line 40"));
    }

    #[test]
    fn the_end_of_a_letter_starts_with_a_whole_message() {
        let end = format!(
            "12:00 We: a list\n\n    - one\n    - two\n{}",
            "12:01 They: yes\n".repeat(12)
        );
        let text = format!("== Dialog ==\n\n-- today --\nfirst\nsecond\n{end}");
        let shown = shortened(&text, Lang::En);
        assert_eq!(shown[4..6], ["[… 5 lines not shown …]", "12:01 They: yes"]);
    }

    #[test]
    fn a_short_letter_is_shown_whole() {
        let text = "Card\n\n== Dialog ==\n\n-- today --\nline 1\nline 2";
        assert_eq!(shortened(text, Lang::En).join("\n"), text);
        assert_eq!(shortened("a\nb\n", Lang::Ru), ["a", "b"]);
    }
}
