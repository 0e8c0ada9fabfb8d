//! The promises of [`render`] and [`split`] on random input. `PROPTEST_CASES=100000` makes a long run of it.

use proptest::prelude::*;

use super::{TELEGRAM_SPAN_LIMIT, TELEGRAM_TEXT_LIMIT, render, split};
use crate::domain::{Reply, Span, Style};

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

fn fragment() -> impl Strategy<Value = String> {
    let markup = prop::sample::select(vec![
        "**",
        "*",
        "_",
        "~~",
        "`",
        "``",
        "```",
        "```py\n",
        "\n",
        "\n\n",
        "  \n",
        "- ",
        "  - ",
        "1. ",
        "   2) ",
        "- [x] ",
        "> ",
        ">> ",
        "# ",
        "### ",
        "[",
        "](https://e.x/y)",
        "](bad)",
        "![",
        "](",
        ")",
        "<b>",
        "</b>",
        "<br>",
        "<https://e.x>",
        "| a | **b** |\n|---|:-:|\n| `c` | 🙂 |\n",
        "|",
        "---\n",
        "\\",
        "&nbsp;",
        "&#10;",
        "【1†s】",
        "\u{e200}",
        "\u{e201}",
        "    ",
        "\t",
        "\r\n",
        "\u{200b}",
        "\u{0}",
        "【",
        "†",
        "】",
    ]);
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

proptest! {
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
