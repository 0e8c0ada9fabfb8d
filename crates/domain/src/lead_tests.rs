//! What counts as a new fact.

use super::*;

const SAVED: Taken = Taken::Saved { is_again: false };
const AGAIN: Taken = Taken::Saved { is_again: true };

fn phone(digits: &str, origin: Origin) -> KnownPhone {
    KnownPhone {
        number: Phone::international(digits).unwrap(),
        origin,
    }
}

fn facts(phone_digits: &str) -> LeadFacts {
    LeadFacts {
        phones: vec![phone(phone_digits, Origin::Typed)],
        ..LeadFacts::default()
    }
}

#[test]
fn the_same_facts_in_other_spelling_change_nothing() {
    let known = LeadFacts {
        name: Some("Мария".into()),
        request: Some("Уборка, 2 комнаты".into()),
        ..facts("79123456789")
    };
    let again = LeadFacts {
        name: Some(" мария ".into()),
        request: Some("уборка 2 комнаты!".into()),
        ..facts("79123456789")
    };
    assert_eq!(known.merge(&again, SAVED), (known.clone(), Vec::new()));
}

#[test]
fn a_new_phone_comes_first_and_the_old_one_is_kept() {
    let (merged, changes) = facts("79123456789").merge(&facts("79990000000"), SAVED);
    assert_eq!(merged.phone().unwrap().number.as_str(), "+79990000000");
    assert_eq!(merged.phones.len(), 2);
    let [change] = changes.as_slice() else {
        panic!("{changes:?}")
    };
    assert_eq!(change.before.as_deref(), Some("+79123456789"));
    assert_eq!(change.after, "+79990000000");
}

#[test]
fn rewording_counts_only_in_another_turn() {
    let known = LeadFacts {
        request: Some("уборка".into()),
        ..facts("79123456789")
    };
    let reworded = LeadFacts {
        request: Some("хочет уборку".into()),
        note: Some("есть кошка".into()),
        ..LeadFacts::default()
    };
    let (merged, changes) = known.merge(&reworded, AGAIN);
    assert_eq!(merged.request.as_deref(), Some("уборка"));
    assert_eq!(changes.len(), 1, "what was not known at all is added: {changes:?}");
    assert_eq!(known.merge(&reworded, SAVED).1.len(), 2);
}

#[test]
fn a_number_that_telegram_vouched_for_stays_vouched_for() {
    let typed = facts("79123456789");
    let verified = LeadFacts {
        phones: vec![phone("79123456789", Origin::Verified)],
        ..LeadFacts::default()
    };
    let (merged, changes) = typed.merge(&verified, SAVED);
    assert_eq!((merged.phones[0].origin, changes.len()), (Origin::Verified, 0));
    assert_eq!(merged.merge(&typed, SAVED).0.phones[0].origin, Origin::Verified);
}

#[test]
fn several_numbers_keep_the_order_in_which_they_were_named() {
    let both = LeadFacts {
        phones: vec![phone("79123456789", Origin::Typed), phone("79990000000", Origin::Typed)],
        ..LeadFacts::default()
    };
    let (merged, changes) = LeadFacts::default().merge(&both, SAVED);
    assert_eq!(merged.phones, both.phones);
    assert_eq!(changes.len(), 1, "the one to call: {changes:?}");
    let more = LeadFacts {
        phones: [both.phones.clone(), vec![phone("74951234567", Origin::Typed)]].concat(),
        ..LeadFacts::default()
    };
    let (_, changes) = merged.merge(&more, SAVED);
    assert_eq!(
        (changes[0].before.as_deref(), changes[0].after.as_str()),
        (None, "+74951234567")
    );
}

#[test]
fn a_lead_keeps_the_ten_numbers_that_were_named_last() {
    let all: Vec<KnownPhone> = (10..40)
        .map(|n| phone(&format!("791234567{n}"), Origin::Typed))
        .collect();
    let merged = all.iter().fold(LeadFacts::default(), |known, one| {
        let new = LeadFacts {
            phones: vec![one.clone()],
            ..LeadFacts::default()
        };
        known.merge(&new, SAVED).0
    });
    assert_eq!(merged.phones.len(), 10);
    assert_eq!(merged.phones[0], all[29]);
}

#[test]
fn a_user_name_alone_is_not_a_lead() {
    let mut facts = LeadFacts::default();
    assert!(!facts.can_be_reached(true));
    facts.wants_telegram = true;
    assert!(facts.can_be_reached(true) && !facts.can_be_reached(false));
}

fn found(digits: &str, origin: Origin) -> LeadFacts {
    LeadFacts {
        name: Some("Ольга".into()),
        phones: vec![phone(digits, origin)],
        ..LeadFacts::default()
    }
}

#[test]
fn unconfirmed_contacts_come_after_confirmed_ones() {
    let verified = LeadFacts {
        phones: vec![phone("79123456789", Origin::Verified)],
        ..LeadFacts::default()
    };
    let beside = Taken::Found { is_beside_saved: true };
    let alone = Taken::Found { is_beside_saved: false };
    let cases = [
        (facts("79123456789"), Origin::Found, beside, false),
        (facts("79123456789"), Origin::Found, alone, true),
        (verified.clone(), Origin::Found, alone, false),
        (facts("79123456789"), Origin::Card, alone, false),
        (facts("79123456789"), Origin::Forwarded, Taken::Left, false),
        (verified, Origin::Typed, Taken::Left, true),
        (facts("79123456789"), Origin::Card, SAVED, true),
        (LeadFacts::default(), Origin::Card, alone, true),
    ];
    for (known, origin, taken, is_first) in cases {
        let (merged, changes) = known.merge(&found("79990000000", origin), taken);
        let first = merged.phone().unwrap().number.as_str() == "+79990000000";
        assert_eq!(first, is_first, "{origin:?} {taken:?} {known:?}");
        assert!(!changes.is_empty(), "it is told all the same");
    }
}

#[test]
fn a_name_that_was_only_found_replaces_none() {
    let known = LeadFacts {
        name: Some("Мария".into()),
        ..facts("79123456789")
    };
    let (merged, _) = known.merge(&found("79990000000", Origin::Verified), Taken::Left);
    assert_eq!(merged.name.as_deref(), Some("Мария"));
    let card = FoundContact {
        reach: Reach::Phone(Phone::international("79990000000").unwrap()),
        origin: Origin::Card,
        name: Some("Ольга".into()),
        call_time: None,
    };
    assert_eq!(
        LeadFacts::found(&[card]).name,
        None,
        "the name on a card may be another person's"
    );
}
