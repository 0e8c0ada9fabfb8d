//! A letter as a mail program shows it: who it is from and to, the subject, the text. Of a long dialog the middle is
//! left out, so that the letter does not push everything else off the screen.

use sandbox::Letter;

use super::words::{Both, Lang};

/// How the templates begin a part; the last one holds what was said.
const DIALOG: &str = "== ";
/// Lines that are shown of a letter's end: the last words, the trace and the signature.
const END: usize = 14;
/// Lines that are shown of a letter without a dialog.
const BEGINNING: usize = 6;

/// Its lines, without the marks of the end of a line.
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
    // Behind the heading stand an empty line, the date and the dialog's first line.
    let head = dialog.map_or(BEGINNING, |dialog| dialog + 4);
    let end = dialog.map_or(lines.len(), |_| lines.len().saturating_sub(END));
    // What a dialog's line goes on with is set in: no line begins in the middle.
    let begins = |line: &&str| !line.is_empty() && !line.starts_with(' ');
    let end = end + lines.iter().skip(end).take_while(|line| !begins(line)).count();
    if end < head + 2 {
        return lines.into_iter().map(str::to_owned).collect();
    }
    let left_out = Both("[… {} lines are not shown here …]", "[… здесь не показано строк: {} …]");
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
    fn the_middle_of_a_long_dialog_is_left_out_and_counted() {
        let dialog: Vec<String> = (1..=40).map(|n| format!("line {n}")).collect();
        let text = format!("Card\n\n== Dialog ==\n\n-- today --\n{}\n", dialog.join("\n"));
        let shown = shortened(&text, Lang::En);
        assert_eq!(shown[..6], ["Card", "", "== Dialog ==", "", "-- today --", "line 1"]);
        assert_eq!(shown[6], "[… 25 lines are not shown here …]");
        assert_eq!((shown[7].as_str(), shown[20].as_str()), ("line 27", "line 40"));
    }

    #[test]
    fn what_is_shown_of_the_end_begins_with_a_line_of_its_own() {
        let end = format!(
            "12:00 We: a list\n\n    - one\n    - two\n{}",
            "12:01 He: yes\n".repeat(12)
        );
        let text = format!("== Dialog ==\n\n-- today --\nfirst\nsecond\n{end}");
        let shown = shortened(&text, Lang::En);
        assert_eq!(shown[4..6], ["[… 5 lines are not shown here …]", "12:01 He: yes"]);
    }

    #[test]
    fn a_short_letter_is_shown_whole() {
        let text = "Card\n\n== Dialog ==\n\n-- today --\nline 1\nline 2";
        assert_eq!(shortened(text, Lang::En).join("\n"), text);
        assert_eq!(shortened("a\nb\n", Lang::Ru), ["a", "b"]);
    }
}
