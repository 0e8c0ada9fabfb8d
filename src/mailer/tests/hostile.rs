//! Customers who write headers: their text stays text.

use pages::PageBody;
use proptest::prelude::*;

use super::examples::{HOSTILE, everywhere, everywhere_in_a_report, one, report, short};
use super::*;

#[test]
fn no_header_is_added_and_no_name_makes_the_writer_panic() {
    let plain = written(one(everywhere("x")));
    let plain_report = written(report(everywhere_in_a_report("x")));
    let names = |bytes: &[u8]| -> Vec<String> {
        let letter = read(bytes);
        letter.headers().iter().map(|header| header.name().to_owned()).collect()
    };
    for words in HOSTILE {
        let config = SmtpConfig {
            from_name: Some(words.to_owned()),
            ..smtp(1)
        };
        let mailer = mailer(&config, Language::Ru).unwrap();
        let mailing = written_by(&mailer, one(everywhere(words)));
        assert_eq!(names(&mailing.to_bytes()), names(&plain.to_bytes()), "{words:?}");
        let bytes = mailing.to_bytes();
        let letter = read(&bytes);
        assert_eq!(
            letter.from().unwrap().first().unwrap().address(),
            Some("bot@shop.example")
        );
        assert_eq!(
            (letter.to().unwrap().as_list().unwrap().len(), letter.parts.len()),
            (1, 5)
        );
        assert!(letter.subject().unwrap().starts_with("Обновлена №42: "));
        let hostile = written(report(everywhere_in_a_report(words))).to_bytes();
        assert_eq!(names(&hostile), names(&plain_report.to_bytes()), "{words:?}");
        assert_eq!(read(&hostile).parts.len(), 6);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases / 4))]

    #[test]
    fn no_words_at_all_add_a_header(words in r#"([\x00-\x1f\x7f-\x9f\r\n:<>@="?]|\PC){0,60}"#) {
        thread_local! {
            static LETTERS: Letters = letters(Language::En);
        }
        let config = SmtpConfig { from_name: Some(words.clone()), ..smtp(1) };
        let letters = LETTERS.with(Clone::clone);
        let mailer = Mailer::new(&config, letters, settings(&words, &words, ZONE)).unwrap();
        let mailing = written_by(&mailer, one(everywhere(&words)));
        let bytes = mailing.to_bytes();
        let letter = read(&bytes);
        let answered = usize::from(letter.reply_to().is_some());
        prop_assert_eq!(letter.headers().len(), 10 + answered, "{:?}", letter.headers());
        prop_assert_eq!(letter.parts.len(), 5);
    }

    /// RFC 5322, 2.1.1 and 2.3: lines end in CR LF, neither stands alone, none is longer than 998, headers are ASCII.
    #[test]
    fn no_words_at_all_break_a_line_or_lead_elsewhere(
        words in r#"([\x00-\x1f\x7f-\x9f\r\n:;,<>()@="?\\ ]|=\?utf-8\?|\PC){0,60}"#,
        times in 1..40_usize,
    ) {
        thread_local! {
            static LETTERS: Letters = letters(Language::Ru);
        }
        let long = words.repeat(times);
        let config = SmtpConfig { from_name: Some(long.clone()), ..smtp(1) };
        let mailer = Mailer::new(&config, LETTERS.with(Clone::clone), settings(&words, &long, ZONE)).unwrap();
        let mailing = written_by(&mailer, one(everywhere(&long)));
        let text = String::from_utf8(mailing.to_bytes().clone()).unwrap();
        prop_assert!(text.split("\r\n").all(|line| line.len() <= 998 && !line.contains(['\r', '\n', '\0'])));
        let (head, _) = text.split_once("\r\n\r\n").unwrap();
        prop_assert!(head.is_ascii(), "{}", head);
        let bytes = mailing.to_bytes();
        let letter = read(&bytes);
        let address = |list: Option<&mail_parser::Address<'_>>| -> Vec<String> {
            let all = list.into_iter().flat_map(|list| list.iter());
            all.map(|one| one.address().unwrap_or_default().to_owned()).collect()
        };
        prop_assert_eq!(address(letter.from()), ["bot@shop.example"]);
        prop_assert_eq!(address(letter.to()), [page(one(short())).to.as_str().to_owned()]);
        // For any text, the reply goes to one address, which is the one in the lead.
        let own = page(one(everywhere(&long))).body;
        let PageBody::Lead(own) = own else { unreachable!() };
        let own = own.notice.facts.emails[0].as_str().to_owned();
        prop_assert!(address(letter.reply_to()).iter().all(|to| *to == own));
        prop_assert_eq!(mailing.envelope.to().len(), 1);
        for shown in [letter.subject(), letter.from().and_then(|from| from.first()?.name())].into_iter().flatten() {
            prop_assert!(!shown.chars().any(char::is_control), "{:?}", shown);
        }
    }
}
