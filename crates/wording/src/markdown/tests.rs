//! Rules of the Markdown a customer sees.

use domain::{Reply, Span, Style};

use super::{TELEGRAM_SPAN_LIMIT, TELEGRAM_TEXT_LIMIT, render, split};

/// The text, and each span as its style and the text it covers.
fn seen(markdown: &str) -> (String, Vec<String>) {
    let reply = render(markdown);
    let units: Vec<u16> = reply.text.encode_utf16().collect();
    let span = |span: &Span| {
        let covered = String::from_utf16(&units[span.offset..span.offset + span.length]).unwrap();
        told(&span.style, &covered)
    };
    (reply.text, reply.spans.iter().map(span).collect())
}

fn told(style: &Style, covered: &str) -> String {
    format!("{style:?} {covered}")
}

fn text(markdown: &str) -> String {
    render(markdown).text
}

fn link(url: &str) -> Style {
    Style::Link { url: url.into() }
}

fn pre(language: Option<&str>) -> Style {
    Style::Pre {
        language: language.map(str::to_owned),
    }
}

#[test]
fn a_heading_is_bold_and_keeps_close_to_its_text() {
    let (text, spans) = seen("Hello\n\n## Prices **now**\n\nFrom 10 €");
    assert_eq!(text, "Hello\n\nPrices now\nFrom 10 €");
    assert_eq!(spans, ["Bold Prices now"]);
}

#[test]
fn offsets_count_utf16_units_and_not_characters() {
    let (offset, length, style) = (5, 2, Style::Bold);
    assert_eq!(render("🙂🙂 **ёж**").spans, [Span { offset, length, style }]);
}

#[test]
fn nested_styles_are_ordered_outer_before_inner() {
    let (_, spans) = seen("*a **b ~~c~~***");
    assert_eq!(spans, ["Italic a b c", "Bold b c", "Strikethrough c"]);
}

#[test]
fn styles_are_closed_before_code_and_opened_after_it() {
    let (text, spans) = seen("**say `x` twice**");
    assert_eq!(text, "say x twice");
    assert_eq!(spans, ["Bold say ", "Code x", "Bold  twice"]);
}

#[test]
fn code_in_a_link_or_quotation_stays_plain_text() {
    assert_eq!(seen("[see `x`](https://a.b)").1, [told(&link("https://a.b"), "see x")]);
    assert_eq!(seen("> see `x`").1, ["Blockquote see x"]);
}

#[test]
fn a_fence_becomes_a_block_with_its_language() {
    let (text, spans) = seen("Run:\n\n```rust,ignore\nlet a = 1;\n\n  b();\n```\nDone");
    assert_eq!(text, "Run:\n\nlet a = 1;\n\n  b();\nDone");
    assert_eq!(spans, [told(&pre(Some("rust,ignore")), "let a = 1;\n\n  b();")]);
}

#[test]
fn nested_lists_are_indented_under_their_item() {
    assert_eq!(
        text("3. one\n   - a\n   - b\n     more\n4. two\n\nend"),
        "3. one\n  • a\n  • b\n    more\n4. two\n\nend"
    );
}

#[test]
fn a_loose_list_keeps_its_blank_lines() {
    assert_eq!(text("- a\n\n- b\n\ntext"), "• a\n\n• b\n\ntext");
}

#[test]
fn the_marker_of_an_item_is_never_styled() {
    let (text, spans) = seen("- **a**: b\n- *c*");
    assert_eq!(text, "• a: b\n• c");
    assert_eq!(spans, ["Bold a", "Italic c"]);
}

#[test]
fn tasks_show_whether_they_are_done() {
    assert_eq!(text("- [x] a\n- [ ] b\n\n1. [x] c"), "☑ a\n☐ b\n\n1. ☑ c");
}

#[test]
fn quotations_are_one_span_and_never_nested() {
    let (text, spans) = seen("> a\n> > b\n\nc");
    assert_eq!(text, "a\n\nb\n\nc");
    assert_eq!(spans, ["Blockquote a\n\nb"]);
}

#[test]
fn a_fence_in_a_quotation_interrupts_the_quotation() {
    let (_, spans) = seen("> a\n>\n> ```\n> x\n> ```\n>\n> b");
    assert_eq!(spans, ["Blockquote a", &told(&pre(None), "x"), "Blockquote b"]);
}

