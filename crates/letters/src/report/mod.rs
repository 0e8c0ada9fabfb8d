//! The letter on a period: the answer first, then figures, then what an owner may act on, then every dialog.

mod dialogs;
mod figures;
mod hours;
mod letter;
mod parts;
mod people;
mod problems;
mod room;
mod view;
mod worth;

pub(crate) use letter::report_letter;
