//! The couriers, one file each. A new one is a file here, its line in [`couriers`], and its variants in
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

/// What couriers need of others.
#[derive(Clone)]
pub(crate) struct Ports {
    /// TelegramSender.
    pub send: Port<SendReply>,
    /// DbActor: what a letter tells.
    pub letter: Port<LoadLetter>,
    /// MailerActor.
    pub mail: Port<SendMail>,
}

/// All couriers.
pub(crate) fn couriers(ports: &Ports, config: &Config, runtime: &Runtime) -> Couriers {
    let limits = &config.limits;
    EachWay::of(|way| -> Rc<dyn Courier> {
        match way {
            Way::Chat => Rc::new(Telegram::new(&ports.send, limits, runtime)),
            Way::Mail => Rc::new(Mail::new(&ports.letter, &ports.mail, limits, runtime)),
        }
    })
}
