//! One incoming mail: `MAIL`, `RCPT` and `DATA` in this order (RFC 5321, 3.3).

use std::io;

use smtp_proto::{MAIL_BODY_7BIT, MAIL_BODY_8BITMIME, MAIL_SMTPUTF8, MailFrom, RcptTo};

use super::letter::{Letter, Promises, Transaction};
use super::session::{Greeted, Next, Session, Step};
use super::wire::{Content, LARGEST_LETTER, Reply};

const TOO_LARGE: &str = "5.3.4 Message too big";
const NEEDS_UTF8: &str = "5.6.7 An address that needs SMTPUTF8";

impl Session {
    pub(super) async fn mail(&mut self, from: MailFrom<String>) -> io::Result<Next> {
        if self.greeted == Greeted::Not {
            return self.breach(503, "5.5.1 MAIL before EHLO").await;
        }
        if !self.is_authenticated {
            return self.breach(530, "5.7.0 Authentication required").await;
        }
        if self.transaction.is_some() {
            return self.breach(503, "5.5.1 MAIL within a mail").await;
        }
        let is_utf8_offered = self.offers_utf8 || from.flags & MAIL_SMTPUTF8 == 0;
        if !is_utf8_offered || !is_offered(&from) {
            return self.breach(555, "5.5.4 A parameter of MAIL that was not offered").await;
        }
        let promises = Promises {
            utf8: from.flags & MAIL_SMTPUTF8 != 0,
            eight_bit: from.flags & MAIL_BODY_8BITMIME != 0,
        };
        if !promises.utf8 && !from.address.is_ascii() {
            return self.breach(553, NEEDS_UTF8).await;
        }
        let step = Step {
            point: "mail",
            text: &from.address,
            ..Step::default()
        };
        self.step(step, |session| {
            if from.size > LARGEST_LETTER {
                return Reply::new(552, TOO_LARGE);
            }
            session.transaction = Some(Transaction {
                from: from.address.clone(),
                to: Vec::new(),
                promises,
                has_named_a_recipient: false,
            });
            Reply::new(250, "2.1.0 Ok")
        })
        .await
    }

    pub(super) async fn rcpt(&mut self, to: RcptTo<String>) -> io::Result<Next> {
        let Some(transaction) = &mut self.transaction else {
            return self.breach(503, "5.5.1 RCPT before MAIL").await;
        };
        transaction.has_named_a_recipient = true;
        if to.address.is_empty() {
            return self.breach(501, "5.1.3 Bad recipient address").await;
        }
        if to.flags != 0 || to.orcpt.is_some() || to.rrvs != 0 {
            return self.breach(555, "5.5.4 A parameter of RCPT that was not offered").await;
        }
        if !transaction.promises.utf8 && !to.address.is_ascii() {
            return self.breach(553, NEEDS_UTF8).await;
        }
        let step = Step {
            point: "rcpt",
            text: &to.address,
            to: vec![to.address.clone()],
            ..Step::default()
        };
        self.step(step, |session| {
            if let Some(transaction) = &mut session.transaction {
                transaction.to.push(to.address.clone());
            }
            Reply::new(250, "2.1.5 Ok")
        })
        .await
    }

    pub(super) async fn data(&mut self) -> io::Result<Next> {
        let transaction = match self.transaction.take() {
            Some(transaction) if !transaction.to.is_empty() => transaction,
            Some(transaction) if transaction.has_named_a_recipient => {
                // Not a violation: a pipelining client cannot know yet.
                self.transaction = Some(transaction);
                return self.answer(&Reply::new(554, "5.5.1 No valid recipients")).await;
            }
            other => {
                self.transaction = other;
                return self.breach(503, "5.5.1 DATA before RCPT").await;
            }
        };
        let go_on = Reply::new(354, "End data with <CR><LF>.<CR><LF>");
        self.wire.say(&go_on).await?;
        let content = self.wire.content().await?;
        self.received(transaction, content).await
    }

    /// After the final dot: the server is now responsible for the letter.
    async fn received(&mut self, transaction: Transaction, content: Content) -> io::Result<Next> {
        let Transaction { from, to, promises, .. } = transaction;
        let letter = Letter::read(from, to.clone(), content.raw);
        for breach in content.breaches {
            self.shared.violation(breach);
        }
        if !content.is_too_large {
            for fault in letter.problems(promises) {
                self.shared.violation(fault);
            }
        }
        let searched = letter.searched();
        let step = Step {
            point: "data",
            size: letter.raw.len(),
            text: &searched,
            to,
        };
        self.step(step, |session| {
            if content.is_too_large {
                return Reply::new(552, TOO_LARGE);
            }
            let number = session.shared.keep(letter);
            Reply::new(250, &format!("2.0.0 Ok: kept as {number}"))
        })
        .await
    }
}

/// Whether `MAIL` uses only announced extensions.
fn is_offered(from: &MailFrom<String>) -> bool {
    let known = MAIL_BODY_7BIT | MAIL_BODY_8BITMIME | MAIL_SMTPUTF8;
    let others = [&from.trans_id, &from.env_id, &from.solicit];
    from.flags & !known == 0
        && others.iter().all(|other| other.is_none())
        && from.mtrk.is_none()
        && (from.by, from.hold_for, from.hold_until, from.mt_priority) == (0, 0, 0, 0)
}
