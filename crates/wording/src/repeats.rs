//! Several texts of one answer as one text. Models repeat themselves in further items: the same text, a longer version of it, its
//! end once more. What was said is shown once; what was said only once is never left out.

/// Characters of a text that may be the beginning of another in the middle of a word; "Да" is not a shorter "Дата".
const LONG_ENOUGH: usize = 10;
/// Words that two texts must share at their seam to count as repeated.
const SHARED_WORDS: usize = 3;
/// Words of a seam that are looked for at most; the search takes the square of it.
const MOST_SHARED_WORDS: usize = 1000;
/// Earlier texts that a new one is compared with.
const RECENT: usize = 16;

/// The messages in their order, without what they repeat.
pub fn messages(texts: Vec<String>) -> String {
    once(texts, |_, _| "\n\n")
}

/// The parts of one message, put together without what they repeat.
pub fn parts(texts: Vec<String>) -> String {
    once(texts, seam)
}

/// What belongs between two parts of one message: nothing where a part breaks off in the middle of a sentence.
fn seam(before: &str, after: &str) -> &'static str {
    let (last, first) = (before.chars().next_back(), after.chars().next());
    let is_apart = |c: Option<char>| c.is_none_or(char::is_whitespace);
    let breaks_off = last.is_some_and(|c| c.is_alphanumeric() || matches!(c, ',' | '-' | '(' | '«' | '['));
    let goes_on = first.is_some_and(|c| !c.is_uppercase() && !matches!(c, '-' | '*' | '#' | '•' | '|'));
    match is_apart(last) || is_apart(first) || breaks_off && goes_on {
        true => "",
        false => "\n",
    }
}

fn once(texts: Vec<String>, between: fn(&str, &str) -> &'static str) -> String {
    let mut texts: Vec<String> = texts.into_iter().filter(|text| !text.trim().is_empty()).collect();
    // One text alone repeats nothing.
    if texts.len() < 2 {
        return texts.pop().unwrap_or_default();
    }
    let mut kept: Vec<Told> = Vec::new();
    for text in texts {
        let new = Told::new(text);
        let recent = kept.len().saturating_sub(RECENT);
        if kept[recent..].iter().any(|told| told.covers(&new)) {
            continue;
        }
        let mut place = kept.len();
        for at in (recent..kept.len()).rev() {
            if new.covers(&kept[at]) {
                kept.remove(at);
                place = at;
            }
        }
        let new = match kept.last() {
            Some(last) if place == kept.len() => match last.continued_by(&new) {
                Some(longer) => {
                    kept.pop();
                    place = kept.len();
                    Told::new(longer)
                }
                None => new,
            },
            _ => new,
        };
        kept.insert(place, new);
    }
    let mut joined = String::new();
    for Told { text, .. } in kept {
        if !joined.is_empty() {
            joined.push_str(between(&joined, &text));
        }
        joined.push_str(&text);
    }
    joined
}

/// A text with the places of its words; white space between them does not matter.
struct Told {
    text: String,
    words: Vec<Word>,
}

struct Word {
    from: usize,
    to: usize,
    /// Without emphasis, which may differ where the same is said again.
    plain: String,
}

impl Told {
    fn new(text: String) -> Self {
        let mut words = Vec::new();
        let mut at = 0;
        for piece in text.split_inclusive(char::is_whitespace) {
            let word = piece.trim_end();
            if !word.is_empty() {
                words.push(Word {
                    from: at,
                    to: at + word.len(),
                    plain: word.replace(['*', '_', '`'], ""),
                });
            }
            at += piece.len();
        }
        Self { text, words }
    }

    fn word(&self, n: usize) -> &str {
        self.words.get(n).map_or("", |word| &word.plain)
    }

    fn has_at(&self, at: usize, other: &Self, count: usize) -> bool {
        (0..count).all(|n| self.word(at + n) == other.word(n))
    }

    /// Whether all of `other` is said here: at the beginning, or as the last sentences.
    fn covers(&self, other: &Self) -> bool {
        let (own, its) = (self.words.len(), other.words.len());
        if its > own {
            return false;
        }
        let is_cut_beginning = || {
            let last = its - 1;
            other.text.trim().chars().count() >= LONG_ENOUGH
                && self.has_at(0, other, last)
                && self.word(last).starts_with(other.word(last))
        };
        let from = own - its;
        self.has_at(0, other, its) || is_cut_beginning() || self.begins_sentence(from) && self.has_at(from, other, its)
    }

    /// This text with what follows in `next`, if `next` begins with the last sentences of this one.
    fn continued_by(&self, next: &Self) -> Option<String> {
        let (own, its) = (self.words.len(), next.words.len());
        let most = own.min(its).min(MOST_SHARED_WORDS);
        let shared = (SHARED_WORDS..most).rev().find(|count| {
            let from = own - count;
            self.begins_sentence(from) && next.begins_sentence(*count) && self.tail_is(from, next)
        })?;
        let end = next.words[shared - 1].to;
        Some(format!("{}{}", self.text.trim_end(), &next.text[end..]))
    }

