//! Citation marks that OpenAI's models leave in their text when they looked into files or the web. They point
//! at nothing a customer could open.

/// Markdown without `【4:0†source】` and without marks between the private-use characters U+E200 and U+E201.
pub(super) fn without_citations(markdown: &str) -> String {
    let mut kept = String::with_capacity(markdown.len());
    let mut rest = markdown;
    while let Some(at) = rest.find(['【', '\u{e200}']) {
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
    let (closing, is_mark): (char, fn(&str) -> bool) = if text.starts_with('【') {
        ('】', |inner| inner.contains('†') && !inner.contains('\n'))
    } else {
        ('\u{e201}', |inner| !inner.contains('\n'))
    };
    match text.find(closing) {
        Some(end) if is_mark(&text[..end]) => end + closing.len_utf8(),
        _ => 0,
    }
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
