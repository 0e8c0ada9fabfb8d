//! The buttons under a forwarded message: a number or an address stands there as often as in its words.

use serde_json::Value;

use super::links::beside;
use super::object::{Object, object};

/// Buttons that are read of a message; Telegram allows a hundred.
const MOST: usize = 20;

/// A line for each button that leads somewhere: what it says, and the address.
pub(super) fn buttons(message: &Object) -> Option<String> {
    let rows = object(message, "reply_markup")?.get("inline_keyboard")?.as_array()?;
    let all = rows.iter().filter_map(Value::as_array).flatten();
    let told: Vec<String> = all.filter_map(Value::as_object).filter_map(button).take(MOST).collect();
    (!told.is_empty()).then(|| told.join("\n"))
}

fn button(button: &Object) -> Option<String> {
    let said = button.get("text").and_then(Value::as_str).unwrap_or_default().trim();
    let mut told = beside(said, button);
    for holder in ["web_app", "login_url"] {
        if let Some(holder) = object(button, holder) {
            told = beside(&told, holder);
        }
    }
    // What it copies is as hidden as an address.
    if let Some(copied) = object(button, "copy_text").and_then(|copied| copied.get("text")) {
        let mut hidden = Object::new();
        hidden.insert("url".to_owned(), copied.clone());
        told = beside(&told, &hidden);
    }
    (told != said || may_be_contact(said)).then_some(told)
}

/// A button that leads nowhere is an action of somebody else's bot, unless it says how to reach them.
fn may_be_contact(said: &str) -> bool {
    const FEWEST_DIGITS: usize = 7;
    said.contains('@') || said.chars().filter(|c| c.is_numeric()).count() >= FEWEST_DIGITS
}

/// Words with the buttons under them.
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
    fn where_the_buttons_of_a_forwarded_message_lead_is_told_with_its_words() {
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
        let told = "Сайт (https://shop.example/a)\nПозвонить (+79123456789)\nКаталог (https://app.example)\n\
                    Войти (https://in.example)\nНомер (+74951234567)\n8 912 345 67 80";
        assert_eq!(
            forwarded(json!({"text": "Окна"}), rows.clone()),
            format!("Окна\n{told}")
        );
        let photo = json!([{"file_id": "p"}]);
        assert_eq!(
            forwarded(json!({"photo": photo, "caption": "Окна"}), rows.clone()),
            format!("[photo] Окна\n{told}")
        );
        assert_eq!(forwarded(json!({"photo": photo}), rows), format!("[photo] {told}"));
        for odd in [json!(null), json!([]), json!([null, [1, {}]]), json!({"text": "x"})] {
            assert_eq!(forwarded(json!({"text": "Окна"}), odd.clone()), "Окна", "{odd}");
        }
    }
}
