//! Finds the contacts in customers' messages, except those of the business: a customer who quotes the shop's number has not
//! left a contact.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;

use domain::{CustomerMessage, FoundContact, Origin, Reach, Region};

use crate::{call_time, in_long_text, in_message, in_text, is_same, name_beside};

/// A finder; clones share what they know.
#[derive(Debug, Clone)]
pub struct Finder {
    region: Arc<Region>,
    own: Arc<Mutex<Arc<OnceLock<Vec<Reach>>>>>,
}

impl Finder {
    /// A finder that reads numbers as they are written in a country.
    pub fn new(region: Region) -> Self {
        let finder = Self {
            region: Arc::new(region),
            own: Arc::default(),
        };
        finder.know_own("");
        finder
    }

    /// From here on the contacts in this text, however long, belong to the business. A separate thread reads them, because
    /// unpacking the phone rules of all countries takes about 60 ms of a start; [`Finder::find`] waits for it if it must.
    pub fn know_own(&self, facts: &str) {
        let own = Arc::new(OnceLock::new());
        *self.own.lock().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&own);
        let (region, facts) = (Arc::clone(&self.region), facts.to_owned());
        let read = move || {
            // A panic here must not leave `find` waiting without end.
            let read = || {
                let _unpacked = in_text("+79123456789", &region);
                in_long_text(&facts, &region)
            };
            own.get_or_init(|| catch_unwind(AssertUnwindSafe(read)).unwrap_or_default());
        };
        let reading = thread::Builder::new().name("own-contacts".to_owned());
        if reading.spawn(read.clone()).is_err() {
            read();
        }
    }

    fn own(&self) -> Arc<OnceLock<Vec<Reach>>> {
        Arc::clone(&self.own.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What a customer left of contacts in a message. Their own card counts whatever it holds.
    pub fn find(&self, message: &CustomerMessage) -> Vec<FoundContact> {
        let mut found = in_message(message, &self.region);
        if !found.is_empty() {
            let own = self.own();
            let own = own.wait();
            found.retain(|contact| {
                contact.origin == Origin::Verified || !own.iter().any(|known| is_same(known, &contact.reach))
            });
        }
        found
    }

    /// When a customer wants to be called, if their words say so.
    pub fn call_time(&self, text: &str) -> Option<String> {
        call_time(text, &self.region)
    }

    /// The name that is beside a contact, where a message holds nothing else.
    pub fn name_beside(&self, text: &str) -> Option<String> {
        name_beside(text, &self.region)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_of_the_business_are_not_leads() {
        let finder = Finder::new(Region::new("RU"));
        let message = CustomerMessage::text("это ваш номер 8 912 345-67-89? мой 8 999 000-00-00");
        assert_eq!(finder.find(&message).len(), 2);
        finder.know_own("Звоните: +7 (912) 345-67-89, shop@example.org");
        let left = |finder: &Finder| finder.find(&message).len();
        assert_eq!(left(&finder), 1);
        let long = "Мы открыты каждый день.\n".repeat(2_000);
        finder.know_own(&format!("{long}8 912 345-67-89\n{long}8 999 000-00-00"));
        assert_eq!(left(&finder), 0);
        finder.know_own("Звоните: +7 (912) 345-67-89, shop@example.org");
        let found = finder.find(&message);
        let [contact] = found.as_slice() else {
            panic!("{found:?}")
        };
        assert!(matches!(&contact.reach, Reach::Phone(number) if number.as_str() == "+79990000000"));
    }
}
