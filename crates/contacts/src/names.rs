//! The name beside a customer's phone number. It only fills a field of a form, so uncertain names are dropped.

use std::ops::Range;

use super::plain::LONGEST_TEXT;
use super::words::Words;

/// Words that surround a name and a phone.
const FILLERS: Words<70> = Words::of(
    "меня зовут мой моё мое моя имя номер телефон телефона тел моб мобильный почта это я и звоните позвоните \
     перезвоните пожалуйста здравствуйте привет добрый доброе доброго день дня вечер вечера утро утра спасибо \
     контакт контакты для связи whatsapp ватсап вотсап my name is phone number mobile cell tel call me please \
     hello hi it's it i'm im i am this and email e-mail mail thanks thank you at on mailto",
);
/// Words that a sentence begins with as well; a text with one of them is about something else.
const OTHER_WORDS: Words<56> = Words::of(
    "хочу хотел хотела хотим нужна нужен нужно нужны надо можно могу жду ждём уборка уборку заказ заказать запись \
     записать запишите доставка доставку цена срочно сколько когда где как что да нет не ок менеджер директор \
     адрес доб или жена муж want need order price delivery yes no ok how when where what or ext urgent manager",
);
const LONGEST_WORD: usize = 30;

/// One piece of a text that is not a contact.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Word(String),
    /// A contact, or a mark at which a phrase ends.
    Break,
}

/// The name next to the contacts at these places.
/// What introduces itself as a name is one; else all words that remain have to look like a name, one to three with
/// a capital letter each. `None` where there is no contact.
pub(super) fn beside(text: &str, contacts: &[Range<usize>]) -> Option<String> {
    let pieces = pieces(text, contacts)?;
    if let Some(name) = introduced(&pieces) {
        return Some(name);
    }
    let remaining: Vec<&str> = pieces.iter().filter_map(remaining).collect();
    let is_name = remaining.iter().all(|word| is_capital(word));
    is_name.then(|| name_of(&remaining)).flatten()
}

/// Whether some words are only those that surround a phone, and perhaps a name.
pub(super) fn is_only_name(words: &str) -> bool {
    let mut pieces = Vec::new();
    push_words(words, &mut pieces);
    let remaining: Vec<&str> = pieces.iter().filter_map(remaining).collect();
    remaining.is_empty() || remaining.iter().all(|word| is_capital(word)) && name_of(&remaining).is_some()
}

fn pieces(text: &str, contacts: &[Range<usize>]) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut at = 0;
    for range in contacts {
        push_words(text.get(at..range.start).unwrap_or_default(), &mut pieces);
        pieces.push(Piece::Break);
        at = at.max(range.end);
    }
    push_words(text.get(at..)?, &mut pieces);
    // Nobody's name comes with a whole letter.
    (!contacts.is_empty() && pieces.len() < 100).then_some(pieces)
}

fn push_words(text: &str, pieces: &mut Vec<Piece>) {
    let mut word = String::new();
    for c in text.chars().take(LONGEST_TEXT).chain([' ']) {
        match c {
            '’' => word.push('\''),
            '\'' | '-' => word.push(c),
            _ if c.is_alphanumeric() => word.push(c),
            _ => {
                let whole = std::mem::take(&mut word);
                let whole = whole.trim_matches(['-', '\'']);
                if !whole.is_empty() {
                    pieces.push(Piece::Word(whole.to_owned()));
                }
                if !c.is_whitespace() || c == '\n' {
                    pieces.push(Piece::Break);
                }
            }
        }
    }
}

/// What follows "зовут", "name is", "имя" up to the end of the phrase: the words with capital letters, or one
/// or two without if nothing else is there.
fn introduced(pieces: &[Piece]) -> Option<String> {
    let start = (1..=pieces.len()).find(|end| is_introduction(&pieces[..*end]))?;
    let behind = pieces[start..].iter().skip_while(|piece| **piece == Piece::Break);
    let phrase: Vec<&str> = behind.map_while(remaining).collect();
    let capitals = phrase.iter().take_while(|word| is_capital(word)).count();
    match capitals {
        0 if phrase.len() < 3 => name_of(&phrase),
        0 => None,
        _ => name_of(&phrase[..capitals]),
    }
}

fn is_introduction(pieces: &[Piece]) -> bool {
    let words: Vec<String> = pieces.iter().rev().take(2).map(lower).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    matches!(
        words[..],
        ["зовут" | "имя" | "i'm", ..] | ["is", "name"] | ["am", "i"] | ["", "name"]
    )
}

fn lower(piece: &Piece) -> String {
    match piece {
        Piece::Word(word) => word.to_lowercase(),
        Piece::Break => String::new(),
    }
}

/// A word that is not a filler.
fn remaining(piece: &Piece) -> Option<&str> {
    match piece {
        Piece::Word(word) => (!FILLERS.has(&word.to_lowercase())).then_some(word),
        Piece::Break => None,
    }
}

fn is_capital(word: &str) -> bool {
    word.starts_with(char::is_uppercase)
}

fn name_of(words: &[&str]) -> Option<String> {
    let is_word = |word: &&str| {
        let is_sane =
            word.chars().count() <= LONGEST_WORD && word.chars().all(|c| c.is_alphabetic() || "-'".contains(c));
        is_sane && !OTHER_WORDS.has(&word.to_lowercase())
    };
    let is_name = (1..=3).contains(&words.len()) && words.iter().all(is_word);
    let name = words.join(" ");
    (is_name && name.chars().filter(|c| c.is_alphabetic()).count() > 1).then_some(name)
}
