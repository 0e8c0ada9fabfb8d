//! The word before a run of digits says what they are: "заказ №", "ИНН", "тел.".

use super::plain::Plain;
use super::words::Words;

/// What the words directly before some digits make of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Label {
    /// Nothing in particular.
    None,
    /// A phone: "тел", "WhatsApp".
    Phone,
    /// The mere word "заказ" or "order": what follows is a phone as often as the order's number.
    Order,
    /// A "№" that does not say of what: an order's as often as a phone's.
    Sign,
    /// Some other number: "ИНН", "договор", "заказ №".
    Id,
}

/// Words that count only in exactly this form.
const PHONE_WORDS: Words<13> = Words::of("тел т моб сот м phone ph tel cell mob mobile wa тг");
/// Beginnings of words, whatever their ending.
const PHONE_STEMS: Words<20> = Words::of(
    "телефон мобильн сотов звон позвон перезвон набер ватсап вацап вотсап вайбер телеграм контакт whatsapp viber \
     telegram telephone cellphone call contact",
);
const ID_WORDS: Words<35> = Words::of(
    "инн огрн огрнип кпп бик код кода коду кодом id ид арт дог накл карта карты карте карту картой card track \
     tracking трек track-code sku imei iban vin acct inn code р/с сч ref uid",
);
const ID_STEMS: Words<20> = Words::of(
    "снилс паспорт трек- трека треку накладн договор счет счёт артикул карточк invoice passport contract account \
     snils waybill serial серийн штрихкод",
);
/// What has numbers, but where a phone may stand as well: only with a "№" is it the number of this.
const PAPER_STEMS: Words<26> = Words::of(
    "заявк квитанц полис билет брон посылк отправлен документ чек рейс лот акт ticket booking reservation parcel \
     shipment policy receipt case claim flight tax item part lot",
);
const ORDER_STEMS: Words<2> = Words::of("заказ order");
/// "Number", where the word before it says of what.
const NUMBER_STEMS: Words<2> = Words::of("номер number");
/// The same, but not used for a phone.
const SIGN_WORDS: Words<4> = Words::of("no nr n num");
/// Longer words are none of these.
const LONGEST_WORD: usize = 24;

/// What precedes `start`; only spaces, a colon and the like may lie between, a line break only behind a colon.
pub(super) fn before(plain: &Plain, start: usize) -> Label {
    let mut walk = Walk { plain, at: start };
    let has_sign = walk.skip_to_word();
    let glued_dash = start == walk.at + 1 && is_dash(plain.before(start));
    let word = walk.word();
    let label = walk.label_of(&word.to_lowercase(), has_sign);
    let is_serial = glued_dash && word.chars().any(|c| c.is_ascii_alphabetic());
    if is_serial && label == Label::None {
        // "INV-2026001234"; but "Ivan-89123456789"
        let is_code = !word.chars().any(char::is_lowercase);
        return if is_code { Label::Id } else { Label::Sign };
    }
    label
}

/// Whether the letters right before digits are a label written without a space: "тел89123456789".
pub(super) fn is_phone_word(plain: &Plain, end: usize) -> bool {
    let word = Walk { plain, at: end }.word().to_lowercase();
    word.chars().count() > 1 && kind(&word) == Kind::Phone
}

/// A dash of any length.
pub(super) fn is_dash(c: char) -> bool {
    matches!(
        c,
        '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}' | '\u{30fc}'
    )
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Other,
    Phone,
    Id,
    Order,
    Paper,
    Number,
    Sign,
}

fn kind(word: &str) -> Kind {
    if PHONE_WORDS.has(word) || PHONE_STEMS.begin(word) {
        Kind::Phone
    } else if ID_WORDS.has(word) || ID_STEMS.begin(word) {
        Kind::Id
    } else if ORDER_STEMS.begin(word) {
        Kind::Order
    } else if NUMBER_STEMS.begin(word) {
        Kind::Number
    } else if PAPER_STEMS.begin(word) {
        Kind::Paper
    } else if SIGN_WORDS.has(word) {
        Kind::Sign
    } else {
        Kind::Other
    }
}

struct Walk<'a> {
    plain: &'a Plain,
    at: usize,
}

impl Walk<'_> {
    /// Goes back to the end of a word; says whether a № or # lay between.
    fn skip_to_word(&mut self) -> bool {
        let (start, mut has_sign, mut has_colon) = (self.at, false, false);
        while start - self.at < 16 && self.at > 0 {
            match self.plain.before(self.at) {
                '\n' | '\r' if !has_colon && !self.is_behind_colon() => break,
                '№' | '#' => has_sign = true,
                ':' => has_colon = true,
                '(' | '=' | '"' | '«' => {}
                // Only an abbreviation may end with a dot: another word before one ends its sentence.
                '.' if self.is_behind_abbreviation() => {}
                c if c.is_whitespace() || is_dash(c) => {}
                _ => break,
            }
            self.at -= 1;
        }
        has_sign
    }

    fn is_behind_colon(&self) -> bool {
        let mut places = (0..self.at).rev().take(4).map(|place| self.plain.at(place));
        places.find(|c| !c.is_whitespace()) == Some(':')
    }

    fn is_behind_abbreviation(&self) -> bool {
        let word = Walk {
            plain: self.plain,
            at: self.at - 1,
        }
        .word()
        .to_lowercase();
        let is_short = word.chars().count() <= 4;
        is_short && matches!(kind(&word), Kind::Phone | Kind::Id | Kind::Sign) && word != "id"
    }

    /// The word that ends here; the walk continues before it.
    fn word(&mut self) -> String {
        let end = self.at;
        while end - self.at < LONGEST_WORD && is_of_word(self.plain.before(self.at)) {
            self.at -= 1;
        }
        self.plain.text(self.at..end).trim_matches('-').to_owned()
    }

    fn label_of(&mut self, word: &str, has_sign: bool) -> Label {
        match kind(word) {
            Kind::Phone => Label::Phone,
            Kind::Id => Label::Id,
            Kind::Order | Kind::Paper if has_sign => Label::Id,
            Kind::Other if has_sign => Label::Sign,
            Kind::Sign => match self.previous() {
                Kind::Phone => Label::Phone,
                Kind::Id | Kind::Order | Kind::Paper => Label::Id,
                _ => Label::Sign,
            },
            Kind::Number => match self.previous() {
                Kind::Id => Label::Id,
                Kind::Phone => Label::Phone,
                Kind::Order if word.starts_with("number") => Label::Id,
                Kind::Order if has_sign => Label::Id,
                Kind::Order => Label::Order,
                Kind::Paper if has_sign => Label::Id,
                _ if has_sign => Label::Sign,
                _ => Label::None,
            },
            Kind::Order => match self.previous() {
                Kind::Number | Kind::Sign => Label::Id,
                _ => Label::Order,
            },
            Kind::Other | Kind::Paper => Label::None,
        }
    }

    /// The kind of the word before, if only a space or dash lies between.
    fn previous(&mut self) -> Kind {
        for _ in 0..3 {
            let c = self.plain.before(self.at);
            if self.at > 0 && (matches!(c, ' ' | '\u{a0}' | '№') || is_dash(c)) {
                self.at -= 1;
            }
        }
        kind(&self.word().to_lowercase())
    }
}

fn is_of_word(c: char) -> bool {
    c.is_alphabetic() || matches!(c, '-' | '/')
}
