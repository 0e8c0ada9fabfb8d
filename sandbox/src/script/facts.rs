//! The facts of the scripted consultant: intents by word stems, each with an answer in both languages. The shop is a fictional
//! small cleaning company.

/// A question the consultant can answer.
pub(super) struct Fact {
    /// Beginnings of words, lower case; one of them in the message is enough.
    pub(super) stems: &'static [&'static str],
    pub(super) phrase: Phrase,
}

/// One answer in both languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Phrase {
    pub(super) ru: &'static str,
    pub(super) en: &'static str,
}

/// Also the answer after the contact button was shown.
pub(super) const BOOKING: Phrase = Phrase {
    ru: "С удовольствием запишу вас. Мне нужны:\n\n- **адрес** и площадь\n- удобные **день и время**\n- **телефон** для подтверждения",
    en: "Happy to book you in. I need:\n\n- the **address** and the area\n- a convenient **day and time**\n- a **phone number** to confirm",
};

/// Used only if nothing else in the message matches.
pub(super) const GREETING: Phrase = Phrase {
    ru: "Здравствуйте! Чем могу помочь? Расскажу про **цены**, **график** и запишу на уборку.",
    en: "Hello! How can I help? I can tell you about **prices** and **hours**, or book a cleaning.",
};

/// In order of precedence: a greeting with a question is a question.
pub(super) const FACTS: &[Fact] = &[
    Fact {
        stems: &["робот", "бот", "живой", "человек", "нейросет", "human", "robot", "bot"],
        phrase: Phrase {
            ru: "Я автоматический помощник, не человек. Могу позвать менеджера: оставьте номер, и он **перезвонит сам**.",
            en: "I am an automatic assistant, not a human. Leave your number and a manager **will call you back**.",
        },
    },
    Fact {
        stems: &["запис", "заказ", "брон", "book", "order", "appoint", "schedul"],
        phrase: BOOKING,
    },
    Fact {
        stems: &["цен", "стои", "скольк", "прайс", "price", "cost", "much", "rate"],
        phrase: Phrase {
            ru: "Цены простые:\n\n- **уборка квартиры** — от 2 500 ₽\n- **генеральная уборка** — от 5 000 ₽\n- **мытьё окон** — 400 ₽ за створку\n\nТочную сумму назовёт менеджер.",
            en: "Our prices are simple:\n\n- **regular cleaning**: from $60\n- **deep cleaning**: from $120\n- **windows**: $10 each\n\nA manager will confirm the exact sum.",
        },
    },
    Fact {
        stems: &["график", "часы", "работае", "открыт", "hour", "open", "close", "when"],
        phrase: Phrase {
            ru: "Мы работаем **каждый день с 9:00 до 20:00**. По воскресеньям — до 18:00.",
            en: "We are open **every day from 9:00 to 20:00**, on Sundays until 18:00.",
        },
    },
    Fact {
        stems: &[
            "адрес",
            "где",
            "находит",
            "офис",
            "address",
            "where",
            "office",
            "location",
        ],
        phrase: Phrase {
            ru: "Наш офис: *ул. Садовая, 12*. Но приезжать не нужно: мы сами приедем к вам.",
            en: "Our office is at *12 Garden Street*, but there is no need to visit: we come to you.",
        },
    },
    Fact {
        stems: &["услуг", "уборк", "мыть", "убира", "service", "clean", "wash", "offer"],
        phrase: Phrase {
            ru: "Мы делаем:\n\n1. **поддерживающую уборку**\n2. **генеральную уборку**\n3. мытьё окон\n4. уборку после ремонта",
            en: "We do:\n\n1. **regular cleaning**\n2. **deep cleaning**\n3. windows\n4. cleaning after repairs",
        },
    },
    Fact {
        stems: &["оплат", "карт", "налич", "pay", "card", "cash"],
        phrase: Phrase {
            ru: "Оплатить можно **картой**, наличными или по счёту — после уборки.",
            en: "You can pay by **card**, in cash or by invoice, after the cleaning.",
        },
    },
    Fact {
        stems: &["средств", "хими", "аллерг", "chemical", "product", "allerg"],
        phrase: Phrase {
            ru: "Все средства привозим с собой. Есть **гипоаллергенные** — просто скажите при заказе.",
            en: "We bring everything with us. There are **hypoallergenic** products: just say so when you book.",
        },
    },
    Fact {
        stems: &["гарант", "понрав", "переде", "guarant", "complain", "redo"],
        phrase: Phrase {
            ru: "Если что-то не понравится, скажите в течение **24 часов**, и мы переделаем бесплатно.",
            en: "If anything is not right, tell us within **24 hours** and we will redo it free of charge.",
        },
    },
    Fact {
        stems: &["спасиб", "благодар", "thank"],
        phrase: Phrase {
            ru: "Пожалуйста! Если появятся вопросы — я здесь.",
            en: "You are welcome! I am here if anything else comes up.",
        },
    },
    Fact {
        stems: &["пока", "свидан", "bye"],
        phrase: Phrase {
            ru: "До свидания! Хорошего дня.",
            en: "Goodbye! Have a nice day.",
        },
    },
    Fact {
        stems: &[
            "здравств",
            "привет",
            "добрый",
            "доброе",
            "hello",
            "hi",
            "hey",
            "good",
            "/start",
        ],
        phrase: GREETING,
    },
];