#[test]
fn a_table_becomes_a_block_of_aligned_columns() {
    let (text, spans) = seen("| Размер | Цена |\n|:--|--:|\n| **S** | 1 000 |\n| `XL` | [5](https://a.b) |");
    let expected =
        "Размер |            Цена\n-------+----------------\nS      |           1 000\nXL     | 5 (https://a.b)";
    assert_eq!(text, expected);
    assert_eq!(spans, [told(&pre(None), expected)]);
}

#[test]
fn only_safe_addresses_become_links() {
    for url in ["https://a.b/c?d=1", "HTTP://a.b"] {
        let linked = told(&link(url), "x");
        assert_eq!(seen(&format!("[x]({url})")), ("x".to_owned(), vec![linked]));
    }
    for url in ["javascript:alert(1)", "/prices", "tg://user?id=1", "https:"] {
        assert_eq!(seen(&format!("[x]({url})")), (format!("x ({url})"), Vec::new()));
    }
}

#[test]
fn an_address_that_shows_itself_needs_no_span() {
    assert_eq!(seen("<https://a.b> <a@b.c>"), ("https://a.b a@b.c".into(), Vec::new()));
}

#[test]
fn a_link_or_image_without_text_shows_its_address() {
    let picture = "https://a.b/c.png";
    let linked = told(&link(picture), picture);
    assert_eq!(seen("![](https://a.b/c.png)"), (picture.to_owned(), vec![linked]));
    assert_eq!(text("![a cat](cat.png)"), "a cat (cat.png)");
    let linked = told(&link("https://a.b"), "a cat");
    assert_eq!(seen("[![a cat](https://c.d)](https://a.b)").1, [linked]);
}

#[test]
fn raw_html_stays_as_it_was_written_but_line_breaks() {
    assert_eq!(
        text("<div>\n<b>x</b>\n</div>\n\na <i>b</i>&nbsp;&lt;c>"),
        "<div>\n<b>x</b>\n</div>\n\na <i>b</i>\u{a0}<c>"
    );
    assert_eq!(text("a<br>b<br/>c"), "a\nb\nc");
}

#[test]
fn both_kinds_of_breaks_are_new_lines() {
    assert_eq!(text("a\nb  \nc\\\nd\r\ne"), "a\nb\nc\nd\ne");
}

#[test]
fn citation_marks_of_the_model_are_removed() {
    assert_eq!(
        text("Open till 9 【4:0†source】【1†x】. Free\u{e200}cite\u{e202}turn0\u{e201}"),
        "Open till 9. Free"
    );
    for (markdown, expected) in [
        ("Да【turn0search3】, да 【oaicite:1】", "Да, да"),
        ("Да:contentReference[oaicite:2]{index=2}.", "Да."),
        (
            "Да \u{e200}filecite\u{e202}turn0file1\u{e202}L1-L9\u{e201}, 500 ₽",
            "Да, 500 ₽",
        ),
    ] {
        assert_eq!(text(markdown), expected, "{markdown:?}");
    }
}

#[test]
fn citation_marks_cut_in_the_middle_are_not_shown() {
    for (markdown, expected) in [
        ("Окно 500 ₽ 【4:0†pri", "Окно 500 ₽"),
        ("Окно 500 ₽【4:0†Прайс на ок", "Окно 500 ₽"),
        ("Окно 500 ₽【4:0†", "Окно 500 ₽"),
        ("Окно 500 ₽ 【4:0", "Окно 500 ₽"),
        ("Окно 500 ₽ 【4", "Окно 500 ₽"),
        ("Окно【4:0†pri\nДверь 700 ₽", "Окно\nДверь 700 ₽"),
        ("Окно【4:0†pri Дверь 700 ₽.", "Окно Дверь 700 ₽."),
        ("Окно【4:0†pri Дверь【4:1†x】 700", "Окно Дверь 700"),
        ("Окно \u{e200}cite\u{e202}turn0se", "Окно"),
        ("Окно \u{e200}ci", "Окно"),
        ("Окно\u{e200}cite\u{e202}turn0\nДверь", "Окно\nДверь"),
        (
            "Окно\u{e200}cite\u{e202}turn0 Дверь \u{e200}cite\u{e202}turn1\u{e201} 700",
            "Окно Дверь 700",
        ),
        ("Окно \u{e200}Дверь", "Окно Дверь"),
        ("turn0\u{e201} Окно", "turn0 Окно"),
        ("Окно:contentReference[oaici", "Окно:contentReference[oaici"),
        ("Окно:contentReference[oaicite:1]{ind", "Окно"),
    ] {
        assert_eq!(text(markdown), expected, "{markdown:?}");
    }
}

