//! Where links of the model's Markdown lead. Telegram opens the addresses of the web from a word; every other address is
//! shown beside it, for Telegram finds mail addresses, numbers and names of accounts in a text by itself, and what it does
//! not find can be read.

use super::shield::unshield;
use super::split::is_invisible;

/// Where a link leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// An address that a word can open.
    Web { url: String, shown: String },
    /// One that has to be seen.
    Shown(String),
    /// The text is the address.
    Itself,
    /// Nowhere.
    None,
}

impl Target {
    /// Reads the target of a link.
    pub(super) fn of(target: &str) -> Self {
        let target = unshield(target);
        let target = target.trim();
        if target.chars().all(is_invisible) {
            return Self::None;
        }
        if target.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Self::Shown(target.chars().filter(|c| !c.is_control()).collect());
        }
        for scheme in ["https://", "http://", "//"] {
            if let Some(rest) = strip_start(target, scheme) {
                let (host, _) = split_host(rest);
                let url = if scheme == "//" {
                    format!("https:{target}")
                } else {
                    target.to_owned()
                };
                return Self::web(host.contains('.'), url, target);
            }
        }
        for scheme in ["mailto:", "tel:"] {
            if let Some(rest) = strip_start(target, scheme).filter(|rest| !rest.is_empty() && !rest.contains('?')) {
                return Self::Shown(rest.to_owned());
            }
        }
        let (host, path) = split_host(target);
        Self::web(is_public_host(host, path), format!("https://{target}"), target)
    }

    /// Telegram drops an entity whose host has no dot, and with it the address.
    fn web(is_web: bool, url: String, target: &str) -> Self {
        let shown = target.to_owned();
        if is_web {
            Self::Web { url, shown }
        } else {
            Self::Shown(shown)
        }
    }

    /// The address as text.
    pub(super) fn shown(&self) -> Option<&str> {
        match self {
            Self::Web { shown, .. } | Self::Shown(shown) => Some(shown),
            Self::Itself | Self::None => None,
        }
    }
}

/// Whether the words of a link are its address, so that it need not be said twice.
pub(super) fn says(label: &str, address: &str) -> bool {
    let digits = |text: &str| -> String { text.chars().filter(char::is_ascii_digit).collect() };
    let is_number = |text: &str| !text.contains(char::is_alphabetic) && digits(text).len() > 4;
    let (label, address) = (bare(label), bare(address));
    label == address || is_number(&label) && is_number(&address) && digits(&label) == digits(&address)
}

fn bare(address: &str) -> String {
    let mut bare = address.trim().to_lowercase();
    for start in ["https:", "http:", "mailto:", "tel:", "//", "www."] {
        bare = bare.strip_prefix(start).unwrap_or(&bare).to_owned();
    }
    let without_end = bare.trim_end_matches('/');
    // "~/" is not "~".
    if without_end.contains('.') {
        without_end.to_owned()
    } else {
        bare
    }
}

fn strip_start<'a>(text: &'a str, start: &str) -> Option<&'a str> {
    let (first, rest) = text.split_at_checked(start.len())?;
    first.eq_ignore_ascii_case(start).then_some(rest)
}

/// The host of an address without its scheme, and what follows it.
fn split_host(address: &str) -> (&str, &str) {
    address.split_at(address.find(['/', '?', '#']).unwrap_or(address.len()))
}

/// Endings of countries under which anybody may have a shop (ISO 3166 and the few others that exist), and those of all
/// countries that shops use. A new one costs little: the address is then shown, and Telegram links what it knows.
const COUNTRIES: &str = "ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bw by bz \
    ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo fr ga gd ge gf \
    gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr \
    kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz na nc ne nf ng ni \
    nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw sa sb sc sd se sg sh si sk sl sm sn so sr ss \
    st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw";
