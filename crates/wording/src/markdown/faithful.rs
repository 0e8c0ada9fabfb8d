//! What the model's Markdown must not change: each row is a text of a model and what a customer reads of it.

use domain::Style;

use super::render;

#[track_caller]
fn reads(rows: &[(&str, &str)]) {
    for (markdown, expected) in rows {
        assert_eq!(render(markdown).text, *expected, "{markdown:?}");
    }
}

/// The text is read as it was written.
#[track_caller]
fn stays(texts: &[&str]) {
    for text in texts {
        let reply = render(text);
        assert_eq!(reply.text, *text);
    }
}

/// What is bold in it.
fn bold(markdown: &str) -> Vec<String> {
    styled(markdown, |style| *style == Style::Bold)
}

fn styled(markdown: &str, is_wanted: impl Fn(&Style) -> bool) -> Vec<String> {
    let reply = render(markdown);
    let units: Vec<u16> = reply.text.encode_utf16().collect();
    let spans = reply.spans.iter().filter(|span| is_wanted(&span.style));
    let covered = |offset: usize, length: usize| String::from_utf16(&units[offset..offset + length]).unwrap();
    spans.map(|span| covered(span.offset, span.length)).collect()
}

#[test]
fn stars_that_multiply_or_point_to_footnotes_stay() {
    stays(&[
        "Размер 100*200*50 см",
        "5*500 + 3*700",
        "2 * 3 * 4",
        "a*b*c",
        "5**2",
        "5**2 и 3**4",
        "x**2 + y**2 = z**2",
        "2**3**2",
        "(2+3)*(4+5)*(6+7)",
        "(100+50)*2 + (3+4)*5",
        "(a+b)**2 + (c+d)**2",
        "2*(3+4)*5",
        "Итого: 5 *500 + 3 *700",
        "длина*ширина*высота*2",
        "3 шт*500 ₽ + 2 шт*700 ₽",
        "10%*500 + 5%*300",
        "Окно 500 ₽*, дверь 700 ₽**, замок 90 ₽***",
        "Окно 500 ₽*, дверь 700 ₽*.\n\n*кроме праздников",
        "Наберите *100*1# или *111#",
        "Карта 4276****1234, счёт ****5678",
        "****1234****",
        "Пароль **** не называйте",
        "И*** П***",
        "1920*1080 и 1280*720",
        "*.pdf и *.docx",
        "5 * 3 = 15, 5*3=15",
        "м*кв",
        "****",
    ]);
    reads(&[
        ("**Итого: 5**2 = 25**", "Итого: 5**2 = 25"),
        ("*Площадь = длина*ширина*", "Площадь = длина*ширина"),
        ("**Размер** 100*200*50", "Размер 100*200*50"),
        (
            "Цена 500 ₽*\n\n* при заказе от 3 окон",
            "Цена 500 ₽*\n\n* при заказе от 3 окон",
        ),
        ("5\\*3\\*2", "5*3*2"),
        ("`2*3*4` и 2*3*4", "2*3*4 и 2*3*4"),
    ]);
}

