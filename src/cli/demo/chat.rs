//! Text as in a messenger: Telegram entities become styles, lines are folded to the column width.

use serde_json::Value;

use crate::cli::output::visible;

const BOLD: u8 = 1;
const ITALIC: u8 = 2;
const UNDERLINED: u8 = 4;

/// Characters with their styles.
pub(super) struct Text(Vec<(char, u8)>);

impl Text {
    /// Without styles.
    pub(super) fn plain(text: &str) -> Self {
        Self(text.chars().map(|c| (c, 0)).collect())
    }

    /// With Telegram entities, whose offsets are in UTF-16 units.
    pub(super) fn with_entities(text: &str, entities: &[Value]) -> Self {
        let mut at = 0;
        let mut styled = Vec::new();
        for c in text.chars() {
            let here = entities.iter().filter(|entity| {
                let (offset, length) = (entity["offset"].as_u64(), entity["length"].as_u64());
                offset
                    .zip(length)
                    .is_some_and(|(offset, length)| (offset..offset + length).contains(&at))
            });
            styled.push((c, here.fold(0, |styles, entity| styles | style(entity))));
            at += c.len_utf16() as u64;
        }
        Self(styled)
    }

    /// Lines of at most `width`, except for a longer single word.
    pub(super) fn fold(&self, width: usize) -> Vec<Self> {
        let mut lines = Vec::new();
        for line in self.0.split(|(c, _)| *c == '\n') {
            let mut open: Vec<(char, u8)> = Vec::new();
            for word in line.split_inclusive(|(c, _)| *c == ' ') {
                let bare = word.iter().filter(|(c, _)| *c != ' ').count();
                if !open.is_empty() && open.len() + bare > width {
                    lines.push(Self(std::mem::take(&mut open)));
                }
                open.extend_from_slice(word);
            }
            lines.push(Self(open));
        }
        lines
    }

    /// The line for a terminal, with or without colours.
    pub(super) fn drawn(&self, colours: bool) -> String {
        let mut drawn = String::new();
        let mut now = 0;
        for (c, styles) in &self.0 {
            if colours && *styles != now {
                now = *styles;
                drawn += "\x1b[0m";
                let codes = [(BOLD, "\x1b[1m"), (ITALIC, "\x1b[3m"), (UNDERLINED, "\x1b[4m")];
                drawn.extend(codes.iter().filter(|(bit, _)| now & bit != 0).map(|(_, code)| *code));
            }
            drawn += &visible(c.encode_utf8(&mut [0; 4]));
        }
        if now != 0 {
            drawn += "\x1b[0m";
        }
        drawn.truncate(drawn.trim_end().len());
        drawn
    }
}

fn style(entity: &Value) -> u8 {
    match entity["type"].as_str() {
        Some("bold") => BOLD,
        Some("italic") => ITALIC,
        Some("code" | "pre" | "url" | "text_link") => UNDERLINED,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_entity_covers_its_utf16_units() {
        let text = Text::with_entities("🙂 да нет", &[json!({"type": "bold", "offset": 3, "length": 2})]);
        assert_eq!(text.drawn(true), "🙂 \x1b[0m\x1b[1mда\x1b[0m нет");
        assert_eq!(text.drawn(false), "🙂 да нет");
    }

    #[test]
    fn lines_are_folded_between_words() {
        let lines: Vec<_> = Text::plain("один два три\n\nчетыре").fold(8);
        let drawn: Vec<_> = lines.iter().map(|line| line.drawn(false)).collect();
        assert_eq!(drawn, ["один два", "три", "", "четыре"]);
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        assert_eq!(Text::plain("a\x1b[2J").drawn(true), "a\\u{1b}[2J");
    }
}
