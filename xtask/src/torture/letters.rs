//! The letters of a run: the rows that were to leave, held against what owners' mailboxes got.

use std::collections::BTreeMap;

use sandbox::Letter;

use super::ledger::Verdict;
use super::rows::{Posted, Rows};

/// Each letter's row is at its end and came to its address, more than once only as often as this very row is marked.
/// Letters of a kind leave in the order of their rows, and their names count up in it.
pub(super) fn letters(verdict: &mut Verdict, arrived: &[(String, String)], rows: &Rows) {
    let mut came: BTreeMap<(&str, &str), BTreeMap<u64, usize>> = BTreeMap::new();
    for (address, name) in arrived {
        let (about, number) = about(name);
        *came.entry((address, about)).or_default().entry(number).or_default() += 1;
    }
    let mut written: BTreeMap<(&str, &str), Vec<&Posted>> = BTreeMap::new();
    for row in rows.letters.iter().filter(|row| row.state != "cancelled") {
        written.entry((&row.address, &row.about)).or_default().push(row);
    }
    for ((address, about), of_kind) in written {
        let mut times = came.remove(&(address, about)).unwrap_or_default().into_values();
        for row in of_kind {
            let times = if row.state == "completed" { times.next() } else { None };
            let Some(times) = times else {
                verdict.letters_lost += 1;
                verdict.complain(format!(
                    "a letter of {address} about {about} is {}, and lost",
                    row.state
                ));
                continue;
            };
            let doubles = times - 1;
            verdict.marked_doubles += doubles.min(row.maybe_sent);
            verdict.unmarked_doubles += doubles.saturating_sub(row.maybe_sent);
            if doubles > row.maybe_sent {
                verdict.complain(format!("{about} came {times} times, marked {}", row.maybe_sent));
            }
        }
        unwritten(verdict, about, times);
    }
    for ((_, about), times) in came {
        unwritten(verdict, about, times.into_values());
    }
}

fn unwritten(verdict: &mut Verdict, about: &str, times: impl Iterator<Item = usize>) {
    for times in times {
        verdict.unmarked_doubles += times;
        verdict.complain(format!("a letter about {about} came without a row of its own"));
    }
}

/// What a letter's name says it is about, and which of these letters it is: `lead-7.2` is the second about `lead-7`.
fn about(name: &str) -> (&str, u64) {
    let parts = name.rsplit_once('.').or_else(|| name.rsplit_once('-'));
    match parts.map(|(about, number)| (about, number.parse())) {
        Some((about, Ok(number))) => (about, number),
        _ => (name, 0),
    }
}

/// Address and name of all letters that arrived. A Message-ID is `NAME.INSTALLATION@DOMAIN`.
pub(super) fn arrivals(letters: &[Letter]) -> Vec<(String, String)> {
    let name = |letter: &Letter| {
        let local = letter.message_id.as_deref().unwrap_or_default().split('@').next();
        let name = local.and_then(|local| local.rsplit_once('.'));
        name.map_or("a letter without a name", |(name, _)| name).to_owned()
    };
    let arrived = letters.iter().flat_map(|letter| {
        let to = letter.to.iter();
        to.map(move |to| (to.to_ascii_lowercase(), name(letter)))
    });
    arrived.collect()
}
