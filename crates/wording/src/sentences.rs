//! A text that broke off in the middle, cut back to where a reader may stop: behind a whole sentence or a whole line, never inside a
//! word, a list item, a table row, emphasis or a link.

/// Words before a full stop that end no sentence.
const ABBREVIATIONS: &str = "ул пр просп пер кв корп стр тел им св mr mrs ms dr st ave no approx";

/// Places at the end of a text that are tried; each is a look through the text before it.
const MOST_ENDS: usize = 500;

/// The text up to its last whole sentence; empty if there is none. A text that ends with a line break broke off between two lines.
pub fn whole_sentences(text: &str) -> &str {
    let lines = Lines::of(text);
    let end = match text.ends_with('\n') {
        true => text.len(),
        false => lines.open_block(),
    };
    let mut ends: Vec<usize> = lines
        .ends()
        .chain(sentence_ends(text))
        .filter(|at| *at <= end)
        .collect();
    ends.sort_unstable();
    let kept = ends.into_iter().rev().take(MOST_ENDS).map(|at| text[..at].trim_end());
    let mut sound = kept.filter(|kept| is_sound(kept));
    sound.next().map(without_a_lead_in).unwrap_or_default()
}

/// A heading, or "Our prices:", with nothing of what it announces.
fn without_a_lead_in(text: &str) -> &str {
    let (before, last) = text.rsplit_once('\n').unwrap_or(("", text));
    let announces = last.trim_end().ends_with(':') || last.starts_with('#');
    match announces && !before.trim().is_empty() {
        true => without_a_lead_in(before.trim_end()),
        false => text,
    }
}

/// The lines of a text with their places.
struct Lines<'a> {
    text: &'a str,
    begins: Vec<usize>,
}

impl<'a> Lines<'a> {
    fn of(text: &'a str) -> Self {
        let breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            text,
            begins: std::iter::once(0).chain(breaks).collect(),
        }
    }

    fn line(&self, n: usize) -> &'a str {
        let begin = self.begins[n];
        let end = self.begins.get(n + 1).copied().unwrap_or(self.text.len());
        self.text[begin..end].trim_end()
    }

    /// Where the last block begins if it may not be cut in two (an item of a list, a row, a heading), else the end of the text.
    fn open_block(&self) -> usize {
        for n in (0..self.begins.len()).rev() {
            let line = self.line(n);
            if is_marked(line) {
                return self.begins[n];
            }
            let is_continued = self.begins.get(n + 1).is_some() && self.line(n + 1).starts_with("  ");
            if line.is_empty() && !is_continued {
                break;
            }
        }
        self.text.len()
    }

    /// The ends of lines behind which a reader may stop.
    fn ends(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.begins.len().saturating_sub(1)).filter_map(|n| {
            let next = self.line(n + 1);
            (next.is_empty() || is_marked(next)).then(|| self.begins[n + 1])
        })
    }
}

/// Whether a line begins an item of a list, a row of a table, a heading, a quotation or code.
fn is_marked(line: &str) -> bool {
    let line = line.trim_start();
    let number = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_numbered =
        number.len() < line.len() && number.starts_with(['.', ')']) && number[1..].starts_with([' ', '\t']);
    let is_item = ["- ", "* ", "+ ", "• ", "– ", "— "]
        .iter()
        .any(|marker| line.starts_with(marker));
    is_item || is_numbered || line.starts_with(['|', '#', '>']) || line.starts_with("```")
}

/// The places behind whole sentences.
fn sentence_ends(text: &str) -> impl Iterator<Item = usize> + '_ {
    text.char_indices()
        .filter(|(_, c)| matches!(c, '.' | '!' | '?' | '…'))
        .filter_map(|(at, c)| {
            let behind = &text[at + c.len_utf8()..];
            let rest = behind.trim_start_matches(['.', '!', '?', '…', '"', '»', '”', '’', ')', '*', '_', '`']);
            let is_end = match rest.chars().next() {
                None => !is_address(text),
                Some(next) => {
                    next.is_whitespace()
                        && !rest
                            .trim_start()
                            .starts_with(|c: char| c.is_lowercase() || c.is_numeric())
                }
            };
            let is_last = rest.is_empty();
            (is_end && !(c == '.' && is_abbreviated(&text[..at], is_last))).then_some(text.len() - rest.len())
        })
}