#[test]
fn bold_beside_letters_signs_and_currency_is_bold() {
    for (markdown, text, expected) in [
        ("**Важно!**Запись", "Важно!Запись", vec!["Важно!"]),
        ("**500 ₽**за окно", "500 ₽за окно", vec!["500 ₽"]),
        ("**500**за окно", "500за окно", vec!["500"]),
        ("от**500 ₽**", "от500 ₽", vec!["500 ₽"]),
        ("от**500 ₽**за окно", "от500 ₽за окно", vec!["500 ₽"]),
        ("Итого:**500 ₽**за окно", "Итого:500 ₽за окно", vec!["500 ₽"]),
        ("с**10**до**20** часов", "с10до20 часов", vec!["10", "20"]),
        ("**$5**за час", "$5за час", vec!["$5"]),
        ("**10%**скидка", "10%скидка", vec!["10%"]),
        ("**«Окна»**Москва", "«Окна»Москва", vec!["«Окна»"]),
        ("**(белое)**окно", "(белое)окно", vec!["(белое)"]),
        ("(белое)**окно**", "(белое)окно", vec!["окно"]),
        ("__слово__слово", "словослово", vec!["слово"]),
        ("__Важно!__Запись", "Важно!Запись", vec!["Важно!"]),
        (
            "**Окн**а и подо**конник**и",
            "Окна и подоконники",
            vec!["Окн", "конник"],
        ),
        ("**Цена:****500 ₽**", "Цена:500 ₽", vec!["Цена:", "500 ₽"]),
        (
            "**Важно!**Запись на **окна** и **500 ₽**за штуку",
            "Важно!Запись на окна и 500 ₽за штуку",
            vec!["Важно!", "окна", "500 ₽"],
        ),
        ("**🙂**Привет", "🙂Привет", vec!["🙂"]),
        ("**`x`**слово", "xслово", vec![]),
        ("**[окна](https://shop.ru)**и двери", "окнаи двери", vec!["окна"]),
        ("[**окна!**все](https://shop.ru)", "окна!все", vec!["окна!"]),
        ("1. **Замер:**бесплатно", "1. Замер:бесплатно", vec!["Замер:"]),
    ] {
        assert_eq!(
            (render(markdown).text.as_str(), bold(markdown)),
            (text, owned(&expected)),
            "{markdown:?}"
        );
    }
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[test]
fn stars_without_their_partners_are_not_markup() {
    stays(&[
        "**Внимание*",
        "**Важно:*** текст",
        "**Важно: текст",
        "Важно** текст",
        "**",
        "**а",
    ]);
    reads(&[("*один **два* три**", "один **два три**")]);
    assert_eq!(styled("*Важно!*Запись", |style| *style == Style::Italic), ["Важно!"]);
    assert_eq!(
        styled("~~500 ₽~~450 ₽", |style| *style == Style::Strikethrough),
        ["500 ₽"]
    );
    assert_eq!(render("~~500 ₽~~450 ₽").text, "500 ₽450 ₽");
}

#[test]
fn tildes_and_underscores_in_prices_and_names_stay() {
    stays(&[
        "~500 ₽ или ~700 ₽",
        "~5 дней, ~10 шт~",
        "прайс_2026_окна.pdf",
        "_price_.pdf и __price__.pdf",
        "snake_case_name, SNAKE_CASE_NAME",
        "__init__.py",
        "anna_k_@mail.ru и _anna@mail.ru",
        "@_shop_bot_ и @shop_bot",
        "https://shop.ru/_a_/~b~/*c*?x=1&copy=2&lt=3",
        "www.shop.ru/_a_/_b_",
        "Имя: ____ Телефон: ____",
        "Имя:___, телефон:___.",
        "/home/_x_/y",
        "~~~ 500 ~~~",
    ]);
    reads(&[
        ("_Сайт shop.ru_", "Сайт shop.ru"),
        ("**https://shop.ru/a_b_c**", "https://shop.ru/a_b_c"),
        ("*прайс_2026.pdf*", "прайс_2026.pdf"),
        ("<anna_k@mail.ru>", "anna_k@mail.ru"),
    ]);
}

#[test]
fn signs_before_amounts_are_no_quotations() {
    stays(&[
        "> 50 м² — 4000 ₽\n< 50 м² — 2500 ₽",
        ">18 лет",
        ">= 5 окон — скидка",
        "> $100",
        ">₽500",
        "> 1,5 м",
        "> ½ суммы",
        "> .5",
        "> -5 °C",
        "> +5 °C",
        "> ~500 ₽",
        ">> 50",
        "> №5",
        "<50 ₽, a<b, a < b > c",
        "Скидки:\n> 3 окон — 5%\n> 5 окон — 10%",
        "=> 5, -> 6, 5 > 3",
    ]);
    reads(&[
        ("> **50** м²", "> 50 м²"),
        ("- > 50 м²\n- < 50 м²", "• > 50 м²\n• < 50 м²"),
        ("1. >50 м²", "1. >50 м²"),
        ("```\n> 5\n```", "> 5"),
    ]);
    assert_eq!(styled("> Цитата", |style| *style == Style::Blockquote), ["Цитата"]);
}

#[test]
fn numbers_and_signs_at_the_start_of_lines_stay() {
    stays(&[
        "3. три\n5. пять\n5. ещё пять",
        "1) раз\n2) два",
        "2026. Год окон",
        "01. Январь",
        "1. 2. 2026 открытие",
        "- 5 °C ночью",
        "-5 °C ночью",
        "+7 912 345-67-89",
        "+ 7 912 345-67-89",
        "8. 912. 345. 67",
        "- 5 окон\n- 7 дверей",
        "Окно 5000\n\n+ монтаж 2000\n\n- скидка 500\n  = 6500",
        "# 5 подъезд",
        "#5, #окна",
        "- $5 скидка",
        "-",
        "+",
        "*",
        "Цена:\n-",
        "Цена:\n--",
        "Итого\n=",
        "= 7500 ₽",
        "1.5 м, 10.12.2026",
    ]);
    reads(&[
        ("- окна\n- двери", "• окна\n• двери"),
        ("* 5 окон\n* двери", "• 5 окон\n• двери"),
        ("- **5** окон", "- 5 окон"),
        ("- 1. Окна", "• 1. Окна"),
        ("# 1. Цены", "1. Цены"),
        ("## 5 причин", "5 причин"),
        ("Итого\n===\nдальше", "Итого\nдальше"),
        ("раз\nдва\n---\nтри", "раз\nдва\n\nтри"),
        ("    5 000 ₽ за окно", "5 000 ₽ за окно"),
        ("10. десять\n    - под", "10. десять\n  • под"),
    ]);
    assert_eq!(bold("раз\nдва\n---\nтри"), owned(&[]));
    assert_eq!(bold("Цены\n---\nтри"), owned(&["Цены"]));
}

#[test]
fn backslashes_entities_and_brackets_say_what_they_said() {
    stays(&[
        "C:\\new\\_temp\\*.txt",
        "C:\\",
        "\\\\server\\share",
        "D:\\Прайс\\#1\\",
        "https://shop.ru/?a=1&copy=2&reg=3",
        "<Имя>, <Фамилия>",
        "<b>жирный</b>",
        "[x], [1], [^1], [ ] и [x][y]",
        "Сноска[^1]\n\n[^1]: текст сноски",
        "5 | 6 | 7",
        "🙂👩‍👩‍👧 5️⃣",
        "<заметка:5>",
    ]);
    reads(&[
        ("\\$500 \\~ \\- \\# 5\\_6", "$500 ~ - # 5_6"),
        ("5&nbsp;000&nbsp;₽ &copy;", "5\u{a0}000\u{a0}₽ ©"),
        ("a<br>b", "a\nb"),
        ("```Прайс на окна\nОкно 500\n```", "Прайс на окна\nОкно 500"),
        ("```500 ₽\nОкно\n```", "500 ₽\nОкно"),
        ("Важно![цены](https://a.ru)", "Важно!цены"),
    ]);
}

#[test]
fn tables_keep_every_cell_that_was_written() {
    reads(&[
        (
            "| Окно | Цена |\n|---|---|\n| S | 5 000 | 6 000 | **7** |\n| M | 5*6*7 |",
            "Окно | Цена  |       |\n-----+-------+-------+--\nS    | 5 000 | 6 000 | 7\nM    | 5*6*7 |       |",
        ),
        ("| a |\n|---|\n| 1 \\| 2 |\n\nend", "a\n-----\n1 | 2\n\nend"),
        (
            "| a |\n|---|\n| [b](c.pdf) [d](shop.ru) |",
            "a\n---------------------\nb (c.pdf) d (shop.ru)",
        ),
    ]);
}

#[test]
fn definitions_that_no_link_uses_stay() {
    stays(&[
        "[Адрес]: Ленина,5",
        "[Важно]: позвоните",
        "[1]: shop.ru",
        "[a]: shop.ru\n[b]: shop.com",
        "Цены:\n\n[a]: https://shop.ru\n\nДа",
    ]);
    reads(&[
        ("Скидка 10% [1]\n\n[1]: https://shop.ru", "Скидка 10% [1]"),
        (
            "[цены][1]\n\n[1]: https://shop.ru\n[1]: shop.com\n[2]: x.ru",
            "цены\n\n[1]: shop.com\n[2]: x.ru",
        ),
        ("[цены][1]\n\n[1]: shop.ru \"до 5 мая\"", "цены (до 5 мая)"),
        ("- [a]: b.ru", "• [a]: b.ru"),
    ]);
    let url = "https://shop.ru".to_owned();
    let link = Style::Link { url };
    assert_eq!(styled("[1]\n\n[1]: https://shop.ru", |style| *style == link), ["[1]"]);
}

#[test]
fn every_address_is_behind_its_words_or_beside_them() {
    for (markdown, text, urls) in [
        (
            "[каталог](shop.ru/catalog) или [почта](anna@shop.ru)",
            "каталог или почта (anna@shop.ru)",
            vec!["https://shop.ru/catalog"],
        ),
        (
            "[бот](tg://resolve?domain=shop)",
            "бот (tg://resolve?domain=shop)",
            vec![],
        ),
        ("[прайс](price.pdf)", "прайс (price.pdf)", vec![]),
        ("[price.pdf](price.pdf)", "price.pdf", vec![]),
        ("[позвонить](tel:+79123456789)", "позвонить (+79123456789)", vec![]),
        ("[+7 912 345-67-89](tel:+79123456789)", "+7 912 345-67-89", vec![]),
        ("[написать](mailto:anna@shop.ru)", "написать (anna@shop.ru)", vec![]),
        (
            "[цены](https://shop.ru \"до 5 мая\")",
            "цены (до 5 мая)",
            vec!["https://shop.ru"],
        ),
        ("[](shop.ru)", "shop.ru", vec!["https://shop.ru"]),
        ("[](price.pdf)", "price.pdf", vec![]),
        ("[цены](<shop.ru/все цены>)", "цены (shop.ru/все цены)", vec![]),
        ("![окно](https://shop.ru/a.png)", "окно", vec!["https://shop.ru/a.png"]),
        ("![окно](a.png)", "окно (a.png)", vec![]),
        (
            "[![окно](https://c.ru/d)](https://a.ru)",
            "окно (https://c.ru/d)",
            vec!["https://a.ru"],
        ),
        ("[x]()", "x", vec![]),
        ("[x](http://localhost)", "x (http://localhost)", vec![]),
        ("[a_b](https://shop.ru/a_b_c)", "a_b", vec!["https://shop.ru/a_b_c"]),
        ("[сайт](магазин.рф/окна)", "сайт", vec!["https://магазин.рф/окна"]),
        ("<https://shop.ru> <tg://x>", "https://shop.ru tg://x", vec![]),
        ("> [цены](shop.ru)", "цены", vec!["https://shop.ru"]),
    ] {
        let reply = render(markdown);
        let found: Vec<String> = reply
            .spans
            .iter()
            .filter_map(|span| match &span.style {
                Style::Link { url } => Some(url.clone()),
                _ => None,
            })
            .collect();
        assert_eq!((reply.text.as_str(), found), (text, owned(&urls)), "{markdown:?}");
    }
}
