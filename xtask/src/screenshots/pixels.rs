//! Pictures as pixels, and the contrast of a text with its background. A forced theme is visible only in the pixels.

use std::collections::{HashMap, HashSet};

use anyhow::ensure;
use png::{ColorType, Decoder, Transformations};
use serde::Deserialize;

use super::browser::SCALE;

/// Red, green, blue.
pub(super) type Colour = [u8; 3];

/// Sampling interval, in pixels, for the main colour of a page.
const SAMPLE: usize = 7;
/// Margin around a text that counts as its background, in CSS pixels.
const AROUND: f64 = 2.0;

/// In CSS pixels from the upper left corner of the page.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Box {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// A painted page, [`SCALE`] pixels per CSS pixel.
pub(super) struct Picture {
    width: usize,
    pixels: Vec<Colour>,
}

impl Picture {
    /// Joins PNGs from top to bottom.
    pub(super) fn of(pieces: &[Vec<u8>]) -> anyhow::Result<Self> {
        let mut whole = Self {
            width: 0,
            pixels: Vec::new(),
        };
        for piece in pieces {
            let mut decoder = Decoder::new(std::io::Cursor::new(piece));
            decoder.set_transformations(Transformations::normalize_to_color8() | Transformations::EXPAND);
            let mut reader = decoder.read_info()?;
            let mut bytes = vec![0; reader.output_buffer_size().unwrap_or_default()];
            let frame = reader.next_frame(&mut bytes)?;
            let samples = match frame.color_type {
                ColorType::Rgb => 3,
                ColorType::Rgba => 4,
                other => anyhow::bail!("a picture in {other:?}"),
            };
            let width = usize::try_from(frame.width)?;
            ensure!(whole.width == 0 || whole.width == width, "pieces differ in width");
            whole.width = width;
            let used = bytes.get(..frame.buffer_size()).unwrap_or_default();
            whole
                .pixels
                .extend(used.chunks_exact(samples).map(|pixel| [pixel[0], pixel[1], pixel[2]]));
        }
        Ok(whole)
    }

    /// The contrast of the text in a box, with text and background colour: the background is the most common colour, the text the
    /// one that differs most from it. Edges of characters are blends, so the extreme is the text colour itself.
    pub(super) fn contrast(&self, text: &Box) -> Option<(f64, Colour, Colour)> {
        let around = Box {
            x: text.x - AROUND,
            y: text.y - AROUND,
            width: text.width + 2.0 * AROUND,
            height: text.height + 2.0 * AROUND,
        };
        let background = most_common(self.inside(&around))?;
        let colours: HashSet<Colour> = self.inside(text).collect();
        colours
            .into_iter()
            .map(|colour| (contrast(colour, background), colour, background))
            .max_by(|a, b| a.0.total_cmp(&b.0))
    }

    /// The most common colour of the page.
    pub(super) fn ground(&self) -> Option<Colour> {
        most_common(self.pixels.iter().step_by(SAMPLE).copied())
    }

    /// Width and height.
    pub(super) fn size(&self) -> anyhow::Result<(u32, u32)> {
        let height = self.pixels.len().checked_div(self.width).unwrap_or_default();
        Ok((u32::try_from(self.width)?, u32::try_from(height)?))
    }

    /// Row after row.
    pub(super) fn pixels(&self) -> &[Colour] {
        &self.pixels
    }

    fn inside(&self, area: &Box) -> impl Iterator<Item = Colour> {
        let height = self.pixels.len().checked_div(self.width).unwrap_or_default();
        let (left, right) = span(area.x, area.width, self.width);
        let (top, bottom) = span(area.y, area.height, height);
        (top..bottom).flat_map(move |y| {
            let row = self.pixels.get(y * self.width + left..y * self.width + right);
            row.unwrap_or_default().iter().copied()
        })
    }
}

/// Whole pixels inside the box and the picture.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "clamped to the size of a picture"
)]
fn span(start: f64, length: f64, limit: usize) -> (usize, usize) {
    let scale = f64::from(SCALE);
    let within = |at: f64| at.clamp(0.0, limit as f64) as usize;
    let begin = within((start * scale).ceil());
    (begin, within(((start + length) * scale).floor()).max(begin))
}

fn most_common(colours: impl Iterator<Item = Colour>) -> Option<Colour> {
    let mut counts: HashMap<Colour, usize> = HashMap::new();
    for colour in colours {
        *counts.entry(colour).or_default() += 1;
    }
    // Deterministic if two are equally common.
    counts
        .into_iter()
        .max_by_key(|(colour, n)| (*n, *colour))
        .map(|(colour, _)| colour)
}

/// From 1 (the same) to 21 (black and white): "contrast ratio" of WCAG 2.2.
pub(super) fn contrast(one: Colour, other: Colour) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// From 0 (black) to 1 (white): "relative luminance" of WCAG 2.2, of sRGB.
pub(super) fn luminance(colour: Colour) -> f64 {
    let [red, green, blue] = colour.map(|sample| {
        let share = f64::from(sample) / 255.0;
        match share <= 0.04045 {
            true => share / 12.92,
            false => ((share + 0.055) / 1.055).powf(2.4),
        }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

#[cfg(test)]
mod tests {
    use super::*;

    fn painted(rows: &[&[Colour]]) -> Picture {
        Picture {
            width: rows[0].len(),
            pixels: rows.concat(),
        }
    }

    #[test]
    fn contrast_is_that_of_the_published_examples() {
        let known: [(Colour, Colour, f64); 4] = [
            ([0, 0, 0], [255, 255, 255], 21.0),
            ([255, 255, 255], [255, 255, 255], 1.0),
            // The lightest grey that passes on white, and the first that does not.
            ([0x76, 0x76, 0x76], [255, 255, 255], 4.54),
            ([0x77, 0x77, 0x77], [255, 255, 255], 4.48),
        ];
        for (text, ground, ratio) in known {
            assert!((contrast(text, ground) - ratio).abs() < 0.005, "{text:?} on {ground:?}");
            assert!((contrast(ground, text) - ratio).abs() < 0.005, "the other way round");
        }
    }

    #[test]
    fn text_is_the_extreme_and_background_the_most_common() {
        let (paper, blend, ink) = ([250; 3], [150; 3], [40; 3]);
        let picture = painted(&[
            &[paper; 6],
            &[paper, paper, blend, ink, paper, paper],
            &[paper, paper, blend, ink, paper, paper],
            &[paper; 6],
        ]);
        let text = Box {
            x: 0.0,
            y: 0.0,
            width: 3.0,
            height: 2.0,
        };
        let (ratio, colour, ground) = picture.contrast(&text).expect("it is on the picture");
        assert_eq!((colour, ground), (ink, paper));
        assert!((ratio - contrast(ink, paper)).abs() < 1e-9);
    }

    #[test]
    fn a_text_beside_the_picture_has_no_contrast() {
        let beside = Box {
            x: 9.0,
            y: 9.0,
            width: 3.0,
            height: 2.0,
        };
        assert_eq!(painted(&[&[[0; 3]; 4]]).contrast(&beside), None);
    }
}