/// Whether a full stop behind this belongs to its last word: an initial, a street, a number that goes on.
fn is_abbreviated(before: &str, is_last: bool) -> bool {
    let word = before.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    let is_number = word.ends_with(|c: char| c.is_ascii_digit());
    let is_initial = word.chars().count() == 1 && !is_number;
    let word = word.to_lowercase();
    is_initial || is_number && is_last || ABBREVIATIONS.split(' ').any(|known| known == word)
}

/// Whether the last word may be an address that was cut off.
fn is_address(text: &str) -> bool {
    let word = text.rsplit(char::is_whitespace).next().unwrap_or_default();
    word.contains(['/', '@']) || word.starts_with("www") || word.trim_end_matches('.').contains('.')
}

/// Whether emphasis, code and links are closed.
fn is_sound(text: &str) -> bool {
    let is_even = |mark| text.matches(mark).count() % 2 == 0;
    !text.is_empty() && is_even("**") && is_even("`") && !is_link_open(text)
}

fn is_link_open(text: &str) -> bool {
    let Some(begin) = text.rfind('[') else { return false };
    match text[begin..].split_once(']') {
        Some((_, behind)) => behind.strip_prefix('(').is_some_and(|target| !target.contains(')')),
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_text_that_broke_off_ends_with_a_whole_sentence() {
        let rows = [
            ("Моем окна. Приедем завт", "Моем окна."),
            ("Моем окна! Приедем", "Моем окна!"),
            ("Моем окна («и полы».) Приедем", "Моем окна («и полы».)"),
            ("Цена 3.5 тыс. за окно. Мы при", "Цена 3.5 тыс. за окно."),
            ("Мы на ул. Ленина, 5. Приезжайте на ул. Сад", "Мы на ул. Ленина, 5."),
            (
                "Директор А. С. Пушкин ждёт. Звоните А. С. Пуш",
                "Директор А. С. Пушкин ждёт.",
            ),
            ("Цена 500 ₽. Скидка 1.", "Цена 500 ₽."),
            ("Цена 500 ₽. Подробнее на https://shop.", "Цена 500 ₽."),
            ("Цена 500 руб. за окно. Скид", "Цена 500 руб. за окно."),
            ("Ждём вас 😊\n\nА ещё мы мо", "Ждём вас 😊"),
            ("Да.\n\n- окна\n- полы\n- потол", "Да.\n\n- окна\n- полы"),
            ("Да.\n\n1. Окна. 500 ₽\n2. Полы. 700", "Да.\n\n1. Окна. 500 ₽"),
            ("Да.\n\n- окна,\n  тоже снаружи. И изну", "Да."),
            ("Моем окна.\n\nЦены:\n- ок", "Моем окна."),
            ("Моем окна.\n\n# Цены\n\nОкно сто", "Моем окна."),
            ("| Окно | 500 |\n| Пол | 7", "| Окно | 500 |"),
            ("Да. Смотрите [каталог. Новый](https://shop.ru/cat", "Да."),
            (
                "Да. Смотрите [каталог](https://shop.ru/a.b). Там",
                "Да. Смотрите [каталог](https://shop.ru/a.b).",
            ),
            ("Да. **Важно. Приходите** завт", "Да."),
            ("Да.\n```\nкод. Ещё", "Да."),
            ("Моем окна.\nМоем полы\n", "Моем окна.\nМоем полы"),
            ("Моем окна и полы", ""),
            ("", ""),
        ];
        for (text, whole) in rows {
            assert_eq!(whole_sentences(text), whole, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_is_added_and_no_word_is_cut(text in "([а-яА-Я]{1,5}|[0-9]{1,3}|[.!?…,:]| |\n|- |1\\. |\\*\\*|\\[|\\]\\(|\\)|`){0,30}") {
            let whole = whole_sentences(&text);
            prop_assert!(text.starts_with(whole));
            let is_apart = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
            let (last, next) = (whole.chars().next_back(), text[whole.len()..].chars().next());
            prop_assert!(is_apart(last) || is_apart(next), "{whole:?} of {text:?}");
        }
    }
}
