//! Contacts that a customer evidently meant and no program can use: they reach the owner as they were written, and marked.

use domain::Region;

use super::doubts::{each_is_shown, shown};
use super::in_text;

#[test]
fn an_address_that_no_mail_program_understands_is_shown_as_written() {
    let cases = "ivan@mail ru | иван@mail ru | ivan@gmail com | ivan@shop ru | ivan @ mail ru | ivan@gmail \
        | ivan at mail dot ru | ivan.k at gmail dot com | ivan at mail точка ru | иван собака мейл ру \
        | Иван собака мейл точка ру | ivan собака мэйл.ру | ivan собачка яндекс \
        | ivan1985 собака gmail точка com | ivan собака mail ru | иван точка петров собака мейл точка ру \
        | ivan тире petrov собака яндекс точка ру | ivan.@mail.ru | anna..k@mail.ru | ivan@@mail.ru \
        | ivan@.mail.ru | ivan@mail..ru | ivan@mail.ruanna@mail.ru | ivan@mail.ru@yandex | a@b@c.ru";
    for text in cases.split(" | ") {
        let sentences = [
            text.to_owned(),
            format!("({text})"),
            format!("вот: {text}, жду"),
            format!("{text}\nжду"),
        ];
        for sentence in sentences {
            let found = shown(&in_text(&sentence, &Region::new("RU")));
            assert_eq!(found, format!("? {text}"), "{sentence}");
        }
    }
}

#[test]
fn a_letter_typed_for_a_digit_leaves_the_number_as_written() {
    let cases = [
        ("8 9O2 345-67-89", "+79023456789 ? 8 9O2 345-67-89"),
        ("8 9О2 345-67-89", "+79023456789 ? 8 9О2 345-67-89"),
        ("мой 89о23456789, Анна", "+79023456789 ? 89о23456789"),
        ("+7 9o2 345 67 89", "+79023456789 ? +7 9o2 345 67 89"),
        ("+7 912 345-67-8O", "+79123456780 ? +7 912 345-67-8O"),
        ("8 9OO 345-67-89", "+79003456789 ? 8 9OO 345-67-89"),
        ("8 (9l2) 345-67-89", "+79123456789 ? 8 (9l2) 345-67-89"),
        ("8 9I2 345-67-89", "+79123456789 ? 8 9I2 345-67-89"),
        ("8 912 З45-67-89", "+79123456789 ? 8 912 З45-67-89"),
        ("8 912 345-б7-89", "+79123456789 ? 8 912 345-б7-89"),
        ("8 495 123-45-O7 доб. 105", "+74951234507;ext=105 ? 8 495 123-45-O7"),
        (
            "8 912 345-67-89 8 9O2 345-67-89",
            "+79123456789 | +79023456789 ? 8 9O2 345-67-89",
        ),
        ("8 912 345-67-89 о цене", "+79123456789"),
        ("8 912 345-67-89 от 10 окон", "+79123456789"),
        ("ООО 89123456789", "+79123456789"),
        ("заказ № 89О23456789", ""),
        ("артикул 9O23456789", ""),
        ("ABO9123456789", ""),
        ("10 О 20 О 30", ""),
    ];
    each_is_shown("RU", &cases);
}
