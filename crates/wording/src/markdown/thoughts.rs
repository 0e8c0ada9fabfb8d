//! What a model thinks before it answers. Reasoning models on other servers write it into the text, between tags.

use std::ops::Range;

use super::citations::without_citations;

/// The words that stand in such tags.
const NAMES: &str = "think thinking thought thoughts reasoning reflection scratchpad seed:think";

/// What a model said to the customer: its answer without its thoughts, empty if nothing a customer could read is left.
///
/// Thoughts are what is between `<think>` and `</think>` (and the other [names](NAMES)), what precedes a
/// closing tag that was never opened, and what follows an opening tag on a line of its own that is never closed. Tags
/// in code, which the answer is about, stay.
pub fn answer_text(answer: &str) -> String {
    let kept = without_thoughts(answer);
    let kept = kept.trim();
    if without_citations(kept).trim().is_empty() {
        return String::new();
    }
    kept.to_owned()
}

fn without_thoughts(answer: &str) -> String {
    let tags = tags(answer);
    let mut kept = String::new();
    let mut upto = 0;
    let mut had_thoughts = false;
    let mut next = 0;
    while let Some(tag) = tags.get(next) {
        if tag.kind == Kind::Empty {
            kept.push_str(&answer[upto..tag.range.start]);
            upto = tag.range.end;
            next += 1;
        } else if tag.kind == Kind::Closing {
            // Chat templates write the opening tag themselves, so the answer begins with thoughts. After a pair, a
            // closing tag with nothing behind it is only one too many.
            let is_last = had_thoughts && answer[tag.range.end..].trim().is_empty();
            if is_last {
                kept.push_str(&answer[upto..tag.range.start]);
            } else {
                kept.clear();
            }
            upto = tag.range.end;
            next += 1;
        } else if let Some(end) = end_of_thoughts(&tags, next) {
            kept.push_str(&answer[upto..tag.range.start]);
            upto = tags[end].range.end;
            next = end + 1;
        } else if tag.begins_line {
            kept.push_str(&answer[upto..tag.range.start]);
            return kept;
        } else {
            next += 1;
            continue;
        }
        had_thoughts = true;
    }
    kept.push_str(&answer[upto..]);
    kept
}

/// The tag that closes the one at `opening`: its own, or the last there is when thoughts name the tag themselves.
fn end_of_thoughts(tags: &[Tag], opening: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut last = None;
    for (index, tag) in tags.iter().enumerate().skip(opening) {
        match tag.kind {
            Kind::Opening => depth += 1,
            Kind::Empty => {}
            Kind::Closing => {
                depth = depth.saturating_sub(1);
                last = Some(index);
            }
        }
        if depth == 0 {
            return last;
        }
    }
    last
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Opening,
    Closing,
    /// `<think/>`
    Empty,
}

#[derive(Debug)]
struct Tag {
    range: Range<usize>,
    kind: Kind,
    /// Only white space precedes it on its line.
    begins_line: bool,
}

/// The tags of thoughts outside code.
fn tags(answer: &str) -> Vec<Tag> {
    let fences = fences(answer);
    let mut tags = Vec::new();
    let mut from = 0;
    while let Some(at) = answer[from..].find(['<', '[', '◁']).map(|at| from + at) {
        from = at + answer[at..].chars().next().map_or(1, char::len_utf8);
        let Some((length, kind)) = tag_at(&answer[at..]) else {
            continue;
        };
        let line = answer[..at].rfind('\n').map_or(0, |feed| feed + 1);
        let is_code = fences.iter().any(|fence| fence.contains(&at)) || is_in_code_span(answer, line, at);
        if !is_code {
            tags.push(Tag {
                range: at..at + length,
                kind,
                begins_line: answer[line..at].trim().is_empty(),
            });
            from = at + length;
        }
    }
    tags
}

/// `<think>`, `</Thinking >`, `[THINK]`, `◁/think▷`: its length and kind.
fn tag_at(text: &str) -> Option<(usize, Kind)> {
    let opening = text.chars().next()?;
    let closing = match opening {
        '<' => '>',
        '[' => ']',
        _ => '▷',
    };
    let inner = &text[opening.len_utf8()..];
    let end = inner.find([closing, '\n'])?;
    if !inner[end..].starts_with(closing) {
        return None;
    }
    let inside = inner[..end].trim();
    let (name, kind) = match (inside.strip_prefix('/'), inside.strip_suffix('/')) {
        (Some(name), _) => (name, Kind::Closing),
        (None, Some(name)) => (name, Kind::Empty),
        (None, None) => (inside, Kind::Opening),
    };
    // Attributes may follow.
    let word = name.split_whitespace().next().unwrap_or_default();
    let is_known = match opening {
        '[' => name == "THINK",
        _ => NAMES.split(' ').any(|known| known.eq_ignore_ascii_case(word)),
    };
    is_known.then_some((opening.len_utf8() + end + closing.len_utf8(), kind))
}

