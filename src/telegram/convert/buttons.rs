//! The buttons under a forwarded message. They contain a phone number or address as often as its text does.

use serde_json::Value;

use super::links::beside;
use super::object::{Object, object};

/// Telegram allows a hundred.
const MAX_BUTTONS: usize = 20;

/// One line for each button with a link: its label and the address.
pub(super) fn buttons(message: &Object) -> Option<String> {
    let rows = object(message, "reply_markup")?.get("inline_keyboard")?.as_array()?;
    let all = rows.iter().filter_map(Value::as_array).flatten();
    let lines = all.filter_map(Value::as_object).filter_map(button);
    let lines: Vec<String> = lines.take(MAX_BUTTONS).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn button(button: &Object) -> Option<String> {
    let label = button.get("text").and_then(Value::as_str).unwrap_or_default().trim();
    let mut line = beside(label, button);
    for holder in ["web_app", "login_url"] {
        if let Some(holder) = object(button, holder) {
            line = beside(&line, holder);
        }
    }
    // The text it copies is hidden like an address.
    if let Some(copied) = object(button, "copy_text").and_then(|copied| copied.get("text")) {
        let mut hidden = Object::new();
        hidden.insert("url".to_owned(), copied.clone());
        line = beside(&line, &hidden);
    }
    (line != label || may_be_contact(label)).then_some(line)
}

/// A button without a link is an action of another bot, unless its label is a contact.
fn may_be_contact(label: &str) -> bool {
    const MIN_DIGITS: usize = 7;
    label.contains('@') || label.chars().filter(|c| c.is_numeric()).count() >= MIN_DIGITS
}

/// Appends the lines of the buttons to a text.
pub(super) fn above(words: Option<String>, buttons: Option<String>) -> Option<String> {
    match (words, buttons) {
        (Some(words), Some(buttons)) => Some(format!("{words}\n{buttons}")),
        (words, buttons) => words.or(buttons),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::tests::wrote;

    #[test]
    fn button_links_of_a_forwarded_message_are_added_to_its_text() {
        let forwarded = |mut fields: Value, rows: Value| {
            fields["forward_date"] = json!(1);
            fields["reply_markup"] = json!({ "inline_keyboard": rows });
            wrote(fields).transcript()
        };
        let rows = json!([
            [{"text": "Сайт", "url": "https://shop.example/a"}, {"text": "Купить", "callback_data": "buy"}],
            [{"text": "Позвонить", "url": "tel:+79123456789"}, {"text": "https://shop.example", "url": "https://shop.example/"}],
            [{"text": "Каталог", "web_app": {"url": "https://app.example"}}, {"text": "Войти", "login_url": {"url": "https://in.example"}}],
            [{"text": "Номер", "copy_text": {"text": "+74951234567"}}, {"text": "8 912 345 67 80", "callback_data": "x"}],
        ]);
        let lines = "Сайт (https://shop.example/a)\nПозвонить (+79123456789)\nКаталог (https://app.example)\n\
                    Войти (https://in.example)\nНомер (+74951234567)\n8 912 345 67 80";
        assert_eq!(
            forwarded(json!({"text": "Окна"}), rows.clone()),
            format!("Окна\n{lines}")
        );
        let photo = json!([{"file_id": "p"}]);
        assert_eq!(
            forwarded(json!({"photo": photo, "caption": "Окна"}), rows.clone()),
            format!("[photo] Окна\n{lines}")
        );
        assert_eq!(forwarded(json!({"photo": photo}), rows), format!("[photo] {lines}"));
        for odd in [json!(null), json!([]), json!([null, [1, {}]]), json!({"text": "x"})] {
            assert_eq!(forwarded(json!({"text": "Окна"}), odd.clone()), "Окна", "{odd}");
        }
    }
}
