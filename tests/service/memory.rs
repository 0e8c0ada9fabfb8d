//! Memory use does not grow with the messages of a customer, with the number of customers, or with idle hours. Measured in a
//! process with only the service; the idle day needs a manual clock, so its process also contains the stand-ins.

mod bounds;
mod day;
mod growth;
mod rest;
