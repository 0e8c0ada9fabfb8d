//! The story in English.

use super::tale::{Booking, End, RETURNING, Scene, Tale, chats, contact};

pub(super) fn tale() -> Tale {
    Tale {
        business: "Bright Home",
        facts: "Home cleaning every day from 8 am to 9 pm. One bedroom $110, two bedrooms $140 (about three hours), three \
                bedrooms $180. A window $9, on any floor. Deep cleaning $0.35 a square foot. We bring supplies and \
                equipment. Payment by card, by transfer or in cash. If you are not happy, tell us within a day and we \
                will do it again for free. We come to Arlington, the trip is $10.",
        language: "en",
        zone: chrono_tz::America::New_York,
        region: "US",
        people: &[
            (RETURNING, "Olivia", "Reed", "olivia_reed"),
            (chats::VERIFIED, "Emma", "", "emma_k"),
            (chats::IN_WORDS, "Andrew", "Hughes", ""),
            (chats::BY_MAIL, "Helen", "Brooks", "helen_brooks"),
            (chats::SILENT, "Daniel", "", "daniel_l"),
            (chats::DOUBTING, "Irene", "Palmer", ""),
            (chats::CURIOUS, "Paul", "", "paul_orton"),
            (chats::DECLINED, "Sarah", "", "sarah_m"),
            (chats::UNREACHED, "Kyle", "", "kyle_77"),
        ],
        names: &[
            "Anna", "Ian", "Natalie", "Samuel", "Tina", "Roger", "Julia", "Max", "Vera", "Arthur",
        ],
        questions: &[
            (
                "Good afternoon! How much is a one-bedroom?",
                "Good afternoon! A one-bedroom is $110.",
            ),
            ("Do you work on Sundays?", "Yes, we clean every day from 8 am to 9 pm."),
            (
                "Do you bring your own supplies?",
                "Yes, we bring supplies and equipment.",
            ),
            ("How long does a two-bedroom take?", "About three hours."),
            ("Can I pay by card?", "Yes, by card, by transfer or in cash."),
            (
                "Do you clean after renovations?",
                "Yes, deep cleaning is $0.35 a square foot.",
            ),
            ("How much is it to wash windows?", "One window is $9."),
        ],
        booking,
        leads,
        talks,
        wishes: &[
            ("cleaning, 2 bedrooms, Friday morning", "after 6 pm"),
            ("four windows to wash", ""),
            ("", "tomorrow, 10 to 12"),
            (
                "deep cleaning after a renovation, three rooms and a kitchen, 990 sq ft, rubbish to be taken away and \
                 paint to be washed off the windows, two days before the 20th because the parents come then",
                "any weekday after eight in the evening, best on Thursday",
            ),
            ("cleaning of an office, 650 sq ft, each week", "in office hours"),
            ("cleaning of a sofa", ""),
        ],
    }
}

fn booking(n: usize) -> Booking {
    let phone = format!("(202) 555-01{:02}", 31 + n);
    Booking {
        says: format!("Fine, book me in: {phone}"),
        facts: contact("", &phone, "", "deep cleaning, 3 bedrooms", ""),
        reply: "Thank you! Your number is saved, and the manager will contact you.",
    }
}

fn leads() -> Vec<Scene> {
    vec![
        Scene::new(
            (10, 12),
            chats::VERIFIED,
            "Hello! How much is it to clean a two-bedroom apartment, 600 square feet?",
            "Hello! A two-bedroom is $140 and takes about three hours. Which day would suit you?",
        ),
        Scene::new(
            (10, 14),
            chats::VERIFIED,
            "Saturday at ten in the morning, please. My name is Emma.",
            "Great, Emma. Press the button below to share your number: the manager will contact you to confirm the day.",
        )
        .calling("request_contact", serde_json::json!({})),
        Scene::new(
            (10, 16),
            chats::VERIFIED,
            "My number is (202) 555-0143, best after six.",
            "Sure, I will let the manager know that after 6 pm is best.",
        )
        .saving(contact(
                "Emma",
                "(202) 555-0143",
                "",
                "cleaning, 2 bedrooms, 600 sq ft, Saturday at 10 am",
                "after 6 pm",
            ),
        )
        .ending(End::Shared("12025550143")),
        Scene::new(
            (20, 21),
            chats::VERIFIED,
            "I forgot to say: there are three windows to wash as well.",
            "I added three windows to your request, at $9 each. The manager will see it.",
        )
        .saving(contact(
                "Emma",
                "(202) 555-0143",
                "",
                "cleaning, 2 bedrooms, 600 sq ft, Saturday at 10 am, and three windows",
                "after 6 pm",
            ),
        ),
        Scene::new(
            (11, 3),
            chats::IN_WORDS,
            "Good morning. Do you wash windows on the seventh floor? Please call me back: (202) 555-0167",
            "Good morning! Yes, on any floor, one window is $9. I will tell the manager that you would like a call.",
        ),
        Scene::new(
            (11, 41),
            chats::BY_MAIL,
            "We need a deep cleaning of an office, 1,300 square feet. Please send a quote to h.brooks@example.com, no calls.",
            "Thank you, Helen! Your address is saved, and the manager will answer by email.",
        )
        .saving(contact(
                "Helen Brooks",
                "",
                "h.brooks@example.com",
                "quote for a deep cleaning of an office, 1,300 sq ft",
                "",
            ),
        ),
    ]
}

fn talks() -> Vec<Scene> {
    vec![
        Scene::new(
            (13, 22),
            RETURNING,
            "Hello again! Could I have the same cleaning as last week, but on Friday?",
            "Hello, Olivia! The manager knows the free times on Friday. Shall I pass on your request?",
        ),
        Scene::new(
            (14, 8),
            chats::SILENT,
            "How much would three bedrooms be, 900 square feet?",
            "Three bedrooms are $180. Shall I pass your request to the manager?",
        ),
        Scene::new(
            (14, 10),
            chats::SILENT,
            "I will think about it, thanks.",
            "Sure! Write if you have questions.",
        ),
        Scene::new(
            (18, 6),
            chats::DOUBTING,
            "And if I am not happy with the cleaning?",
            "Tell us within a day, and we will do it again for free.",
        ),
        Scene::new(
            (18, 9),
            chats::DOUBTING,
            "Could you send a cleaner who is not afraid of dogs? We have a labrador.",
            "I do not know, but I can ask the manager. Would you like to leave your number for a call back?",
        ),
        Scene::new(
            (18, 23),
            chats::CURIOUS,
            "Do you dry-clean carpets at home?",
            "I do not know that for sure, so I passed the question on. Would you like a call back?",
        )
        .calling(
            "report_gap",
            serde_json::json!({"question": "Do you dry-clean carpets at home?"}),
        ),
        Scene::new((18, 52), chats::DECLINED, "What takes ink out of a sofa best?", "").ending(End::Declined),
        Scene::new(
            (19, 46),
            chats::UNREACHED,
            "Do you come out of town too? To Arlington?",
            "Yes, we come to Arlington, the trip is $10.",
        )
        .ending(End::Lost),
    ]
}
