//! Messages and replies: each is answered, delivered and stored once, in order, in its own chat.

use std::collections::{BTreeMap, BTreeSet};

use crate::rows::{Rows, Sent, Taken};
use crate::seen::{Said, Seen};
use crate::verdict::{Kind, Verdict};
use crate::{Name, names};

/// A row to a chat.
struct Reply<'a> {
    row: &'a Sent,
    /// The chat, and the text it received from this row, or is to receive.
    text: (i64, &'a str),
    /// Turn and part of a reply to a turn.
    place: Option<(i64, i64)>,
}

/// Indexes of both sides.
struct Books<'a> {
    seen: &'a Seen,
    /// Positions of each text of a chat among everything received.
    arrived: BTreeMap<(i64, &'a str), Vec<usize>>,
    written: BTreeMap<(i64, &'a str), Vec<&'a Sent>>,
    of_turn: BTreeMap<i64, Vec<&'a Reply<'a>>>,
    taken: BTreeMap<i64, Vec<&'a Taken>>,
    /// The last row of each turn, and the last message in it.
    last_of: BTreeMap<i64, (i64, Option<i64>)>,
    /// Messages the model received.
    asked: BTreeSet<Name>,
}

pub(super) fn verify(verdict: &mut Verdict, seen: &Seen, rows: &Rows) {
    let replies = replies(seen, rows);
    let mut last_of = BTreeMap::new();
    for row in &rows.inbox {
        let last: &mut (i64, Option<i64>) = last_of.entry(row.turn.unwrap_or(row.id)).or_default();
        *last = (row.id.max(last.0), row.message.max(last.1));
    }
    let got = seen.got.iter().enumerate();
    let of_turn = replies.iter().filter_map(|reply| Some((reply.place?.0, reply)));
    let books = Books {
        seen,
        arrived: grouped(got.map(|(at, got)| ((got.chat, got.text.as_str()), at))),
        written: grouped(replies.iter().map(|reply| (reply.text, reply.row))),
        of_turn: grouped(of_turn),
        taken: grouped(rows.inbox.iter().map(|row| (row.update, row))),
        last_of,
        asked: seen.asked.iter().flat_map(|asked| names(asked)).collect(),
    };
    books.delivered(verdict);
    books.ordered(verdict, &replies);
    books.placed(verdict);
    books.kept(verdict, rows);
    for said in &seen.said {
        books.answered(verdict, said);
    }
}

fn grouped<K: Ord, V>(pairs: impl Iterator<Item = (K, V)>) -> BTreeMap<K, Vec<V>> {
    let mut groups: BTreeMap<K, Vec<V>> = BTreeMap::new();
    for (key, value) in pairs {
        groups.entry(key).or_default().push(value);
    }
    groups
}

fn replies<'a>(seen: &'a Seen, rows: &'a Rows) -> Vec<Reply<'a>> {
    let got = seen.got.iter().map(|got| ((got.chat, got.message), got.text.as_str()));
    let got: BTreeMap<(i64, i64), &str> = got.collect();
    let reply = |row: &'a Sent| {
        let delivered = |message: i64| got.get(&(row.chat, message)).copied().unwrap_or_default();
        let text = row.remote.map_or(row.text.as_str(), delivered);
        let part = row.key.strip_prefix("reply:").and_then(|key| key.split_once(':'));
        let place = part.and_then(|(turn, part)| Some((turn.parse().ok()?, part.parse().ok()?)));
        let text = (row.chat, text);
        Reply { row, text, place }
    };
    let to_chats = rows.outbox.iter().filter(|row| row.address.is_empty());
    to_chats.map(reply).collect()
}

/// Whether `next` arrives after a later one; `last` becomes `next`.
fn is_late<T: Ord + Copy>(last: &mut Option<T>, next: Option<T>) -> bool {
    let is_late = next.is_some() && *last > next;
    *last = next.or(*last);
    is_late
}

