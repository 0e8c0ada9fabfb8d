//! The promises of [`render`] and [`split`] on random input. `PROPTEST_CASES=100000` makes a long run of it.

use domain::{Reply, Span, Style};
use proptest::prelude::*;

use super::{TELEGRAM_SPAN_LIMIT, TELEGRAM_TEXT_LIMIT, render, split};

fn is_code(span: &Span) -> bool {
    matches!(span.style, Style::Code | Style::Pre { .. })
}

/// Everything Telegram and our own types demand of a text with spans.
fn check(reply: &Reply, limit: usize, max_spans: usize) -> Result<(), TestCaseError> {
    let units: Vec<u16> = reply.text.encode_utf16().collect();
    prop_assert!(units.len() <= limit && reply.spans.len() <= max_spans);
    prop_assert!(!reply.text.is_empty());
    prop_assert_eq!(reply.text.trim(), &reply.text);
    for (index, span) in reply.spans.iter().enumerate() {
        let (from, to) = (span.offset, span.offset + span.length);
        prop_assert!(span.length > 0 && to <= units.len(), "{:?}", span);
        prop_assert!(String::from_utf16(&units[from..to]).is_ok_and(|covered| !covered.trim().is_empty()));
        for later in &reply.spans[index + 1..] {
            prop_assert!((from, usize::MAX - to) <= (later.offset, usize::MAX - later.offset - later.length));
            let is_apart = later.offset >= to;
            let is_inside = later.offset + later.length <= to;
            prop_assert!(is_apart || is_inside, "{:?} overlaps {:?}", span, later);
            prop_assert!(
                is_apart || !(is_code(span) || is_code(later)),
                "{:?} around {:?}",
                span,
                later
            );
            prop_assert!(is_apart || span.style != later.style);
        }
    }
    Ok(())
}

