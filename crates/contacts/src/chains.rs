//! A mobile whose groups are parted by a mark that else is between two numbers: "8/912/345-67-89".

use std::ops::Range;

use domain::{Phone, Region};

use super::labels::{self, Label};
use super::plain::Plain;
use super::runs::{Group, groups};
use crate::phone;

/// The phones that are written so.
pub(super) fn phones(plain: &Plain, region: &Region) -> Vec<(Phone, Range<usize>)> {
    let groups = groups(plain);
    let mut found = Vec::new();
    let mut from = 0;
    while from < groups.len() {
        let to = end_of_chain(plain, &groups, from);
        found.extend(phone_of(plain, &groups[from..to], region));
        from = to;
    }
    found
}

/// The group behind those that are joined by one mark, the same or a dash.
fn end_of_chain(plain: &Plain, groups: &[Group], from: usize) -> usize {
    let gap = |to: usize| match groups.get(to) {
        Some(next) if next.at.start == groups[to - 1].at.end + 1 => plain.at(next.at.start - 1),
        _ => ' ',
    };
    let mark = gap(from + 1);
    let mut to = from + 1;
    while matches!(mark, '/' | ',' | '_') && (gap(to) == mark || to > from + 1 && gap(to) == '-') {
        to += 1;
    }
    to
}

/// One digit that is dialled, three of the area, and the rest.
fn phone_of(plain: &Plain, chain: &[Group], region: &Region) -> Option<(Phone, Range<usize>)> {
    let (first, last) = (chain.first()?, chain.last()?);
    if chain.len() < 3 || first.at.len() != 1 || chain[1].at.len() != 3 {
        return None;
    }
    let range = first.at.start..last.at.end;
    let digits: String = chain.iter().map(|group| plain.text(group.at.clone())).collect();
    let joins = |c: char| c.is_alphanumeric() || matches!(c, '/' | '_' | '$' | '€' | '₽');
    let is_joined = joins(plain.before(range.start)) || joins(plain.at(range.end));
    if digits.len() != 11 || is_joined || !phone::is_dialled_mobile(&digits, region) {
        return None;
    }
    let is_other = matches!(labels::before(plain, range.start), Label::Id | Label::Order);
    let reading = phone::read(&digits, 1, region).filter(|_| !is_other)?;
    Some((reading.phone, range))
}
