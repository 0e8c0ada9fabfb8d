//! Whose words are searched, what a card holds, and which word is a name.

use domain::{
    Body, Command, CustomerMessage, FoundContact, Media, MediaKind, Origin, Phone, Reach, Region, SharedContact,
};

use super::{find, in_message, name_beside};

fn region(code: &str) -> Region {
    Region::new(code)
}

#[test]
fn places_are_those_of_the_original_text() {
    let text = "Мария \u{202a}+7 (912) 345-67-89\u{202c}, а@б.рф x";
    let places: Vec<&str> = find(text, &region("RU"))
        .iter()
        .map(|(_, at)| &text[at.clone()])
        .collect();
    assert_eq!(places[0], "+7 (912) 345-67-89");
}

fn card(phone: &str, is_own: bool) -> CustomerMessage {
    let card = SharedContact {
        phone: phone.into(),
        name: "Анна".into(),
        is_own,
        is_account: is_own,
        further: Vec::new(),
        emails: Vec::new(),
    };
    CustomerMessage {
        body: Body::Contact(card),
        ..CustomerMessage::text("")
    }
}

#[test]
fn a_shared_contact_is_never_lost_even_if_invalid() {
    let of = |message| in_message(&message, &region("RU"));
    let contact = |number: &str, origin| FoundContact {
        reach: Reach::Phone(Phone::international(number).unwrap()),
        origin,
        name: Some("Анна".into()),
        call_time: None,
    };
    assert_eq!(
        of(card("79123456789", true)),
        [contact("79123456789", Origin::Verified)]
    );
    assert_eq!(
        of(card("8 912 345-67-89", false)),
        [contact("79123456789", Origin::Card)]
    );
    assert_eq!(of(card("375291234567", false)), [contact("375291234567", Origin::Card)]);
    assert_eq!(
        of(card("99900000001", true)),
        [contact("99900000001", Origin::Verified)]
    );
    assert_eq!(of(card("112", true)), []);
}

#[test]
fn only_the_customers_own_words_are_searched() {
    let origins = |message: &CustomerMessage| -> Vec<Origin> {
        let found = in_message(message, &region("RU"));
        found.iter().map(|contact| contact.origin).collect()
    };
    let mut message = CustomerMessage::text("8 912 345 67 89");
    assert_eq!(origins(&message), [Origin::Typed]);
    message.is_forwarded = true;
    assert_eq!(origins(&message), [Origin::Forwarded]);
    message.body = Body::Media(Media {
        kind: MediaKind::Photo,
        detail: Some("89990000000".into()),
        caption: Some("мой 89123456789".into()),
    });
    assert_eq!(origins(&message), [Origin::Forwarded]);
    let mut quoting = CustomerMessage::text("это ваш?");
    quoting.quote = Some("8 912 345 67 89".into());
    assert_eq!(origins(&quoting), []);
}

#[test]
fn everything_on_a_card_is_found_and_only_the_account_is_vouched_for() {
    let found = |is_own: bool| {
        let mut message = card("79123456789", is_own);
        if let Body::Contact(card) = &mut message.body {
            card.further = vec![
                "8 (495) 123-45-67 доб. 105".into(),
                "112".into(),
                "+7 912 345-67-89".into(),
            ];
            card.emails = vec!["anna@shop.example".into(), "Anna@Shop.example".into(), "none".into()];
        }
        let shown = |contact: FoundContact| {
            assert_eq!(contact.name.as_deref(), Some("Анна"));
            let reach = match contact.reach {
                Reach::Phone(phone) => phone.uri(),
                Reach::Email(email) => email.to_string(),
            };
            (reach, contact.origin)
        };
        in_message(&message, &region("RU"))
            .into_iter()
            .map(shown)
            .collect::<Vec<_>>()
    };
    let all = |first, further| {
        [
            ("+79123456789", first),
            ("+74951234567;ext=105", further),
            ("anna@shop.example", further),
        ]
        .map(|(reach, origin)| (reach.to_owned(), origin))
    };
    assert_eq!(found(true), all(Origin::Verified, Origin::Typed));
    assert_eq!(found(false), all(Origin::Card, Origin::Card));
}

#[test]
fn words_behind_a_command_are_searched() {
    let holds_one = |command: Command, words: Option<&str>| {
        let message = CustomerMessage {
            body: Body::Command(command),
            behind_command: words.map(str::to_owned),
            ..CustomerMessage::text("")
        };
        let found = in_message(&message, &region("RU"));
        found.len() == 1 && found[0].origin == Origin::Typed
    };
    let unknown = |name: &str| Command::Unknown { name: name.into() };
    let start = |payload: &str| Command::Start {
        payload: Some(payload.into()),
    };
    assert!(holds_one(unknown("phone 8 912 345-67-89"), None));
    assert!(holds_one(unknown("help@other_bot 89123456789"), None));
    assert!(holds_one(unknown("phone89123456789"), None));
    assert!(holds_one(start("89123456789"), None));
    assert!(holds_one(Command::Reset, Some("мой номер 89123456789")));
    assert!(!holds_one(start("avito3"), None));
    assert!(!holds_one(Command::Reset, None));
}

#[test]
fn a_name_beside_a_phone_is_distinguished_from_a_request() {
    let cases = [
        ("Мария 89123456789", Some("Мария")),
        ("89123456789 Иван", Some("Иван")),
        ("89123456789Мария", Some("Мария")),
        ("меня зовут Анна Петрова, тел. 8 912 345 67 89", Some("Анна Петрова")),
        ("Здравствуйте, меня зовут анна. 89123456789", Some("анна")),
        ("Меня зовут Анна, хочу уборку, 89123456789", Some("Анна")),
        ("my name is John, +44 20 7946 0958", Some("John")),
        ("Hi, I'm Mary-Ann Smith: mary@mail.com", Some("Mary-Ann Smith")),
        ("Имя: Ольга\nТелефон: 89123456789", Some("Ольга")),
        (
            "Перезвоните, пожалуйста, 89123456789, Анна Мария Римская",
            Some("Анна Мария Римская"),
        ),
        ("хочу уборку 89123456789", None),
        ("Хочу уборку 89123456789", None),
        ("Уборка 89123456789", None),
        ("мария 89123456789", None),
        ("Анна 2 комнаты 89123456789", None),
        ("мой номер 89123456789", None),
        ("Анна Петрова Ивановна Младшая 89123456789", None),
        ("Анна", None),
        ("", None),
    ];
    for (text, name) in cases {
        assert_eq!(name_beside(text, &region("RU")).as_deref(), name, "{text}");
    }
}
