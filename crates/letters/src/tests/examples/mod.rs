//! Pages as a cleaning firm would have them. What is sent of them is tested by the program, which takes this folder in by its path.

mod hostile;
mod leads;
mod reports;

use chrono::{DateTime, Utc};

pub(crate) use hostile::*;
pub(crate) use leads::*;
pub(crate) use reports::*;

pub(crate) fn at(time: &str) -> DateTime<Utc> {
    time.parse().unwrap()
}
