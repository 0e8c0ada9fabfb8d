//! Citation marks that OpenAI's models leave in their text after a file or web search. They point at nothing a customer
//! could open. An answer that was cut off may end in half a mark.

/// The longest end of a mark that holds white space: the name of a file, cut off.
const LONGEST_NAME: usize = 64;

/// Markdown without `【4:0†source】`, `:contentReference[oaicite:0]{index=0}` and marks between the private-use
/// characters U+E200 and U+E201. Of a mark without its end only what surely belongs to it goes; other words in such
/// brackets stay.
pub(super) fn without_citations(markdown: &str) -> String {
    let mut kept = String::with_capacity(markdown.len());
    let mut rest = markdown;
    while let Some(at) = rest.find(['【', '\u{e200}', '\u{e201}', '\u{e202}', ':']) {
        let (before, from) = rest.split_at(at);
        kept.push_str(before);
        let length = mark_length(from);
        if length == 0 {
            let first = from.chars().next().map_or(0, char::len_utf8);
            kept.push_str(&from[..first]);
            rest = &from[first..];
        } else {
            rest = &from[length..];
            drop_space_before(&mut kept, rest);
        }
    }
    kept.push_str(rest);
    kept
}

/// Length in bytes of the mark at the beginning of `text`; 0 if there is none.
fn mark_length(text: &str) -> usize {
    if text.starts_with('【') {
        whole(text, '【', '】', |inner| inner.contains('†') || is_reference(inner)).unwrap_or_else(|| cut_bracket(text))
    } else if text.starts_with('\u{e200}') {
        whole(text, '\u{e200}', '\u{e201}', |_| true).unwrap_or_else(|| cut_private(text))
    } else if text.starts_with(':') {
        content_reference(text)
    } else {
        // What is left of a mark whose beginning is missing; no font has these characters.
        text.chars().next().map_or(0, char::len_utf8)
    }
}

/// Length of a mark that has its end, on the line it began on.
fn whole(text: &str, opening: char, closing: char, is_mark: impl Fn(&str) -> bool) -> Option<usize> {
    let inner = &text[opening.len_utf8()..];
    let end = inner.find([closing, opening, '\n'])?;
    let is_closed = inner[end..].starts_with(closing);
    (is_closed && is_mark(&inner[..end])).then(|| opening.len_utf8() + end + closing.len_utf8())
}

/// `turn0search3`, `oaicite:1`: what else such brackets hold.
fn is_reference(inner: &str) -> bool {
    let is_turn = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit());
    let known = inner.strip_prefix("turn").is_some_and(is_turn) || inner.starts_with("oaicite:");
    known && inner.chars().all(|c| c.is_ascii_alphanumeric() || ":_-".contains(c))
}

/// `【4:0†pri`: the place behind the dagger is cut. `【4:0` and `【4` are, too, where nothing follows.
fn cut_bracket(text: &str) -> usize {
    let inner = &text['【'.len_utf8()..];
    let digits = inner.len() - inner.trim_start_matches(|c: char| c.is_ascii_digit() || c == ':').len();
    if digits == 0 || inner.starts_with(':') {
        return 0;
    }
    let (place, name) = inner.split_at(digits);
    let before = text.len() - name.len();
    if let Some(name) = name.strip_prefix('†') {
        return before + '†'.len_utf8() + cut_name(name);
    }
    let is_end = name.trim().is_empty() || place.contains(':') && is_line_end(name);
    if is_end { before } else { 0 }
}

/// Up to white space, or up to the end of the answer where what is there reads as a name that was cut off.
fn cut_name(name: &str) -> usize {
    let ends_a_sentence = name.trim_end().ends_with(['.', '!', '?', '…', ':', ';', '₽', ')']);
    if name.len() <= LONGEST_NAME && !ends_a_sentence && !name.contains(['\n', '【']) {
        return name.len();
    }
    let is_behind = |c: char| c.is_whitespace() || c == '【';
    name.find(is_behind).unwrap_or(name.len())
}

/// U+E200 without U+E201: what there is of "cite", U+E202 and the places. The character alone is never shown.
fn cut_private(text: &str) -> usize {
    let inner = &text['\u{e200}'.len_utf8()..];
    let is_of_mark = |c: char| c.is_ascii_alphanumeric() || matches!(c, '\u{e202}'..='\u{e20f}' | '_' | '-' | ':');
    let run = inner.len() - inner.trim_start_matches(is_of_mark).len();
    let (mark, behind) = inner.split_at(run);
    let is_kind = mark.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    let is_mark = mark.contains('\u{e202}') || is_kind && is_line_end(behind);
    '\u{e200}'.len_utf8() + if is_mark { run } else { 0 }
}

/// `:contentReference[oaicite:2]{index=2}`, whole or cut at the end of the answer.
fn content_reference(text: &str) -> usize {
    const START: &str = ":contentReference[oaicite:";
    if !text.starts_with(START) {
        return 0;
    }
    let behind = &text[START.len()..];
    let rest = behind.trim_start_matches(|c: char| c.is_ascii_digit());
    let rest = rest.strip_prefix(']').unwrap_or(rest);
    let rest = match rest.strip_prefix('{') {
        Some(inner) => {
            let index = inner.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '=');
            index.strip_prefix('}').unwrap_or(index)
        }
        None => rest,
    };
    text.len() - rest.len()
}

/// "text 【…】." would otherwise become "text .".
fn drop_space_before(kept: &mut String, rest: &str) {
    let stands_alone = rest.chars().next().is_none_or(|next| {
        next.is_whitespace() || next.is_ascii_punctuation() || matches!(next, '…' | '»' | '【' | '\u{e200}')
    });
    if stands_alone && kept.ends_with(' ') {
        kept.pop();
    }
}

/// The answer or its line ends here.
fn is_line_end(text: &str) -> bool {
    text.trim_start_matches([' ', '\r'])
        .chars()
        .next()
        .is_none_or(|c| c == '\n')
}