/// Blocks of code that have their end; one without it would hide everything behind it.
fn fences(answer: &str) -> Vec<Range<usize>> {
    let mut fences = Vec::new();
    let mut open: Option<(usize, &str)> = None;
    let mut at = 0;
    for line in answer.split_inclusive('\n') {
        let text = line.trim();
        let length = text.len() - text.trim_start_matches(['`', '~']).len();
        let (ticks, info) = text.split_at(length);
        let is_fence = length >= 3 && (ticks.chars().all(|c| c == '`') || ticks.chars().all(|c| c == '~'));
        match open {
            Some((start, fence)) if is_fence && info.is_empty() && ticks.starts_with(fence) => {
                fences.push(start..at + line.len());
                open = None;
            }
            None if is_fence && !info.contains('`') => open = Some((at, ticks)),
            _ => {}
        }
        at += line.len();
    }
    fences
}

fn is_in_code_span(answer: &str, line: usize, at: usize) -> bool {
    let behind = answer[at..].lines().next().unwrap_or_default();
    answer[line..at].matches('`').count() % 2 == 1 && behind.contains('`')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::answer_text;

    #[test]
    fn what_a_model_thinks_is_never_part_of_its_answer() {
        for (answer, expected) in [
            ("<think>Hm.</think>Да", "Да"),
            ("<think>\nHm.\n\n```\nx\n```\n</think>\n\n**Да**", "**Да**"),
            ("<Thinking>Hm.</THINKING >Да", "Да"),
            ("<reasoning effort=\"high\">Hm.</reasoning>\nДа", "Да"),
            ("<thought>Hm.</thought>Да", "Да"),
            ("<seed:think>Hm.</seed:think>Да", "Да"),
            ("[THINK]Hm.[/THINK]Да", "Да"),
            ("◁think▷Hm.◁/think▷Да", "Да"),
            ("<think></think>\n\nДа", "Да"),
            ("<think/>Да", "Да"),
            ("Hm. 500?</think>\nДа", "Да"),
            ("<think>a</think>Hm.</think>Да", "Да"),
            ("Да.\n<think>Hm.</think>\nНет.", "Да.\n\nНет."),
            ("<think>a</think>Да<think>b</think>, 500 ₽", "Да, 500 ₽"),
            ("<think>a <think>b</think> c</think>Да", "Да"),
            ("<think>the tag <think> opens</think>Да", "Да"),
            ("<think>a</think>Да</think>", "Да"),
            ("Да\n<think>Hm. Cut o", "Да"),
            ("<think>Hm.</think>`<think>` и 500 ₽", "`<think>` и 500 ₽"),
        ] {
            assert_eq!(answer_text(answer), expected, "{answer:?}");
        }
    }

    #[test]
    fn an_answer_of_which_nothing_is_left_is_empty() {
        for answer in [
            "",
            " \n",
            "<think>Hm.</think>",
            "<think>Hm. Cut o",
            "<thinking>\nHm.\n```\nx",
            "Hm.</think>\n",
            "<think>Hm.</think>\n【4:0†source】",
            "【4:0†pri",
        ] {
            assert_eq!(answer_text(answer), "", "{answer:?}");
        }
    }

    #[test]
    fn tags_that_an_answer_is_about_stay_in_it() {
        for answer in [
            "```html\n<think>Hm.</think>\n```\nДа",
            "~~~\n</think>\n~~~",
            "Тег `<think>` и тег `</think>`",
            "Тег <think> открывает мысли",
            "<thinker>x</thinker> [think] <Имя>",
            "5 < 6 > 4, <50 ₽",
        ] {
            assert_eq!(answer_text(answer), answer);
        }
    }

    proptest! {
        #[test]
        fn thoughts_go_and_the_answer_stays(thoughts in "[a-zа-я .\n`]{0,40}", answer in "[0-9а-я*<>.₽][0-9а-я*<>. ₽\n]{0,40}[0-9а-я]") {
            prop_assert_eq!(answer_text(&answer), answer.as_str());
            prop_assert_eq!(answer_text(&format!("<think>{thoughts}</think>\n{answer}")), answer.as_str());
            prop_assert_eq!(answer_text(&format!("<think>{thoughts}")), "");
        }
    }
}
