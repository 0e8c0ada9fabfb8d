//! When a customer wants to be called, in their own words: "перезвоните завтра после 18:00". A time that is not surely that
//! of a call stays where it is: it may be the time of what is ordered.

use domain::Region;

use super::find::find;
use super::names::is_only_name;
use super::plain::LONGEST_TEXT;
use super::words::Words;

/// Words that say when by themselves.
const TIMES: Words<40> = Words::of(
    "сегодня завтра послезавтра утром днём днем вечером будням будни выходные выходным обеда обед понедельник \
     вторник среду четверг пятницу субботу воскресенье полчаса today tomorrow tonight morning afternoon evening \
     monday tuesday wednesday thursday friday saturday sunday weekdays weekend anytime noon любое any",
);
/// Words that make a time of a number behind them.
const BEFORE_NUMBER: Words<21> =
    Words::of("в после до с со к около раньше позже через at after before from to until till by between and past");
/// Words that are between the parts of a time.
const LINKS: Words<28> = Words::of(
    "во по примерно часов часа часам час ч утра вечера дня время время, не и или минут pm am time the in on \
     o'clock or hours hour minutes",
);
/// Beginnings of words that speak of a call.
const CALLS: Words<13> = Words::of("звон позвон перезвон набер набир связат свяжит связь удобно call ring reach phone");
/// Characters of a time.
const LONGEST: usize = 80;

/// When the customer wants to be called, if the text says so: a time in a sentence that speaks of a call, or beside a
/// contact and a name and nothing else.
pub(super) fn call_time(text: &str, region: &Region) -> Option<String> {
    let found = find(text, region);
    let mut masked = String::new();
    let mut at = 0;
    for (_, range) in &found {
        masked.push_str(text.get(at..range.start).unwrap_or_default());
        masked.push_str(" | ");
        at = at.max(range.end);
    }
    masked.push_str(text.get(at..).unwrap_or_default());
    let whole: String = masked.chars().take(LONGEST_TEXT).collect();
    let sentences: Vec<&str> = whole
        .split_inclusive(['!', '?', '\n', ';'])
        .flat_map(|part| part.split(". "))
        .collect();
    let of_call = sentences.iter().find_map(|sentence| {
        let speaks = words(sentence).iter().any(|word| CALLS.begin(&word.lower));
        if speaks {
            phrase(sentence).map(|(time, _)| time)
        } else {
            None
        }
    });
    of_call.or_else(|| {
        let (time, rest) = phrase(&whole)?;
        let is_alone = !found.is_empty() && is_only_name(&rest.replace('|', ","));
        is_alone.then_some(time)
    })
}

/// A word with the marks around it.
struct Word<'a> {
    text: &'a str,
    lower: String,
}

fn words(text: &str) -> Vec<Word<'_>> {
    let word = |text| Word {
        text,
        lower: bare(text).to_lowercase(),
    };
    text.split_whitespace().map(word).collect()
}

fn bare(word: &str) -> &str {
    word.trim_matches(|c: char| !c.is_alphanumeric())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Time,
    Number,
    Before,
    Link,
    Other,
}

fn kind(word: &str) -> Kind {
    if TIMES.has(word) {
        Kind::Time
    } else if is_hour(word) {
        Kind::Number
    } else if BEFORE_NUMBER.has(word) {
        Kind::Before
    } else if LINKS.has(word) {
        Kind::Link
    } else {
        Kind::Other
    }
}

/// "18", "18:00", "18.30", "10-12", "6pm".
fn is_hour(word: &str) -> bool {
    let word = word.trim_end_matches("pm").trim_end_matches("am");
    let is_number =
        |part: &str, most: usize| (1..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    let mut parts = word.split([':', '.', '-', '–']);
    let first = parts.next().is_some_and(|part| is_number(part, 2));
    first && word.split([':', '.', '-', '–']).count() < 5 && parts.all(|part| is_number(part, 2))
}

/// The longest stretch of words that is a time, and the text without it.
fn phrase(text: &str) -> Option<(String, String)> {
    let words = words(text);
    let kinds: Vec<Kind> = words.iter().map(|word| kind(&word.lower)).collect();
    let mut from = 0;
    while from < words.len() {
        let mut to = from;
        while to < words.len() && kinds[to] != Kind::Other {
            to += 1;
            // A sentence's comma ends a time as well: "завтра, 2 комнаты".
            if words[to - 1].text.ends_with([',', ')']) {
                break;
            }
        }
        if let Some(found) = time(&words, &kinds, from, to) {
            return Some(found);
        }
        from = to.max(from + 1);
    }
    None
}

fn time(words: &[Word<'_>], kinds: &[Kind], mut from: usize, mut to: usize) -> Option<(String, String)> {
    let is_joint = |at: usize| matches!(words[at].lower.as_str(), "и" | "или" | "and" | "or" | "");
    while from < to && is_joint(from) {
        from += 1;
    }
    let is_thing =
        |at: usize| kinds.get(at) == Some(&Kind::Other) && !words[at - 1].text.ends_with([',', '.', '!', ')']);
    // "в 2 комнатах" counts things.
    if to > from
        && kinds[to - 1] == Kind::Number
        && is_thing(to)
        && words[to].text != "|"
        && words[to].text.starts_with(char::is_lowercase)
    {
        return None;
    }
    while to > from && matches!(kinds[to - 1], Kind::Before | Kind::Link) && !is_unit(&words[to - 1].lower) {
        to -= 1;
    }
    let is_said = (from..to)
        .any(|at| kinds[at] == Kind::Time || kinds[at] == Kind::Number && at > from && kinds[at - 1] == Kind::Before);
    let given: Vec<&str> = words.get(from..to)?.iter().map(|word| word.text).collect();
    let given = given.join(" ");
    let given = given.trim_matches(|c: char| !c.is_alphanumeric());
    let rest: Vec<&str> = words[..from].iter().chain(&words[to..]).map(|word| word.text).collect();
    (is_said && given.chars().count() <= LONGEST).then(|| (given.to_owned(), rest.join(" ")))
}

fn is_unit(word: &str) -> bool {
    LINKS.has(word)
        && !matches!(
            word,
            "во" | "по" | "примерно" | "не" | "и" | "или" | "the" | "in" | "on" | "or"
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_a_call_is_distinguished_from_that_of_an_order() {
        let cases = [
            (
                "Перезвоните завтра после 18:00, 8 912 345-67-89",
                Some("завтра после 18:00"),
            ),
            ("8 912 345-67-89, звоните с 10 до 18", Some("с 10 до 18")),
            ("мой номер 89123456789 позвоните после обеда", Some("после обеда")),
            (
                "Наберите в субботу утром! Нужна уборка завтра. 89123456789",
                Some("в субботу утром"),
            ),
            ("89123456789 Анна, после 19 часов", Some("после 19 часов")),
            ("89123456789 в любое время", Some("в любое время")),
            (
                "call me tomorrow after 6pm +44 20 7946 0958",
                Some("tomorrow after 6pm"),
            ),
            ("Позвоните не раньше 10:30", Some("не раньше 10:30")),
            ("Хочу уборку завтра в 10, 8 912 345-67-89", None),
            ("Позвоните, уборка в 2 комнатах, 89123456789", None),
            ("Перезвоните 8 912 345-67-89", None),
            ("89123456789 2 окна", None),
            ("завтра", None),
            ("", None),
        ];
        for (text, time) in cases {
            assert_eq!(call_time(text, &Region::new("RU")).as_deref(), time, "{text}");
        }
    }
}
