//! Small pictures for a README: the main colours stay exact, and the shades at the edges of characters are reduced to 256
//! colours in total.

use std::collections::HashMap;

use anyhow::Context as _;
use png::{BitDepth, ColorType, Compression, Encoder, Filter};

use super::pixels::{Colour, Picture};

/// Colours one byte can index.
const SHADES: usize = 256;

/// The same PNG with at most 256 colours: the most common ones; others become the nearest of them.
pub(super) fn packed(png: Vec<u8>) -> anyhow::Result<Vec<u8>> {
    let picture = Picture::of(&[png])?;
    let (width, height) = picture.size()?;
    let palette = palette(&picture);
    let mut names: HashMap<Colour, u8> = HashMap::new();
    let mut bytes = Vec::with_capacity(picture.pixels().len());
    for colour in picture.pixels() {
        let name = match names.get(colour) {
            Some(name) => *name,
            None => {
                let name = nearest(&palette, *colour).context("a picture without pixels")?;
                names.insert(*colour, name);
                name
            }
        };
        bytes.push(name);
    }
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, width, height);
    encoder.set_color(ColorType::Indexed);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_palette(palette.concat());
    encoder.set_compression(Compression::High);
    // Filters do not help: neighbouring indexes are unrelated.
    encoder.set_filter(Filter::NoFilter);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&bytes)?;
    writer.finish()?;
    Ok(out)
}

fn palette(picture: &Picture) -> Vec<Colour> {
    let mut counts: HashMap<Colour, usize> = HashMap::new();
    for colour in picture.pixels() {
        *counts.entry(*colour).or_default() += 1;
    }
    let mut colours: Vec<(Colour, usize)> = counts.into_iter().collect();
    colours.sort_by_key(|(colour, n)| (std::cmp::Reverse(*n), *colour));
    colours.truncate(SHADES);
    colours.into_iter().map(|(colour, _)| colour).collect()
}

fn nearest(palette: &[Colour], colour: Colour) -> Option<u8> {
    let far = |other: &Colour| -> u32 {
        let apart = colour.iter().zip(other).map(|(a, b)| u32::from(a.abs_diff(*b)));
        apart.map(|apart| apart * apart).sum()
    };
    let (place, _) = palette.iter().enumerate().min_by_key(|(_, other)| far(other))?;
    u8::try_from(place).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_that_fills_a_picture_is_kept() {
        let rare: Vec<Colour> = (0..=255).map(|grey| [grey, grey, 90]).collect();
        let paper = [[253, 253, 252]; 300];
        let row: Vec<u8> = paper.iter().chain(&rare).flatten().copied().collect();
        let mut png = Vec::new();
        let mut encoder = Encoder::new(&mut png, 556, 1);
        encoder.set_color(ColorType::Rgb);
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(&row).unwrap();
        writer.finish().unwrap();
        let packed = Picture::of(&[packed(png).unwrap()]).unwrap();
        assert_eq!(packed.size().unwrap(), (556, 1));
        assert_eq!(&packed.pixels()[..300], paper, "the common colour");
        let far = |(a, b): (&Colour, &Colour)| a.iter().zip(b).map(|(a, b)| a.abs_diff(*b)).max();
        let most = packed.pixels()[300..].iter().zip(&rare).filter_map(far).max();
        assert_eq!(most, Some(1), "257 colours lose one, and it becomes its neighbour");
    }
}
