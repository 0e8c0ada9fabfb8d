//! Names with signs of Markdown in them: addresses, files, paths, handles. `_` and `~` in them are no emphasis.

/// A character that names are made of.
pub(super) fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || "._-@/\\:+%#&=?~".contains(c)
}

/// Length in bytes of the name at the beginning of `text` whose signs are only themselves; 0 if none is there, or if
/// it has none that matter. `previous` is the character before it.
pub(super) fn length(text: &str, previous: char) -> usize {
    if email_length(text, previous) > 0 {
        return 0;
    }
    let word = word(text);
    if let Some(scheme) = word.find("://") {
        return url_length(text, scheme);
    }
    // A path may end in a backslash; Markdown would take that for a break of the line, or eat it before a bracket.
    if is_windows_path(word) {
        return word.len();
    }
    let name = word.trim_end_matches(['_', '~', '.', ':', '?', '-', '=', '&', '\\']);
    let is_known = word.starts_with('@') || name.contains('@') || is_file(name) || is_path(name);
    match is_known {
        true if word.starts_with('@') => word.trim_end_matches(['~', '.', ':', '?', '\\']).len(),
        // What precedes the first letter may be the beginning of emphasis.
        true if name.contains('_') && !name.starts_with('_') => name.len(),
        true if name.trim_start_matches('_').contains('_') => name.len(),
        _ => 0,
    }
}

/// Length of `anna_k@mail.ru` in `<anna_k@mail.ru>`, which the parser reads itself.
pub(super) fn email_length(text: &str, previous: char) -> usize {
    let word = word(text);
    if previous == '<' && word.contains('@') && text[word.len()..].starts_with('>') {
        word.len()
    } else {
        0
    }
}

fn word(text: &str) -> &str {
    let end = text.find(|c| !is_of_name(c)).unwrap_or(text.len());
    &text[..end]
}

/// An address runs on through stars and brackets, but what closes around it is not part of it.
fn url_length(text: &str, scheme: usize) -> usize {
    let mut depth = 0_usize;
    let ends = |(at, c): (usize, char)| {
        let is_behind = c == ')' && depth == 0 || c == '*' && text[at..].starts_with("**");
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        is_behind || c.is_whitespace() || "[]<>\"`|«»“”".contains(c)
    };
    let end = text.char_indices().position(ends);
    let end = end
        .and_then(|place| text.char_indices().nth(place))
        .map_or(text.len(), |(at, _)| at);
    let whole = &text[..end];
    let url = whole.trim_end_matches(|c: char| "*_~.,!?:;)'\\".contains(c));
    // Emphasis may begin before the scheme.
    let begins = text[..scheme].starts_with(|c: char| c.is_ascii_alphabetic());
    if begins { url.len() } else { 0 }
}

/// `C:\Прайс\`, `\\server\share`
fn is_windows_path(word: &str) -> bool {
    let mut chars = word.chars();
    let is_drive = chars.next().is_some_and(|c| c.is_ascii_alphabetic()) && word[1..].starts_with(":\\");
    is_drive || word.starts_with("\\\\") && word[2..].starts_with(char::is_alphanumeric)
}

/// `прайс_2026.pdf`
fn is_file(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(stem, ending)| {
        !stem.is_empty()
            && (1..=5).contains(&ending.len())
            && ending.chars().all(|c| c.is_ascii_alphanumeric())
            && ending.contains(|c: char| c.is_ascii_alphabetic())
    })
}

/// `www.shop.ru/a_b`, `/home/_x_`
fn is_path(name: &str) -> bool {
    name.contains('/') && name.split('/').filter(|part| !part.is_empty()).count() > 1 && name.is_ascii()
}