#[test]
fn words_in_citation_brackets_that_cite_nothing_stay() {
    for markdown in [
        "【Sale】 a【",
        "【4】 шт",
        "【Скидка 10%",
        "【4 окна】 500 ₽",
        "【4: окно",
    ] {
        assert_eq!(text(markdown), markdown);
    }
}

#[test]
fn an_invisible_reply_is_an_empty_reply() {
    for markdown in [
        "",
        " \n\t",
        "\u{200b}\u{feff}",
        "---",
        "```\n\n```",
        "【1†s】",
        "[]()",
        "`\u{a0}`",
    ] {
        assert_eq!(render(markdown), Reply::default(), "{markdown:?}");
    }
    assert_eq!(split(&Reply::default(), 20, 5), []);
    assert_eq!(split(&Reply::plain(" \n "), 20, 5), []);
}

#[test]
fn control_characters_never_move_an_offset() {
    let (text, spans) = seen("a\u{7}\u{0} **b**");
    assert_eq!(text, "a b");
    assert_eq!(spans, ["Bold b"]);
}

#[test]
fn a_short_reply_is_its_own_only_part() {
    let reply = render("**a** b");
    assert_eq!(split(&reply, 4096, 100), [reply]);
}

#[test]
fn a_cut_prefers_paragraph_then_sentence_then_word() {
    let parts = |text: &str, limit| -> Vec<String> {
        let parts = split(&Reply::plain(text), limit, 100);
        parts.into_iter().map(|part| part.text).collect()
    };
    assert_eq!(
        parts("One two. Three\n\nfour. five", 22),
        ["One two. Three", "four. five"]
    );
    assert_eq!(parts("One two three. Four five", 20), ["One two three.", "Four five"]);
    assert_eq!(parts("One two three four", 10), ["One two", "three four"]);
    assert_eq!(parts("aaaaabbbbbcc", 5), ["aaaaa", "bbbbb", "cc"]);
    assert_eq!(parts("aaaa bbbbb", 4), ["aaaa", "bbbb", "b"]);
}

#[test]
fn an_early_paragraph_does_not_waste_most_of_a_part() {
    let parts = split(&Reply::plain("ab\n\ncdefgh ijkl mnop"), 14, 100);
    assert_eq!(parts[0].text, "ab\n\ncdefgh");
}

#[test]
fn a_cut_never_halves_a_surrogate_pair() {
    let parts = split(&Reply::plain("🙂🙂🙂"), 3, 100);
    assert!(parts.iter().all(|part| part.text == "🙂") && parts.len() == 3);
}

#[test]
fn a_code_block_goes_on_as_a_code_block() {
    let reply = render("```py\nfirst line\nsecond line\n```");
    let parts = split(&reply, 12, 100);
    assert_eq!(parts.len(), 2);
    for part in parts {
        assert_eq!(part.spans.len(), 1);
        assert_eq!(part.spans[0].style, pre(Some("py")));
        assert_eq!(part.spans[0].length, part.text.len());
    }
}

#[test]
fn too_many_spans_begin_a_new_part() {
    let reply = render(&"**a** b ".repeat(250));
    let parts = split(&reply, TELEGRAM_TEXT_LIMIT, TELEGRAM_SPAN_LIMIT);
    assert_eq!(
        parts.iter().map(|part| part.spans.len()).collect::<Vec<_>>(),
        [100, 100, 50]
    );
}

#[test]
fn more_spans_than_allowed_on_one_letter_lose_the_innermost() {
    let parts = split(&render("***x*** y"), 20, 1);
    assert_eq!(parts[0].spans.len(), 1);
    assert_eq!(parts[0].text, "x y");
}