const GENERIC: &str = "com net org info biz name pro mobi asia tel jobs travel museum aero coop edu gov int app dev page site \
    website online store shop shopping market sale club live life world today space top xyz vip fun group team company agency \
    studio design art photo photos gallery media news blog wiki link click cloud host tech digital software email chat social \
    company services solutions support center house homes rent apartments estate build builders cleaning repair plumbing garden \
    kitchen furniture flowers florist gifts toys fashion clothing shoes jewelry beauty salon spa hair fitness yoga health care \
    clinic dental dentist doctor pet pets vet food restaurant cafe coffee pizza bar pub catering delivery taxi cars auto bike \
    tours hotel tickets events wedding party school academy education training courses money finance credit bank insurance tax \
    legal lawyer marketing consulting business expert guru games game bet casino moscow moda москва рф рус дети онлайн сайт орг \
    ком бг бел укр мкд срб ею қаз";
/// Endings of countries that files have as well: such a name is one only with a path behind it, or a third part.
const FILES: &str = "ai as cc cs gz js kt md pl pm ps py rs sh so tf ts vi";

/// `shop.ru`, `магазин.рф:8080`; not `price.pdf`.
fn is_public_host(host: &str, path: &str) -> bool {
    let (name, port) = host.split_once(':').unwrap_or((host, ""));
    let labels: Vec<&str> = name.split('.').collect();
    let (Some(last), true) = (labels.last(), labels.len() > 1) else {
        return false;
    };
    let is_label = |label: &&str| {
        let is_inside = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
        !label.is_empty() && !label.starts_with('-') && !label.ends_with('-') && label.chars().all(is_inside)
    };
    let last = last.to_lowercase();
    let is_among = |list: &str| list.split_whitespace().any(|known| known == last);
    let is_file = labels.len() == 2 && path.len() < 2 && is_among(FILES);
    labels.iter().all(is_label)
        && port.chars().all(|c| c.is_ascii_digit())
        && (is_among(COUNTRIES) || is_among(GENERIC) || last.starts_with("xn--"))
        && !is_file
}

#[cfg(test)]
mod tests {
    use super::{Target, says};

    #[test]
    fn hosts_without_a_scheme_lead_into_the_web() {
        let web = "shop.ru/catalog | shop.ru | www.shop.ru | SHOP.RU/Catalog | shop.com.ua/?a=1&b=2 \
            | магазин.рф/каталог | xn--80aaa.xn--p1ai | shop.ru:8080/x | shop.ru#prices | t.me/shop \
            | wa.me/79123456789 | shop.md/catalog | docs.shop.md | окна-москва.рф | мойка.онлайн \
            | shop.store/price.pdf";
        for target in web.split(" | ") {
            let url = format!("https://{target}");
            assert_eq!(
                Target::of(target),
                Target::Web {
                    url,
                    shown: target.into()
                }
            );
        }
        let rest = Target::of("//shop.ru/x");
        assert!(matches!(rest, Target::Web { url, .. } if url == "https://shop.ru/x"));
    }

    #[test]
    fn what_is_no_address_of_the_web_is_shown() {
        let shown = "price.pdf | index.html | прайс.docx | readme.md | photo.jpg | docs/price.pdf | /prices \
            | #prices | anna@shop.ru | +79123456789 | @shop_bot | tg://resolve?domain=shop | ftp://shop.ru/x \
            | javascript:alert(1) | http://localhost/x | https: | https:// | от5000 | 1.5 | 10.12.2026 | v1.2.3 \
            | shop.ru shop.com | a..ru | -a.ru | mailto:anna@shop.ru?subject=x";
        for target in shown.split(" | ") {
            assert_eq!(Target::of(target), Target::Shown(target.into()));
        }
        assert_eq!(Target::of("mailto:anna@shop.ru"), Target::Shown("anna@shop.ru".into()));
        assert_eq!(Target::of("TEL:+7-912"), Target::Shown("+7-912".into()));
        assert_eq!(Target::of(" "), Target::None);
    }

    #[test]
    fn an_address_that_the_words_say_is_not_said_twice() {
        for (label, address) in [
            ("shop.ru", "https://shop.ru/"),
            ("www.Shop.ru", "shop.ru"),
            ("anna@shop.ru", "mailto:anna@shop.ru"),
            ("8 (912) 345-67-89", "tel:89123456789"),
        ] {
            assert!(says(label, address), "{label} {address}");
        }
        assert!(!says("shop.ru", "https://shop.com") && !says("5", "6") && !says("12345 шт", "12345"));
    }
}