    fn tail_is(&self, from: usize, next: &Self) -> bool {
        self.has_at(from, next, self.words.len() - from)
    }

    /// Whether a sentence or a line begins with that word.
    fn begins_sentence(&self, n: usize) -> bool {
        let Some(before) = n.checked_sub(1) else { return true };
        let (end, begin) = (self.words[before].to, self.words[n].from);
        let ends = |c: char| matches!(c, '.' | '!' | '?' | '…' | ':' | ';');
        self.text[end..begin].contains('\n') || self.word(before).ends_with(ends)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn items(texts: &[&str]) -> String {
        messages(texts.iter().map(|text| (*text).to_owned()).collect())
    }

    #[test]
    fn what_a_model_says_again_is_shown_once() {
        let rows: [(&[&str], &str); 13] = [
            (&["Моем окна.", "Моем окна."], "Моем окна."),
            (&["Моем окна.", "Моем окна.", "Моем окна."], "Моем окна."),
            (&["Моем  окна.\n", "Моем окна."], "Моем  окна.\n"),
            (
                &["Моем окна.", "Моем окна. 500 ₽ за", "Моем окна. 500 ₽ за окно."],
                "Моем окна. 500 ₽ за окно.",
            ),
            (
                &["Здравствуйте, мо", "Здравствуйте, моем окна"],
                "Здравствуйте, моем окна",
            ),
            (&["Моем окна. Цена 500 ₽.", "Моем окна."], "Моем окна. Цена 500 ₽."),
            (&["Моем окна. Цена 500 ₽.", "Цена 500 ₽."], "Моем окна. Цена 500 ₽."),
            (&["Цена 500 ₽.", "Моем окна. Цена 500 ₽."], "Моем окна. Цена 500 ₽."),
            (
                &["Моем окна. Цена за окно 500 ₽.", "Цена за окно 500 ₽. Записать вас?"],
                "Моем окна. Цена за окно 500 ₽. Записать вас?",
            ),
            (
                &["Моем окна.", "Цена 500 ₽.", "Моем окна."],
                "Моем окна.\n\nЦена 500 ₽.",
            ),
            (
                &["Моем окна.", "Цена 500 ₽.", "Моем окна.\n\nЦена 500 ₽."],
                "Моем окна.\n\nЦена 500 ₽.",
            ),
            (&["", " \n", "Моем окна."], "Моем окна."),
            (&["Цена **500 ₽**.", "Цена 500 ₽."], "Цена **500 ₽**."),
        ];
        for (texts, shown) in rows {
            assert_eq!(items(texts), shown, "{texts:?}");
        }
    }

    #[test]
    fn what_is_said_only_once_is_kept() {
        for texts in [
            ["Окно 1500 ₽", "500 ₽"],
            ["Да", "Дата уточняется"],
            ["Приедем в 15", "15 окон — скидка"],
            ["Цена 500", "Цена 50"],
            ["Моем окна.", "Моем полы."],
        ] {
            assert_eq!(items(&texts), texts.join("\n\n"));
        }
    }

    #[test]
    fn parts_of_one_message_are_put_together_as_they_were_cut() {
        let rows: [(&[&str], &str); 8] = [
            (&["One.", "Two."], "One.\nTwo."),
            (&["Здравст", "вуйте!"], "Здравствуйте!"),
            (&["Цена 15", "00 ₽"], "Цена 1500 ₽"),
            (&["Цена ", "500 ₽"], "Цена 500 ₽"),
            (&["Цены:", "- окно"], "Цены:\n- окно"),
            (&["Моем окна", "- и полы"], "Моем окна\n- и полы"),
            (&["Моем окна.", "Моем окна."], "Моем окна."),
            (&["Моем окна", "Моем окна и полы"], "Моем окна и полы"),
        ];
        for (parts, shown) in rows {
            assert_eq!(
                super::parts(parts.iter().map(|part| (*part).to_owned()).collect()),
                shown
            );
        }
    }

    proptest! {
        /// Every word of every text is in the result.
        #[test]
        fn no_word_of_an_answer_is_lost(texts in prop::collection::vec("[аб.
    ]{0,12}", 0..6)) {
            for shown in [messages(texts.clone()), super::parts(texts.clone())] {
                for word in texts.iter().flat_map(|text| text.split_whitespace()) {
                    prop_assert!(shown.contains(word), "{word:?} in {shown:?}");
                }
            }
        }

        #[test]
        fn an_answer_said_twice_is_the_answer(text in "[а-в.!\n ]{1,40}") {
            prop_assert_eq!(items(&[&text, &text]), items(&[&text]));
        }
    }
}
