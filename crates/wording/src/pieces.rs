//! A file built in memory, in pieces of one size. A single buffer of ten megabytes would be in memory twice while it grows, and once
//! glibc has freed a block of that size it keeps as much free memory in each arena.

use std::io::{self, Write};

/// Bytes of each piece but the last: whole lines of base64 (RFC 2045, 6.8: 57 bytes each), so that each piece can be encoded
/// separately.
const PIECE: usize = 57 * 1024;

/// The file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pieces(Vec<Vec<u8>>);

impl Pieces {
    /// The pieces in order.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> + Send {
        self.0.iter().map(Vec::as_slice)
    }

    /// The whole file as text.
    ///
    /// # Errors
    /// The file is not UTF-8.
    pub fn into_text(self) -> io::Result<String> {
        String::from_utf8(self.0.concat()).map_err(io::Error::other)
    }
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let is_full = self.0.last().is_none_or(|last| last.len() == PIECE);
        if is_full && !bytes.is_empty() {
            self.0.push(Vec::new());
        }
        let Some(last) = self.0.last_mut() else { return Ok(0) };
        let taken = bytes.len().min(PIECE - last.len());
        last.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl From<&str> for Pieces {
    fn from(text: &str) -> Self {
        let pieces = text.as_bytes().chunks(PIECE);
        Self(pieces.map(<[u8]>::to_vec).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_in_order_and_in_whole_pieces() {
        let text: String = ('а'..='я').cycle().take(100_000).collect();
        for step in [1, 57, PIECE, PIECE + 1, text.len()] {
            let mut written = Pieces::default();
            for bytes in text.as_bytes().chunks(step) {
                written.write_all(bytes).unwrap();
            }
            assert!(written == Pieces::from(text.as_str()), "in steps of {step}");
            let pieces: Vec<&[u8]> = written.iter().collect();
            assert!(pieces[..pieces.len() - 1].iter().all(|piece| piece.len() == PIECE));
            assert!(written.into_text().unwrap() == text);
        }
        assert_eq!(Pieces::default().into_text().unwrap(), "");
    }
}
