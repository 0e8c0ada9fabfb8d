//! The couriers, one file each. A new courier needs a file here, a line in [`couriers`], and its variants in
//! `crates/store/src/payload.rs`.

mod mail;
mod telegram;

use std::rc::Rc;

use store::{EachWay, LoadLetter, Way};

use self::mail::Mail;
use self::telegram::Telegram;
use super::courier::{Courier, Couriers};
use crate::config::Config;
use crate::mailer::messages::SendMail;
use crate::runtime::{Port, Runtime};
use crate::telegram::messages::SendReply;

/// The recipients the couriers need.
#[derive(Clone)]
pub(crate) struct Ports {
    /// TelegramSender.
    pub send: Port<SendReply>,
    /// DbActor: loads a letter's content.
    pub letter: Port<LoadLetter>,
    /// MailerActor.
    pub mail: Port<SendMail>,
}

/// Creates the couriers.
pub(crate) fn couriers(ports: &Ports, config: &Config, runtime: &Runtime) -> Couriers {
    let limits = &config.limits;
    EachWay::of(|way| -> Rc<dyn Courier> {
        match way {
            Way::Chat => Rc::new(Telegram::new(&ports.send, limits, runtime)),
            Way::Mail => Rc::new(Mail::new(&ports.letter, &ports.mail, limits, runtime)),
        }
    })
}