impl Books<'_> {
    /// Each text arrived once per row of it; there are no more duplicates than its rows are marked for.
    fn delivered(&self, verdict: &mut Verdict) {
        for (text, rows) in &self.written {
            let (chat, times) = (text.0, self.arrived.get(text).map_or(0, Vec::len));
            let sent = rows.iter().filter(|row| row.state == "completed").count();
            let lost = rows.len() - sent + sent.saturating_sub(times);
            let (all, key, state) = (rows.len(), &rows[0].key, &rows[0].state);
            let words = format_args!("chat {chat}: {times} of {all} like {key} {state} arrived");
            verdict.count(Kind::Undelivered, all, lost, words);
            let marks = rows.iter().map(|row| row.maybe_sent).sum();
            let due = if self.seen.says_once { 1 } else { all };
            let words = format_args!("chat {chat}: {key} came {times} times, marked {marks}");
            verdict.doubled(Kind::Double, times.saturating_sub(due), marks, words);
        }
        for (text, times) in &self.arrived {
            let again = (times.len() - 1) * usize::from(!self.written.contains_key(text));
            let words = format_args!("chat {}: of no row, {again} times more", text.0);
            verdict.doubled(Kind::Double, again, 0, words);
        }
    }

    /// In each chat replies arrive in the order of rows and turns, after their question; keys are unique.
    fn ordered(&self, verdict: &mut Verdict, replies: &[Reply<'_>]) {
        let (mut keys, mut last) = (BTreeSet::new(), BTreeMap::new());
        for Reply { row, text, place } in replies {
            let (chat, key) = (row.chat, &row.key);
            if !keys.insert(key) {
                verdict.count(Kind::Double, 0, 1, format_args!("chat {chat}: {key} exists twice"));
                continue;
            }
            // If several rows have the same text, it is unknown which one arrived first.
            let is_only = self.written[text].len() == 1;
            let first = self.arrived.get(text).filter(|_| is_only).map(|all| all[0]);
            let question = place.and_then(|(turn, _)| self.last_of.get(&turn)?.1);
            let (places, messages, firsts) = last.entry(chat).or_default();
            let is_late = is_late(places, *place) | is_late(messages, row.remote) | is_late(firsts, first);
            let is_met = !is_late && (row.remote.is_none() || question < row.remote);
            let words = format_args!("chat {chat}: {key} is out of order");
            verdict.check(Kind::OutOfOrder, is_met, words);
        }
    }

    /// No customer receives a text for another, and no request contains messages of several.
    fn placed(&self, verdict: &mut Verdict) {
        let mut homes = BTreeMap::new();
        for said in &self.seen.said {
            homes.extend(names(&said.text).into_iter().map(|name| (name, said.chat)));
        }
        for got in &self.seen.got {
            let (chat, named) = (got.chat, names(&got.text));
            let answers = self.seen.answers.iter();
            let mut whose = answers.filter(|(_, text)| *text == got.text).peekable();
            let is_to_others = whose.peek().is_some() && !whose.any(|(owner, _)| *owner == Some(chat));
            let is_own = self.written.contains_key(&(chat, got.text.as_str()));
            let is_met = is_own && !is_to_others && named.iter().all(|name| homes.get(name) == Some(&chat));
            let words = format_args!("chat {chat} got a text for another chat: {named:?}");
            verdict.check(Kind::WrongChat, is_met, words);
        }
        for asked in &self.seen.asked {
            let whose: BTreeSet<&i64> = names(asked).iter().filter_map(|name| homes.get(name)).collect();
            let words = format_args!("a request contains messages of chats {whose:?}");
            verdict.check(Kind::MixedUp, whose.len() < 2, words);
        }
    }

    /// The dialogs contain every message of the customers once, and one line for the reply to each turn.
    fn kept(&self, verdict: &mut Verdict, rows: &Rows) {
        const REPLY: &str = "the reply to this turn";
        let turns = self.of_turn.keys();
        let mut lines: BTreeMap<(i64, &str), i64> = turns.map(|turn| ((*turn, REPLY), -1)).collect();
        for said in &self.seen.said {
            *lines.entry((said.update, &said.text)).or_default() -= 1;
        }
        for line in &rows.dialogs {
            let whose = match line.role.as_str() {
                "user" => line.update.map(|update| (update, line.text.as_str())),
                _ => line.turn.map(|turn| (turn, REPLY)),
            };
            // A line without a message and a turn is a notice.
            if let Some(whose) = whose {
                *lines.entry(whose).or_default() += 1;
            }
        }
        for ((of, _), more) in lines {
            let words = format_args!("update or turn {of}: {more:+} lines of dialog");
            verdict.check(Kind::Unkept, more == 0, words);
        }
    }

    /// Whether a message of this turn may have this reply, which names none of them.
    fn may_be_nameless(&self, turn: i64, reply: &str) -> bool {
        let is_of_turn = |said: &&Said| {
            let rows = self.taken.get(&said.update).into_iter().flatten();
            rows.into_iter().any(|row| row.turn.unwrap_or(row.id) == turn)
        };
        let mut said = self.seen.said.iter().filter(is_of_turn);
        let may_be = self.seen.may_be_nameless;
        may_be.is_some_and(|may_be| said.any(|said| may_be(&said.text, reply)))
    }

    /// The turn of a message has a complete reply in this chat that names the turn's last message, and the model received all of
    /// its messages. A message that may be ignored needs no reply.
    fn answered(&self, verdict: &mut Verdict, said: &Said) {
        let (update, chat, name) = (said.update, said.chat, names(&said.text));
        let rows = self.taken.get(&update).map_or(&[][..], Vec::as_slice);
        let [row] = rows else {
            let words = format_args!("chat {chat}: update {update} has {} rows", rows.len());
            return verdict.check(Kind::Unanswered, false, words);
        };
        let (id, state, reason) = (row.id, row.state.as_str(), row.reason.as_str());
        if state == "ignored" && self.seen.excused.contains(&reason) {
            return verdict.count(Kind::Unanswered, 1, 0, format_args!(""));
        }
        let (is_done, turn) = (state == "done", row.turn.unwrap_or(id));
        let is_asked = !is_done || name.iter().all(|name| self.asked.contains(name));
        let words = format_args!("chat {chat}: update {update} was never given to the model");
        verdict.check(Kind::UnseenByModel, is_asked, words);
        let replies = self.of_turn.get(&turn).map_or(&[][..], Vec::as_slice);
        let has_arrived = |reply: &&Reply<'_>| reply.row.state == "completed" && self.arrived.contains_key(&reply.text);
        let is_whole = replies.iter().all(|reply| reply.row.chat == chat && has_arrived(reply));
        let is_named = |name: &Name| {
            let mut texts = replies.iter().map(|reply| reply.text.1);
            texts.any(|text| names(text).contains(name) || self.may_be_nameless(turn, text))
        };
        let is_last = self.last_of.get(&turn).is_some_and(|last| last.0 == id);
        let is_named = !(is_done && is_last) || name.iter().all(is_named);
        let is_ended = (is_done || state == "failed") && (said.is_wordless || !replies.is_empty());
        let (parts, is_met) = (replies.len(), is_ended && is_whole && is_named);
        let words = format_args!(
            "chat {chat}: row {id} {state} {reason}, turn {turn}: {parts} parts, whole {is_whole}, named {is_named}"
        );
        verdict.check(Kind::Unanswered, is_met, words);
        if is_met && parts > 0 {
            verdict.answer(update);
        }
    }
}
