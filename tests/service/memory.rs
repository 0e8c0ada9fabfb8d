//! What the service keeps in memory: nothing that grows with the messages of a customer, with the customers it has ever
//! had, or with the hours it stands idle. Measured is a process that holds the service alone, but for the idle day,
//! which needs a clock that is moved: there the stand-ins are counted along with it.

mod bounds;
mod day;
mod growth;
mod rest;