fn without_whitespace(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// One of these pieces, with a bar between two of them.
fn among(pieces: &'static str) -> impl Strategy<Value = &'static str> + Clone {
    prop::sample::select(pieces.split('¦').collect::<Vec<_>>())
}

fn fragment() -> impl Strategy<Value = String> {
    let markup = among(
        "**¦*¦_¦~~¦`¦``¦```¦```py\n¦\n¦\n\n¦  \n¦- ¦  - ¦1. ¦   2) ¦- [x] ¦> ¦>> ¦# \
        ¦### ¦[¦](https://e.x/y)¦](bad)¦![¦](¦)¦<b>¦</b>¦<br>¦<https://e.x>\
        ¦| a | **b** |\n|---|:-:|\n| `c` | 🙂 |\n¦|¦---\n¦\\¦&nbsp;¦&#10;¦【1†s】¦\u{e200}¦\u{e201}¦    ¦\t¦\r\n\
        ¦\u{200b}¦\u{0}¦【¦†¦】",
    );
    let words = prop::sample::select(vec![
        "a",
        "слово",
        "🙂",
        "👩‍👩‍👧",
        "end. ",
        "Why? ",
        " ",
        "длинное-предложение",
        "x y",
        "8 912 345-67-89",
    ]);
    prop_oneof![markup.prop_map(str::to_owned), words.prop_map(str::to_owned), ".{0,6}"]
}

/// A piece of Markdown with the letters and digits in it that a customer must read.
fn saying() -> impl Strategy<Value = (String, String)> {
    let markup = among(
        "](https://e.x/y)¦](shop.ru \"t\")¦](bad)¦](a@b.ru)¦![¦[a]: shop.ru\n\
        ¦[b]: <c d> 't'\n¦[a]¦[q][a]¦]¦```py\n¦~~~ \n¦<https://e.x>¦<i>¦</i>¦<br>¦<!--¦-->¦&nbsp;¦&copy;\
        ¦|---|:-:|\n¦|:--\n¦```\n¦\u{0}",
    );
    let signs = prop::sample::select(vec![
        "*", "**", "***", "_", "__", "~", "~~", "`", "``", "[", ")", "(", "\n", "\n\n", "  \n", "\\\n", "\\", "- ",
        "+ ", "* ", "> ", ">", "# ", "### ", " #\n", "===\n", "---\n", "-\n", "=\n", "    ", "\t", "\r\n", "\r", "|",
        " | ", "<", "&", "!", ": ", "***\n", "$", "₽", "%", "\u{200b}", "\u{fdd0}", "🙂",
    ]);
    let words = prop_oneof![
        "[а-яё]{1,5}",
        "[0-9]{1,4}",
        "[0-9]{1,3}[.)] ",
        "[0-9]{1,3}\\*[0-9]{1,3}",
        "[а-я]{1,4}[!.:] ",
        "[а-я]{1,3}_[а-я]{1,3}"
    ];
    let only = |text: String| (text, String::new());
    prop_oneof![
        2 => markup.prop_map(move |text| only(text.to_owned())),
        4 => signs.prop_map(move |text| only(text.to_owned())),
        3 => words.prop_map(|text| (text.clone(), text.chars().filter(|c| c.is_alphanumeric()).collect())),
        1 => Just((" ".to_owned(), String::new())),
    ]
}

/// The first letter of `wanted` that does not come in its turn.
fn missing(wanted: &str, text: &str) -> Option<char> {
    let mut read = text.chars();
    wanted.chars().find(|letter| !read.any(|c| c == *letter))
}

fn is_linked(reply: &Reply, target: &str) -> bool {
    let has = |style: &Style| matches!(style, Style::Link { url } if url.contains(target));
    reply.text.contains(target) || reply.spans.iter().any(|span| has(&span.style))
}

/// Numbers with operators and units, perhaps after a sign at the start of the line.
fn sum() -> impl Strategy<Value = String> {
    let start = prop::sample::select(vec![
        "", "> ", ">", "- ", "-", "+ ", "< ", "<", "# ", "5. ", "12) ", "= ", "~", "№ ", "≈", "$",
    ]);
    let number = prop::sample::select(vec![
        "5", "100", "2026", "1,5", "1.5", "(2+3)", "50%", "700₽", "12", "½",
    ]);
    let operator = prop::sample::select(vec![
        "*", " * ", "*", "+", " + ", "-", " - ", "/", "=", " = ", "**", "~", "_", "|", " | ", "^", "<", " > ", ":", " ",
    ]);
    let rest = prop::collection::vec((operator, number.clone()), 0..6);
    (start, number, rest).prop_map(|(start, number, rest)| {
        let rest: String = rest
            .iter()
            .map(|(operator, number)| format!("{operator}{number}"))
            .collect();
        format!("{start}{number}{rest}")
    })
}

proptest! {
    #[test]
    fn every_letter_and_digit_that_was_said_is_read_in_order(said in prop::collection::vec(saying(), 0..40)) {
        let markdown: String = said.iter().map(|(markdown, _)| markdown.as_str()).collect();
        let wanted: String = said.iter().map(|(_, wanted)| wanted.as_str()).collect();
        let text = render(&markdown).text;
        prop_assert_eq!(missing(&wanted, &text), None, "{:?} became {:?}", markdown, text);
    }

    #[test]
    fn sums_and_comparisons_keep_every_sign(lines in prop::collection::vec(sum(), 1..5)) {
        let markdown = lines.join("\n");
        prop_assert_eq!(without_whitespace(&render(&markdown).text), without_whitespace(&markdown));
    }

    #[test]
    fn every_link_leads_where_it_was_meant_to(label in "[а-яa-z0-9 !*_~`]{0,12}", target in "[a-z0-9а-я/:.@?=&#_~*+-]{1,20}") {
        let markdown = format!("[{label}]({target})");
        let reply = render(&markdown);
        let bare = target.trim_start_matches("mailto:").trim_start_matches("tel:");
        prop_assert!(is_linked(&reply, bare), "{:?} became {:?}", markdown, reply);
    }

    #[test]
    fn bold_between_any_words_is_bold_without_stars(
        before in "[а-я]{2,5}[ :,(«—]?",
        inside in "[а-я₽$«][а-я0-9 .,]{0,8}[а-я0-9!?%₽».:)]",
        after in "[ ,.!)»—]?[а-я]{2,5}",
    ) {
        let reply = render(&format!("{before}**{inside}**{after}"));
        prop_assert_eq!(&reply.text, &format!("{before}{inside}{after}"));
        let offset = before.encode_utf16().count();
        let length = inside.encode_utf16().count();
        prop_assert_eq!(reply.spans, [Span { offset, length, style: Style::Bold }]);
    }

    #[test]
    fn random_markdown_always_becomes_a_sound_reply(fragments in prop::collection::vec(fragment(), 0..60)) {
        let markdown = fragments.concat();
        let reply = render(&markdown);
        if !reply.text.is_empty() {
            check(&reply, usize::MAX, usize::MAX)?;
        }
        for (limit, max_spans) in [(20, 3), (64, 7), (TELEGRAM_TEXT_LIMIT, TELEGRAM_SPAN_LIMIT), (2, 1)] {
            let parts = split(&reply, limit, max_spans);
            prop_assert_eq!(parts.is_empty(), reply.text.is_empty());
            for part in &parts {
                check(part, limit, max_spans)?;
            }
            let joined: String = parts.iter().map(|part| part.text.as_str()).collect();
            prop_assert_eq!(without_whitespace(&joined), without_whitespace(&reply.text));
        }
    }

    #[test]
    fn plain_words_are_never_lost(words in prop::collection::vec("[a-zа-яё]{1,12}", 1..80)) {
        let joined = words.join(" ");
        prop_assert_eq!(render(&joined).text, joined);
    }
}
